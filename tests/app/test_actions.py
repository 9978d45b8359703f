"""``piot actions``: the graph in words, as JSON, and as commands that run when they are pasted."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from piot.run import launcher
from tests.support.checkout import HOST, Checkout, MakeCheckout, command

BUILD = command("a", "cat in >&2; cp in a", srcs=["in"], outputs=("a", "more/"), env={"X": "a b"}) + command(
    "b", "cp deps/a/a b", outputs=("b",), deps=[":a"]
)
MAKE = BUILD.replace("cp in a", "cp in a; mkdir more")
AT = f"@triple={HOST}"


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(MAKE)
    made.write("in", "content")
    return made


def digest(text: str) -> str:
    return f"{hashlib.sha256(text.encode()).hexdigest()}/{len(text)}"


def actions(checkout: Checkout, *words: str) -> str:
    code, out, err = checkout.run("actions", "--sandbox", "dir", *words)
    assert (code, err) == (0, "")
    return out


def keys(checkout: Checkout) -> dict[str, str | None]:
    found = json.loads(actions(checkout, "//:all", "--json"))
    return {each["label"]: each["key"] for each in found["actions"]}


ENVIRONMENT = """\
    'HOME=%{root}/.piot/home'
    LC_ALL=C.UTF-8
    'PATH=%{root}/.piot/shims:%{root}/.piot/bin'
    'PIOT_EXPAND=HOME PATH TMPDIR'
    SOURCE_DATE_EPOCH=315532800
    'TMPDIR=%{root}/.piot/tmp'
    TZ=UTC
"""


def test_all_that_is_known_before_anything_has_run(checkout: Checkout) -> None:
    launch = f"    .piot/launch  {digest(launcher.SCRIPT)} executable\n"
    assert actions(checkout, "//:all") == (
        f"//:a{AT} command sh: would run: not built here before\n"
        f"  key: {keys(checkout)['//:a']}\n"
        "  sandbox: dir\n"
        "  command: .piot/launch sh -c 'cat in >&2; cp in a; mkdir more'\n"
        f"  environment:\n{ENVIRONMENT}    'X=a b'\n"
        f"  inputs:\n{launch}    in  {digest('content')}\n"
        "  outputs:\n    a\n    more/\n"
        "\n"
        f"//:b{AT} command sh: would run: waits for what it is made from\n"
        f"  key: waits for //:a{AT}\n"
        "  sandbox: dir\n"
        "  command: .piot/launch sh -c 'cp deps/a/a b'\n"
        f"  environment:\n{ENVIRONMENT}"
        f"  inputs:\n{launch}    deps/a/a  not known yet  (a of //:a{AT})\n"
        f"    deps/a/more  not known yet  (more of //:a{AT})\n"
        "  outputs:\n    b\n"
    )
    assert not (checkout.root / "dist").exists()


def test_after_a_build_everything_has_a_key_that_is_the_builds(checkout: Checkout) -> None:
    run = checkout.build()
    assert keys(checkout) == {label: run.target(label).key for label in ("//:a", "//:b")}
    found = json.loads(actions(checkout, "//:b", "--json"))["actions"]
    assert [(each["label"], each["cached"], each["waits_for"]) for each in found] == [
        ("//:a", True, []),
        ("//:b", True, []),
    ]
    (made,) = (each for each in found[1]["inputs"] if each["path"] == "deps/a/a")
    assert made == {
        "path": "deps/a/a",
        "kind": "output",
        "source": f"a of //:a{AT}",
        "digest": digest("content"),
        "executable": False,
    }


@pytest.mark.parametrize("level", ["none", "dir"])
def test_a_pasted_command_runs_and_the_shell_goes_on(checkout: Checkout, level: str) -> None:
    checkout.build()
    code, out, err = checkout.run("actions", "//:all", "--sh", "--sandbox", level)
    assert (code, err) == (0, "")
    pasted = f"{out}\necho still here\n"
    done = subprocess.run(
        ["sh"], input=pasted, cwd=checkout.root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "still here\n", "content")
    folders = [
        Path(line.split()[1]) for line in out.replace("(cd", "cd").splitlines() if line.startswith("cd ")
    ]
    assert [(folder / name).read_text() for folder, name in zip(folders, "ab", strict=True)] == [
        "content"
    ] * 2
    assert max(map(len, out.splitlines())) < 300


def test_what_waits_has_no_command_yet(checkout: Checkout) -> None:
    out = actions(checkout, "//:all", "--sh")
    first, _, last = out.rpartition("\n\n")
    assert first.splitlines()[0] == f"# //:a{AT} command sh"
    assert last == f"# //:b{AT} command sh: waits for //:a{AT}\n"


def test_what_is_not_a_target_is_refused(checkout: Checkout) -> None:
    assert checkout.run("actions", "//:c") == (
        2,
        "",
        "error: no target matches //:c\n\nhint: // has :a and :b\n",
    )
