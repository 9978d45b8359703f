"""Node.js addons of napi-rs."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api import (
    Addon,
    Context,
    Faults,
    Label,
    NpmManifest,
    NpmPackage,
    SourceFile,
    Sources,
    StringMap,
    TarballProof,
    Text,
    Triple,
    Triples,
    cargo,
    napi,
    npm,
    npm_family,
    rule,
)


@dataclass(frozen=True)
class NapiAddon:
    """The ``.node`` file that the CLI of napi-rs makes of a crate, for every triple that is asked for.

    directory: folder of package.json, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of; those of in-repository crates it depends on are added
    targets: triples that it is declared for; any when empty
    features: features to build with, besides those of package.json's own call
    no_default_features: build without the default features
    rustflags: flags for rustc, instead of those that cargo's settings name
    profile: cargo's profile that stands for ``release``, unless the command line names another
    system: libraries that pkg-config knows, and programs, of the machine that builds it
    depends_on: targets that are released before it
    env: environment of its build
    tools: programs of this machine that build scripts may call, such as protoc
    """

    directory: str = ""
    srcs: Sources = Sources()
    targets: Triples = Triples()
    features: tuple[str, ...] = ()
    no_default_features: bool = False
    rustflags: tuple[str, ...] = ()
    profile: str = ""
    system: tuple[str, ...] = ()
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule(configured_by=("triple",))
def napi_addon(ctx: Context, attrs: NapiAddon) -> tuple[Addon]:
    directory = attrs.directory or ctx.label.directory
    settings, triple = napi.settings(ctx.npm(directory).manifest), cargo.one_platform(ctx)
    if triple.napi is None:
        ctx.fail(f"{ctx.label}: napi-rs has no name for {triple}")
    node, tool = ctx.node(), napi.cli(ctx, directory)
    options = settings.options.plus(attrs.features, no_default_features=attrs.no_default_features)
    staged = _staged(ctx, attrs, directory, options)
    file = settings.file(triple)
    addon, bindings = cargo.run(
        ctx,
        replace(staged, programs=(*staged.programs, node.node)),
        ".piot/shims/addon",
        tool.script,
        directory,
        options.output_dir,
        file,
        *("--target", triple.text, "--manifest-path", options.manifest_path, *_profile(staged.profile)),
        *options.kept,
        *(("--features", " ".join(options.features)) if options.features else ()),
        *("--", "--offline"),
        mnemonic="napi build",
        outputs=(f"out/{file}", "bindings/"),
        tools=(tool.mount,),
        scripts={"addon": ADDON},
        proofs={f"out/{file}": staged.library_proof},
    )
    return (Addon(name=settings.binary_name, triple=triple.text, file=addon, bindings=bindings),)


def _staged(ctx: Context, attrs: NapiAddon, directory: str, options: napi.BuildOptions) -> cargo.CargoStage:
    """The addon's crate, with third-party crates compiled as napi-rs has cargo do it."""
    crate = ctx.crate(posixpath.normpath(posixpath.join(directory, posixpath.dirname(options.manifest_path))))
    triple, faults = Triple.parse(ctx.triple), Faults(ctx.label)
    cargo.check_features(crate, options.features, faults)
    cargo.check_library(crate, faults, loadable=True)
    with faults.last():
        staged = cargo.stage(
            ctx,
            crate.directory,
            ctx.files(attrs.srcs),
            variables={**_rustflags(triple, options, attrs.rustflags), **attrs.env},
            tools=attrs.tools,
            system=attrs.system,
            profile=attrs.profile,
        )
    chosen = cargo.selection(staged.profile, triple.text, options.features, options.no_default_features)
    return cargo.layered(ctx, staged, ("build", "--manifest-path", crate.manifest, *chosen))


ADDON = """\
#!/bin/sh
set -e
script=$1 directory=$2 place=$3 file=$4
shift 4
made="%{root}/bindings/$place"
mkdir -p "%{root}/bindings" "%{root}/out"
node "$script" build --cwd "%{root}/$directory" --platform --output-dir "$made" "$@"
mv "$made/$file" "%{root}/out/"
"""
"""The tool writes the addon, its loader and its types; the last two are the same for all platforms."""


def _rustflags(triple: Triple, options: napi.BuildOptions, own: Sequence[str]) -> dict[str, str]:
    """As the tool sets them, so that the layer fits: musl has no shared libraries without the first.

    The tool adds to the variable whose words are split at blanks.
    """
    flags = [*own, *(["-C target-feature=-crt-static"] if triple.libc == "musl" else [])]
    flags += ["-C link-arg=-s"] if {"--strip", "-s"} & {*options.kept} else []
    return {"RUSTFLAGS": " ".join(flags)} if flags else {}


def _profile(profile: str) -> tuple[str, ...]:
    """The tool looks for the result in the folder of that name, which ``dev`` has not."""
    return () if profile == "dev" else ("--profile", profile)


@dataclass(frozen=True)
class NapiUmbrella:
    """The npm package of an addon: loader and types from the CLI of napi-rs, and its platform packages named.

    directory: folder of package.json, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of
    targets: triples whose platform packages it names
    addon: the ``napi_addon`` that it loads
    addon_family: names of its platform packages, with ``{triple}`` in them
    spelled: how names spell a triple, by triple; as Rust does when left out
    depends_on: targets that are released before it
    env: environment of its scripts
    """

    addon: Label
    directory: str = ""
    srcs: Sources = Sources()
    targets: Triples = Triples()
    addon_family: str = ""
    spelled: Mapping[str, str] = StringMap()
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()


@rule
def napi_package(ctx: Context, attrs: NapiUmbrella) -> tuple[NpmPackage]:
    directory = attrs.directory or ctx.label.directory
    project = ctx.npm(directory)
    manifest = project.manifest
    family, loader = (
        attrs.addon_family or npm_family.family_of(manifest),
        napi.settings(manifest).loader_family,
    )
    alone = npm_family.apart(project, (family, loader))
    present = npm_family.names(family, map(Triple.parse, attrs.targets), attrs.spelled)
    text = npm_family.umbrella(npm.released(project), (family, loader), present.values())
    renamed = npm_family.renaming(loader, present)
    parts = npm_family.overlaid(directory, ctx.get(attrs.addon, Addon).bindings, renamed)
    folder = npm.pack(
        ctx,
        directory,
        [
            *(SourceFile(path=path) for path in ctx.files(attrs.srcs)),
            Text(dest=manifest.path, content=text.encode()),
            *(npm.install(ctx, alone).inputs if _needs_modules(alone.manifest) else ()),
        ],
        TarballProof(name=manifest.name, version=manifest.version),
        support=parts.support,
        steps=(*npm.permitted(manifest), *parts.steps, *npm.before_publishing(manifest)),
        environment=attrs.env,
    )
    return (NpmPackage(name=manifest.name, version=manifest.version, folder=folder),)


PACKING = {"prepack", "prepare", "postpack"}
"""The scripts that ``npm pack`` runs."""


def _needs_modules(manifest: NpmManifest) -> bool:
    runs = PACKING & manifest.scripts.keys() or npm.before_publishing(manifest)
    return bool(runs) and bool(manifest.needs())
