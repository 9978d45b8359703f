"""The monorepo of the benchmarks is the same every time, and piot builds what it says."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.monorepo import CONE, Monorepo, contents, name, source, write
from tests.support.checkout import Checkout, MakeCheckout

SMALL = Monorepo.of(8, 40)
CHANGED = {f"//packages/{name(each)}:{name(each)}" for each in SMALL.cone(SMALL.changed)}


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout()
    write(SMALL, made.root)
    return made


def texts(root: Path) -> dict[str, bytes]:
    """What every package makes, by the definition of the benchmark."""
    made: dict[int, bytes] = {}
    for package, deps in enumerate(SMALL.deps):
        folder = root / "packages" / name(package)
        data = b"".join((folder / source(number)).read_bytes() for number in range(SMALL.sources))
        data += b"".join(made[dep] for dep in deps)
        made[package] = f"{hashlib.sha256(data).hexdigest()}  -\n".encode()
    return {f"{name(package)}.txt": text for package, text in made.items()}


def delivered(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "dist").glob("*/*.txt")}


def test_it_has_the_sizes_that_are_asked_for_and_no_cycles() -> None:
    repo = Monorepo.of(100, 5000)
    paths = [path for path, _ in contents(repo)]
    assert len(paths) == len(set(paths)) == 5000 + 9  # the files of the root and of the released package
    assert all(dep < package for package, deps in enumerate(repo.deps) for dep in deps)
    assert {len(deps) for deps in repo.deps[5:]} == {3, 4, 5}
    assert len(repo.cone(repo.changed)) == CONE


def test_it_is_the_same_every_time() -> None:
    assert list(contents(Monorepo.of(8, 40))) == list(contents(SMALL))


def test_a_cone_is_the_package_and_all_that_needs_it() -> None:
    repo = Monorepo(deps=((), (0,), (0,), (2,), ()), sources=1)
    assert [sorted(repo.cone(package)) for package in range(5)] == [[0, 1, 2, 3], [1], [2, 3], [3], [4]]


def test_everything_is_committed(checkout: Checkout) -> None:
    status = subprocess.run(["git", "status", "-s"], cwd=checkout.root, capture_output=True, check=True)
    assert status.stdout == b""


def test_three_engines_are_told_of_the_same_dependencies(checkout: Checkout) -> None:
    folder = checkout.root / "packages" / name(7)
    names = [name(dep) for dep in SMALL.deps[7]]
    assert json.loads((folder / "package.json").read_text())["dependencies"] == dict.fromkeys(names, "0.0.0")
    for file, label in (("BUILD", '"//packages/{0}:{0}"'), ("BUILD.bazel", '"//packages/{0}"')):
        assert ", ".join(label.format(each) for each in names) in (folder / file).read_text()


def test_piot_makes_the_texts_and_a_change_makes_its_cone_anew(checkout: Checkout) -> None:
    assert checkout.build("//packages/...").report.ran == 8
    assert delivered(checkout.root) == texts(checkout.root)
    with (checkout.root / SMALL.changed_file).open("a") as file:
        file.write("edit\n")
    again = checkout.build("//packages/...")
    assert {label for label, status in again.actions.items() if status == "ran"} == CHANGED
    assert delivered(checkout.root) == texts(checkout.root)
