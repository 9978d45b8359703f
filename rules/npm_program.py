"""npm packages that ship a program of cargo: an umbrella with a launcher, and a package per platform."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api import (
    Addon,
    Context,
    Label,
    NpmManifest,
    NpmPackage,
    NpmProject,
    SourceFile,
    Sources,
    StringMap,
    TarballProof,
    Text,
    Triple,
    Triples,
    napi,
    npm,
    npm_family,
    npm_launcher,
    rule,
)


@dataclass(frozen=True)
class NpmProgram:
    """The npm package of a program: a launcher for the one that npm installs beside it, per platform.

    A program that package.json names (``bin``) and that is among ``srcs`` is left as it is; one that is not
    there is made, and where ``bin`` names none, ``bin/NAME.cjs`` is.

    program: name of the cargo binary, without ``.exe``
    directory: folder of package.json, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of
    npm: registered name; the one in package.json when left out
    targets: triples whose platform packages it names
    program_family: names of the platform packages with the program, with ``{triple}`` in them
    addon: the ``napi_addon`` that it loads, if it has one too
    addon_family: names of the platform packages with the addon, with ``{triple}`` in them
    spelled: how names spell a triple, by triple; as Rust does when left out
    packages: the ``:package`` targets of the workspace's packages that it uses, whether published yet or not
    depends_on: targets that are released before it
    env: environment of its scripts
    tools: programs of this machine that its scripts may call, such as make
    """

    program: str
    directory: str = ""
    srcs: Sources = Sources()
    npm: str = ""
    targets: Triples = Triples()
    program_family: str = ""
    addon: Label | None = None
    addon_family: str = ""
    spelled: Mapping[str, str] = StringMap()
    packages: tuple[Label, ...] = ()
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule
def npm_program(ctx: Context, attrs: NpmProgram) -> tuple[NpmPackage]:
    if not attrs.program:
        ctx.fail(
            f'{ctx.label} is a package with build = "bundled-cli", but nothing says what is bundled',
            hint='name the cargo binary: bundle_cli = { bin = "…", crate_path = "…" }',
        )
    project = ctx.npm(attrs.directory or ctx.label.directory)
    npm.check_name(ctx, attrs.npm, project.manifest)
    platforms, files = _platforms(ctx, attrs, project), ctx.files(attrs.srcs)
    families, named = platforms.families, platforms.named
    project = npm_family.apart(project, (*families, *named))
    manifest, launchers = _launchers(npm.released(project), attrs.program, platforms.programs, files)
    build = attrs.addon is None or not napi.is_built_by(manifest)
    used = [ctx.get(label, NpmPackage) for label in attrs.packages]
    parts = npm.prepared(ctx, project, used, build=build)
    text = Text(dest=manifest.path, content=npm_family.umbrella(manifest, families, named).encode())
    folder = npm.pack(
        ctx,
        project.directory,
        [*(SourceFile(path=path) for path in files), *parts.inputs, *launchers, text],
        TarballProof(name=manifest.name, version=manifest.version),
        support=(*parts.support, *platforms.overlaid.support),
        steps=(*parts.steps, *platforms.overlaid.steps, *npm.runnable(manifest)),
        environment={"TARGET": "main", "BUILD": "bundled-cli", **attrs.env},
        tools=[ctx.program(name) for name in attrs.tools],
        mnemonic="npm run build, npm pack" if manifest.builds else "npm pack",
    )
    return (NpmPackage(name=manifest.name, version=manifest.version, folder=folder),)


@dataclass(frozen=True)
class Platforms:
    """The packages of the platforms: templates and names of all, and by triple of those with the program.

    ``overlaid`` is what the addon's own loader is found by, where there is one.
    """

    families: tuple[str, ...]
    named: tuple[str, ...]
    programs: Mapping[Triple, str]
    overlaid: npm.Parts


def _platforms(ctx: Context, attrs: NpmProgram, project: NpmProject) -> Platforms:
    triples = [Triple.parse(each) for each in attrs.targets]
    usual = npm_family.family_of(project.manifest)
    family = attrs.program_family or usual
    programs = npm_family.names(family, triples, attrs.spelled)
    if attrs.addon is None:
        return Platforms((family,), (*programs.values(),), programs, npm.Parts())
    loader, its = napi.settings(project.manifest).loader_family, attrs.addon_family or usual
    addons = npm_family.names(its, triples, attrs.spelled)
    renamed = npm_family.renaming(loader, addons)
    overlaid = npm_family.overlaid(project.directory, ctx.get(attrs.addon, Addon).bindings, renamed)
    return Platforms((family, its, loader), (*programs.values(), *addons.values()), programs, overlaid)


def _launchers(
    manifest: NpmManifest, program: str, packages: Mapping[Triple, str], files: Sequence[str]
) -> tuple[NpmManifest, list[Text]]:
    """The manifest with a program, and a launcher for every program whose file is not there."""
    programs = manifest.programs() or {program: f"bin/{program}.cjs"}
    places = {posixpath.normpath(posixpath.join(manifest.directory, path)) for path in programs.values()}
    made = [
        Text(
            dest=place,
            content=npm_launcher.launcher(
                program, packages, npm_launcher.modules_of(place, manifest.values)
            ).encode(),
            executable=True,
        )
        for place in sorted(places.difference(files))
    ]
    return replace(manifest, values={**manifest.values, "bin": programs}), made
