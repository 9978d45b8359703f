"""npm packages with one package per platform below them."""

from collections.abc import Mapping
from dataclasses import dataclass

from piot.api import (
    Addon,
    Context,
    Executable,
    Label,
    NpmManifest,
    NpmPackage,
    Output,
    Sources,
    StringMap,
    Triple,
    Triples,
    npm_family,
    rule,
)


@dataclass(frozen=True)
class NpmPlatforms:
    """The packages of an npm package's platforms, one per triple that is asked for, packed by npm itself.

    directory: folder of the umbrella's package.json, relative to the root; the BUILD file's own when left out
    srcs: files of the umbrella, of which README and licence are packed too
    targets: triples that it is declared for; any when empty
    addon: the ``napi_addon`` to pack
    addon_family: names of its packages, with ``{triple}`` in them
    program: the ``rust_binary`` to pack
    program_family: names of its packages, with ``{triple}`` in them
    spelled: how names spell a triple, by triple; as Rust does when left out
    depends_on: targets that are released before it
    env: environment of its scripts
    """

    directory: str = ""
    srcs: Sources = Sources()
    targets: Triples = Triples()
    addon: Label | None = None
    addon_family: str = ""
    program: Label | None = None
    program_family: str = ""
    spelled: Mapping[str, str] = StringMap()
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()


@rule(configured_by=("triple",))
def npm_platforms(ctx: Context, attrs: NpmPlatforms) -> tuple[NpmPackage, ...]:
    manifest = ctx.npm(attrs.directory or ctx.label.directory).manifest
    made: list[tuple[str, Output]] = []
    if attrs.addon is not None:
        made.append((attrs.addon_family, ctx.get(attrs.addon, Addon).file))
    if attrs.program is not None:
        made.append((attrs.program_family, ctx.get(attrs.program, Executable).file))
    if not made:
        ctx.fail(f"{ctx.label} needs the attribute addon or program")
    return tuple(_platform(ctx, attrs, manifest, family, file) for family, file in made)


def _platform(
    ctx: Context, attrs: NpmPlatforms, manifest: NpmManifest, family: str, file: Output
) -> NpmPackage:
    triple = Triple.parse(ctx.triple)
    name = npm_family.names(family or npm_family.family_of(manifest), [triple], attrs.spelled)[triple]
    return npm_family.pack_platform(ctx, manifest, name, file, attrs.srcs)
