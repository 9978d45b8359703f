"""Wheels and source distributions that maturin makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from piot.api import (
    Context,
    CrateFacts,
    Label,
    Maturin,
    Output,
    Proof,
    Sdist,
    SdistProof,
    Sources,
    StringMap,
    Triple,
    Triples,
    Wheel,
    WheelProof,
    cargo,
    rule,
)


@dataclass(frozen=True)
class MaturinWheel:
    """A wheel for every triple that is asked for; one for all Pythons when the extension is abi3.

    directory: folder of pyproject.toml, relative to the repository root; the BUILD file's own when left out
    srcs: files that it is made of; those of in-repository crates it depends on are added
    distribution: registered name; the one in pyproject.toml when left out
    targets: triples that it is declared for; any when empty
    manylinux: manylinux policy (2014, 2_28, …) or musllinux policy; by the glibc floor when left out
    bundle_cli: name of a cargo binary that is shipped inside
    depends_on: targets that are released before it
    env: environment of its build
    tools: programs of this machine that build scripts may call, such as protoc
    """

    directory: str = ""
    srcs: Sources = Sources()
    distribution: str = ""
    targets: Triples = Triples()
    manylinux: str = ""
    bundle_cli: str = ""
    depends_on: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule(configured_by=("triple",))
def maturin_wheel(ctx: Context, attrs: MaturinWheel) -> tuple[Wheel]:
    directory = attrs.directory or ctx.label.package or "."
    project, crate = ctx.pyproject(directory), _crate(ctx, directory)
    settings = project.maturin or Maturin()
    name = attrs.distribution or project.name or crate.name
    abi3 = _supported(ctx, attrs, crate, settings)
    triple = Triple.parse(ctx.triple)
    staged = cargo.stage(
        ctx, crate.directory, ctx.files(attrs.srcs), variables={**PYO3, **attrs.env}, tools=attrs.tools
    )
    chosen = cargo.selection(ctx.profile, triple.text, settings.features, settings.no_default_features)
    staged = cargo.layered(ctx, staged, ("rustc", "--manifest-path", crate.manifest, "--lib", *chosen))
    version = project.version or crate.version
    proof = WheelProof(
        name=name,
        version=version,
        triple=triple.text,
        glibc=_policy_glibc(attrs.manylinux) or staged.rust.glibc,
        abi3=abi3 if any(abi3) else None,
    )
    compatibility = _compatibility(attrs.manylinux, triple, staged.rust.glibc)
    tagged = ("--compatibility", compatibility) if compatibility else ()
    options = ("--profile", ctx.profile, "--target", triple.text, "--offline", *tagged)
    folder = _maturin(
        ctx, staged, "build", crate, *options, "--auditwheel", "check", proof=proof, incremental=QUICKLY
    )
    return (Wheel(name=name, version=version, folder=folder),)


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
        tools=(ctx.tool("maturin"),),
        proofs={"out": proof},
        incremental=incremental,
    )
    return folder


def _supported(ctx: Context, attrs: MaturinWheel, crate: CrateFacts, settings: Maturin) -> tuple[int, int]:
    """The oldest Python of an abi3 extension, zeros when it names none; ends the build for other wheels."""
    if attrs.bundle_cli:
        ctx.fail(
            f"{ctx.label} bundles the program {attrs.bundle_cli}, which this version of piot cannot do yet",
            hint="take bundle_cli out, or build the program with a rust_binary target",
        )
    abi3 = crate.abi3(settings.features, defaults=not settings.no_default_features)
    if abi3 is None:
        ctx.fail(
            f"{ctx.label} is not an abi3 extension, and this version of piot builds no other wheels yet",
            hint=f'add a feature such as "abi3-py39" to pyo3 in {crate.manifest}',
        )
    return abi3


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
    directory = attrs.directory or ctx.label.package or "."
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


def _compatibility(manylinux: str, triple: Triple, glibc: str | None) -> str:
    """What ``maturin --compatibility`` is told; a policy counts only for the libc that it is about."""
    musl = manylinux.startswith("musllinux")
    if triple.libc == "gnu":
        floor = (glibc or "2.17").replace(".", "_")
        return (
            f"manylinux_{floor}"
            if not manylinux or musl or manylinux == "auto"
            else f"manylinux{_policy(manylinux)}"
        )
    if triple.libc == "musl":
        return manylinux if musl else "musllinux_1_2"
    return ""


def _policy(manylinux: str) -> str:
    return f"_{manylinux}" if "_" in manylinux else manylinux


def _policy_glibc(manylinux: str) -> str | None:
    """The glibc of a manylinux policy (PEP 513, 571, 599, 600)."""
    if manylinux.startswith("2_"):
        return manylinux.replace("_", ".")
    return {"1": "2.5", "2010": "2.12", "2014": "2.17"}.get(manylinux)
