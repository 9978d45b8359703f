"""Two machines with nothing in common but the source: stores, sandboxes, and cargo's own cache."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, NewPolyglot, Piot, Result, commit_all, remove, run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the names that are expected are those of Linux on x86_64",
    ),
]

HOST = "x86_64-unknown-linux-gnu"

ALL = ("build", "//...", "--json")
WHEEL = "//packages/python:wheel"
SPOILT = "regex-automata"


@pytest.fixture(scope="module")
def cargo_home(
    tmp_path_factory: pytest.TempPathFactory, new_polyglot: NewPolyglot, environment: Mapping[str, str]
) -> Path:
    """A folder of cargo's in whose cache cargo itself has put every crate of the lock file."""
    home = tmp_path_factory.mktemp("cargo")
    settings = Path(environment["HOME"]) / ".cargo"
    if settings.is_dir():
        shutil.copytree(settings, home, dirs_exist_ok=True)
    env = {**environment, "CARGO_HOME": str(home)}
    run("cargo", "fetch", "--locked", cwd=new_polyglot(), env=env)
    return home


@pytest.fixture(scope="module")
def second_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store of its own, empty at first."""
    folder = tmp_path_factory.mktemp("second store")
    yield folder
    remove(folder)


def outputs(done: Result) -> dict[str, str]:
    """The digests of all that was built, by path."""
    return {each["path"]: each["sha256"] for target in done.targets.values() for each in target["outputs"]}


def test_two_machines_make_the_same_bits_in_folder_and_bubblewrap_cold_and_warm(
    piot: Piot,
    polyglot: Path,
    new_polyglot: NewPolyglot,
    tmp_path: Path,
    second_store: Path,
    cargo_home: Path,
) -> None:
    """The second machine has every crate in cargo's cache: with the tools fetched, it needs no network."""
    env = {"PIOT_CACHE_DIR": str(second_store), "CARGO_HOME": str(cargo_home)}
    clone = new_polyglot(tmp_path / "a second place/deeper down/clone")
    for each in (polyglot, clone):
        with (each / "crates/cli/BUILD").open("a") as file:
            file.write(OTHER_FORMATS)
    fetched = piot("fetch", "//...", cwd=clone, env=env)
    assert {"cargo-zigbuild", "maturin", "ziglang"} <= set(downloads(fetched))
    assert "crate" not in downloads(fetched)
    there = piot("--offline", *ALL, "--sandbox", "dir", cwd=clone, env=env)
    assert downloads(there) == []
    assert f"{WHEEL} maturin build with third-party crates" in there.ran
    here = piot(*ALL, "--sandbox", "bwrap", cwd=polyglot, ok=False)
    if here.code == 5:
        pytest.skip(f"bubblewrap does not work here: {here.stderr}")
    assert here.code == 0, here.text
    again = piot("build", WHEEL, "--json", "--sandbox", "bwrap", "--force", cwd=polyglot)
    assert again.ran == [f"{WHEEL} maturin build"]
    assert outputs(here) == outputs(there)
    assert outputs(again).items() <= outputs(here).items()
    (wheel,) = outputs(again)
    assert (polyglot / wheel).read_bytes() == (clone / wheel).read_bytes()
    (mine,), (other,) = (
        [run.targets[each]["key"] for each in run.targets if WHEEL in each] for run in (here, there)
    )
    assert mine != other
    assert {Path(path).name for path in outputs(here)} == BUILT


BUILT = {
    *("rakelet-stopwords-0.1.0.crate", "rakelet-0.1.0.crate", "rakelet-0.1.0.tar.gz"),
    "rakelet-0.1.0-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    *("rakelet.linux-x64-gnu.node", "rakelet-node-0.1.0.tgz", f"rakelet-node-{HOST}-0.1.0.tgz"),
    *("rakelet", "rakelet.txt", "help.txt"),
    *(
        f"rakelet-0.1.0-{HOST}.{ending}{more}"
        for ending in ("tar.gz", "tar.xz", "zip")
        for more in ("", ".sha256")
    ),
}
"""What ``piot build //...`` makes of the example, with nothing but its own files and two more archives."""

OTHER_FORMATS = """
[archive(name = each, format = each, programs = [":cli"], srcs = ["//:README.md"], manuals = [":usage"])
    for each in ("tar.xz", "zip")]
"""

SHAPES = {
    "rust_wheels": {
        *("sums-example-0.3.0.crate", "sums_example-0.3.0.tar.gz"),
        "sums_example-0.3.0-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    },
    "py_single": {"single_example-0.1.0.tar.gz", "single_example-0.1.0-py3-none-any.whl"},
    "bundled_wheel": {
        *("greet", "greeter_demo-0.2.0.tar.gz"),
        "greeter_demo-0.2.0-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    },
    "npm_cli": {
        *("greet", "greet-0.1.0.crate", "greet-example-0.1.0.tgz", f"greet-example-{HOST}-0.1.0.tgz"),
        *("example-greet-0.1.0.tgz", "example-greet-bin-linux-x64-gnu-0.1.0.tgz"),
    },
}
"""The other shapes of a library, and what is built of them: beside the polyglot one of the example a crate
with wheels, a Python package alone, and a program in a wheel, or in npm packages."""


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_built_alike_by_two_machines_from_the_checkout_alone(
    piot: Piot, tmp_path: Path, environment: Mapping[str, str], second_store: Path, shape: str
) -> None:
    clones = [tmp_path / "one", tmp_path / "deeper/two"]
    for clone in clones:
        shutil.copytree(ROOT / "tests/projects" / shape, clone)
        commit_all(clone, environment)
    here = piot(*ALL, cwd=clones[0])
    there = piot(*ALL, "--sandbox", "dir", cwd=clones[1], env={"PIOT_CACHE_DIR": str(second_store)})
    assert {Path(path).name for path in outputs(here)} == SHAPES[shape]
    assert outputs(here) == outputs(there)
    for clone in clones:
        assert run("git", "status", "--short", cwd=clone, env=environment).stdout == ""


def test_a_spoilt_crate_in_the_cache_of_cargo_is_not_used(
    piot: Piot, polyglot: Path, tmp_path: Path, cargo_home: Path
) -> None:
    home = tmp_path / "cargo"
    shutil.copytree(cargo_home, home)
    (crate,) = home.glob(f"registry/cache/*/{SPOILT}-*.crate")
    data = bytearray(crate.read_bytes())
    data[len(data) // 2] ^= 1
    crate.write_bytes(data)
    env = {"PIOT_CACHE_DIR": str(tmp_path / "cache"), "CARGO_HOME": str(home)}
    done = piot("build", "//packages/python:sdist", cwd=polyglot, env=env)
    remove(tmp_path / "cache")
    version = crate.name.removeprefix(f"{SPOILT}-").removesuffix(".crate")
    assert f"note: fetching crate {SPOILT} {version}\n" in done.stderr
    assert downloads(done) == ["crate", "maturin"]
    assert done.stdout == "dist/rakelet-0.1.0.tar.gz\n"
    assert crate.read_bytes() == bytes(data)


def downloads(done: Result) -> list[str]:
    """The first word of what came over the network, sorted: a tool's name, or ``crate``."""
    lines = done.stderr.splitlines()
    start = "note: fetching "
    return sorted(line.removeprefix(start).split()[0] for line in lines if line.startswith(start))
