"""E01 to E29: configurations that are refused, each problem at its line, by ``piot check`` too."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.app.check import check
from piot.app.session.where import Where
from piot.errors import InputError, Problems
from piot.load.config import parse_config
from tests.conformance.cases import Case

TOP = "[putitoutthere]\nversion = 1\n"
CORE = '[[package]]\nname = "core"\nkind = "crates"\npath = "core"\npaths = ["core/**"]\n'
PYPI = '[[package]]\nname = "py"\nkind = "pypi"\npath = "py"\npaths = ["py/**"]\n'
NPM = '[[package]]\nname = "js"\nkind = "npm"\npath = "js"\npaths = ["js/**"]\n'
MATURIN = f'{PYPI}build = "maturin"\n'
TARGETS = 'targets = ["x86_64-unknown-linux-gnu"]\n'
BUNDLE = 'bundle_cli = { bin = "x", stage_to = "bin" }\n'
NPM_BUNDLE = 'bundle_cli = { bin = "x" }\n'

REFUSED: tuple[tuple[Case, str, str], ...] = (
    (Case("E01"), f"{TOP}{CORE}foo = 1\n", "8:1 PIOT_UNKNOWN_KEY"),
    (Case("E02"), TOP + CORE.replace("crates", "gem"), "5:8 PIOT_VALUE"),
    (Case("E03"), TOP.replace("1", "2") + CORE, "2:11 PIOT_VALUE"),
    (Case("E04"), TOP, "1:1 PIOT_NO_PACKAGES"),
    (Case("E05"), f"version = 1\n{CORE}", "1:1 PIOT_UNKNOWN_KEY"),
    (Case("E06"), TOP + CORE.replace("package", "packages"), "3:1 PIOT_UNKNOWN_KEY"),
    (
        Case("E07"),
        TOP + CORE.replace("kind", "registry").replace("paths =", "files ="),
        "5:1 PIOT_UNKNOWN_KEY, 7:1 PIOT_UNKNOWN_KEY",
    ),
    (
        Case("E08", "≠", "accepted: the wheels of a project with extension modules are built for each"),
        f"{TOP}{PYPI}{TARGETS}",
        "",
    ),
    (Case("E09"), f'{TOP}{PYPI}manylinux = "2014"\n', "8:1 PIOT_MANYLINUX"),
    (Case("E10"), f"{TOP}{MATURIN}{BUNDLE}", "3:1 PIOT_TARGETS"),
    (
        Case("E11", "≠", "one error: targets go with hatch too"),
        f'{TOP}{PYPI}build = "hatch"\n{TARGETS}{BUNDLE}',
        "10:1 PIOT_BUNDLE_CLI",
    ),
    (Case("E12"), f'{TOP}{MATURIN}{TARGETS}python_versions = ["3.x"]\n', "10:20 PIOT_PYTHON_VERSION"),
    (Case("E13"), f"{TOP}{MATURIN}{TARGETS}python_versions = []\n", "10:19 PIOT_EMPTY"),
    (Case("E14"), f"{TOP}{NPM}{TARGETS}", "8:1 PIOT_TARGETS"),
    (Case("E15"), f'{TOP}{NPM}{TARGETS}build = ["napi", "napi"]\n', "9:18 PIOT_BUILD_MODE"),
    (
        Case("E16"),
        f'{TOP}{NPM}{TARGETS}build = ["napi", "bundled-cli"]\n{NPM_BUNDLE}',
        "9:18 PIOT_NAME_TEMPLATE",
    ),
    (Case("E17"), f'{TOP}{NPM}{TARGETS}build = "napi"\n{NPM_BUNDLE}', "10:1 PIOT_BUNDLE_CLI"),
    (
        Case("E18"),
        f'{TOP}{NPM}{TARGETS}build = "bundled-cli"\n{BUNDLE}',
        "10:27 PIOT_UNKNOWN_KEY",
    ),
    (Case("E19"), f'{TOP}{NPM}access = "private"\n', "8:10 PIOT_VALUE"),
    (Case("E20"), TOP + CORE.replace('name = "core"', 'name = "a__b"'), "4:8 PIOT_NAME"),
    (
        Case("E21"),
        TOP + CORE.replace('name = "core"', 'name = "a:b"'),
        "4:8 PIOT_NAME, 4:8 PIOT_REGISTRY_NAME",
    ),
    (Case("E22"), TOP + CORE.replace('paths = ["core/**"]', "globs = []"), "7:9 PIOT_EMPTY"),
    (Case("E23"), TOP + CORE.replace('path = "core"\n', ""), "3:1 PIOT_MISSING_KEY"),
    (Case("E24"), TOP + CORE + PYPI.replace('"py"', '"core"', 1), "9:8 PIOT_DUPLICATE_NAME"),
    (Case("E25"), f"{TOP}{CORE}{TARGETS}", "8:1 PIOT_UNKNOWN_KEY"),
    (
        Case("E26"),
        f'{TOP}{MATURIN}targets = [{{ triple = "x86_64-unknown-linux-gnu", os = "linux" }}]\n',
        "9:51 PIOT_UNKNOWN_KEY",
    ),
    (Case("E27"), f"{TOP}[[package\n", "3:10 PIOT_TOML"),
    (
        Case("E29", "≠", "smoke is refused with a hint; cadence, trust_policy and paths are accepted again"),
        TOP.replace("1", '1\ncadence = "scheduled"')
        + f'{CORE}smoke = "x"\ntrust_policy = {{ workflow = "release.yml" }}\n',
        "9:1 PIOT_REMOVED_KEY",
    ),
)
"""A configuration, and its problems: line, column and code of each."""

MISSING = Case("E28")
CASES = (*(case for case, _, _ in REFUSED), MISSING)


@pytest.mark.parametrize(("text", "expected"), [each[1:] for each in REFUSED], ids=[e[0].id for e in REFUSED])
def test_a_configuration_is_refused_at_its_lines(text: str, expected: str, tmp_path: Path) -> None:
    try:
        parse_config(text, "putitoutthere.toml")
        found = ""
    except Problems as wrong:
        found = ", ".join(f"{each.line}:{each.column} {each.code}" for each in wrong.problems)
    assert found == expected
    (tmp_path / "putitoutthere.toml").write_text(text, encoding="utf-8")
    shown = check(Where(directory=tmp_path, environ={}))
    wanted = set(expected.split(", ")) - {""}
    assert {f"{each.line}:{each.column} {each.code}" for each in shown} >= wanted


def test_a_missing_file_is_said_with_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        check(Where(directory=tmp_path, environ={}))
    assert wrong.value.message == f"no putitoutthere.toml in {tmp_path} or in any folder above it"
