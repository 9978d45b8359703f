"""Editable wheels: what is from the checkout and what is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from piot.run.editable import editable, info_folder, packed, record, sources_of
from piot.run.verify.archive import read_zip

INFO = "my_lib-1.0.dist-info"
WHEEL = {
    "my_lib/__init__.py": b"from my_lib import core\n",
    "my_lib/core.py": b"where = __file__\n",
    f"{INFO}/METADATA": b"Name: my-lib\nVersion: 1.0\n",
    f"{INFO}/RECORD": b"old",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Its package is in the checkout; ``core`` stands for what is compiled and is not."""
    (tmp_path / "python/my_lib").mkdir(parents=True)
    (tmp_path / "python/my_lib/__init__.py").write_bytes(WHEEL["my_lib/__init__.py"])
    return tmp_path


@pytest.mark.parametrize(("named", "found"), [("python", "python"), (None, "python"), ("src", None)])
def test_sources_are_where_the_wheels_files_are(project: Path, named: str | None, found: str | None) -> None:
    assert sources_of(WHEEL, project, named) == (None if found is None else project / found)


def test_what_the_checkout_has_is_left_out_and_the_rest_is_found(project: Path) -> None:
    made = editable(WHEEL, project / "python", project)
    assert sorted(made) == [
        "_piot_my_lib.pth",
        "_piot_my_lib.py",
        f"{INFO}/METADATA",
        f"{INFO}/RECORD",
        f"{INFO}/direct_url.json",
        "my_lib/core.py",
    ]
    assert made["_piot_my_lib.pth"].decode() == f"{project / 'python'}\nimport _piot_my_lib\n"
    assert json.loads(made[f"{INFO}/direct_url.json"]) == {
        "url": project.as_uri(),
        "dir_info": {"editable": True},
    }
    lines = record({name: data for name, data in made.items() if not name.endswith("/RECORD")})
    assert made[f"{INFO}/RECORD"].decode().splitlines() == [*lines, f"{INFO}/RECORD,,"]


def test_python_finds_the_sources_in_the_checkout_and_the_module_in_the_environment(
    project: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    for name, data in editable(WHEEL, project / "python", project).items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(data)
    code = (
        f"import site; site.addsitedir({str(site)!r}); "
        "import my_lib; print(my_lib.__file__, my_lib.core.where)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(project / "python/my_lib/__init__.py"), str(site / "my_lib/core.py")]


def test_an_old_compiled_module_in_the_checkout_is_not_used(project: Path) -> None:
    (project / "python/my_lib/fast.so").write_bytes(b"old")
    made = editable({**WHEEL, "my_lib/fast.so": b"new"}, project / "python", project)
    assert made["my_lib/fast.so"] == b"new"
    assert b"'my_lib.fast'" in made["_piot_my_lib.py"]


def test_a_wheel_without_sources_in_the_checkout_is_installed_whole(project: Path) -> None:
    made = editable(WHEEL, None, project)
    assert set(made) == {*WHEEL, f"{INFO}/direct_url.json"}
    assert read_zip(packed(made)).members == made
    assert info_folder(made) == INFO
