"""Build requirements resolved by the real pip, from wheels that lie in a folder."""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from pathlib import Path

import pytest

from piot.errors import InputError, MachineError
from piot.model.pins import PinnedFile, ToolPin
from piot.run.requirements import read_asked, resolve

PYTHON = Path(sys.executable)


@pytest.fixture
def index(tmp_path: Path) -> dict[str, str]:
    """The environment of a pip that knows nothing but these wheels."""
    wheel(tmp_path, "back", "1.0", 'win; sys_platform == "win32"', 'ext; extra == "x"', "deep>=1")
    wheel(tmp_path, "back", "2.0", 'win; sys_platform == "win32"', 'ext; extra == "x"', "deep>=1")
    wheel(tmp_path, "deep", "1.5", 'old; python_version < "3.10"', python=">=3.8")
    wheel(tmp_path, "win", "1", 'older; python_version < "3.5"')
    wheel(tmp_path, "old", "1", python=">=3.7, <4")
    wheel(tmp_path, "ext", "1")
    keep = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**keep, "HOME": str(tmp_path), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}


def wheel(folder: Path, name: str, version: str, *requires: str, python: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    lines = [f"Requires-Dist: {each}" for each in requires]
    lines += ["Provides-Extra: x"] + ([f"Requires-Python: {python}"] if python else [])
    metadata = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines, ""])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


def all_files(name: str, version: str) -> ToolPin:
    names = [f"{name}-{version}-py3-none-any.whl", f"{name}-{version}-py3-none-win32.whl"]
    files = tuple(PinnedFile(filename=each, sha256="ab" * 32) for each in names)
    return ToolPin(name=name, ecosystem="pypi", version=version, files=files)


def versions(
    *requirements: str, env: dict[str, str], pythons: tuple[str, ...] = ("3.9", "3.12")
) -> list[str]:
    found = resolve(requirements, PYTHON, pythons, all_files, env=env)
    return [f"{pin.name} {pin.version}" for pin in found.pins]


def test_what_any_system_and_python_needs_is_pinned(index: dict[str, str]) -> None:
    assert versions("back", env=index) == ["back 2.0", "deep 1.5", "old 1", "win 1"]


def test_pythons_that_the_project_does_not_have_play_no_part(index: dict[str, str]) -> None:
    assert versions("back<2", env=index, pythons=("3.12",)) == ["back 1.0", "deep 1.5", "win 1"]


def test_extras_count_where_they_are_asked_for(index: dict[str, str]) -> None:
    assert versions("back[x]", env=index) == ["back 2.0", "deep 1.5", "ext 1", "old 1", "win 1"]


def test_markers_of_the_project_itself_count_too(index: dict[str, str]) -> None:
    assert versions('ext; os_name == "nt"', "old", env=index) == ["ext 1", "old 1"]


def test_what_cannot_be_had_elsewhere_does_not_stop_what_is_needed_here(
    index: dict[str, str], tmp_path: Path
) -> None:
    next(tmp_path.glob("win-*")).unlink()
    assert versions("back", env=index, pythons=("3.12",)) == ["back 2.0", "deep 1.5"]


def test_the_pythons_that_all_of_it_runs_on_are_kept(index: dict[str, str]) -> None:
    assert resolve(("back",), PYTHON, ("3.9",), all_files, env=index).python == "<4,>=3.7,>=3.8"


def test_nothing_required_is_nothing_pinned(index: dict[str, str]) -> None:
    assert resolve((), PYTHON, ("3.12",), all_files, env=index).pins == ()


def test_a_version_that_only_another_source_of_pip_has_is_pinned_by_that_file(
    index: dict[str, str], tmp_path: Path
) -> None:
    def none(name: str, _version: str) -> ToolPin:
        raise MachineError(f"the package index has no {name}")

    (pin,) = resolve(("ext",), PYTHON, ("3.12",), none, env=index).pins
    sha256 = hashlib.sha256((tmp_path / "ext-1-py3-none-any.whl").read_bytes()).hexdigest()
    assert pin.files == (PinnedFile(filename="ext-1-py3-none-any.whl", sha256=sha256),)


def test_pip_says_why_there_is_no_solution(index: dict[str, str]) -> None:
    with pytest.raises(InputError) as raised:
        versions("back>=3", env=index)
    message = str(raised.value)
    assert message.startswith("pip finds no wheels for back>=3:\n")
    assert "No matching distribution found for back>=3" in message
    assert message.endswith("hint: only wheels are taken; see `pip config list` for the index in use")


def test_a_back_end_answers_with_a_list() -> None:
    assert read_asked(b'["a>=1", "b"]\n') == ("a>=1", "b")
    with pytest.raises(MachineError):
        read_asked(b"no")
