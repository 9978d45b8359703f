"""What a registry has of a planned version: by digest, by name, or by number."""

from __future__ import annotations

import pytest

from piot.load.config import parse_config
from piot.model.package import Package
from piot.model.release.artifact import Artifact
from piot.model.release.listing import Held, Listing
from piot.model.release.registry_state import RegistryState, State, Verdict, registry_state, silent
from tests.support.matrices import HEAD, package

CRATE, PYTHON, FAMILY = parse_config(
    HEAD
    + package("core", "crates", "core")
    + package("py", "pypi", "py", 'build = "hatch"')
    + package("js", "npm", "js", 'build = "napi"', 'targets = ["linux-x64-gnu"]'),
    "putitoutthere.toml",
).packages
WHEEL, SDIST = "py-1.0.0-py3-none-any.whl", "py-1.0.0.tar.gz"


def there(*files: str, name: str = "", version: str = "1.0.0", yanked: str = "") -> dict[str, Listing]:
    held = (Held(file=each, version=version, sha256="aa", yanked=each == yanked) for each in files)
    return {name: Listing(name=name, files=tuple(held))}


def state(
    package: Package, has: dict[str, Listing], built: tuple[Artifact, ...] = (), jobs: int = 2
) -> RegistryState:
    listings = dict.fromkeys(package.registry_names) | has
    return registry_state(package, "here", "1.0.0", listings, built=built, jobs=jobs)


def built(file: str, sha256: str) -> Artifact:
    return Artifact(package="py", kind="wheel", registry_name="py", version="1.0.0", file=file, sha256=sha256)


@pytest.mark.parametrize(
    ("package", "has", "expected", "verdict", "detail"),
    [
        (CRATE, {}, "unknown name", "publish", ""),
        (CRATE, there("core-0.9.0.crate", name="core", version="0.9.0"), "absent", "publish", ""),
        (CRATE, there("core-1.0.0.crate", name="core"), "there", "skip", ""),
        (CRATE, there("core-1.0.0.crate", name="core", yanked="core-1.0.0.crate"), "yanked", "skip", ""),
        (
            CRATE,
            there("core-1.0.0+a.crate", name="core", version="1.0.0+a"),
            "different",
            "unknown",
            "the registry has 1.0.0+a, and takes no version that differs in build metadata alone",
        ),
        (PYTHON, {}, "unknown name", "publish", ""),
        (PYTHON, there(name="py"), "absent", "publish", ""),
        (PYTHON, there(SDIST, name="py"), "in part", "publish", "1 of 2 files are there"),
        (PYTHON, there(SDIST, WHEEL, name="py"), "there", "skip", ""),
        (PYTHON, there(SDIST, WHEEL, name="py", yanked=SDIST), "yanked", "skip", "1 of 2 files are"),
        (
            FAMILY,
            there("js-linux-x64-gnu-1.0.0.tgz", name="js-linux-x64-gnu"),
            "in part",
            "publish",
            "1 of 2 files are there",
        ),
        (FAMILY, there("js-0.9.0.tgz", name="js", version="0.9.0"), "absent", "publish", ""),
    ],
)
def test_without_files_names_and_numbers_tell(
    package: Package, has: dict[str, Listing], expected: State, verdict: Verdict, detail: str
) -> None:
    found = state(package, has)
    assert (found.state, found.verdict, found.detail) == (expected, verdict, detail)


@pytest.mark.parametrize(
    ("ours", "expected", "verdict"),
    [
        ((built(WHEEL, "aa"),), "same", "skip"),
        ((built(WHEEL, "aa"), built(SDIST, "aa")), "in part", "publish"),
        ((built(WHEEL, "bb"),), "different", "unknown"),
    ],
)
def test_built_files_are_compared(ours: tuple[Artifact, ...], expected: State, verdict: Verdict) -> None:
    found = state(PYTHON, there(WHEEL, name="py"), ours)
    assert (found.state, found.verdict, len(found.artifacts)) == (expected, verdict, len(ours))


def test_a_registry_that_does_not_tell_decides_nothing() -> None:
    found = silent(CRATE, "1.0.0", "no answer")
    assert (found.state, found.verdict, found.detail) == ("unreachable", "unknown", "no answer")
