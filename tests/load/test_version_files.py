"""Versions that pyproject.toml takes from files: found, read, replaced."""

from __future__ import annotations

import pytest

from piot.load.config_reader import Section
from piot.load.source_tree import SourceTree
from piot.load.version_files import version_file
from piot.model.package import PypiBuild
from piot.model.release.version_file import HATCH, WHOLE, VersionFile, assigned
from piot.model.toml_text import read_toml

FIND = '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'
ATTR = '[tool.setuptools.dynamic]\nversion = { attr = "pkg.about.version" }\n'


def found(text: str, build: PypiBuild = "setuptools", *files: str) -> VersionFile | None:
    return version_file(Section(read_toml(text, "x")), build, "py/", SourceTree.of(files))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[tool.hatch.version]\npath = "../p.py"\n', VersionFile("p.py", HATCH)),
        (
            '[tool.hatch.version]\npath = "p.py"\npattern = "V=(?P<version>.*)"\n',
            VersionFile("py/p.py", "V=(?P<version>.*)"),
        ),
        ('[tool.hatch.version]\nsource = "code"\npath = "p.py"\n', None),
        ("[tool.hatch.version]\n", None),
        ("", None),
    ],
)
def test_hatch_names_the_file(text: str, expected: VersionFile | None) -> None:
    assert found(text, "hatch") == expected


@pytest.mark.parametrize("written", ['"VERSION"', '["VERSION"]'])
def test_setuptools_names_a_file_that_holds_nothing_else(written: str) -> None:
    text = f"[tool.setuptools.dynamic]\nversion = {{ file = {written} }}\n"
    assert found(text) == VersionFile("py/VERSION", WHOLE)


@pytest.mark.parametrize(
    ("more", "files", "expected"),
    [
        ("", ("py/pkg/about.py", "py/src/pkg/about.py"), "py/pkg/about.py"),
        ("", ("py/src/pkg/about/__init__.py",), "py/src/pkg/about/__init__.py"),
        (FIND, ("py/pkg/about.py", "py/lib/pkg/about.py"), "py/lib/pkg/about.py"),
        ('[tool.setuptools.package-dir]\n"" = "own"\n', ("py/own/pkg/about.py",), "py/own/pkg/about.py"),
        ("", ("py/pkg.py",), None),
    ],
)
def test_setuptools_names_a_variable_of_a_module(
    more: str, files: tuple[str, ...], expected: str | None
) -> None:
    place = found(f"{ATTR}{more}", "setuptools", *files)
    assert (place.path if place else None) == expected


@pytest.mark.parametrize(
    "text",
    [
        '[tool.setuptools.dynamic]\nversion = { file = ["A", "B"] }\n',
        '[tool.setuptools.dynamic]\nversion = { attr = "version" }\n',
        "[tool.setuptools.dynamic]\nversion = {}\n",
        "",
    ],
)
def test_what_only_running_code_would_tell_is_left_alone(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    ("pattern", "text", "version"),
    [
        (HATCH, 'x = 1\n__version__: str = "v1.2.3"  # ours\n', "1.2.3"),
        (HATCH, "VERSION = '1.2.3'\n", "1.2.3"),
        (WHOLE, "\n1.2.3\n", "1.2.3"),
        (assigned("version"), "the_version = '9'\nversion: Final = '1.2.3'\n", "1.2.3"),
        (HATCH, "__version__ = make()\n", None),
        (WHOLE, "1.2.3\nor so\n", None),
        ("(?P<version>", "1.2.3", None),
        ("(.*)", "1.2.3", None),
    ],
)
def test_only_the_version_is_replaced(pattern: str, text: str, version: str | None) -> None:
    place = VersionFile("p", pattern)
    assert place.read(text) == version
    assert place.written(text, "2.0") == (None if version is None else text.replace(version, "2.0"))
