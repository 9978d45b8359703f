"""piot run: one program, and everything that is its caller's."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from piot.app.building.request import BuildRequest
from piot.app.log import logs
from piot.app.run import prepare
from piot.app.session.where import Where
from piot.errors import UsageError
from tests.support.checkout import ROOT, Checkout, MakeCheckout, command

RULE = """\
from dataclasses import dataclass
from piot.api import Context, Executable, Files, Text, rule

@dataclass(frozen=True)
class Script:
    text: str

@rule
def script(ctx: Context, attrs: Script) -> tuple[Executable]:
    text = Text(dest="in", content=attrs.text.encode(), executable=True)
    (made,) = ctx.run("cp", "in", "out/prog", mnemonic="script", inputs=[text], outputs=["out/prog"])
    return (Executable(name="prog", triple=ctx.host, file=made),)

@rule
def untold(ctx, attrs: Script):
    text = Text(dest="in", content=attrs.text.encode())
    return (Files(outputs=ctx.run("cp", "in", "out", mnemonic="untold", inputs=[text], outputs=["out"])),)
"""
BUILD = f"""\
load("//defs:script.py", "script", "untold")
script(name = "ok", text = '''#!/bin/sh
echo "$# $*"; echo "to stderr" >&2; read line; echo "$line"; echo "$PWD $COLOUR"; exit 7
''')
script(name = "flood", text = '''#!/bin/sh
while :; do echo y; done
''')
script(name = "broken", text = "neither a program nor a script")
untold(name = "hidden", text = "no program")
{command("made", "echo loud; : > made", outputs=("made",))}
{command("fails", "exit 3", outputs=("never",))}
test(name = "check", argv = ["true"])
"""


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(BUILD)
    made.write("defs/script.py", RULE)
    return made


def where(checkout: Checkout) -> Where:
    return Where(directory=checkout.root, environ=checkout.environ)


def typed(checkout: Checkout, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a person sees who types the words in ``folder``, with a line on stdin."""
    return subprocess.run(
        [sys.executable, "-m", "piot", *words],
        env={**checkout.environ, "PYTHONPATH": str(ROOT), "COLOUR": "red"},
        cwd=folder,
        input="given\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_program_has_its_callers_streams_folder_and_environment(checkout: Checkout) -> None:
    (checkout.root / "sub").mkdir()
    done = typed(checkout, checkout.root / "sub", "run", "//:ok", "--", "-q", "--", "two words")
    assert done.returncode == 7
    assert done.stdout == f"3 -q -- two words\ngiven\n{(checkout.root / 'sub').resolve()} red\n"
    assert done.stderr.endswith("to stderr\n")
    assert "//:ok script" in done.stderr
    assert not (checkout.root / "dist").exists()


def test_with_another_folder_the_program_runs_there(checkout: Checkout) -> None:
    (checkout.root / "sub").mkdir()
    done = typed(checkout, checkout.root, "-C", "sub", "run", "//:ok")
    assert done.stdout == f"0 \ngiven\n{(checkout.root / 'sub').resolve()} red\n"


def test_a_program_whose_reader_goes_away_ends_as_it_would_by_itself(checkout: Checkout) -> None:
    process = checkout.start("run", "//:flood")
    assert process.stdout and process.stderr
    assert process.stdout.readline() == "y\n"
    process.stdout.close()
    assert process.wait(timeout=60) == -signal.SIGPIPE
    process.stderr.close()


def test_what_cannot_be_started_is_an_error_of_the_machine(checkout: Checkout) -> None:
    code, out, err = checkout.run("-q", "run", "//:broken")
    place = checkout.root / ".piot/run/release/=broken/prog"
    assert (code, out, err) == (5, "", f"error: cannot run {place}: Exec format error\n")


def test_a_failed_build_is_reported_and_nothing_runs(checkout: Checkout) -> None:
    checkout.write("BUILD", BUILD.replace('name = "ok", text', 'name = "ok", text = "", other'))
    assert checkout.run("run", "//:ok")[0] == 3
    checkout.write("defs/script.py", RULE.replace('"cp", "in", "out/prog"', '"false"'))
    checkout.write("BUILD", BUILD)
    code, out, err = checkout.run("run", "//:ok")
    assert (code, out) == (1, "")
    assert "//:ok failed: script ended with exit code 1" in err


def test_the_log_tells_of_it_but_not_what_the_program_was_told(checkout: Checkout) -> None:
    checkout.run("run", "//:ok", "--", "--token", "secret")
    checkout.run("run", "//:okk")  # is no build
    checkout.write("defs/script.py", RULE.replace('"cp", "in", "out/prog"', '"false"'))
    checkout.run("run", "-q", "//:ok", "--")
    known = [(record.words[2:], record.status) for _, record in logs(where(checkout))]
    assert known == [(("run", "-q", "//:ok", "--"), "failed"), (("run", "//:ok"), "done")]
    (ran,) = logs(where(checkout))[1][1].actions
    assert (ran.label, ran.status, ran.reason) == ("//:ok", "ran", "not built here before")


def test_json_belongs_to_verbs_that_print(checkout: Checkout) -> None:
    code, out, err = checkout.run("--json", "run", "//:ok")
    assert (code, out) == (2, "")
    assert err == "error: run does not take --json\n\nhint: stdout belongs to the program\n"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("//:made", "//:made is a command target, not a program\n\nhint: piot build //:made"),
        ("//:check", "//:check is a test target, not a program\n\nhint: piot test //:check"),
        ("//:hidden", "//:hidden is a untold target, not a program\n\nhint: piot build //:hidden"),
        (
            "//:all",
            "//:all is more than one target: //:broken, //:fails, //:flood, //:hidden, //:made and //:ok\n\n"
            "hint: name the program: piot run //:broken",
        ),
        ("//:okk", 'no target matches //:okk\n\nhint: did you mean "//:ok"?'),
        (
            "-//:ok",
            "-//:ok takes away, and nothing is chosen before\n\nhint: for all others: //... -//:ok",
        ),
    ],
)
def test_only_one_program_can_be_run(checkout: Checkout, pattern: str, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        prepare(BuildRequest(patterns=(pattern,), sandbox="dir"), where(checkout), lambda _: None)
    assert str(raised.value) == text
