"""W01 to W16: planned versions in manifests, of which nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from piot.errors import InputError
from piot.load.manifests import read_workspaces
from piot.model.npm.project import NpmProject, parse_manifest
from piot.model.package import CratesSettings, NpmSettings, Package, PypiSettings
from piot.model.stamp import stamp
from tests.conformance.cases import Case

PATHS = ("**",)
CORE = Package(name="core", kind="crates", path="core", paths=PATHS, settings=CratesSettings(crate="core"))
PY = Package(
    name="py", kind="pypi", path="py", paths=PATHS, settings=PypiSettings(pypi="py", build="maturin")
)
JS = Package(name="js", kind="npm", path="js", paths=PATHS, settings=NpmSettings(npm="js"))
PLAIN = '[package]\nname = "core"\nversion = "0.1.0"\n'
INHERITS = '[package]\nname = "core"\nversion.workspace = true\n'
ROOT = '[workspace]\nmembers = ["core", "wrap"]\n'
PYPROJECT = '[project]\nname = "py"\n'

Texts = Mapping[str, str]


def wrap(dependency: str) -> str:
    return f'[package]\nname = "wrap"\nversion = "0.1.0"\n{dependency}\n'


def pair(dependency: str) -> dict[str, str]:
    return {"Cargo.toml": ROOT, "core/Cargo.toml": PLAIN, "wrap/Cargo.toml": wrap(dependency)}


def bumped(before: Texts, place: str, old: str, new: str) -> dict[str, str]:
    """What the texts are after it: one place of one file is another."""
    assert before[place].count(old) == 1
    return {**before, place: before[place].replace(old, new)}


def core(text: str, old: str = '"0.1.0"', new: str = '"1.2.3"') -> tuple[Texts, Texts]:
    before = {"core/Cargo.toml": text}
    return before, bumped(before, "core/Cargo.toml", old, new)


def follows(dependency: str, old: str, new: str) -> tuple[Texts, Texts]:
    """A crate and one that depends on it."""
    before = pair(dependency)
    after = bumped(before, "core/Cargo.toml", '"0.1.0"', '"1.2.3"')
    return before, bumped(after, "wrap/Cargo.toml", old, new)


ALONE = ROOT.replace(', "wrap"', "")
INHERITED = {"Cargo.toml": f'{ALONE}[workspace.package]\nversion = "0.1.0"\n', "core/Cargo.toml": INHERITS}
SERDE = f'{ALONE}[workspace.package]\nlicense = "MIT"\n[workspace.dependencies.serde]\nversion = "1.0"\n'
TABS = '{\n\t"name": "js",\n\t"version": "0.1.0"\n}\n'

WRITTEN: tuple[tuple[Case, Package, tuple[Texts, Texts | None]], ...] = (
    (Case("W01"), CORE, core(f'{PLAIN.rstrip()} # keep\n[dependencies.x]\nversion = "1"\n')),
    (Case("W02"), CORE, core(PLAIN.replace("version = ", "version="))),
    (Case("W03"), CORE, core(PLAIN.replace("\n", "\r\n"))),
    (
        Case("W04", "≠", "written, in the quotes that stand there"),
        CORE,
        core(PLAIN.replace('"', "'"), "'0.1.0'", "'1.2.3'"),
    ),
    (Case("W05", "≠", "written"), CORE, core(PLAIN.replace("[package]", "[ package ]"))),
    (Case("W06"), CORE, (INHERITED, bumped(INHERITED, "Cargo.toml", '"0.1.0"', '"1.2.3"'))),
    (
        Case("W07", "≠", "an error: no other version is taken for the workspace's"),
        CORE,
        ({"Cargo.toml": SERDE, "core/Cargo.toml": INHERITS}, None),
    ),
    (Case("W08"), CORE, ({"core/Cargo.toml": INHERITS}, None)),
    (
        Case("W09"),
        CORE,
        follows(
            '[dependencies]\ncore = { path = "../core", version = "0.1.0" }',
            '{ path = "../core", version = "0.1.0" }',
            '{ path = "../core", version = "1.2.3" }',
        ),
    ),
    (
        Case("W10", "≠", "the operator stays"),
        CORE,
        follows('[dependencies]\ncore = { version = "=0.1.0", path = "../core" }', '"=0.1.0"', '"=1.2.3"'),
    ),
    (
        Case("W11"),
        CORE,
        (
            pair('[dependencies]\ncore = "0.1.0"'),
            bumped(
                pair('[dependencies]\ncore = "0.1.0"'),
                "core/Cargo.toml",
                'version = "0.1.0"',
                'version = "1.2.3"',
            ),
        ),
    ),
    (
        Case("W12"),
        CORE,
        follows('[dependencies.core]\npath = "../core"\nversion = "0.1"', '"0.1"\n', '"1.2.3"\n'),
    ),
    (
        Case("W13"),
        CORE,
        follows(
            '[target.\'cfg(unix)\'.dependencies.core]\npath = "../core"\nversion = "0.1"',
            '"0.1"\n',
            '"1.2.3"\n',
        ),
    ),
    (Case("W14"), JS, ({"js/package.json": TABS}, {"js/package.json": TABS.replace("0.1.0", "1.2.3")})),
    (
        Case("W15", "≠", "written: piot stamps literal versions of pyproject.toml too"),
        PY,
        (
            {"py/pyproject.toml": f'{PYPROJECT}version = "0.1.0"\n'},
            {"py/pyproject.toml": f'{PYPROJECT}version = "1.2.3"\n'},
        ),
    ),
    (Case("W16"), PY, ({"py/pyproject.toml": f'{PYPROJECT}dynamic = ["version"]\n'}, None)),
)
"""The package that becomes 1.2.3, the texts before, and after; None where that is an error."""

CASES = tuple(case for case, _, _ in WRITTEN)


@pytest.mark.parametrize(("package", "texts"), [each[1:] for each in WRITTEN], ids=[e[0].id for e in WRITTEN])
def test_a_version_is_written(package: Package, texts: tuple[Texts, Texts | None]) -> None:
    before, after = texts
    if after is None:
        with pytest.raises(InputError):
            written(before, package)
    else:
        assert written(before, package) == after


def written(files: Texts, package: Package) -> dict[str, str]:
    folders = [path.rpartition("/")[0] or "." for path in files if path.endswith("Cargo.toml")]
    workspaces = read_workspaces(files.get, sorted(files), folders)
    npm: tuple[NpmProject, ...] = ()
    if package is JS:
        manifest, _ = parse_manifest(files["js/package.json"], "js")
        npm = (NpmProject(directory="js", root="js", members={"js": manifest}),)
    changed = stamp(files, {package.name: "1.2.3"}, packages=[package], workspaces=workspaces, npm=npm)
    return {**files, **changed}
