"""Where uploaders to PyPI keep passwords and tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.inspect.doctor.credential import Credential
from piot.inspect.doctor.of_pypi import PASSWORDS, TOKENS, pypi
from tests.support.tokens import macaroon

SECRET = "s3cr3t"


def found(pypirc: Path, environ: dict[str, str] | None = None) -> tuple[Credential, ...]:
    credentials = pypi(pypirc, environ or {}, ("py",))
    assert SECRET not in repr(credentials)
    return credentials


@pytest.mark.parametrize("name", [*TOKENS, *PASSWORDS])
def test_each_variable_of_an_uploader_is_known(tmp_path: Path, name: str) -> None:
    (one,) = found(tmp_path / ".pypirc", {name: SECRET})
    assert (one.place, one.means) == (f"the variable {name}", "token" if name in TOKENS else "password")
    assert (one.covers, one.packages, one.usable) == ("projects of its user", ("py",), True)


def test_a_token_says_which_projects_it_covers(tmp_path: Path) -> None:
    (one,) = found(tmp_path / ".pypirc", {"TWINE_PASSWORD": macaroon([1, ["py", "other"]])})
    assert (one.means, one.covers) == ("token", "projects py, other")


def test_a_variable_for_another_index_is_not_for_pypi(tmp_path: Path) -> None:
    address = f"https://user:{SECRET}@index.example.invalid/legacy/?token={SECRET}"
    environ = {"TWINE_PASSWORD": SECRET, "TWINE_REPOSITORY_URL": address, "UV_PUBLISH_TOKEN": SECRET}
    uv, twine = found(tmp_path / ".pypirc", environ)
    assert (twine.covers, twine.packages) == (
        "projects of its user on https://index.example.invalid/legacy/",
        (),
    )
    assert (uv.covers, uv.packages) == ("projects of its user", ("py",))


def test_twine_can_name_pypi_itself(tmp_path: Path) -> None:
    (one,) = found(tmp_path / ".pypirc", {"TWINE_PASSWORD": SECRET, "TWINE_REPOSITORY": "pypi"})
    assert one.packages == ("py",)


def test_the_pypirc_has_a_section_per_index(tmp_path: Path) -> None:
    path = tmp_path / ".pypirc"
    path.write_text(
        "[distutils]\nindex-servers =\n  pypi\n  own\n"
        f"[pypi]\nusername = __token__\npassword = {macaroon([3, 'me'])}\n"
        f"[own]\nrepository = https://u:{SECRET}@index.example.invalid/\npassword = {SECRET}%\n"
        "[asks]\nusername = me\n[empty]\npassword =\n",
        encoding="utf-8",
    )
    assert [(each.place, each.means, each.covers, each.flaw, each.packages) for each in found(path)] == [
        (f"{path} [pypi]", "token", "every project of its user", "", ("py",)),
        (f"{path} [own]", "password", "projects of its user on https://index.example.invalid/", "", ()),
        (f"{path} [empty]", "password", "projects of its user on empty", "is empty", ()),
    ]


@pytest.mark.parametrize(
    "text", [f"password = {SECRET}\n", f"[pypi]\n{SECRET}\n", f"[pypi]\na=1\na={SECRET}"]
)
def test_a_pypirc_that_cannot_be_read_is_named_without_its_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".pypirc"
    path.write_text(text, encoding="utf-8")
    (one,) = found(path)
    assert (one.place, one.flaw, one.usable) == (str(path), "cannot be read", False)


def test_the_keyring_is_named_and_not_asked(tmp_path: Path) -> None:
    program = tmp_path / "bin/keyring"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\necho {SECRET}\n", encoding="utf-8")
    program.chmod(0o755)
    (one,) = found(tmp_path / ".pypirc", {"PATH": str(program.parent)})
    assert (one.means, one.place, one.usable) == ("keyring", str(program), False)
    assert not (tmp_path / "asked").exists()
