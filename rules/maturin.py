"""Wheels and source distributions that maturin makes."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from piot.api import (
    Context,
    CrateFacts,
    Executable,
    Label,
    Lack,
    Maturin,
    Output,
    Produced,
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
    python_tag,
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
    settings = _settings(project, attrs)
    name = attrs.distribution or project.name or crate.name
    abi = _abi(ctx, crate, settings)
    triple = Triple.parse(ctx.triple)
    programs = tuple(ctx.get(label, Executable).file for label in attrs.programs)
    bundled = _bundled(ctx, project, crate, programs, attrs.stage_to)
    staged = cargo.stage(
        ctx,
        crate.directory,
        ctx.files(attrs.srcs),
        variables={**abi.variables, **cargo.flags(attrs.rustflags), **attrs.env},
        tools=attrs.tools,
        system=attrs.system,
        profile=attrs.profile,
        pythons=bool(ctx.python),
    )
    _refuse_download(ctx, staged, triple)
    chosen = cargo.selection(staged.profile, triple.text, settings.features, settings.no_default_features)
    part = ("--lib",) if abi.module else ("--bin", crate.binaries[0].name)
    staged = cargo.layered(ctx, staged, ("rustc", "--manifest-path", crate.manifest, *part, *chosen))
    staged = replace(staged, inputs=(*staged.inputs, *bundled))
    proof = WheelProof(
        name=name,
        version=project.version or crate.version,
        triple=triple.text,
        glibc=_policy_glibc(attrs.manylinux) or staged.rust.glibc,
        abi3=abi.abi3,
        python=abi.tag,
        programs=tuple(posixpath.basename(program.path) for program in programs),
    )
    tagged = _tagged(attrs.manylinux, triple, staged.rust.glibc)
    options = ("--profile", staged.profile, "--target", triple.text, "--offline", *tagged)
    repair = "repair" if _bundles(staged) else "warn"
    options += (*_features(attrs, settings), *abi.options, "--auditwheel", repair)
    folder = _maturin(ctx, staged, "build", crate, *options, proof=proof, incremental=QUICKLY)
    return (Wheel(name=name, version=project.version or crate.version, folder=folder),)


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


def _bundled(
    ctx: Context, project: Pyproject, crate: CrateFacts, programs: Sequence[Output], stage_to: str
) -> tuple[Produced, ...]:
    """The programs where maturin takes them from; ends the build when the wheel would not have them.

    Without a command of ``[project.scripts]`` nobody could start them: a wheel puts nothing on PATH but that.
    """
    places = [
        posixpath.normpath(posixpath.join(stage_to, posixpath.basename(each.path))) for each in programs
    ]
    settings = project.maturin or Maturin()
    manifest = posixpath.normpath(posixpath.join(project.directory, "pyproject.toml"))
    for place in places:
        if not settings.ships(place, crate.name):
            ctx.fail(
                f"{ctx.label} ships {place}, which {manifest} keeps out of the wheel",
                hint=f'add include = ["{posixpath.dirname(place)}/*"] to [tool.maturin]',
            )
    if programs and not project.scripts:
        ctx.fail(
            f"{ctx.label} ships {places[0]}, but {manifest} has no command that starts it",
            hint="add an entry point to [project.scripts] (how-to/ship-a-program.md)",
        )
    folder = project.directory
    return tuple(
        Produced(output=program, dest=posixpath.normpath(posixpath.join(folder, place)))
        for program, place in zip(programs, places, strict=True)
    )


@dataclass(frozen=True)
class Abi:
    """What ties a wheel to Pythons: tags that it must have, and what maturin and pyo3 are told."""

    abi3: tuple[int, int] | None = None
    tag: str | None = None
    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = StringMap()
    module: bool = True


def _abi(ctx: Context, crate: CrateFacts, settings: Maturin) -> Abi:
    """By the bindings, as maturin finds them: pyo3 where the crate depends on it, else its programs."""
    abi3 = crate.abi3(settings.features, defaults=not settings.no_default_features)
    if abi3 is not None:
        return Abi(abi3=abi3 if any(abi3) else None, variables=PYO3)
    if settings.bindings == "bin" or (settings.bindings is None and not crate.pyo3 and crate.binaries):
        return Abi(tag="py3", module=False)
    if not crate.pyo3:
        ctx.fail(f"{ctx.label}: piot builds extensions over pyo3, and programs; {crate.manifest} has neither")
    if not ctx.python:
        ctx.fail(
            f"{ctx.label} needs a wheel for every Python, and names none",
            hint=f'add python_versions, or a feature such as "abi3-py39" to pyo3 in {crate.manifest}',
        )
    name = ctx.python if ctx.python.startswith("pypy") else f"python{ctx.python}"
    variables = {"PYO3_BUILD_EXTENSION_MODULE": "1", "WHEEL_PYTHON": ctx.python}  # a layer for each
    return Abi(tag=python_tag(ctx.python), options=("--interpreter", name), variables=variables)


QUICKLY = ("--compression-level", "1")
"""For a wheel that stays on this machine: packing it would take longer than linking it."""

PYO3 = {"PYO3_BUILD_EXTENSION_MODULE": "1", "PYO3_NO_PYTHON": "1"}
"""As maturin sets them for an abi3 extension without an interpreter, so that the layer fits."""


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
    name, version = attrs.distribution or project.name or crate.name, project.version or crate.version
    folder = _maturin(ctx, staged, "sdist", crate, proof=SdistProof(name=name, version=version))
    return (Sdist(name=name, version=version, folder=folder),)


def _crate(ctx: Context, directory: str) -> CrateFacts:
    """The crate that pyproject.toml is for: beside it, or where ``[tool.maturin] manifest-path`` says."""
    return ctx.crate(ctx.pyproject(directory).crate_directory)


def _tagged(manylinux: str, triple: Triple, glibc: str | None) -> tuple[str, ...]:
    told = compatibility(manylinux, triple, glibc)
    return ("--compatibility", told) if told else ()


def _policy_glibc(manylinux: str) -> str | None:
    """The glibc of a manylinux policy (PEP 513, 571, 599, 600)."""
    if manylinux.startswith("2_"):
        return manylinux.replace("_", ".")
    return {"1": "2.5", "2010": "2.12", "2014": "2.17"}.get(manylinux)
