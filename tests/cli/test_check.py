"""``piot check``: findings as lines, as JSON and as annotations, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piot.app.session.where import Where
from piot.cli import check as verb
from piot.model.finding import Finding
from tests.support.schema import problems

Piot = Callable[..., tuple[int, str, str]]

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs/reference/schemas/check.schema.json").read_text("utf-8")
)

ERROR = Finding(
    code="PIOT_A",
    severity="error",
    message="it is wrong",
    path="a/b.toml",
    line=3,
    column=7,
    package="a",
    fix="do it",
)
WARNING = Finding(code="PIOT_B", severity="warning", message="100% wrong", path="c,d.yml", fix="do\nit")
NOTE = Finding(code="PIOT_C", severity="note", message="well")

Found = Callable[..., None]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, outside: Path) -> Found:  # noqa: ARG001 - a folder of its own
    """Says what is found."""

    def say(*findings: Finding) -> None:
        def check(_where: Where) -> tuple[Finding, ...]:
            return findings

        monkeypatch.setattr(verb, "check", check)

    return say


def test_findings_are_lines_that_editors_can_follow(piot: Piot, found: Found) -> None:
    found(ERROR, WARNING, NOTE)
    assert piot("check") == (
        7,
        "a/b.toml:3:7: error: PIOT_A: it is wrong\n    hint: do it\n"
        "c,d.yml: warning: PIOT_B: 100% wrong\n    hint: do\nit\n"
        "note: PIOT_C: well\n",
        "1 error, 1 warning and 1 note\n",
    )


def test_without_findings_it_says_so(piot: Piot, found: Found) -> None:
    found()
    assert piot("check") == (0, "", "no findings\n")
    assert piot("check", "-q") == (0, "", "")


@pytest.mark.parametrize(
    ("findings", "plain", "strict"),
    [((NOTE,), 0, 0), ((WARNING, WARNING), 0, 7), ((NOTE, ERROR), 7, 7)],
    ids=["notes", "warnings", "errors"],
)
def test_errors_are_exit_7_and_warnings_where_that_is_asked_for(
    piot: Piot, found: Found, findings: tuple[Finding, ...], plain: int, strict: int
) -> None:
    found(*findings)
    assert (piot("check")[0], piot("check", "--strict")[0]) == (plain, strict)


def test_json_fits_its_schema(piot: Piot, found: Found) -> None:
    found(ERROR, WARNING, NOTE)
    code, out, err = piot("check", "--json")
    value = json.loads(out)
    assert (code, err, problems(value, SCHEMA, SCHEMA)) == (7, "", [])
    assert value["ok"] is False
    assert value["findings"][0] == {
        "code": "PIOT_A",
        "severity": "error",
        "message": "it is wrong",
        "path": "a/b.toml",
        "line": 3,
        "column": 7,
        "package": "a",
        "fix": "do it",
    }
    assert [(each["path"], each["line"], each["fix"]) for each in value["findings"][1:]] == [
        ("c,d.yml", None, "do\nit"),
        (None, None, None),
    ]


def test_in_github_actions_findings_are_annotations(
    piot: Piot, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    found(NOTE, ERROR, *[WARNING] * 12)
    _, _, err = piot("check", "-q")
    lines = err.splitlines()
    assert lines[0] == "::error file=a/b.toml,line=3,col=7,title=PIOT_A::it is wrong%0A%0Ahint: do it"
    assert lines[1] == "::warning file=c%2Cd.yml,title=PIOT_B::100%25 wrong%0A%0Ahint: do%0Ait"
    assert lines[-1] == "::notice title=PIOT_C::well"
    assert len(lines) == 12


def test_a_checkout_that_is_wrong_is_no_crash(piot: Piot, checkout: Path) -> None:
    (checkout / "putitoutthere.toml").write_text("[[package", encoding="utf-8")
    code, out, err = piot("check")
    assert (code, err) == (7, "1 error\n")
    assert out.startswith("putitoutthere.toml:1:10: error: PIOT_TOML: invalid TOML: ")
