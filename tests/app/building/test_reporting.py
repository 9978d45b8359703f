"""What came of every target, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.checkout import HOST, Checkout, MakeCheckout, command

CHAIN = command("up", "cat in > out; test ! -s in || exit 1", srcs=["in"], outputs=("out",)) + command(
    "down", "cat $(location :up) > end", deps=[":up"], outputs=("end",)
)


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(CHAIN)
    made.write("in", "")
    return made


def test_a_target_is_built_when_its_own_action_ran_and_cached_when_not(checkout: Checkout) -> None:
    checkout.build("//:up")
    run = checkout.build()
    up, down = run.target("//:up"), run.target("//:down")
    assert (up.status, up.source, up.reason) == ("cached", "local", "")
    assert (down.status, down.source, down.reason) == ("built", "ran", "not built here before")
    assert (up.triple, up.key is not None, down.seconds > 0) == (HOST, True, True)
    assert (run.report.ran, run.report.local, run.report.failed, run.report.remote) == (1, 1, 0, 0)


def test_a_failed_dependency_is_reported_though_it_was_not_asked_for(checkout: Checkout) -> None:
    checkout.write("in", "fail")
    report = checkout.build("//:down").report
    down, up = report.targets
    assert (down.label, down.status, down.reason) == ("//:down", "skipped", "//:up failed")
    assert (up.label, up.status, up.error) == ("//:up", "failed", "command sh ended with exit code 1")
    assert up.log is not None and Path(up.log).exists()
    assert up.by_hand == f"piot build //:up --target {HOST} --sandbox dir --keep-sandbox"
    assert (report.ok, report.exit_code, report.failed) == (False, 1, 1)


def test_the_command_to_repeat_a_test_is_a_test(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout('test(name = "t", argv = ["false"])\n')
    found = checkout.build(tests=True, sandbox=None, profile="dev").target("//:t")
    assert found.by_hand == f"piot test //:t --target {HOST} --profile dev --keep-sandbox"


def test_a_kept_sandbox_names_its_script(make_checkout: MakeCheckout) -> None:
    found = make_checkout(command("a", "exit 1")).build(keep_sandbox=True).target("//:a")
    assert (
        found.by_hand is not None and found.by_hand.startswith("sh ") and found.by_hand.endswith("/by-hand")
    )


HANDS_ON = """\
from dataclasses import dataclass
from piot.api import Context, Files, Label, rule

@dataclass(frozen=True)
class Group:
    \"\"\"Several targets under one name.\"\"\"

    deps: tuple[Label, ...] = ()

@rule(configured_by=("triple",))
def group(ctx: Context, attrs: Group) -> tuple[Files]:
    return (Files(outputs=tuple(output for label in attrs.deps for output in ctx.outputs(label))),)
"""


def test_a_target_that_hands_on_what_others_make_is_built_and_delivered(checkout: Checkout) -> None:
    checkout.write("rules.py", HANDS_ON)
    checkout.write(
        "BUILD", f'load("//:rules.py", "group")\n{CHAIN}group(name = "g", deps = [":up", ":down"])\n'
    )
    report = checkout.build("//:g").report
    (group,) = report.targets
    assert (group.label, group.status) == ("//:g", "built")
    assert [each.path for each in group.outputs] == [f"dist/{HOST}/out", f"dist/{HOST}/end"]
    assert checkout.build("//:g").report.targets[0].status == "cached"
    checkout.write("in", "fail")
    assert checkout.build("//:g").target("//:g").status == "failed"


def test_the_program_prints_json_to_stdout_and_words_to_stderr(checkout: Checkout) -> None:
    code, out, err = checkout.run("build", "//:down", "--sandbox", "dir", "--json")
    assert (code, err == "") == (0, False)
    data = json.loads(out)
    (target,) = data["targets"]
    assert (data["schema"], data["ok"], data["actions"]) == (
        1,
        True,
        {"ran": 2, "local": 0, "remote": 0, "failed": 0},
    )
    assert (target["label"], target["config"], target["status"]) == ("//:down", {"triple": HOST}, "built")
    assert [each["path"] for each in target["outputs"]] == [f"dist/{HOST}/end"]


def test_the_program_says_what_failed_where_its_log_is_and_how_to_repeat_it(checkout: Checkout) -> None:
    checkout.write("BUILD", command("a", "echo broken; exit 3"))
    code, out, err = checkout.run("build", "//:all", "--sandbox", "dir")
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert lines.count("broken") == 1
    assert any(
        line.endswith(f"//:a@triple={HOST} failed: command sh ended with exit code 3") for line in lines
    )
    (log,) = (line for line in lines if line.startswith("  full log: "))
    assert Path(log.removeprefix("  full log: ")).read_text() == "broken\n"
    assert f"  run it by hand: piot build //:a --target {HOST} --sandbox dir --keep-sandbox" in lines
    assert "Traceback" not in err
