"""``piot log``: what an earlier build did, in words and as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from piot.model.build_record import BuildRecord, RecordedAction
from piot.run.builds import Builds

Piot = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def action(name: str, seconds: float, *after: str, reason: str = "input changed: in") -> RecordedAction:
    return RecordedAction(
        id=f"//:{name}",
        label=f"//:{name}",
        does="command sh",
        status="ran",
        started=1.0,
        ended=1.0 + seconds,
        seconds=seconds,
        reason=reason,
        after=tuple(f"//:{each}" for each in after),
    )


FAILED = replace(
    action("c", 61.0, "a", reason="ended with exit code 3\nno space"),
    status="failed",
    log="/src/.piot/logs/c.log",
)
SKIPPED = RecordedAction(id="//:d", label="//:d", does="command sh", status="skipped", reason="//:c failed")
RECORD = BuildRecord(
    words=("build", "//...", "--out", "a b"),
    started_ns=1_795_279_658_633_104_692,
    seconds=66.0,
    status="failed",
    actions=(action("b", 0.25), action("a", 3.5), FAILED, SKIPPED),
    cached={"//:e": "0" * 64, "//:f": "1" * 64},
)
DONE = BuildRecord(
    words=("test", "//:t"), started_ns=1_795_279_758_000_000_000, seconds=0.04, status="done", cached={}
)


@pytest.fixture
def builds(checkout: Path) -> Builds:
    found = Builds(checkout / ".piot/builds")
    found.keep(RECORD)
    found.keep(DONE)
    return found


SAID = """\
build 1: piot build //... --out 'a b'
failed, 2026-11-21 16:47:38, 1m 06s; actions: 2 ran, 1 failed, 1 skipped, 2 from the store
failed:
   1m 01s  //:c command sh  ended with exit code 3
           full log: /src/.piot/logs/c.log
ran:
     3.5s  //:a command sh  input changed: in
     0.2s  //:b command sh  input changed: in
critical path, 1m 04s:
     3.5s  //:a command sh  input changed: in
   1m 01s  //:c command sh  ended with exit code 3
"""


def test_the_last_build_and_one_by_its_number(builds: Builds, piot: Piot) -> None:
    last = "build 2: piot test //:t\ndone, 2026-11-21 16:49:18, 0.0s; actions: none\n"
    assert piot("log") == piot("log", "2") == (0, last, "")
    assert piot("log", "1") == (0, SAID, "")
    builds.keep(replace(RECORD, status="interrupted", error="interrupted: x\ny", actions=()))
    assert piot("-C", "py", "log") == (
        0,
        "build 3: piot build //... --out 'a b'\n"
        "interrupted, 2026-11-21 16:47:38, 1m 06s; actions: 2 from the store\n"
        "error: interrupted: x\n",
        "",
    )


def test_of_many_actions_the_slowest_are_shown(builds: Builds, piot: Piot) -> None:
    builds.keep(replace(RECORD, actions=tuple(action(f"a{n}", n) for n in range(12))))
    lines = piot("log")[1].splitlines()
    assert lines[2:4] == ["ran, the slowest 10:", "    11.0s  //:a11 command sh  input changed: in"]
    assert len(lines) == 3 + 10


@pytest.mark.usefixtures("builds")
def test_all_that_are_remembered(checkout: Path, piot: Piot) -> None:
    (checkout / ".piot/builds/3.json").write_text("damaged")
    assert piot("log", "--list") == (
        0,
        "BUILD  WHEN                 TIME    ENDED   COMMAND\n"
        "2      2026-11-21 16:49:18  0.0s    done    piot test //:t\n"
        "1      2026-11-21 16:47:38  1m 06s  failed  piot build //... --out 'a b'\n",
        "",
    )
    found = json.loads(piot("log", "--list", "--json")[1])
    assert [each["number"] for each in found["builds"]] == [2, 1]


def test_json_has_all_of_the_record(builds: Builds, piot: Piot) -> None:
    code, out, err = piot("log", "1", "--json")
    found = json.loads(out)
    assert (code, err, found.pop("number"), found.pop("critical_path")) == (0, "", 1, ["//:a", "//:c"])
    assert BuildRecord.from_json(found) == builds.read(1)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("7",), 3, "error: build 7 is not remembered\n\nhint: these are: 2 and 1\n"),
        (("x",), 2, 'error: log: "x" is not the number of a build\n\nhint: piot log --list shows them\n'),
        (("--list", "1"), 2, 'error: log --list does not take "1"\n\nhint: see: piot help log\n'),
    ],
)
def test_what_is_not_there_is_refused(
    builds: Builds, piot: Piot, words: tuple[str, ...], code: int, said: str
) -> None:
    assert builds.numbers()
    assert piot("log", *words) == (code, "", said)


def test_without_a_build_there_is_nothing_to_tell(checkout: Path, piot: Piot) -> None:
    nothing = "error: no build of this checkout is remembered\n\nhint: run piot build first\n"
    assert piot("log") == piot("log", "3") == (3, "", nothing)
    assert piot("log", "--list") == (0, "no builds\n", "")
    assert not (checkout / ".piot").exists()
