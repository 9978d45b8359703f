from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.model.report import Blocked, BuildReport, OutputReport, TargetReport

WHEEL = TargetReport(
    label="//packages/python:wheel",
    triple="aarch64-unknown-linux-gnu",
    python="3.12",
    status="built",
    source="ran",
    key="ab/12",
    reason="input changed: src/lib.rs",
    seconds=12.34567,
    outputs=(OutputReport(path="dist/a.whl", sha256="00ff", size=7),),
    log="/tmp/log",
    by_hand="sh run.sh",
)
FAILED = TargetReport(label="//:cli", status="failed", error="cargo ended with exit code 101")


def test_the_json_is_the_object_of_schema_1() -> None:
    report = BuildReport(
        ok=False,
        targets=(WHEEL, FAILED),
        ran=1,
        local=2,
        remote=3,
        failed=4,
        seconds=20.00049,
        notes=("not in it",),
        blocked=(Blocked(label="//:cli", triple="x86_64-apple-darwin", lacks=("an SDK", "zig")),),
    )
    assert report.to_json() == {
        "schema": 1,
        "ok": False,
        "targets": [
            {
                "label": "//packages/python:wheel",
                "config": {"triple": "aarch64-unknown-linux-gnu", "python": "3.12"},
                "status": "built",
                "source": "ran",
                "key": "ab/12",
                "reason": "input changed: src/lib.rs",
                "seconds": 12.346,
                "outputs": [{"path": "dist/a.whl", "sha256": "00ff", "size": 7}],
            },
            {
                "label": "//:cli",
                "config": {},
                "status": "failed",
                "source": None,
                "key": None,
                "reason": "",
                "seconds": 0.0,
                "outputs": [],
                "error": "cargo ended with exit code 101",
            },
            {
                "label": "//:cli",
                "config": {"triple": "x86_64-apple-darwin"},
                "status": "skipped",
                "source": None,
                "key": None,
                "reason": "cannot be built on this machine",
                "seconds": 0.0,
                "outputs": [],
                "error": "cannot be built on this machine: lacks an SDK and zig",
            },
        ],
        "actions": {"ran": 1, "local": 2, "remote": 3, "failed": 4},
        "seconds": 20.0,
    }


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (WHEEL, "//packages/python:wheel@triple=aarch64-unknown-linux-gnu,python=3.12"),
        (FAILED, "//:cli"),
        (TargetReport(label="//:a", python="3.12", status="built"), "//:a@python=3.12"),
        (Blocked(label="//:a", triple="x", lacks=()), "//:a@triple=x"),
        (Blocked(label="//:a", triple="x", python="3.14t", lacks=()), "//:a@triple=x,python=3.14t"),
    ],
)
def test_a_target_is_named_with_its_configuration(target: TargetReport | Blocked, name: str) -> None:
    assert str(target) == name


BLOCKED = (Blocked(label="//:a", triple=None, lacks=("zig",)),)


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (BuildReport(ok=True), 0),
        (BuildReport(ok=False), 1),
        (BuildReport(ok=False, failed=1), 1),
        (BuildReport(ok=False, blocked=BLOCKED), 5),
        (BuildReport(ok=False, failed=1, blocked=BLOCKED), 1),
    ],
)
def test_the_exit_code_says_what_went_wrong(report: BuildReport, code: int) -> None:
    assert report.exit_code == code


@given(label=st.text(), error=st.none() | st.text(), seconds=st.floats(0, 1e9), size=st.integers(0))
def test_any_report_survives_json(label: str, error: str | None, seconds: float, size: int) -> None:
    target = TargetReport(
        label=label,
        status="failed",
        error=error,
        seconds=seconds,
        outputs=(OutputReport(path=label, sha256="", size=size),),
    )
    written = BuildReport(ok=True, targets=(target,), seconds=seconds).to_json()
    assert json.loads(json.dumps(written)) == written
