"""Which files a release lacks."""

from __future__ import annotations

import pytest

from piot.model.package import CratesSettings, NpmBuild, NpmSettings, Package, PypiSettings, TargetSpec
from piot.model.release.artifact import Artifact, ArtifactKind
from piot.model.release.completeness import lacking
from piot.model.triple import Triple


def target(text: str, written: str = "") -> TargetSpec:
    return TargetSpec(triple=Triple.parse(text), written=written or text)


TRIPLES = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "i686-pc-windows-msvc",
)
CRATE = Package(name="c", kind="crates", path="c", paths=(), settings=CratesSettings(crate="c"))
WHEELS = Package(
    name="p",
    kind="pypi",
    path="p",
    paths=(),
    settings=PypiSettings(pypi="p", build="maturin", targets=tuple(map(target, TRIPLES))),
)
PURE = Package(name="p", kind="pypi", path="p", paths=(), settings=PypiSettings(pypi="p", build="hatch"))
NPM = Package(
    name="n",
    kind="npm",
    path="n",
    paths=(),
    settings=NpmSettings(
        npm="@x/n", build=(NpmBuild(mode="napi"),), targets=(target(TRIPLES[0], "linux-x64-gnu"),)
    ),
)


def files(package: Package, kind: ArtifactKind, *names: str, version: str = "1.0.0") -> list[Artifact]:
    return [
        Artifact(package=package.name, kind=kind, registry_name=name, version=version, file=name)
        for name in names
    ]


ALL = (
    "p-1.0.0-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "p-1.0.0-cp39-abi3-musllinux_1_2_aarch64.whl",
    "p-1.0.0-cp39-abi3-macosx_10_12_x86_64.whl",
    "p-1.0.0-cp39-abi3-macosx_11_0_arm64.whl",
    "p-1.0.0-cp39-abi3-win_amd64.whl",
    "p-1.0.0-cp39-abi3-win32.whl",
    "p-1.0.0.tar.gz",
)


def test_a_complete_release_lacks_nothing() -> None:
    assert lacking(CRATE, "1.0.0", files(CRATE, "crate", "c-1.0.0.crate")) == ()
    assert lacking(WHEELS, "1.0.0", files(WHEELS, "wheel", *ALL)) == ()
    assert lacking(PURE, "1.0.0", files(PURE, "wheel", "p-1.0.0-py3-none-any.whl", "p-1.0.0.tar.gz")) == ()
    assert lacking(NPM, "1.0.0", files(NPM, "npm-package", "@x/n", "@x/n-linux-x64-gnu")) == ()


@pytest.mark.parametrize(("missing", "triple"), list(zip(ALL, TRIPLES, strict=False)))
def test_f08_every_platform_needs_a_wheel(missing: str, triple: str) -> None:
    others = [name for name in ALL if name != missing]
    assert lacking(WHEELS, "1.0.0", files(WHEELS, "wheel", *others)) == (f"p 1.0.0: a wheel for {triple}",)


def test_one_wheel_can_be_for_both_macs() -> None:
    others = [name for name in ALL if "macosx" not in name]
    both = [*others, "p-1.0.0-cp39-abi3-macosx_10_12_universal2.whl"]
    assert lacking(WHEELS, "1.0.0", files(WHEELS, "wheel", *both)) == ()


def test_all_that_is_missing_is_named() -> None:
    assert lacking(PURE, "1.0.0", []) == ("p 1.0.0: a wheel", "p 1.0.0: the sdist")
    assert lacking(CRATE, "1.0.0", files(CRATE, "crate", "c-0.9.0.crate", version="0.9.0")) == (
        "c 1.0.0: the .crate",
    )
    assert lacking(NPM, "1.0.0", []) == (
        "n 1.0.0: the package @x/n-linux-x64-gnu",
        "n 1.0.0: the package @x/n",
    )
