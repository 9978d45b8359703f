"""explain, --dry-run, -k, --keep-sandbox and --json."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import Result
from tests.e2e.test_small_undeclared import bubblewrap_works
from tests.e2e.tiny import HOST, SAID, Tiny, tiny_at

pytestmark = pytest.mark.e2e


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    return tiny_at(tmp_path, installed_piot, environment)


def explained(tiny: Tiny, pattern: str) -> str:
    return tiny.plain(tiny("explain", pattern, ok=True).stdout)


def test_explain_says_why_each_action_would_run(tiny: Tiny) -> None:
    said = "//crates/cli:said@triple=HOST  command sh: "
    assert explained(tiny, "//crates/cli:said") == (
        "//crates/cli:cli@triple=HOST  cargo build: would run: not built here before\n"
        f"{said}would run: waits for what it is made from\n"
    )
    tiny("build", "//crates/cli:said", ok=True)
    assert explained(tiny, "//crates/cli:said") == (
        f"//crates/cli:cli@triple=HOST  cargo build: cached\n{said}cached\n"
    )
    tiny.write("shared/names.txt", "cid\n")
    assert explained(tiny, "//crates/cli:cli") == (
        "//crates/cli:cli@triple=HOST  cargo build: would run: input changed: shared/names.txt\n"
    )
    tiny.write("shared/names.txt", "ann\nbob\n")
    tiny.edit("crates/cli/BUILD", 'bin = "tiny",', 'bin = "tiny",\n    env = {"COLOUR": "red"},')
    assert "cargo build: would run: " in explained(tiny, "//crates/cli:cli")
    assert "COLOUR" in explained(tiny, "//crates/cli:cli")


def test_a_dry_run_says_what_would_be_built_and_does_nothing(tiny: Tiny) -> None:
    dry = tiny("build", "//...", "--dry-run", ok=True)
    assert dry.stdout == ""
    assert tiny.plain(dry.stderr) == (
        "note: would run //crates/cli:cli (cargo build): not built here before\n"
        "note: would run //crates/cli:said (command sh): waits for what it is made from\n"
        "note: would run //crates/text:crate (cargo package): not built here before\n"
        "note: would run //crates/greet:crate (cargo package): waits for what it is made from\n"
        "note: would run //crates/macros:crate (cargo package): not built here before\n"
        "to build 5; nothing was run\n"
    )
    assert not (tiny.root / "dist").exists()
    assert (
        explained(tiny, "tiny-text")
        == "//crates/text:crate  cargo package: would run: not built here before\n"
    )
    tiny("build", "tiny-text", ok=True)
    again = tiny("build", "//crates/text", "--dry-run", ok=True)
    assert tiny.plain(again.stderr) == "cached 1; nothing was run\n"


def test_keep_going_builds_what_does_not_depend_on_the_failure(tiny: Tiny) -> None:
    tiny.write("crates/macros/src/lib.rs", "not rust\n")
    words = ("-q", "build", "-j", "1", "//crates/macros:crate", "//crates/text:crate", "//crates/cli:said")
    stopped = tiny(*words)
    assert (stopped.code, stopped.stdout) == (1, "")
    assert tiny.summary(stopped).endswith(
        "- not built (//crates/cli:cli failed): "
        "//crates/cli:said@triple=HOST, //crates/macros:crate and //crates/text:crate\n"
        "failed 1, skipped 3 in TIME; actions: 1 failed\n"
    )
    kept = tiny(*words, "-k")
    assert (kept.code, kept.stdout) == (1, "dist/tiny-text-0.1.0.crate\n")
    assert re.findall(r"^✗ (\S+) failed: ", tiny.plain(kept.stderr), re.M) == [
        "//crates/macros:crate",
        "//crates/cli:cli@triple=HOST",
    ]
    assert tiny.summary(kept).endswith(
        "- not built (//crates/cli:cli failed): //crates/cli:said@triple=HOST\n"
        "built 1, failed 2, skipped 1 in TIME; actions: 1 run, 2 failed\n"
    )


@pytest.mark.parametrize("level", ["none", "dir", "bwrap"])
def test_a_kept_sandbox_has_a_script_that_runs_the_action_again(tiny: Tiny, level: str) -> None:
    if level == "bwrap" and not bubblewrap_works():
        pytest.skip("bubblewrap does not work here")
    tiny.write("crates/cli/src/main.rs", "fn main() { absent() }\n")
    failed = tiny("build", "//crates/cli:cli", "--keep-sandbox", "--sandbox", level)
    assert failed.code == 1
    (script,) = re.findall(r"^  run it by hand: sh (\S+)$", failed.stderr, re.M)
    again = by_hand(tiny, script)
    assert again.code == 101
    assert "cannot find function `absent` in this scope" in again.stdout + again.stderr
    (source,) = Path(script).parent.rglob("crates/cli/src/main.rs")
    source.chmod(0o644)
    source.write_text('fn main() { println!("mended") }\n')
    mended = by_hand(tiny, script)
    assert mended.code == 0, mended.text


def by_hand(tiny: Tiny, script: str) -> Result:
    """What a person sees who runs the script from another folder, with nothing in the environment."""
    command = ["sh", script]
    environment = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command, cwd=tiny.root.parent, env=environment, capture_output=True, text=True, check=False
    )
    return Result(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


TARGET: dict[str, type | tuple[type, ...]] = {
    "label": str,
    "config": dict,
    "status": str,
    "source": (str, type(None)),
    "key": (str, type(None)),
    "reason": str,
    "seconds": float,
    "outputs": list,
}


def checked(result: Result) -> dict[str, dict[str, object]]:
    """The object that ``build --json`` prints, after its shape was checked."""
    report = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert list(report) == ["schema", "ok", "targets", "actions", "seconds"]
    assert (report["schema"], report["ok"]) == (1, result.code == 0)
    assert list(report["actions"]) == ["ran", "local", "remote", "failed"]
    for target in report["targets"]:
        assert {*target} - {"error"} == {*TARGET}
        assert all(isinstance(target[name], kind) for name, kind in TARGET.items())
        assert target["status"] in ("built", "cached", "failed", "skipped")
        assert ("error" in target) == (target["status"] == "failed")
        assert (target["source"] is None) == (target["status"] in ("failed", "skipped"))
        assert target["key"] is None or re.fullmatch("[0-9a-f]{64}", target["key"])
        for output in target["outputs"]:
            assert list(output) == ["path", "sha256", "size"]
    return {target["label"]: target for target in report["targets"]}


def test_json_has_its_shape_whatever_happens(tiny: Tiny) -> None:
    built = checked(tiny("build", "--json", "//..."))
    assert {name: target["status"] for name, target in built.items()} == dict.fromkeys(
        (
            "//crates/cli:cli",
            "//crates/cli:said",
            "//crates/greet:crate",
            "//crates/macros:crate",
            "//crates/text:crate",
        ),
        "built",
    )
    said = built["//crates/cli:said"]
    assert said["config"] == {"triple": HOST}
    assert said["outputs"] == [
        {
            "path": SAID,
            "sha256": hashlib.sha256(tiny.read(SAID).encode()).hexdigest(),
            "size": len(tiny.read(SAID)),
        }
    ]
    cached = checked(tiny("build", "--json", "//..."))
    assert {(target["status"], target["source"]) for target in cached.values()} == {("cached", "local")}
    tiny.write("crates/cli/src/main.rs", "not rust\n")
    broken = checked(tiny("build", "--json", "//crates/cli:cli", "//crates/cli:said"))
    assert {name: target["status"] for name, target in broken.items()} == {
        "//crates/cli:cli": "failed",
        "//crates/cli:said": "skipped",
    }
