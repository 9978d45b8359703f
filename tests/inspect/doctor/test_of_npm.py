"""Where npm keeps tokens and passwords, and which packages they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.inspect.doctor.credential import Credential
from piot.inspect.doctor.of_npm import NpmFile, NpmPlaces, npm

SECRET = "s3cr3t"
MAIN = "https://registry.example.invalid/npm"
OTHER = "https://other.example.invalid:8443/"
REGISTRIES = {"ts": MAIN, "@me/ts": OTHER}


def found(
    path: Path, text: str, environ: dict[str, str] | None = None, *, tracked: bool = False
) -> tuple[Credential, ...]:
    path.write_text(text, encoding="utf-8")
    places = NpmPlaces(files=(NpmFile(path=path, tracked=tracked),), registries=REGISTRIES)
    credentials = npm(places, environ or {})
    assert SECRET not in repr(credentials)
    return credentials


@pytest.fixture
def rc(tmp_path: Path) -> Path:
    return tmp_path / ".npmrc"


def test_a_secret_is_for_the_packages_of_its_registry(rc: Path) -> None:
    text = (
        f"; //registry.example.invalid/npm/:_authToken={SECRET}\n"
        f"registry={MAIN}\n"
        f"//registry.example.invalid/npm/:_authToken={SECRET}\n"
        f'//other.example.invalid:8443/:_password = "{SECRET}"\n'
        f"//third.example.invalid/:_auth={SECRET}\n"
    )
    assert [(each.place, each.means, each.covers, each.packages) for each in found(rc, text)] == [
        (f"{rc}:3", "token", "what its user may on registry.example.invalid/npm", ("ts",)),
        (f"{rc}:4", "password", "what its user may on other.example.invalid:8443", ("@me/ts",)),
        (f"{rc}:5", "password", "what its user may on third.example.invalid", ()),
    ]


def test_a_secret_of_an_address_holds_for_those_below_it(rc: Path) -> None:
    (above, below) = found(
        rc,
        f"//registry.example.invalid/:_authToken={SECRET}\n"
        f"//registry.example.invalid/np/:_authToken={SECRET}\n",
    )
    assert (above.packages, below.packages) == (("ts",), ())


@pytest.mark.parametrize(
    ("value", "flaw"),
    [
        (SECRET, ""),
        ("", "is empty"),
        ("XXXXX-XXXXX-XXXXX-XXXXX", "is a placeholder"),
        ("XXXXX-" + SECRET, ""),
    ],
)
def test_a_file_can_name_a_variable(rc: Path, value: str, flaw: str) -> None:
    (one,) = found(
        rc, "//registry.example.invalid/npm/:_authToken=${NODE_AUTH_TOKEN}\n", {"NODE_AUTH_TOKEN": value}
    )
    assert (one.place, one.flaw) == (f"{rc}:1 (the variable NODE_AUTH_TOKEN)", flaw)


def test_a_variable_that_is_not_set_is_no_secret(rc: Path) -> None:
    (one,) = found(rc, "//registry.example.invalid/npm/:_authToken=${NOPE?}\n")
    assert (one.place, one.usable) == (f"{rc}:1 (the variable NOPE)", False)


def test_a_secret_without_an_address_is_of_no_use(rc: Path) -> None:
    (one,) = found(rc, f"_authToken={SECRET}\n")
    assert (one.covers, one.flaw) == ("nothing", "names no registry, which npm 9 and later refuse")


@pytest.mark.parametrize("name", ["NODE_AUTH_TOKEN", "NPM_TOKEN"])
def test_a_variable_that_no_file_names_is_found_too(rc: Path, name: str) -> None:
    (one,) = found(rc, "", {name: SECRET})
    assert (one.place, one.covers, one.packages) == (
        f"the variable {name}",
        "what its user may",
        ("ts", "@me/ts"),
    )


@pytest.mark.parametrize("name", ["npm_config_", "NPM_CONFIG_"])
def test_any_setting_can_be_a_variable(rc: Path, name: str) -> None:
    (one,) = found(rc, "", {f"{name}//registry.example.invalid/npm/:_authToken": SECRET})
    assert (one.means, one.packages) == ("token", ("ts",))


@pytest.mark.parametrize(("value", "committed"), [(SECRET, True), ("${NODE_AUTH_TOKEN}", False)])
def test_a_secret_in_a_file_that_git_keeps_is_noticed(rc: Path, value: str, committed: bool) -> None:
    text = f"//registry.example.invalid/npm/:_authToken={value}\n"
    assert found(rc, text, tracked=True)[0].committed is committed
    assert found(rc, text)[0].committed is False
