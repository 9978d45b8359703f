"""Where a package is published: by its ecosystem's own client, its manifest, or piot's settings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from piot.errors import InputError, PiotError, UsageError
from piot.model.package import Kind
from piot.model.release.registry import Place
from piot.model.settings import FreeValue, RegistrySpec
from piot.release.places import Places, Subject

INDEX = "http://127.0.0.1:1"


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Without any setting of this machine; programs stay where they are."""
    (folder / "home").mkdir(exist_ok=True)
    programs = {str(Path(shutil.which(name) or "").parent) for name in ("npm", "node")}
    return {
        "HOME": str(folder / "home"),
        "CARGO_HOME": str(folder / "home/cargo"),
        "PATH": os.pathsep.join(programs),
        "PIP_CONFIG_FILE": os.devnull,
        **more,
    }


def subject(folder: Path, kind: Kind, own: str | None = None, name: str = "demo") -> Subject:
    return Subject(package="pkg", kind=kind, registry_name=name, folder=folder, own=own)


def spec(name: str, **values: FreeValue) -> RegistrySpec:
    return RegistrySpec(name=name, values=tuple(sorted(values.items())))


def place(
    folder: Path,
    kind: Kind,
    *specs: RegistrySpec,
    chosen: str | None = None,
    own: str | None = None,
    name: str = "demo",
    **env: str,
) -> Place | None:
    places = Places(folder, environment(folder, **env), specs, chosen=chosen)
    return places.of(subject(folder, kind, own, name))


def shown(found: Place | None) -> tuple[str, str, str | None, bool] | None:
    return None if found is None else (found.name, found.index, found.upload, found.standard)


def test_without_settings_crates_go_to_cargos_own_registry(tmp_path: Path) -> None:
    found = place(tmp_path, "crates")
    assert found is not None
    assert (found.name, found.standard) == ("crates-io", True)
    assert found.index.startswith("sparse+https://")


def test_without_settings_projects_go_where_pip_looks_and_beside_it(tmp_path: Path) -> None:
    found = place(tmp_path, "pypi")
    assert found is not None
    host = found.index.removeprefix("https://").removesuffix("/simple")
    assert (found.name, found.upload) == ("pypi", f"https://upload.{host}/legacy/")


def test_the_test_index_is_known_by_name(tmp_path: Path) -> None:
    found = place(tmp_path, "pypi", chosen="testpypi")
    assert found is not None
    base = found.index.removesuffix("simple")
    assert shown(found) == ("testpypi", f"{base}simple", f"{base}legacy/", False)


def test_pip_and_twine_are_set_by_their_variables(tmp_path: Path) -> None:
    found = place(tmp_path, "pypi", PIP_INDEX_URL=f"{INDEX}/simple", TWINE_REPOSITORY_URL=f"{INDEX}/up/")
    assert shown(found) == ("pypi", f"{INDEX}/simple", f"{INDEX}/up/", True)


def test_a_section_of_pypirc_is_a_registry(tmp_path: Path) -> None:
    env = environment(tmp_path)
    (tmp_path / "home/.pypirc").write_text(
        f"[distutils]\nindex-servers = corp\n[corp]\nrepository = {INDEX}/up/\nusername = me\n"
    )
    env["PIP_INDEX_URL"] = f"{INDEX}/simple"
    places = Places(tmp_path, env, (), chosen="corp")
    assert shown(places.of(subject(tmp_path, "pypi"))) == ("corp", f"{INDEX}/simple", f"{INDEX}/up/", False)
    assert places.of(subject(tmp_path, "npm")) is None


def test_npm_is_set_by_scope(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / ".npmrc").write_text(f"registry={INDEX}/all/\n@x:registry={INDEX}/scoped/\n")
    assert shown(place(tmp_path, "npm")) == ("npm", f"{INDEX}/all", None, True)
    assert shown(place(tmp_path, "npm", name="@x/n")) == ("npm", f"{INDEX}/scoped", None, True)


@pytest.mark.parametrize(
    ("kind", "own", "expected"),
    [
        ("npm", f"{INDEX}/own/", ("npm", f"{INDEX}/own", None, False)),
        ("crates", "corp", ("corp", f"sparse+{INDEX}/", None, False)),
    ],
)
def test_a_manifest_can_name_its_registry(
    tmp_path: Path, kind: Kind, own: str, expected: tuple[str, str, str | None, bool]
) -> None:
    found = place(tmp_path, kind, own=own, CARGO_REGISTRIES_CORP_INDEX=f"sparse+{INDEX}/")
    assert shown(found) == expected


def test_piots_own_settings_win_over_the_client(tmp_path: Path) -> None:
    mirror = spec("crates-io", index=f"{INDEX}/index")
    assert shown(place(tmp_path, "crates", mirror)) == ("crates-io", f"sparse+{INDEX}/index", None, False)
    corp = spec("corp", kind="pypi", index=f"{INDEX}/s/", upload=f"{INDEX}/u/", packages=("pkg",))
    assert shown(place(tmp_path, "pypi", corp)) == ("corp", f"{INDEX}/s", f"{INDEX}/u/", False)


def test_one_registry_can_be_chosen_for_all_packages_of_its_kind(tmp_path: Path) -> None:
    corp = spec("corp", kind="npm", index=INDEX)
    assert shown(place(tmp_path, "npm", corp, chosen="corp")) == ("corp", INDEX, None, False)
    assert place(tmp_path, "crates", corp, chosen="corp") is None
    assert place(tmp_path, "npm", corp, chosen="crates-io") is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, '[piot.registry.corp]: "kind" is missing\n\nhint: write kind = "crates", "pypi" or "npm"'),
        (
            {"kind": "npm"},
            '[piot.registry.corp]: "index" is missing\n\n'
            "hint: write the address that packages are looked up at",
        ),
        (
            {"kind": "pypi", "index": INDEX},
            '[piot.registry.corp]: "upload" is missing\n\nhint: write the address that files are sent to',
        ),
        (
            {"kind": "npm", "index": "somewhere"},
            '[piot.registry.corp]: "index" is no address\n\nhint: write index = "https://…"',
        ),
        (
            {"kind": "npm", "index": INDEX, "package": ("x",)},
            '[piot.registry.corp]: there is no key "package"\n\nhint: did you mean "packages"?',
        ),
        (
            {"kind": "npm", "index": INDEX, "packages": "x"},
            '[piot.registry.corp]: "packages" is no list of names\n\nhint: write packages = ["my-package"]',
        ),
    ],
)
def test_a_table_that_says_too_little_is_refused(
    tmp_path: Path, values: dict[str, FreeValue], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        place(tmp_path, "npm", spec("corp", **values))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("chosen", "own", "kind", "error", "message"),
    [
        (
            "crop",
            None,
            "npm",
            UsageError,
            'no registry is called "crop"\n\nhint: did you mean "corp"?',
        ),
        (
            None,
            "missing",
            "crates",
            InputError,
            'cargo has no registry "missing"\n\nhint: define [registries.missing] in .cargo/config.toml, '
            "or [piot.registry.missing]",
        ),
    ],
)
def test_a_name_that_nobody_knows_is_an_error(
    tmp_path: Path, chosen: str | None, own: str | None, kind: Kind, error: type[PiotError], message: str
) -> None:
    with pytest.raises(error) as caught:
        place(tmp_path, kind, spec("corp", kind="npm", index=INDEX), chosen=chosen, own=own)
    assert str(caught.value) == message


def test_a_pypirc_that_cannot_be_read_does_not_show_its_lines(tmp_path: Path) -> None:
    environment(tmp_path)
    (tmp_path / "home/.pypirc").write_text("password = hunter2\n")
    with pytest.raises(InputError) as caught:
        place(tmp_path, "pypi", chosen="testpypi")
    assert str(caught.value) == "~/.pypirc cannot be read: it is not in the form of an INI file"
