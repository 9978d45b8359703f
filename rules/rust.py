"""Crates and cargo binaries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from piot.api import (
    Context,
    Crate,
    CrateProof,
    Executable,
    Faults,
    Label,
    Output,
    Sources,
    StringMap,
    Triple,
    Triples,
    cargo,
    rule,
)


@dataclass(frozen=True)
class RustCrate:
    """A ``.crate``, as ``cargo package`` makes it and crates.io takes it; verified by compiling it.

    directory: folder of its Cargo.toml, relative to the repository root
    srcs: files that it is made of; those of in-repository crates it depends on are added
    crates: the ``:crate`` targets of in-repository crates that it depends on, whether published yet or not
    features: features to verify with
    no_default_features: verify without the default features
    system: libraries that pkg-config knows, and programs, of the machine that verifies it
    depends_on: targets that are released before it
    env: environment of its build
    tools: programs of this machine that build scripts may call, such as protoc
    """

    directory: str
    srcs: Sources = Sources()
    crates: tuple[Label, ...] = ()
    features: tuple[str, ...] = ()
    no_default_features: bool = False
    system: tuple[str, ...] = ()
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule
def rust_crate(ctx: Context, attrs: RustCrate) -> tuple[Crate]:
    crate, faults = ctx.crate(attrs.directory), Faults(ctx.label)
    cargo.check_features(crate, attrs.features, faults)
    siblings = [ctx.get(label, Crate) for label in attrs.crates]
    with faults.last():
        staged = cargo.stage(
            ctx,
            attrs.directory,
            ctx.files(attrs.srcs),
            variables={**VERIFYING, **attrs.env},
            tools=attrs.tools,
            system=attrs.system,
            siblings=[(f"{each.name}-{each.version}", each.folder) for each in siblings],
        )
    chosen = ["--features", ",".join(attrs.features)] if attrs.features else []
    chosen += ["--no-default-features"] if attrs.no_default_features else []
    (folder,) = cargo.run(
        ctx,
        staged,
        ".piot/shims/package",
        crate.name,
        "--manifest-path",
        crate.manifest,
        "--target",
        ctx.host,
        "--allow-dirty",
        "--offline",
        *chosen,
        mnemonic="cargo package",
        outputs=("out/",),
        scripts={"package": PACKAGE},
        proofs={"out": CrateProof(name=crate.name, version=crate.version)},
    )
    return (Crate(name=crate.name, version=crate.version, folder=folder),)


VERIFYING = {"CARGO_PROFILE_DEV_DEBUG": "0"}
"""The verifying build is thrown away: without debug information it links by the linker's warm cache."""

PACKAGE = """\
#!/bin/sh
name=$1
shift
"%{root}/.piot/shims/cargo" package "$@" || exit
mkdir out
cp "$CARGO_TARGET_DIR/package/$name"-[0-9]*.crate out/
"""


@dataclass(frozen=True)
class RustBinary:
    """A program that cargo builds, for every triple that is asked for.

    directory: folder of the crate's Cargo.toml, relative to the root; the BUILD file's own when left out
    srcs: files that it is made of; those of in-repository crates it depends on are added
    bin: name of the binary; the crate's only one when left out
    targets: triples that it is declared for; any when empty
    features: features to build with
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
    bin: str = ""
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
def rust_binary(ctx: Context, attrs: RustBinary) -> tuple[Executable]:
    directory = attrs.directory or ctx.label.directory
    crate, triple = ctx.crate(directory), cargo.one_platform(ctx)
    faults = Faults(ctx.label)
    name = _binary(ctx.label, attrs.bin, [binary.name for binary in crate.binaries], crate.manifest, faults)
    cargo.check_features(crate, attrs.features, faults)
    variables = {**cargo.flags(attrs.rustflags), **attrs.env}
    with faults.last():
        staged = cargo.stage(
            ctx,
            directory,
            ctx.files(attrs.srcs),
            variables=variables,
            tools=attrs.tools,
            system=attrs.system,
            profile=attrs.profile,
        )
    chosen = cargo.selection(staged.profile, ctx.triple, attrs.features, attrs.no_default_features)
    arguments = ("build", "--manifest-path", crate.manifest, "--bin", name, *chosen)
    made = _built(ctx, staged, arguments, triple, f"{name}{triple.exe_suffix}")
    return (Executable(name=name, triple=triple.text, file=made, version=crate.version),)


def _built(
    ctx: Context, staged: cargo.CargoStage, arguments: Sequence[str], triple: Triple, file: str
) -> Output:
    """The program that cargo leaves among much else, alone."""
    (made,) = cargo.run(
        ctx,
        cargo.layered(ctx, staged, arguments),
        ".piot/shims/binary",
        f"{cargo.TARGET}/{triple}/{cargo.output_folder(staged.profile)}/{file}",
        f"out/{file}",
        *arguments,
        mnemonic="cargo build",
        outputs=(f"out/{file}",),
        scripts={"binary": BINARY},
        incremental=(),
        proofs={f"out/{file}": staged.program_proof},
    )
    return made


BINARY = """\
#!/bin/sh
from=$1 to=$2
shift 2
"%{root}/.piot/shims/cargo" "$@" || exit
mkdir -p "${to%/*}"
cp "$from" "$to"
"""


def _binary(label: Label, asked: str, names: list[str], manifest: str, faults: Faults) -> str:
    if asked in names:
        return asked
    if asked:
        has = f"its binaries are {', '.join(names)}" if names else "it has no binaries"
        faults.add(f'{label} asks for the binary "{asked}", which {manifest} does not declare', has)
    elif len(names) != 1:
        found = f"several: {', '.join(names)}" if names else "none"
        faults.add(f'{label} needs the attribute "bin": the crate has {found}')
    return asked or "".join(names[:1])
