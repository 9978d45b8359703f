"""Folders that commands start from: made once, kept, never part of what a result is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from piot.model import events
from tests.support.checkout import Checkout, MakeCheckout, Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell commands")

RULE = '''\
from dataclasses import dataclass
from piot.api import Context, Files, SourceFile, Sources, rule

@dataclass(frozen=True)
class Slow:
    """Makes parts, which depend on one attribute alone, and something of its own on top of them.

    parts: what the parts are
    srcs: sources of its own
    harvest: what takes its own things out of the folder
    """
    parts: str
    srcs: Sources = Sources()
    harvest: str = "rm work/own"

SCRIPT = """
[ -e work/parts ] || { echo making parts; mkdir -p work; sleep 0.5; echo > work/parts; }
cp in work/own
ls work > list
grep -v broken in > out
"""

@rule
def slow(ctx: Context, attrs: Slow) -> tuple[Files]:
    harvest = ["sh", "-c", attrs.harvest]
    start = ctx.start("make", attrs.parts, mnemonic="parts", folder="work", harvest=harvest)
    sources = [SourceFile(path=each) for each in ctx.files(attrs.srcs)]
    outputs = ctx.run(
        "sh", "-c", SCRIPT, mnemonic="slow", inputs=sources, outputs=["list", "out"], start=start
    )
    return (Files(outputs=outputs),)
'''
BUILD = 'load("//:slow.py", "slow")\nslow(name = "a", parts = "1", srcs = ["in"])\n'
Make: TypeAlias = Callable[..., Checkout]


@pytest.fixture
def make(make_checkout: MakeCheckout) -> Make:
    def made(content: str = "one", *, name: str = "one", cache: Path | None = None) -> Checkout:
        checkout = make_checkout(BUILD, name=name, cache=cache)
        checkout.write("slow.py", RULE)
        checkout.write("in", f"{content}\n")
        return checkout

    return made


@pytest.mark.parametrize("sandbox", ["none", "dir"])
def test_the_next_command_starts_from_what_the_first_one_made(make: Make, sandbox: str) -> None:
    checkout = make()
    assert begun(checkout.build(sandbox=sandbox)) == ("slow with parts", "making parts\n")
    checkout.write("in", "two\n")
    assert begun(checkout.build(sandbox=sandbox)) == ("slow", "")
    assert (checkout.read("list"), checkout.read("out")) == ("own\nparts\n", "two\n")


def test_what_is_its_own_is_not_kept(make: Make) -> None:
    checkout = make()
    checkout.build()
    checkout.write("slow.py", RULE.replace("cp in work/own\n", ""))
    assert begun(checkout.build()) == ("slow", "")
    assert checkout.read("list") == "parts\n"


def test_other_parts_are_made_anew(make: Make) -> None:
    checkout = make()
    checkout.build()
    checkout.write("BUILD", BUILD.replace('"1"', '"2"'))
    checkout.write("in", "two\n")
    assert begun(checkout.build()) == ("slow with parts", "making parts\n")


def test_the_key_does_not_tell_what_a_command_started_from(make: Make) -> None:
    warm = make()
    warm.build()
    warm.write("in", "two\n")
    keys = [checkout.build().target("//:a").key for checkout in (warm, make("two", name="cold"))]
    assert keys[0] == keys[1]


def test_after_a_failure_the_next_attempt_goes_on_and_others_see_nothing_of_it(make: Make) -> None:
    checkout = make("broken")
    failed = checkout.build()
    assert (failed.report.ok, begun(failed)) == (False, ("slow with parts", "making parts\n"))
    other = make("other", name="other", cache=Path(checkout.environ["PIOT_CACHE_DIR"]))
    assert begun(other.build(no_cache=True)) == ("slow with parts", "making parts\n")
    checkout.write("in", "mended\n")
    assert begun(checkout.build()) == ("slow with parts", "")
    other.write("in", "third\n")
    assert begun(other.build()) == ("slow", "")


@pytest.mark.parametrize("options", [{"no_cache": True}, {"keep_sandbox": True}])
def test_nothing_is_kept_where_nothing_may_be_touched(make: Make, options: dict[str, bool]) -> None:
    checkout = make()
    checkout.build(**options)
    checkout.write("in", "two\n")
    assert begun(checkout.build()) == ("slow with parts", "making parts\n")


def test_a_harvest_that_fails_keeps_nothing_and_fails_nothing(make: Make) -> None:
    checkout = make()
    checkout.write("BUILD", BUILD.replace("srcs", 'harvest = "exit 1", srcs'))
    assert checkout.build().report.ok
    checkout.write("in", "two\n")
    assert begun(checkout.build()) == ("slow with parts", "making parts\n")


def test_forced_it_still_starts_from_the_parts(make: Make) -> None:
    checkout = make()
    checkout.build()
    assert begun(checkout.build(force=True)) == ("slow", "")


def test_who_comes_second_waits_for_the_parts(make: Make) -> None:
    """Two checkouts with sources of their own and one store: the parts are made by one of them."""
    one = make("one")
    two = make("two", name="two", cache=Path(one.environ["PIOT_CACHE_DIR"]))
    started = [each.start("build", "//:a", "--sandbox", "dir") for each in (one, two)]
    said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert sum("slow with parts  started" in each for each in said) == 1
    assert sum("slow  started" in each for each in said) == 1


def test_explain_tells_whether_the_parts_are_there(make: Make) -> None:
    checkout = make()
    checkout.build(sandbox="auto")
    checkout.write("in", "two\n")
    code, out, _ = checkout.run("explain", "//:a")
    assert (code, out) == (0, "//:a  parts: cached\n//:a  slow: would run: input changed: in\n")
    checkout.write("BUILD", BUILD.replace('"1"', '"2"'))
    code, out, _ = checkout.run("explain", "//:a")
    assert out == (
        "//:a  parts: would run: the rule's command line changed: 1 -> 2\n"
        "//:a  slow: would run: input changed: in\n"
    )


def since(checkout: Checkout, number: int) -> str:
    code, out, _ = checkout.with_environ(PIOT_SANDBOX="dir").run("explain", "//:a", "--since", str(number))
    assert code == 0
    return out


def test_what_an_earlier_build_started_from_is_compared_too(make: Make) -> None:
    checkout = make("broken")
    checkout.build()
    same = "//:a  parts: the same as in build {0}\n//:a  slow: the same as in build {0}{1}\n"
    assert since(checkout, 1) == same.format(1, ", where it failed")
    checkout.write("in", "two\n")
    checkout.build()
    checkout.write("BUILD", BUILD.replace('"1"', '"2"'))
    checkout.build()
    assert since(checkout, 2) == (
        "//:a  parts: since build 2: the rule's command line changed: 1 -> 2\n"
        "//:a  slow: the same as in build 2\n"
    )
    assert since(checkout, 3) == "//:a  slow: the same as in build 3\n"  # which looked it up in the store
    checkout.write("in", "three\n")
    checkout.build()
    assert since(checkout, 4) == same.format(4, "")


def test_actions_tells_what_one_starts_from(make: Make) -> None:
    checkout = make().with_environ(PIOT_SANDBOX="dir")

    def told() -> dict[str, object]:
        (found,) = json.loads(checkout.run("actions", "//:a", "--json")[1])["actions"]
        (line,) = (each for each in checkout.run("actions", "//:a")[1].splitlines() if "starts from" in each)
        start: dict[str, object] = found["starts_from"]
        state = "cached" if start["cached"] else f"would be made: {start['reason']}"
        assert line == f"  starts from: work, parts: {state}  {start['key']}"
        return start

    first = told()
    key = first.pop("key")
    assert first == {"folder": "work", "action": "parts", "cached": False, "reason": "not built here before"}
    checkout.build()
    assert told() == {"folder": "work", "action": "parts", "cached": True, "reason": "", "key": key}


def begun(run: Run) -> tuple[str, str]:
    """What the one action was said to do, and what it printed."""
    (started,) = (each for each in run.said if isinstance(each, events.ActionStarted))
    return started.description, run.outputs["//:a"]
