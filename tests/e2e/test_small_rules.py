"""A rule of twelve lines in a checkout: it builds, mypy reads it, and its errors are at its own lines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.tiny import Tiny, tiny_at

pytestmark = pytest.mark.e2e

FILE = "build_defs/banner.py"
RULE = '''\
from dataclasses import dataclass
from piot.api import Context, Files, Text, rule

@dataclass(frozen=True)
class Banner:
    """A file with a line of text."""
    text: str

@rule
def banner(ctx: Context, attrs: Banner) -> tuple[Files]:
    text = Text(dest="in", content=attrs.text.encode())
    return (Files(outputs=ctx.run("cp", "in", "out", mnemonic="banner", inputs=[text], outputs=["out"])),)
'''
BUILD = """\
load("//build_defs:banner.py", "banner")

banner(
    name = "hello",
    text = "Hello",
)
"""


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    made = tiny_at(tmp_path, installed_piot, environment)
    made.write(FILE, RULE)
    made.write("BUILD", BUILD)
    return made


def mypy(tiny: Tiny) -> tuple[int, str]:
    """Exit code and words of strict mypy, with the installed piot's types."""
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-executable",
        tiny.program.parent / "python",
    ]
    environment = {**tiny.environment, "MYPY_CACHE_DIR": str(tiny.store.parent / "mypy")}
    words = [str(word) for word in (*command, FILE)]
    done = subprocess.run(words, cwd=tiny.root, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_rule_of_twelve_lines_builds(tiny: Tiny) -> None:
    assert len(RULE.splitlines()) == 12
    assert tiny("build", "//:hello", ok=True).stdout == "dist/out\n"
    assert tiny.read("dist/out") == "Hello"
    assert tiny.plain(tiny("build", "//:hello", ok=True).stderr) == (
        "cached 1 in TIME; actions: 1 from the store\n"
    )
    tiny.edit(FILE, "attrs.text", "attrs.text.upper()")
    tiny("build", "//:hello", ok=True)
    assert tiny.read("dist/out") == "HELLO"


def test_strict_mypy_reads_a_rule_and_catches_what_is_wrong_in_it(tiny: Tiny) -> None:
    assert mypy(tiny) == (0, "Success: no issues found in 1 source file\n")
    tiny.edit(FILE, "attrs.text.encode", "attrs.txt.encode")
    assert mypy(tiny) == (
        1,
        'build_defs/banner.py:11: error: "Banner" has no attribute "txt"; maybe "text"?  [attr-defined]\n'
        "Found 1 error in 1 file (checked 1 source file)\n",
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "attrs.text.encode()",
            "attrs.text[9].encode()",
            "build_defs/banner.py:11:36: PIOT_RULE_FAILED: IndexError: string index out of range\n\n",
            id="exception",
        ),
        pytest.param(
            "attrs.text.encode()",
            'ctx.fail("too short", hint="write more")',
            "build_defs/banner.py:11:36: PIOT_RULE: //:hello: too short\n    hint: write more\n\n",
            id="fail",
        ),
        pytest.param(
            "attrs.text.encode())",
            "attrs.text.encode()",
            "build_defs/banner.py:11:16: PIOT_RULE_SYNTAX: '(' was never closed\n\n",
            id="syntax",
        ),
        pytest.param(
            "from dataclasses import dataclass",
            "import requests; from dataclasses import dataclass",
            'build_defs/banner.py:1:1: PIOT_RULE_IMPORT: a rule file cannot import "requests"\n'
            "    hint: rule files import piot.api and the standard library only\n\n",
            id="import",
        ),
    ],
)
def test_an_error_in_a_rule_is_shown_at_its_own_line(tiny: Tiny, old: str, new: str, message: str) -> None:
    tiny.edit(FILE, old, new)
    wrong = tiny("build", "//:hello")
    assert (wrong.code, wrong.stdout, wrong.stderr) == (3, "", f"{message}error: 1 problem found\n")
