"""Wheels and source distributions that maturin makes."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api import (
    Context,
    CrateFacts,
    Faults,
    Label,
    Lack,
    Maturin,
    Output,
    Proof,
    Pyproject,
    Sdist,
    SdistProof,
    Sources,
    StringMap,
    Triple,
    Triples,
    Wheel,
    WheelProof,
    cargo,
    compatibility,
    maturin,
    policy_glibc,
    rule,
)


@dataclass(frozen=True)
class MaturinWheel:
    """A wheel for every triple that is asked for, and for every Python unless one serves all.

    One does when the extension is abi3, and when a program is all that the wheel has (``bindings = "bin"``).

    directory: folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of; those of in-repository crates it depends on are added
    distribution: registered name; the one in pyproject.toml when left out
    targets: triples that it is declared for; any when empty
    features: features to build with, besides those that pyproject.toml names
    no_default_features: build without the default features
    rustflags: flags for rustc, instead of those that cargo's settings name
    profile: cargo's profile that stands for ``release``, unless the command line names another
    system: libraries that pkg-config knows, and programs, of the machine that builds it
    python_versions: Pythons that need a wheel of their own (``3.12``, ``3.14t``, ``pypy3.11``)
    manylinux: manylinux policy (2014, 2_28, …) or musllinux policy; by the glibc floor when left out
    programs: ``rust_binary`` targets that are shipped inside
    stage_to: folder that they are put into before maturin runs, relative to ``directory``
    depends_on: targets that are released before it
    env: environment of its build
    tools: programs of this machine that build scripts may call, such as protoc
    """

    directory: str = ""
    srcs: Sources = Sources()
    distribution: str = ""
    targets: Triples = Triples()
    features: tuple[str, ...] = ()
    no_default_features: bool = False
    rustflags: tuple[str, ...] = ()
    profile: str = ""
    system: tuple[str, ...] = ()
    python_versions: tuple[str, ...] = ()
    manylinux: str = ""
    programs: tuple[Label, ...] = ()
    stage_to: str = ""
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule(configured_by=("triple", "python"))
def maturin_wheel(ctx: Context, attrs: MaturinWheel) -> tuple[Wheel]:
    directory = attrs.directory or ctx.label.directory
    project, crate = ctx.pyproject(directory), _crate(ctx, directory)
    settings, triple, faults = _settings(project, attrs), Triple.parse(ctx.triple), Faults(ctx.label)
    cargo.check_features(crate, settings.features, faults)
    with faults.last():
        abi = maturin.abi_of(ctx, crate, settings)
        if abi.module:
            cargo.check_library(crate, faults, loadable=False)  # maturin asks for a cdylib
        staged = _staged(ctx, attrs, crate, abi)
        _refuse_download(ctx, staged, triple)
        programs, bundled = maturin.bundled(ctx, project, crate, attrs.programs, attrs.stage_to, faults)
    chosen = cargo.selection(staged.profile, triple.text, settings.features, settings.no_default_features)
    part = ("--lib",) if abi.module else ("--bin", crate.binaries[0].name)
    staged = cargo.layered(ctx, staged, ("rustc", "--manifest-path", crate.manifest, *part, *chosen))
    staged = replace(staged, inputs=(*staged.inputs, *bundled))
    repair = "repair" if _bundles(staged) else "warn"
    folder = _maturin(
        ctx,
        staged,
        "build",
        crate,
        *("--profile", staged.profile, "--target", triple.text, "--offline"),
        *_tagged(attrs.manylinux, triple, staged.rust.glibc),
        *(*_features(attrs, settings), *abi.options, "--auditwheel", repair),
        proof=_proof(attrs, project, crate, abi, staged, programs),
        incremental=QUICKLY,
    )
    name, version = _names(attrs.distribution, project, crate)
    return (Wheel(name=name, version=version, folder=folder),)


def _staged(ctx: Context, attrs: MaturinWheel, crate: CrateFacts, abi: maturin.Abi) -> cargo.CargoStage:
    return cargo.stage(
        ctx,
        crate.directory,
        ctx.files(attrs.srcs),
        variables={**abi.variables, **cargo.flags(attrs.rustflags), **attrs.env},
        tools=attrs.tools,
        system=attrs.system,
        profile=attrs.profile,
        pythons=bool(ctx.python),
    )


def _names(distribution: str, project: Pyproject, crate: CrateFacts) -> tuple[str, str]:
    """Name and version of what is published: those of pyproject.toml, else of the crate."""
    return distribution or project.name or crate.name, project.version or crate.version


def _proof(
    attrs: MaturinWheel,
    project: Pyproject,
    crate: CrateFacts,
    abi: maturin.Abi,
    staged: cargo.CargoStage,
    programs: Sequence[Output],
) -> WheelProof:
    name, version = _names(attrs.distribution, project, crate)
    return WheelProof(
        name=name,
        version=version,
        triple=staged.rust.target,
        glibc=policy_glibc(attrs.manylinux) or staged.rust.glibc,
        abi3=abi.abi3,
        python=abi.tag,
        programs=tuple(posixpath.basename(program.path) for program in programs),
    )


def _features(attrs: MaturinWheel, settings: Maturin) -> tuple[str, ...]:
    """The flags for features, where they are not as pyproject.toml says, which maturin reads itself."""
    chosen = ("--features", ",".join(settings.features)) if attrs.features else ()
    return (*chosen, "--no-default-features") if attrs.no_default_features else chosen


def _refuse_download(ctx: Context, staged: cargo.CargoStage, triple: Triple) -> None:
    """maturin ignores the linker that was chosen there, for a cargo-xwin of its own, unless that is ready."""
    ready = any("XWIN_CACHE_DIR" in dict(linker.environment) for linker in staged.rust.linkers)
    if triple.libc == "msvc" and Triple.parse(ctx.host).os != "windows" and not ready:
        reason, runner = "downloads an SDK of its own to link for Windows", triple.native_runner
        remedy = f"build it on {runner or 'a machine with Windows'}"
        ctx.lack(Lack(candidate="maturin", reason=reason, remedy=remedy))


def _maturin(
    ctx: Context,
    staged: cargo.CargoStage,
    verb: str,
    crate: CrateFacts,
    *options: str,
    proof: Proof,
    incremental: Sequence[str] | None = None,
) -> Output:
    """``maturin VERB`` for the crate; gives the folder that holds just its result."""
    bundles = _bundles(staged)
    (folder,) = cargo.run(
        ctx,
        staged,
        "%{tool:maturin}/bin/maturin",
        verb,
        "--manifest-path",
        crate.manifest,
        *options,
        "--out",
        "out",
        mnemonic=f"maturin {verb}",
        outputs=("out/",),
        tools=(ctx.tool("maturin"), *((ctx.tool("patchelf"),) if bundles else ())),
        scripts={"patchelf": PATCHELF} if bundles else {},
        proofs={"out": proof},
        incremental=incremental,
    )
    return folder


PATCHELF = """\
#!/bin/sh
exec "%{tool:patchelf}/bin/patchelf" "$@"
"""
"""With it maturin puts the libraries of a wheel into it, and has the extension look for them there."""


def _bundles(staged: cargo.CargoStage) -> bool:
    """Whether the wheel may be linked with libraries that its platform does not promise."""
    return "-linux-" in staged.rust.target and staged.foreign


def _settings(project: Pyproject, attrs: MaturinWheel) -> Maturin:
    """``[tool.maturin]`` with what the target asks for besides."""
    own = project.maturin or Maturin()
    return replace(
        own,
        features=(*own.features, *attrs.features),
        no_default_features=own.no_default_features or attrs.no_default_features,
    )


QUICKLY = ("--compression-level", "1")
"""For a wheel that stays on this machine: packing it would take longer than linking it."""


@dataclass(frozen=True)
class MaturinSdist:
    """A source distribution with the sources of all in-repository crates that it needs.

    directory: folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of; those of in-repository crates it depends on are added
    distribution: registered name; the one in pyproject.toml when left out
    depends_on: targets that are released before it
    env: environment of its build
    tools: programs of this machine that build scripts may call, such as protoc
    """

    directory: str = ""
    srcs: Sources = Sources()
    distribution: str = ""
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule
def maturin_sdist(ctx: Context, attrs: MaturinSdist) -> tuple[Sdist]:
    directory = attrs.directory or ctx.label.directory
    project, crate = ctx.pyproject(directory), _crate(ctx, directory)
    staged = cargo.stage(
        ctx, crate.directory, ctx.files(attrs.srcs), variables=attrs.env, tools=attrs.tools, compiles=False
    )
    name, version = _names(attrs.distribution, project, crate)
    folder = _maturin(ctx, staged, "sdist", crate, proof=SdistProof(name=name, version=version))
    return (Sdist(name=name, version=version, folder=folder),)


def _crate(ctx: Context, directory: str) -> CrateFacts:
    """The crate that pyproject.toml is for: beside it, or where ``[tool.maturin] manifest-path`` says."""
    return ctx.crate(ctx.pyproject(directory).crate_directory)


def _tagged(manylinux: str, triple: Triple, glibc: str | None) -> tuple[str, ...]:
    told = compatibility(manylinux, triple, glibc)
    return ("--compatibility", told) if told else ()
