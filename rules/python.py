"""Wheels and source distributions that hatch, setuptools or another PEP 517 back end makes."""

from collections.abc import Mapping
from dataclasses import dataclass

from piot.api import (
    Context,
    Files,
    Label,
    Lack,
    Sdist,
    SdistProof,
    Sources,
    StringMap,
    Triple,
    Triples,
    Wheel,
    WheelProof,
    python,
    python_tag,
    rule,
)


@dataclass(frozen=True)
class PythonWheel:
    """A wheel for all platforms, made by the back end that ``pyproject.toml`` names.

    directory: folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of
    distribution: registered name; the one in pyproject.toml when left out
    depends_on: targets that are released before it
    env: environment of its build
    tools: programs of this machine that its build may call, such as protoc
    """

    directory: str = ""
    srcs: Sources = Sources()
    distribution: str = ""
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule
def python_wheel(ctx: Context, attrs: PythonWheel) -> tuple[Wheel]:
    staged = _staged(ctx, attrs)
    name, version = _identity(attrs, staged)
    proof = WheelProof(name=name, version=version or None, pure=True)
    return (Wheel(name=name, version=version, folder=python.run(ctx, staged, "wheel", proof=proof)),)


@dataclass(frozen=True)
class PythonExtensionWheel:
    """A wheel with extension modules: one for every triple that is asked for, built on a machine of its kind.

    directory: folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of
    distribution: registered name; the one in pyproject.toml when left out
    targets: triples that it is declared for; any when empty
    runners: CI machines that build it, by triple; the usual ones when left out
    python_versions: Pythons that need a wheel of their own, each built with that; one wheel when left out
    depends_on: targets that are released before it
    env: environment of its build
    tools: programs of this machine that its build may call, such as protoc
    """

    directory: str = ""
    srcs: Sources = Sources()
    distribution: str = ""
    targets: Triples = Triples()
    runners: Mapping[str, str] = StringMap()
    python_versions: tuple[str, ...] = ()
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule(configured_by=("triple", "python"))
def python_extension_wheel(ctx: Context, attrs: PythonExtensionWheel) -> tuple[Wheel]:
    triple = Triple.parse(ctx.triple)
    runner = attrs.runners.get(ctx.triple) or triple.native_runner or f"a machine with {triple}"
    if ctx.triple != ctx.host:
        reason = f"is {ctx.host}, and extension modules are compiled on their own platform"
        ctx.lack(Lack(candidate="this machine", reason=reason, remedy=f"build it on {runner}"))
    if ctx.python and not ctx.python.replace(".", "").isdecimal():
        reason = "is not looked for on this machine"
        ctx.lack(Lack(candidate=f"Python {ctx.python}", reason=reason, remedy=f"build its wheel on {runner}"))
    staged = _staged(ctx, attrs, compiles=True)
    name, version = _identity(attrs, staged)
    glibc = staged.linker.glibc if staged.linker else None
    proof = WheelProof(
        name=name,
        version=version or None,
        triple=ctx.triple,
        glibc=glibc,
        python=python_tag(ctx.python) if ctx.python else None,
    )
    folder = python.run(ctx, staged, "wheel", proof=proof, platform=_tag(triple, glibc))
    return (Wheel(name=name, version=version, folder=folder),)


def _tag(triple: Triple, glibc: str | None) -> str:
    """PEP 600 and PEP 656; elsewhere the back end's own choice is right."""
    if triple.os != "linux":
        return ""
    floor = f"manylinux_{glibc.replace('.', '_')}" if glibc else "musllinux_1_2"
    return f"{floor}_{triple.wheel_arch}"


@dataclass(frozen=True)
class PythonSdist:
    """A source distribution, made by the back end that ``pyproject.toml`` names.

    directory: folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of
    distribution: registered name; the one in pyproject.toml when left out
    depends_on: targets that are released before it
    env: environment of its build
    tools: programs of this machine that its build may call, such as protoc
    """

    directory: str = ""
    srcs: Sources = Sources()
    distribution: str = ""
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule
def python_sdist(ctx: Context, attrs: PythonSdist) -> tuple[Sdist]:
    staged = _staged(ctx, attrs)
    name, version = _identity(attrs, staged)
    proof = SdistProof(name=name, version=version or None)
    return (Sdist(name=name, version=version, folder=python.run(ctx, staged, "sdist", proof=proof)),)


@dataclass(frozen=True)
class PythonRequirements:
    """What a back end asks for beyond ``pyproject.toml``, as a JSON list: what ``piot lock`` pins.

    directory: folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out
    srcs: files that the project is made of
    env: environment of its build
    tools: programs of this machine that its build may call, such as protoc
    """

    directory: str = ""
    srcs: Sources = Sources()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule
def python_requirements(ctx: Context, attrs: PythonRequirements) -> tuple[Files]:
    return (Files(outputs=(python.run(ctx, _staged(ctx, attrs), "requires", output="requires.json"),)),)


Attrs = PythonWheel | PythonExtensionWheel | PythonSdist


def _staged(ctx: Context, attrs: Attrs | PythonRequirements, *, compiles: bool = False) -> python.PythonStage:
    directory, own = attrs.directory or ctx.label.directory, ctx.files(attrs.srcs)
    return python.stage(ctx, directory, own, variables=attrs.env, tools=attrs.tools, compiles=compiles)


def _identity(attrs: Attrs, staged: python.PythonStage) -> tuple[str, str]:
    """Name and version, the latter empty when only the back end knows it."""
    return attrs.distribution or staged.project.name or "", staged.project.version or ""
