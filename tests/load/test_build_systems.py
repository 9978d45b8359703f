"""What a pyproject.toml must say for hatch and setuptools, all problems at once."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.load.build_systems import plain
from piot.load.manifests import read_pyproject
from piot.load.source_tree import SourceTree
from piot.model.package import PypiBuild
from piot.model.python.pyproject import Pyproject

HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
DYNAMIC = '[project]\nname = "p"\ndynamic = ["version"]\n'


def read(text: str, build: PypiBuild, *files: str) -> Pyproject:
    tree = SourceTree.of(("py/pyproject.toml", *files))
    return read_pyproject(text, "py/pyproject.toml", plain(build, "P", "py/", tree))


def problems(text: str, build: PypiBuild, *files: str) -> list[str]:
    with pytest.raises(Problems) as wrong:
        read(text, build, *files)
    return [line.removeprefix("py/pyproject.toml:") for line in str(wrong.value).splitlines()]


def test_a_sound_project_is_read() -> None:
    found = read(f'{HATCH}backend-path = ["_own"]\n[project]\nname = "p"\nversion = "1.0"\n', "hatch")
    assert (found.build_requires, found.backend_path) == (("hatchling",), ("_own",))
    assert (found.version, found.scm) == ("1.0", False)


def test_a_project_without_a_build_system_is_one_of_setuptools() -> None:
    assert read('[project]\nname = "p"\nversion = "1"\n', "setuptools").build_requires == (
        "setuptools>=40.8.0",
    )


def test_metadata_of_setuptools_may_stand_elsewhere() -> None:
    assert read(SETUPTOOLS, "setuptools", "py/setup.cfg").name is None
    assert not read(f"{SETUPTOOLS}{DYNAMIC}", "setuptools", "py/setup.py").scm


@pytest.mark.parametrize(
    ("build", "more", "expected"),
    [
        ("hatch", f'{HATCH}{DYNAMIC}[tool.hatch.version]\nsource = "vcs"\n', True),
        ("hatch", f'{HATCH}{DYNAMIC}[tool.hatch.version]\npath = "p.py"\n', False),
        ("setuptools", f"{SETUPTOOLS}{DYNAMIC}[tool.setuptools_scm]\n", True),
        ("setuptools", SETUPTOOLS.replace('"setuptools"', '"setuptools_scm[simple]>=9"') + DYNAMIC, True),
        (
            "setuptools",
            f'{SETUPTOOLS}{DYNAMIC}[tool.setuptools.dynamic]\nversion = {{ attr = "p.v" }}\n',
            False,
        ),
    ],
)
def test_a_version_that_is_a_tag_is_noticed(build: PypiBuild, more: str, expected: bool) -> None:
    assert read(more, build).scm is expected


def test_all_problems_are_told_at_once() -> None:
    text = (
        "[build-system]\n"
        'requires = ["hatchling", "no requirement", "x @ https://index.example/x.whl"]\n'
        'build-backend = "setuptools.build_meta"\n'
        "[project]\n"
        'name = "other"\n'
        'requires-python = "3.9+"\n'
        'version = "one"\n'
    )
    assert problems(text, "hatch") == [
        '2:26: PIOT_REQUIREMENT: [build-system]: "no requirement" is no requirement',
        '    hint: write it as in "hatchling>=1.27" (PEP 508)',
        '2:44: PIOT_REQUIREMENT: [build-system]: "x @ https://index.example/x.whl" names an address, and piot'
        " pins what an index has",
        "    hint: name the project and its version",
        '3:17: PIOT_PYPI_BUILD_BACKEND_MISMATCH: [build-system]: "build-backend" is "setuptools.build_meta",'
        ' but putitoutthere.toml says build = "hatch"',
        '    hint: set build-backend = "hatchling.build", or build = "setuptools" in putitoutthere.toml',
        '5:8: PIOT_PYPI_NAME_MISMATCH: [project]: "name" is "other", but putitoutthere.toml says that it is'
        ' registered as "P"',
        '    hint: set pypi = "other" there, or correct the name here',
        '6:19: PIOT_PYTHON_VERSION: [project]: "requires-python" is "3.9+", which is no version specifier',
        '    hint: write it as in ">=3.9,<4"',
        '7:11: PIOT_PROJECT_VERSION: [project]: "version" is "one", which is no version (PEP 440)',
        '    hint: write it as in "1.2.3"',
    ]


@pytest.mark.parametrize(
    ("build", "text", "expected"),
    [
        (
            "hatch",
            "",
            [
                "1:1: PIOT_BUILD_SYSTEM: there is no [build-system]",
                '    hint: write [build-system] with requires = ["hatchling"] and'
                ' build-backend = "hatchling.build"',
                "1:1: PIOT_MISSING_KEY: there is no [project]",
                '    hint: write [project] with name = "P" and a version',
            ],
        ),
        (
            "setuptools",
            '[build-system]\nbuild-backend = "setuptools.build_meta"\n[project]\n',
            [
                '1:1: PIOT_MISSING_KEY: [build-system]: "requires" is missing',
                '    hint: add requires = ["setuptools"]',
                '3:1: PIOT_MISSING_KEY: [project]: "name" is missing',
                '    hint: add name = "P"',
                "3:1: PIOT_PROJECT_VERSION: [project]: there is no version",
                '    hint: write version = "0.1.0", or dynamic = ["version"] and where it comes from',
            ],
        ),
        (
            "hatch",
            f"{HATCH}{DYNAMIC}",
            [
                '6:11: PIOT_PYPI_DYNAMIC_VERSION_NO_BACKEND: [project]: "version" is dynamic, but nothing'
                " says where it comes from",
                "    hint: add [tool.hatch.version]",
            ],
        ),
        (
            "setuptools",
            f'{SETUPTOOLS}{DYNAMIC}version = "1"\n',
            [
                '6:11: PIOT_PROJECT_VERSION: [project]: "version" is given, and named in "dynamic" too',
                "    hint: remove one of them",
            ],
        ),
    ],
)
def test_what_is_missing_is_told(build: PypiBuild, text: str, expected: list[str]) -> None:
    assert problems(text, build) == expected
