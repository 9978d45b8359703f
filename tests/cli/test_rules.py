"""``piot rules``: what BUILD files can use, read without running any of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.errors import listed

Piot = Callable[..., tuple[int, str, str]]

PYTHON = ("python_extension_wheel", "python_requirements", "python_sdist", "python_wheel")
BUILTIN = [
    *(
        "archive",
        "command",
        "host_command",
        "maturin_sdist",
        "maturin_wheel",
        "napi_addon",
        "napi_package",
        "npm_package",
    ),
    *("npm_platforms", "npm_program", *PYTHON, "rust_binary", "rust_crate", "smoke", "test"),
]

GREET = """\
greet

Writes a greeting.

ATTRIBUTE  TYPE                DEFAULT          MEANING
name       str                 required         the target's name: its label is //folder:name
who        str                 required         who is greeted
loudly     bool                False            whether in capitals, as in `HELLO`
times      int                 2
words      list of str         ["good", "day"]
srcs       list of files       []
env        dict of str to str  {}
other      label               None
"""


def test_outside_of_a_checkout_piots_own_rules_are_listed(outside: Path, piot: Piot) -> None:
    assert outside.is_dir()
    code, out, err = piot("rules")
    assert (code, err) == (0, "")
    header, *rows = out.splitlines()
    assert header.split() == ["RULE", "FROM", "FOR"]
    assert [row.split()[0] for row in rows] == BUILTIN
    assert rows[1] == (
        "command                 @piot/rules/command.py      "
        "Runs a command and keeps the files that it makes."
    )


def test_in_a_checkout_the_rules_that_build_files_load_follow(checkout: Path, piot: Piot) -> None:
    assert checkout.is_dir()
    code, out, err = piot("rules")
    assert (code, err) == (0, "")
    assert [row.split()[0] for row in out.splitlines()[1:]] == [*BUILTIN, "greet"]
    assert out.splitlines()[-1] == "greet                   tools/greet.py              Writes a greeting."


@pytest.mark.parametrize("name", ["greet", "//tools:greet.py%greet"])
def test_a_rule_shows_its_attributes(checkout: Path, piot: Piot, name: str) -> None:
    assert checkout.is_dir()
    assert piot("rules", name) == (0, GREET, "")


def test_json_holds_types_and_defaults_as_values(checkout: Path, piot: Piot) -> None:
    assert checkout.is_dir()
    code, out, err = piot("--json", "rules", "greet")
    assert (code, err) == (0, "")
    data = json.loads(out)
    (found,) = data["rules"]
    attrs = {attr.pop("name"): attr for attr in found.pop("attrs")}
    assert (data["schema"], found) == (
        1,
        {
            "name": "greet",
            "key": "//tools:greet.py%greet",
            "location": "tools/greet.py:24",
            "doc": "Writes a greeting.",
            "configured_by": [],
            "test": False,
        },
    )
    assert attrs["who"] == {"type": "str", "required": True, "default": None, "doc": "who is greeted"}
    assert {name: attr["default"] for name, attr in attrs.items()} == {
        "who": None,
        "loudly": False,
        "times": 2,
        "words": ["good", "day"],
        "srcs": [],
        "env": {},
        "other": None,
    }


def test_piots_own_rules_can_be_looked_up_while_a_build_file_is_broken(checkout: Path, piot: Piot) -> None:
    (checkout / "BUILD").write_text("command(nam = )\n")
    code, out, err = piot("rules", "test")
    assert (code, err) == (0, "")
    assert out.startswith("test\n\nRuns a command that passes when it ends with 0; ")
    assert piot("rules")[0] == 3


def test_an_unknown_rule_is_told_with_a_near_one(checkout: Path, piot: Piot) -> None:
    assert checkout.is_dir()
    assert piot("rules", "great") == (
        2,
        "",
        'error: no rule is called "great"\n\nhint: did you mean "greet"?\n',
    )
    assert piot("rules", "zzz") == (
        2,
        "",
        f'error: no rule is called "zzz"\n\nhint: there are {listed([*BUILTIN, "greet"])}\n',
    )


def test_a_name_that_two_files_have_is_to_be_told_in_full(checkout: Path, piot: Piot) -> None:
    other = checkout / "more" / "greet.py"
    other.parent.mkdir()
    other.write_text((checkout / "tools/greet.py").read_text())
    (other.parent / "BUILD").write_text('load("//more:greet.py", "greet")\n')
    assert piot("rules", "greet") == (
        2,
        "",
        'error: several rules are called "greet"\n\n'
        "hint: say which: //more:greet.py%greet and //tools:greet.py%greet\n",
    )
