"""A compile that fails, and platforms that this machine cannot build for."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.tiny import HOST, Tiny, tiny_at

pytestmark = pytest.mark.e2e

BROKEN = 'fn main() {\n    let number: u32 = "one";\n    println!("{number}");\n}\n'
RUSTC_SAYS = "error[E0308]: mismatched types"


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    return tiny_at(tmp_path, installed_piot, environment)


def test_a_failing_compile_shows_the_compilers_message_once_and_is_not_cached(tiny: Tiny) -> None:
    good = tiny.read("crates/cli/src/main.rs")
    tiny.write("crates/cli/src/main.rs", BROKEN)
    for _ in range(2):
        failed = tiny("build", "//crates/cli:cli")
        assert (failed.code, failed.stdout) == (1, "")
        assert failed.stderr.count(RUSTC_SAYS) == 1
        assert "--> crates/cli/src/main.rs:2:23" in failed.stderr
        assert "\x1b" not in failed.stderr
        assert tiny.summary(failed) == (
            "✗ //crates/cli:cli@triple=HOST failed: cargo build ended with exit code 101\n"
            "  full log: ROOT/.piot/logs/KEY.log\n"
            "  run it by hand: piot build //crates/cli:cli --target HOST --keep-sandbox\n"
            "failed 1 in TIME; actions: 1 failed\n"
        )
    asked = json.loads(tiny("build", "//crates/cli:cli", "--json").stdout)
    (target,) = asked["targets"]
    assert (asked["ok"], target["status"], target["source"]) == (False, "failed", None)
    assert target["error"] == "cargo build ended with exit code 101"
    tiny.write("crates/cli/src/main.rs", good)
    assert tiny("build", "//crates/cli:cli", ok=True).stdout == f"dist/{HOST}/tiny\n"


def test_a_failed_dependency_is_reported_although_nobody_asked_for_it(tiny: Tiny) -> None:
    tiny.write("crates/cli/src/main.rs", BROKEN)
    failed = tiny("build", "//crates/cli:said")
    assert (failed.code, failed.stdout) == (1, "")
    assert tiny.summary(failed) == (
        "✗ //crates/cli:cli@triple=HOST failed: cargo build ended with exit code 101\n"
        "  full log: ROOT/.piot/logs/KEY.log\n"
        "  run it by hand: piot build //crates/cli:cli --target HOST --keep-sandbox\n"
        "- not built (//crates/cli:cli failed): //crates/cli:said@triple=HOST\n"
        "failed 1, skipped 1 in TIME; actions: 1 failed\n"
    )


def test_the_compilers_colours_are_kept_on_a_terminal(tiny: Tiny) -> None:
    tiny.write("crates/cli/src/main.rs", BROKEN)
    code, shown = on_a_terminal(tiny, "build", "//crates/cli:cli")
    assert code == 1
    assert "\x1b[1m\x1b[91merror[E0308]\x1b[0m\x1b[1m: mismatched types\x1b[0m" in shown
    assert shown.count("error[E0308]") == 1
    assert "\x1b[31m✗\x1b[0m" in shown
    code, shown = on_a_terminal(tiny, "--color", "never", "build", "//crates/cli:cli")
    assert (code, shown.count(RUSTC_SAYS)) == (1, 1)


def on_a_terminal(tiny: Tiny, *words: str) -> tuple[int, str]:
    """How piot ends and what it shows when all of its streams are a terminal."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [str(tiny.program), *words], cwd=tiny.root, env=tiny.environment, stdin=its, stdout=its, stderr=its
    )
    os.close(its)
    pieces: list[bytes] = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:  # Linux says EIO when the other side is closed
        pass
    os.close(ours)
    return process.wait(), b"".join(pieces).decode()


def lines_of(tiny: Tiny, triple: str) -> tuple[int, list[str]]:
    """Exit code, and the lines of the report, the same ones once (there may be several compilers)."""
    lacking = tiny("--offline", "build", "//crates/cli:cli", "--target", triple)
    if lacking.code == 0:
        pytest.skip(f"this machine can build for {triple}")
    assert lacking.stdout == ""
    return lacking.code, list(dict.fromkeys(tiny.plain(lacking.stderr).splitlines()))


def test_a_missing_standard_library_lists_every_compiler_and_what_it_lacks(tiny: Tiny) -> None:
    triple = "riscv64gc-unknown-linux-gnu"
    assert lines_of(tiny, triple) == (
        5,
        [
            f"- //crates/cli:cli@triple={triple} cannot be built here; it lacks:",
            f"    rustc VERSION (PATH): has no standard library for {triple}",
            "cannot be built here 1 in TIME",
        ],
    )


def test_a_platform_without_linker_lists_every_candidate_and_what_it_lacks(tiny: Tiny) -> None:
    triple = "x86_64-apple-darwin"
    code, lines = lines_of(tiny, triple)
    assert code == 5
    assert lines[-4:-1] == [
        "    native cc: builds for HOST only",
        f"    zig: cannot link for {triple} (no SDK for macos)",
        "    this machine: is HOST (build it on macos-latest)",
    ]


def test_what_can_be_built_is_built_and_the_rest_reported(tiny: Tiny) -> None:
    triple = "riscv64gc-unknown-linux-gnu"
    partly = tiny("--offline", "build", "//crates/cli:cli", "tiny-text", "--target", triple)
    if partly.code == 0:
        pytest.skip(f"this machine can build for {triple}")
    assert (partly.code, partly.stdout) == (5, "dist/tiny-text-0.1.0.crate\n")
    assert tiny.plain(partly.stderr).endswith("built 1, cannot be built here 1 in TIME; actions: 1 run\n")
