from __future__ import annotations

import json
from pathlib import Path

import pytest

from piot.cli.render import (
    build_json,
    build_summary,
    cache_text,
    findings_text,
    output_paths,
    rule_text,
    rules_text,
    toolchains_text,
)
from piot.cli.terminal import Style
from piot.model.report import Blocked, BuildReport, OutputReport, TargetReport

GNU = "aarch64-unknown-linux-gnu"
WHEEL = TargetReport(
    label="//packages/python:wheel",
    triple=GNU,
    status="failed",
    error="cargo build ended with exit code 101\n(killed by nobody)",
    log=".piot/logs/wheel.log",
    by_hand="sh .piot/by-hand/wheel.sh",
)


def file(path: str) -> OutputReport:
    return OutputReport(path=path, sha256="0" * 64, size=1)


MIXED = BuildReport(
    ok=False,
    targets=(
        TargetReport(label="//packages/rust:crate", status="cached", outputs=(file("dist/a.crate"),)),
        TargetReport(
            label="//crates/cli:cli", triple=GNU, status="built", outputs=(file(f"dist/{GNU}/rakelet"),)
        ),
        WHEEL,
        TargetReport(label="//:smoke", status="skipped", reason="//packages/python:wheel failed"),
        TargetReport(label="//:docs", status="skipped", reason="//packages/python:wheel failed"),
    ),
    ran=2,
    local=7,
    remote=1,
    failed=1,
    seconds=75.4,
    notes=("bubblewrap does not work here, dir was used",),
    blocked=(
        Blocked(
            label="//packages/python:wheel",
            triple="aarch64-apple-darwin",
            lacks=("native: this host is Linux", "zig: no macOS SDK, set SDKROOT"),
        ),
    ),
)

MIXED_TEXT = """\
✗ //packages/python:wheel@triple=aarch64-unknown-linux-gnu failed: cargo build ended with exit code 101
  (killed by nobody)
  full log: .piot/logs/wheel.log
  run it by hand: sh .piot/by-hand/wheel.sh
- not built (//packages/python:wheel failed): //:smoke and //:docs
- //packages/python:wheel@triple=aarch64-apple-darwin cannot be built here; it lacks:
    native: this host is Linux
    zig: no macOS SDK, set SDKROOT
note: bubblewrap does not work here, dir was used
built 1, cached 1, failed 1, skipped 2, cannot be built here 1 in 1m 15s; \
actions: 2 run, 7 from the store, 1 from the remote cache, 1 failed
"""


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (MIXED, MIXED_TEXT),
        (BuildReport(ok=True, seconds=0.04), "nothing to do in 0.0s\n"),
        (
            BuildReport(
                ok=True, targets=(TargetReport(label="//:a", status="cached"),), local=3, seconds=0.12
            ),
            "cached 1 in 0.1s; actions: 3 from the store\n",
        ),
        (
            BuildReport(ok=True, targets=(TargetReport(label="//:a", status="built"),), dry_run=True),
            "to build 1; nothing was run\n",
        ),
        (
            BuildReport(ok=True, targets=(TargetReport(label="//:a", status="cached"),), dry_run=True),
            "cached 1; nothing was run\n",
        ),
        (
            BuildReport(ok=True, targets=(TargetReport(label="//:a", status="built"),), ran=3, incremental=2),
            "built 1 in 0.0s; actions: 1 run, 2 run incrementally and not stored\n",
        ),
        (BuildReport(ok=True, dry_run=True), "nothing to do; nothing was run\n"),
        (
            BuildReport(ok=False, targets=(TargetReport(label="//:a", status="failed"),), failed=1),
            "✗ //:a failed\nfailed 1 in 0.0s; actions: 1 failed\n",
        ),
    ],
)
def test_a_summary_reads_like_this(report: BuildReport, text: str) -> None:
    assert build_summary(report, Style()) == text


def test_the_last_line_has_the_colour_of_the_result() -> None:
    style = Style(color=True)
    assert build_summary(BuildReport(ok=True), style) == "\x1b[32mnothing to do in 0.0s\x1b[0m\n"
    assert build_summary(BuildReport(ok=False), style) == "\x1b[31mnothing to do in 0.0s\x1b[0m\n"


@pytest.mark.parametrize(
    ("cwd", "paths"),
    [
        (".", f"dist/a.crate\ndist/{GNU}/rakelet\n"),
        ("packages/python", f"../../dist/a.crate\n../../dist/{GNU}/rakelet\n"),
        ("dist", f"a.crate\n{GNU}/rakelet\n"),
    ],
)
def test_results_are_named_from_where_the_user_stands(tmp_path: Path, cwd: str, paths: str) -> None:
    assert output_paths(MIXED, tmp_path, tmp_path / cwd).replace("\\", "/") == paths


def test_a_file_of_two_targets_is_named_once(tmp_path: Path) -> None:
    target = TargetReport(label="//:a", status="built", outputs=(file("dist/a"), file("dist/a")))
    assert output_paths(BuildReport(ok=True, targets=(target, target)), tmp_path, tmp_path / "dist") == "a\n"


def test_json_is_one_line_of_ascii() -> None:
    report = BuildReport(ok=True, targets=(TargetReport(label="//ü:a", status="built"),))
    text = build_json(report)
    assert text.isascii() and text.endswith("}\n") and text.count("\n") == 1
    assert json.loads(text) == report.to_json()


def test_toolchains_are_a_table_of_what_can_be_built() -> None:
    rows = [
        ("x86_64-unknown-linux-gnu", "native cc", "rustc 1.91.0\ncc 12"),
        ("aarch64-apple-darwin", "none", "zig: no macOS SDK"),
    ]
    assert toolchains_text(rows) == (
        "TARGET                    TOOLCHAIN  TOOLS, OR WHAT IS LACKING\n"
        "x86_64-unknown-linux-gnu  native cc  rustc 1.91.0\n"
        "                                     cc 12\n"
        "aarch64-apple-darwin      none       zig: no macOS SDK\n"
    )
    assert toolchains_text([]) == "no toolchains\n"


def test_rules_are_a_table_and_one_rule_shows_its_attributes() -> None:
    assert rules_text([("crate", "//rules:crate.py", "a .crate")]) == (
        "RULE   FROM              FOR\ncrate  //rules:crate.py  a .crate\n"
    )
    assert rules_text([]) == "no rules\n"
    assert rule_text("crate", "A .crate file.", [("features", "list of text", "[]", "to turn on")]) == (
        "crate\n\nA .crate file.\n\nATTRIBUTE  TYPE          DEFAULT  MEANING\n"
        "features   list of text  []       to turn on\n"
    )
    assert rule_text("crate", "", []) == "crate\n\nno attributes\n"


def test_facts_about_the_cache_are_aligned() -> None:
    assert cache_text([("folder", "/c"), ("size", "1.0 MB of 20.0 GB")]) == (
        "folder:  /c\nsize:    1.0 MB of 20.0 GB\n"
    )
    assert cache_text([]) == ""


def test_findings_end_with_their_number() -> None:
    assert findings_text([]) == "no problems\n"
    assert findings_text(["a is damaged"]) == "a is damaged\n1 problem\n"
