"""Whether the files of a release are all there: by the names and platforms that its packages declare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piot.model.package import CratesSettings, NpmSettings, Package, PypiSettings
from piot.model.release.artifact import Artifact
from piot.model.triple import Triple


def lacking(package: Package, version: str, artifacts: Sequence[Artifact]) -> tuple[str, ...]:
    """What a package's release lacks, one line each: ``my-py: a wheel for aarch64-apple-darwin``.

    ``version`` is as its registry spells it; ``artifacts`` are those of the package, in any version.
    """
    mine = [each for each in artifacts if each.package == package.name and each.version == version]
    return tuple(f"{package.name} {version}: {what}" for what in _lacking(package, mine))


def _lacking(package: Package, mine: Sequence[Artifact]) -> Iterator[str]:
    match package.settings:
        case CratesSettings():
            yield from () if mine else ("the .crate",)
        case NpmSettings():
            there = {each.registry_name for each in mine}
            yield from (f"the package {name}" for name in package.registry_names if name not in there)
        case PypiSettings():
            yield from _of_pypi(package, [each.file for each in mine])


def _of_pypi(package: Package, files: Sequence[str]) -> Iterator[str]:
    wheels = [file for file in files if file.endswith(".whl")]
    for spec in package.targets:
        if not any(_runs_on(file, spec.triple) for file in wheels):
            yield f"a wheel for {spec.triple}"
    if not package.targets and not wheels:
        yield "a wheel"
    if len(wheels) == len(files):
        yield "the sdist"


def _runs_on(wheel: str, triple: Triple) -> bool:
    """Whether one of the platform tags in a wheel's name is of this platform (PEP 425, PEP 600, PEP 656)."""
    tags = wheel.removesuffix(".whl").rpartition("-")[2].split(".")
    return "any" in tags or any(_is_for(tag, triple) for tag in tags)


def _is_for(tag: str, triple: Triple) -> bool:
    arch = triple.wheel_arch
    if triple.os == "macos":
        return tag.startswith("macosx_") and tag.endswith((f"_{arch}", "_universal2"))
    return tag.startswith(_families(triple)) and (tag.endswith(f"_{arch}") or tag == arch)


def _families(triple: Triple) -> tuple[str, ...]:
    """How the platform tags of a system begin."""
    by_os = {
        "windows": ("win",),
        "ios": ("ios",),
        "android": ("android",),
        "emscripten": ("pyodide", "emscripten"),
    }
    if triple.os == "linux":
        return ("musllinux",) if triple.libc == "musl" else ("manylinux", "linux")
    return by_os.get(triple.os, ("",))
