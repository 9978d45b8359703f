"""Two machines with nothing in common but the source: stores, sandboxes, and cargo's own cache."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import NewPolyglot, Piot, Result, remove, run

pytestmark = pytest.mark.e2e

WHEEL = ("build", "//packages/python:wheel", "--target", "host", "--json")
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


@pytest.fixture
def second_store(tmp_path: Path) -> Iterator[Path]:
    """A store of its own, empty at first."""
    folder = tmp_path / "second store"
    folder.mkdir()
    yield folder
    remove(folder)


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
    fetched = piot("fetch", "//packages/python:wheel", cwd=clone, env=env)
    assert downloads(fetched) == ["cargo-zigbuild", "maturin", "ziglang"]
    there = piot("--offline", *WHEEL, "--sandbox", "dir", cwd=clone, env=env)
    assert downloads(there) == []
    assert there.ran[0] == "//packages/python:wheel maturin build with third-party crates"
    here = piot(*WHEEL, "--sandbox", "bwrap", cwd=polyglot, ok=False)
    if here.code == 5:
        pytest.skip(f"bubblewrap does not work here: {here.stderr}")
    assert here.code == 0, here.text
    again = piot(*WHEEL, "--sandbox", "bwrap", "--force", cwd=polyglot)
    assert again.ran == ["//packages/python:wheel maturin build"]
    (mine,), (forced,), (other,) = (each.targets.values() for each in (here, again, there))
    assert mine["outputs"] == forced["outputs"] == other["outputs"]
    assert mine["key"] != other["key"]
    (output,) = mine["outputs"]
    assert (polyglot / output["path"]).read_bytes() == (clone / output["path"]).read_bytes()


def test_a_spoilt_crate_in_the_cache_of_cargo_is_not_used(
    piot: Piot, polyglot: Path, tmp_path: Path, second_store: Path, cargo_home: Path
) -> None:
    home = tmp_path / "cargo"
    shutil.copytree(cargo_home, home)
    (crate,) = home.glob(f"registry/cache/*/{SPOILT}-*.crate")
    data = bytearray(crate.read_bytes())
    data[len(data) // 2] ^= 1
    crate.write_bytes(data)
    env = {"PIOT_CACHE_DIR": str(second_store), "CARGO_HOME": str(home)}
    done = piot("build", "//packages/python:sdist", cwd=polyglot, env=env)
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
