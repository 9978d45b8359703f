"""In GitHub Actions: escapes, folded output, annotations, and the summary of a step."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.cli import github
from piot.cli.github_step import tell
from piot.cli.progress import progress_on
from piot.cli.terminal import Terminal
from piot.errors import InputError, Problem, Problems
from piot.model import events
from piot.model.report import Blocked, BuildReport, OutputReport, TargetReport

Piot = Callable[..., tuple[int, str, str]]

IN_ACTIONS = {"GITHUB_ACTIONS": "true", "CI": "true"}

FAILED = TargetReport(
    label="//a:b",
    triple="x",
    status="failed",
    seconds=1.5,
    error="cargo build ended with\nexit code 101, 100%",
)
REPORT = BuildReport(
    ok=False,
    targets=(
        TargetReport(label="//a:c", status="cached", source="local", seconds=9),
        TargetReport(
            label="//a:d", status="built", source="ran", seconds=0.2, reason="input changed: a|b_<c>.rs"
        ),
        TargetReport(label="//a:e", status="skipped", reason="//a:b failed"),
        FAILED,
    ),
    ran=1,
    local=1,
    failed=1,
    seconds=2.0,
    blocked=(Blocked(label="//a:f", triple="y", lacks=("zig: is not pinned",)),),
)


def unescaped(text: str) -> str:
    """As the runner reads it (ActionCommand.cs): per cent signs last."""
    for code, letter in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, letter)
    return text


@given(st.text(alphabet=":,%\r\n025ADCa "), st.text(alphabet=":,%\r\n025ADCa "))
def test_what_is_escaped_stands_on_one_line_and_is_read_back(title: str, message: str) -> None:
    line = github.command("error", message, {"title": title, "line": "3"})
    assert "\n" not in line and "\r" not in line
    found = re.fullmatch(r"::error title=([^:,]*),line=3::(.*)", line)
    assert found is not None
    assert (unescaped(found[1]), unescaped(found[2])) == (title, message)


def test_commands_without_properties() -> None:
    assert github.command("endgroup") == "::endgroup::"
    assert github.command("group", "a: 5%") == "::group::a: 5%25"


def test_a_failed_target_is_an_error_where_the_compiler_says(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\x1b[1merror\x1b[0m: no field\n \x1b[34m-->\x1b[0m src/lib.rs:12:5\n  --> src/b.rs:1:1\n")
    report = replace(REPORT, targets=(replace(FAILED, log=str(log)),))
    told = "::error {}title=//a%3Ab@triple=x failed::cargo build ended with%0Aexit code 101, 100%25\n"
    assert annotated(report, tmp_path) == told.format("")
    (tmp_path / "src").mkdir()
    (tmp_path / "src/lib.rs").touch()
    assert annotated(report, tmp_path) == told.format("file=src/lib.rs,line=12,col=5,")
    log.write_text("  --> ../x.rs:1:1\n")
    assert annotated(report, tmp_path) == told.format("")


def annotated(report: BuildReport, root: Path) -> str:
    stream = io.StringIO()
    tell(report, ("build",), root, Terminal.of(stream, IN_ACTIONS), {})
    return stream.getvalue()


def test_no_more_errors_than_github_shows(tmp_path: Path) -> None:
    report = replace(REPORT, targets=(FAILED,) * 12)
    assert annotated(report, tmp_path).count("::error ") == 10
    assert annotated(replace(report, targets=()), tmp_path) == ""


def test_problems_are_errors_at_their_places() -> None:
    problem = Problem(path="a/BUILD", line=3, column=7, code="PIOT_X", message="no: rule", hint="write one")
    whole = replace(problem, line=0, column=0, hint=None)
    assert github.error_annotations(Problems([problem, whole])) == [
        "::error file=a/BUILD,title=PIOT_X::no: rule",
        "::error file=a/BUILD,line=3,col=7,title=PIOT_X::no: rule%0A%0Ahint: write one",
    ]
    assert github.error_annotations(InputError("no", hint="yes")) == ["::error title=piot::no%0A%0Ahint: yes"]


SUMMARY = """\
### `piot build //... --out a'b`

| target | result | time | why |
|---|---|---|---|
| `//a:b@triple=x` | ❌ failed | 1.5s | cargo build ended with |
| `//a:e` | ➖ not built |  | //a:b failed |
| `//a:f@triple=y` | ➖ not built |  | cannot be built on this machine: lacks zig: is not pinned |
| `//a:d` | ✅ built | 0.2s | input changed: a\\|b\\_\\<c\\>.rs |
| `//a:c` | ✅ cached |  |  |

built 1, cached 1, failed 1, skipped 1, cannot be built here 1 in 2.0s; \
actions: 1 run, 1 from the store, 1 failed

"""


def test_the_summary_is_added_to_the_page(tmp_path: Path) -> None:
    page, terminal = tmp_path / "page", Terminal.of(io.StringIO(), IN_ACTIONS)
    page.write_text("before\n", encoding="utf-8")
    words = ("build", "//...", "--out", "a`b")
    tell(REPORT, words, tmp_path, terminal, {"GITHUB_STEP_SUMMARY": str(page)})
    assert page.read_text(encoding="utf-8") == f"before\n{SUMMARY}"
    tell(replace(REPORT, dry_run=True), words, tmp_path, terminal, {"GITHUB_STEP_SUMMARY": str(page)})
    assert page.read_text(encoding="utf-8") == f"before\n{SUMMARY}"


def test_a_page_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    stream = io.StringIO()
    environ = {"GITHUB_STEP_SUMMARY": str(tmp_path / "no/page")}
    tell(replace(REPORT, targets=()), (), tmp_path, Terminal.of(stream, IN_ACTIONS), environ)
    assert stream.getvalue() == (
        f"note: no summary of this step: cannot write {tmp_path}/no/page: No such file or directory\n"
    )


def test_a_summary_of_many_long_targets_stays_below_what_github_takes() -> None:
    target = replace(FAILED, label="//a:" + "b" * 500, error="|" * 5000)
    summary = github.step_summary(("build",), replace(REPORT, targets=(target,) * 1000))
    assert len(summary.encode()) < 2**20
    assert "\nand 801 targets more\n" in summary


def test_output_is_folded_when_it_succeeds_and_gives_no_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("piot.effects.chance.token", lambda: "TOKEN")
    stream = io.StringIO()
    with progress_on(Terminal.of(stream, IN_ACTIONS), lambda: 0.0, verbose=True) as progress:
        progress.emit(
            events.ActionFinished(id="//:a", status="ran", output=b"::error::no\n", reason="5% less")
        )
        progress.emit(events.ActionFinished(id="//:b", status="failed", output=b"::add-mask::e\nx\n"))
        progress.emit(events.ActionFinished(id="//:c", status="cached"))
        progress.emit(events.ActionFinished(id="//:d", status="ran"))
    assert stream.getvalue() == (
        "::group::✓ //:a  0.0s  5%25 less\n::stop-commands::TOKEN\n::error::no\n::TOKEN::\n::endgroup::\n"
        "✗ //:b  0.0s\n::stop-commands::TOKEN\n::add-mask::e\nx\n::TOKEN::\n"
        "✓ //:c  (cached)\n"
        "✓ //:d  0.0s\n"
    )


def test_tokens_are_never_the_same() -> None:
    from piot.effects.chance import token

    found = {token() for _ in range(100)}
    assert len(found) == 100 and all(re.fullmatch(r"[0-9a-f]{32}", each) for each in found)


def test_an_error_of_the_command_line_is_annotated_in_actions_only(
    checkout: Path, piot: Piot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checkout.is_dir()
    said = 'error: no target //py:weel\n\nhint: did you mean "//py:wheel"?\n'
    assert piot("cache", "rm", "//py:weel") == (2, "", said)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    line = '::error title=piot::no target //py:weel%0A%0Ahint: did you mean "//py:wheel"?\n'
    assert piot("cache", "rm", "//py:weel") == (2, "", said + line)


def test_outputs_do_not_matter_to_the_summary() -> None:
    built = TargetReport(label="//:a", status="built", outputs=(OutputReport(path="a", sha256="0", size=1),))
    assert "| `//:a` | ✅ built | 0.0s |  |\n" in github.step_summary(
        ("build",), BuildReport(ok=True, targets=(built,))
    )
