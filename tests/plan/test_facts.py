"""What analysis knows of a repository."""

from __future__ import annotations

from dataclasses import replace

import pytest

from piot.errors import InputError
from piot.model.cargo.facts import Crate, Workspace
from piot.model.package import CratesSettings, Package, PypiSettings
from piot.model.python.pyproject import Pyproject
from piot.plan.facts import Facts
from tests.plan.conftest import no_npm


def crate(directory: str) -> Crate:
    return Crate(name=directory, version="1", directory=directory, manifest=f"{directory}/Cargo.toml")


WORKSPACE = Workspace(
    root=".",
    manifest="Cargo.toml",
    members={"core": crate("core")},
    others={"vendored": crate("vendored")},
    lock_path="Cargo.lock",
)
OTHER = Workspace(
    root="alone", manifest="alone/Cargo.toml", members={"alone": crate("alone")}, lock_path="alone/Cargo.lock"
)

PYPI = Package(name="py", kind="pypi", path="core", paths=("py/**",), settings=PypiSettings(pypi="py"))
CRATE = Package(
    name="rs", kind="crates", path="core", paths=("core/**",), settings=CratesSettings(crate="rs")
)

FACTS = Facts(
    files=("core/a.rs", "core/b.py", "py/c.py"),
    texts={},
    workspaces=(WORKSPACE, OTHER),
    pyprojects={},
    npm=no_npm,
    packages=(PYPI, CRATE),
)


@pytest.mark.parametrize(
    ("directory", "found"), [("core", WORKSPACE), ("vendored", WORKSPACE), ("alone", OTHER)]
)
def test_a_crate_belongs_to_the_workspace_that_has_it(directory: str, found: Workspace) -> None:
    assert FACTS.workspace(directory) is found
    assert FACTS.crate(directory).directory == directory


def test_a_folder_without_a_crate_is_an_error_with_a_near_match() -> None:
    with pytest.raises(InputError) as caught:
        FACTS.crate("cor")
    assert str(caught.value) == 'no crate in cor\n\nhint: did you mean "core"?'


def test_a_folder_without_a_pyproject_is_an_error() -> None:
    with pytest.raises(InputError, match=r"^no pyproject\.toml in core$"):
        FACTS.pyproject("core")


def test_a_pyproject_is_found_by_its_folder() -> None:
    found = Pyproject(directory="core", build_backend="maturin")
    assert replace(FACTS, pyprojects={"core": found}).pyproject("core") is found


def test_a_crate_that_two_packages_share_belongs_to_the_one_that_releases_it() -> None:
    assert FACTS.owner("core") is CRATE
    assert replace(FACTS, packages=(CRATE, PYPI)).owner("core") is CRATE
    assert replace(FACTS, packages=(PYPI,)).owner("core") is PYPI
    assert FACTS.owner("alone") is None


def test_globs_select_files_of_the_repository() -> None:
    assert FACTS.select(("core/**", "!*.py", "!core/*.py")) == ("core/a.rs",)
