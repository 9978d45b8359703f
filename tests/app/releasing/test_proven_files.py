"""The files of a release before anything is sent: all there, as they were built, and what they claim."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from piot.app.building.placed import MANIFEST
from piot.app.releasing.proven_files import proven_files
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import InputError
from tests.support.plans import first_release
from tests.support.released import Released, released
from tests.support.small_files import sdist, tgz, wheel


def prove(checkout: Released, folder: Path | None, *names: str) -> list[str]:
    session = Session(Where(directory=checkout.root, environ=checkout.environ), lambda _: None)
    packages = {each.name: each for each in session.config.packages}
    return [each.path.name for each in proven_files(session, folder, first_release(*names), packages)]


def packed(text: str = "") -> bytes:
    return tgz("@x/js", "1.0.0", text, main="index.js")


def test_files_of_other_versions_and_packages_are_left_alone(tmp_path: Path) -> None:
    with released(tmp_path) as checkout:
        checkout.write("dist/x-js-1.0.0.tgz", packed())
        checkout.write("dist/x-js-0.9.0.tgz", tgz("@x/js", "0.9.0"))
        checkout.write("dist/core-1.0.0.crate", b"of a package that is not planned")
        assert prove(checkout, None, "js") == ["x-js-1.0.0.tgz"]


def test_all_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    with released(tmp_path) as checkout:
        with pytest.raises(InputError) as caught:
            prove(checkout, tmp_path / "files", "core", "my-py", "js")
        assert str(caught.value) == (
            f"files are missing in {tmp_path}/files, so nothing was sent:\n"
            "  core 1.0.0: the .crate\n"
            "  my-py 1.0.0: a wheel\n"
            "  my-py 1.0.0: the sdist\n"
            "  js 1.0.0: the package @x/js\n\n"
            "hint: build what is planned (piot plan --json > ../plan.json; "
            "piot build //... --plan ../plan.json), "
            "or name the folder that has it: --artifacts DIR"
        )


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("core", "core-1.0.0.crate"),
        ("my-py", "my_py-1.0.0-py3-none-any.whl"),
        ("my-py", "my_py-1.0.0.tar.gz"),
    ],
)
def test_f09_a_file_that_is_not_what_it_claims_is_refused(tmp_path: Path, name: str, file: str) -> None:
    with released(tmp_path) as checkout:
        checkout.write("dist/my_py-1.0.0-py3-none-any.whl", wheel("my_py", "1.0.0")[1])
        checkout.write("dist/my_py-1.0.0.tar.gz", sdist("my_py", "1.0.0"))
        checkout.write(f"dist/{file}", b"")
        with pytest.raises(InputError) as caught:
            prove(checkout, None, name)
        first, *rows = caught.value.message.splitlines()
        assert first == "files are not what they claim to be, so nothing was sent:"
        assert any(row.startswith(f"  {file}: The file is not ") for row in rows), rows


@pytest.mark.parametrize("folder", ["", "from-linux/"])
def test_a_file_that_was_changed_after_it_was_built_is_refused(tmp_path: Path, folder: str) -> None:
    with released(tmp_path) as checkout:
        checkout.write(f"dist/{folder}x-js-1.0.0.tgz", packed("other"))
        files = {"x-js-1.0.0.tgz": "00"}
        checkout.write(f"dist/{folder}{MANIFEST}", json.dumps({"schema": 1, "files": files}).encode())
        with pytest.raises(InputError) as caught:
            prove(checkout, None, "js")
        assert caught.value.message.startswith(
            "files were changed after they were built, so nothing was sent:\n  x-js-1.0.0.tgz: built 00, now "
        )
