"""Every problem of a configuration is shown at once, with its place, code and next step.

The cases with their whole output stand in ``config_problems.txt``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import Problems
from piot.load.config import parse_config
from piot.load.config_reader import Code

CASES = Path(__file__).with_name("config_problems.txt").read_text(encoding="utf-8").split("\n=== ")[1:]
CODES = Path(__file__).parents[2] / "docs/reference/codes.md"


@pytest.mark.parametrize("case", CASES, ids=[case.partition("\n")[0] for case in CASES])
def test_a_wrong_configuration_is_explained(case: str) -> None:
    text, _, expected = case.partition("\n")[2].partition("\n---\n")
    with pytest.raises(Problems) as wrong:
        parse_config(text + "\n", "putitoutthere.toml")
    assert str(wrong.value) == expected.rstrip("\n")
    assert wrong.value.exit_code == 3


def test_every_code_has_a_case_and_a_line_in_the_reference() -> None:
    codes = set(get_args(Code))
    assert set(re.findall(r"^putitoutthere\.toml:[\d:]+ (PIOT_\w+): ", "".join(CASES), re.MULTILINE)) == codes
    assert codes <= set(
        re.findall(r"^\| `(PIOT_\w+)` \| [^|]+ \| [^|]+ \|$", CODES.read_text("utf-8"), re.MULTILINE)
    )


def test_every_problem_of_a_file_is_shown_in_the_order_of_its_lines() -> None:
    text = (
        "[putitoutthere]\nversion = 3\n\n"
        '[[package]]\nname = "b"\nkind = "crates"\npath = "../b"\npaths = []\ndepends_on = ["a"]\n\n'
        '[[package]]\nname = "a"\nkind = "pypi"\npath = "a"\nglobs = ["a/"]\ndepends_on = ["b"]\nfoo = 1\n'
    )
    with pytest.raises(Problems) as wrong:
        parse_config(text, "putitoutthere.toml")
    assert [(p.line, p.column, p.code) for p in wrong.value.problems] == [
        (2, 11, "PIOT_VALUE"),
        (7, 8, "PIOT_PATH"),
        (8, 9, "PIOT_EMPTY"),
        (9, 15, "PIOT_DEPENDS_CYCLE"),
        (17, 1, "PIOT_UNKNOWN_KEY"),
    ]


def test_a_file_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(Problems) as wrong:
        parse_config("a = " + "[" * 100_000, "putitoutthere.toml")
    assert str(wrong.value) == (
        "putitoutthere.toml: PIOT_TOML: invalid TOML: nested too deeply\n    hint: write it flatter"
    )


WHOLE = """\
[putitoutthere]
version = 1
cadence = "immediate"
[[package]]
name = "core"
kind = "crates"
path = "rust"
paths = ["rust/**"]
env = { A = "1" }
trust_policy = { workflow = "release.yml" }
[[package]]
name = "py"
kind = "pypi"
path = "py"
globs = ["py/**"]
depends_on = ["core"]
build = "maturin"
targets = ["linux-x64-gnu"]
python_versions = ["3.12"]
manylinux = "auto"
[package.bundle_cli]
bin = "x"
stage_to = "y"
features = ["z"]
[[package]]
name = "js"
kind = "npm"
path = "js"
paths = ["js/**"]
build = ["napi"]
targets = ["linux-x64-gnu"]
[piot]
jobs = 1
cache.max_size = "1GiB"
[[piot.runner]]
name = "a"
endpoint = "b"
properties = { c = "d" }
[piot.registry.mine]
index = "x"
""".splitlines()
VALUES = ["1", "1.5", "true", "''", "' '", "'{'", "'..'", "'['", "[]", "[1]", "[[]]", "[{}]", "[['x']]"]
TABLES = ["{}", "{ '' = '' }", "{ x = [1] }", "[{ triple = 1 }]", "[{ mode = 'napi', name = 1 }]", "07:32:00"]


@given(
    st.sampled_from([index for index, line in enumerate(WHOLE) if " = " in line]),
    st.sampled_from([*VALUES, *TABLES]),
)
def test_whatever_a_file_says_it_is_read_or_explained(index: int, value: str) -> None:
    key = WHOLE[index].partition(" = ")[0]
    text = "\n".join([*WHOLE[:index], f"{key} = {value}", *WHOLE[index + 1 :]])
    try:
        parse_config(text, "putitoutthere.toml")
    except Problems as wrong:
        assert all(problem.line >= 1 and problem.column >= 1 for problem in wrong.problems)
        assert all(problem.hint for problem in wrong.problems)
