"""What is shipped: the wheel, made from the source distribution, holds the engine and the built-in rules."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from piot import __version__

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the source distribution, and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    yield out


@pytest.fixture(scope="module")
def wheel(built: Path) -> Mapping[str, bytes]:
    """The files of the wheel."""
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files(folder: str) -> dict[str, bytes]:
    """What is in a folder of the checkout, but for what Python leaves there."""
    return {
        path.relative_to(ROOT / folder).as_posix(): path.read_bytes()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def below(wheel: Mapping[str, bytes], prefix: str) -> dict[str, bytes]:
    return {name.removeprefix(prefix): data for name, data in wheel.items() if name.startswith(prefix)}


@pytest.mark.parametrize("folder", ["rules", "toolchains"])
def test_the_prelude_is_the_folder_of_the_checkout(wheel: Mapping[str, bytes], folder: str) -> None:
    assert below(wheel, f"piot/prelude/{folder}/") == files(folder)


def test_the_wheel_holds_the_engine_and_the_prelude_and_nothing_else(wheel: Mapping[str, bytes]) -> None:
    folders = ("rules", "toolchains")
    prelude = {f"piot/prelude/{folder}/{name}" for folder in folders for name in files(folder)}
    engine = {f"piot/{name}" for name in files("piot")}
    about = {name for name in wheel if name.partition("/")[0].endswith(".dist-info")}
    assert set(wheel) - about == engine | prelude


def test_the_licences_and_both_commands_are_shipped(wheel: Mapping[str, bytes]) -> None:
    about = {name.partition("/")[2]: data for name, data in wheel.items() if ".dist-info/" in name}
    for name in ("LICENSE", "LICENSE-APACHE", "LICENSE-MIT"):
        assert about[f"licenses/{name}"] == (ROOT / name).read_bytes()
    commands = about["entry_points.txt"].decode().split("\n")
    assert {"piot = piot.cli.main:main", "putitoutthere = piot.cli.main:main"} <= set(commands)


def test_the_version_is_written_once_and_shown_everywhere(built: Path, wheel: Mapping[str, bytes]) -> None:
    (metadata,) = (data for name, data in wheel.items() if name.endswith(".dist-info/METADATA"))
    assert f"\nVersion: {__version__}\n" in metadata.decode().partition("\n\n")[0]
    names = sorted(path.name for path in built.iterdir())
    assert names == [f"piot-{__version__}-py3-none-any.whl", f"piot-{__version__}.tar.gz"]
    shown = subprocess.run(
        [sys.executable, "-m", "piot", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout == f"piot {__version__}\n"
    assert f'version = "{__version__}"' not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_pins_of_the_pex_name_no_place_to_get_them_from() -> None:
    for path in (ROOT / "scripts" / "pex").iterdir():
        text = path.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        form = re.compile(r"[a-z0-9-]+==[a-z0-9.]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
        assert [line for line in lines if not form.fullmatch(line)] == []


def test_the_source_distribution_holds_what_a_wheel_is_made_from(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "BUILD.example"} <= names
    assert {"LICENSE", "LICENSE-MIT", "LICENSE-APACHE"} <= names
    assert {f"rules/{name}" for name in files("rules")} <= names
    assert {f"toolchains/{name}" for name in files("toolchains")} <= names
