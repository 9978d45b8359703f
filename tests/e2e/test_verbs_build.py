"""build, test, run and fetch: what each of their flags prints and does, word for word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import run
from tests.e2e.tiny import HOST, Tiny, tiny_at
from tests.e2e.verbs import built_tiny, fitting, must_fit, told

pytestmark = pytest.mark.e2e

OUT = "dist/HOST/said.txt\n"
CLI = "✓ //crates/cli:cli cargo build  (cached)\n"
SAID = "✓ //crates/cli:said command sh  (cached)\n"
SMOKE = "✓ //crates/cli:smoke test  (cached)\n"
CACHED = "cached 1 in TIME; actions: 2 from the store\n"
TESTED = "cached 1 in TIME; actions: 3 from the store\n"
PROGRAM = "hello ANN!\nhello BOB!\nBYE!\n"


@pytest.fixture(scope="module")
def tiny(
    tmp_path_factory: pytest.TempPathFactory, installed_piot: Path, environment: Mapping[str, str]
) -> Tiny:
    """Nothing here changes its sources."""
    return built_tiny(tmp_path_factory.mktemp("verbs"), installed_piot, environment)


@pytest.fixture
def fresh(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    return tiny_at(tmp_path, installed_piot, environment, PIOT_SANDBOX="dir")


SAME = [
    (),
    ("--target", "host"),
    ("--target", HOST),
    ("--platform", "all"),
    ("--target=host", "--target", HOST),
    ("--python", "3.12"),
    ("--profile", "release"),
    ("-j", "1"),
    ("-j1",),
    ("--jobs", "2"),
    ("-k",),
    ("--keep-going",),
    ("--keep-sandbox",),
    ("--sandbox", "dir"),
    ("--sandbox", "none"),
    ("--offline",),
    ("--verbose",),
    ("--color", "never"),
]
"""Flags with which the results are those that there are already."""


@pytest.mark.parametrize("words", SAME, ids=" ".join)
def test_these_flags_find_the_same_results(tiny: Tiny, words: tuple[str, ...]) -> None:
    named = f"{CLI}{SAID}" if "--verbose" in words else ""
    tested = f"{named}{SMOKE}" if named else ""
    assert told(tiny, tiny("build", "//crates/cli:said", *words)) == (0, OUT, f"{named}{CACHED}")
    assert told(tiny, tiny("test", *words, "//...")) == (0, "", f"{tested}{TESTED}")


@pytest.mark.parametrize("flag", ["-q", "--quiet"])
def test_quiet_leaves_the_results_alone(tiny: Tiny, flag: str) -> None:
    assert told(tiny, tiny(flag, "build", "//crates/cli:said")) == (0, OUT, "")
    assert told(tiny, tiny("test", "//...", flag)) == (0, "", "")


@pytest.mark.parametrize("flag", ["-v", "--verbose"])
def test_verbose_shows_what_succeeding_actions_print(fresh: Tiny, flag: str) -> None:
    fresh.write("BUILD", 'command(name = "a", argv = ["sh", "-c", "echo aha; : > a"], outputs = ["a"])\n')
    ran = "• //:a command sh  started\n✓ //:a command sh  TIME  not built here before\naha\n"
    done = fresh(flag, "build", "//:a")
    assert told(fresh, done) == (0, "dist/HOST/a\n", f"{ran}built 1 in TIME; actions: 1 run\n")


def test_colours_can_be_had_in_a_pipe(tiny: Tiny) -> None:
    painted = f"{CLI}{SAID}{CACHED}".replace("✓", "\x1b[32m✓\x1b[0m").replace(
        "(cached)", "\x1b[2m(cached)\x1b[0m"
    )
    *lines, counts = painted.splitlines()
    always = tiny("-v", "--color", "always", "build", "//crates/cli:said")
    assert told(tiny, always) == (
        0,
        OUT,
        "".join(f"{line}\n" for line in lines) + f"\x1b[32m{counts}\x1b[0m\n",
    )


def test_forced_only_what_is_asked_for_runs_again(tiny: Tiny) -> None:
    began = "• //crates/cli:said command sh  started\n✓ //crates/cli:said command sh  TIME  --force\n"
    counts = "built 1 in TIME; actions: 1 run, 1 from the store\n"
    assert told(tiny, tiny("build", "//crates/cli:said", "--force")) == (0, OUT, f"{began}{counts}")
    began = began.replace("said command sh", "smoke test")
    counts = counts.replace("1 from", "2 from")
    assert told(tiny, tiny("test", "//...", "--force")) == (0, "", f"{began}{counts}")


def test_without_the_cache_all_runs_and_says_so(tiny: Tiny) -> None:
    ran = (
        "• //crates/cli:cli cargo build  started\n"
        "✓ //crates/cli:cli cargo build  TIME  --no-cache\n"
        "• //crates/cli:said command sh  started\n"
        "✓ //crates/cli:said command sh  TIME  --no-cache\n"
    )
    done = tiny("build", "//crates/cli:said", "--no-cache")
    assert told(tiny, done) == (0, OUT, f"{ran}built 1 in TIME; actions: 2 run\n")
    smoke = "• //crates/cli:smoke test  started\n✓ //crates/cli:smoke test  TIME  --no-cache\n"
    done = tiny("test", "//...", "--no-cache")
    assert told(tiny, done) == (0, "", f"{ran}{smoke}built 1 in TIME; actions: 3 run\n")


def test_results_can_be_put_elsewhere(tiny: Tiny, tmp_path: Path) -> None:
    assert told(tiny, tiny("build", "//crates/cli:said", "--out", "o")) == (0, "o/HOST/said.txt\n", CACHED)
    assert tiny.read(f"o/{HOST}/said.txt") == PROGRAM
    there = run(
        tiny.program,
        "-C",
        tiny.root,
        "build",
        "//crates/cli:said",
        "--out",
        "p",
        cwd=tmp_path,
        env=tiny.environment,
    )
    assert there.stdout == f"p/{HOST}/said.txt\n"
    assert (tmp_path / "p" / HOST / "said.txt").read_text() == PROGRAM


def test_patterns_are_relative_to_the_folder_and_paths_to_the_one_of_the_caller(tiny: Tiny) -> None:
    assert told(tiny, tiny("-C", "crates/cli", "build", ":said")) == (0, OUT, CACHED)
    inside = run(tiny.program, "build", ":said", cwd=tiny.root / "crates/cli", env=tiny.environment)
    assert inside.stdout == f"../../dist/{HOST}/said.txt\n"


def test_another_configuration_file_can_be_named(tiny: Tiny, tmp_path: Path) -> None:
    text = tiny.read("putitoutthere.toml").partition('[[package]]\nname = "tiny-macros"')[0]
    (tmp_path / "less.toml").write_text(text)
    less = ("--config", str(tmp_path / "less.toml"))
    assert tiny(*less, "query", "kind(rust_crate)").stdout == "//crates/text:crate\n"
    assert told(tiny, tiny("--config", "none.toml", "build", "//...")) == (
        3,
        "",
        "error: no file ROOT/none.toml\n",
    )


def test_a_planned_version_is_built_and_tested(tiny: Tiny) -> None:
    before = tiny.read("Cargo.toml")
    planned = ("--set-version", "tiny-text=0.2.0")
    done = tiny("build", "//crates/text:crate", *planned)
    assert told(tiny, done) == (
        0,
        "dist/tiny-text-0.2.0.crate\n",
        "• //crates/text:crate cargo package  started\n"
        "✓ //crates/text:crate cargo package  TIME  generated input changed: Cargo.lock\n"
        "built 1 in TIME; actions: 1 run\n",
    )
    assert tiny("test", "//...", *planned).ran == [
        "//crates/cli:cli cargo build",
        "//crates/cli:said command sh",  # which says the same, so that the test need not run
    ]
    assert tiny.read("Cargo.toml") == before
    wrong = tiny("build", "//...", "--set-version", "tiny-txt=1.0.0")
    assert told(tiny, wrong) == (
        2,
        "",
        'error: no package is called "tiny-txt"\n\nhint: did you mean "tiny-text"?\n',
    )


def test_a_release_plan_is_built_and_tested(tiny: Tiny) -> None:
    plan = tiny.root.parent / "release-plan.json"
    planned = '{"commit": "c", "packages": [{"name": "tiny-text", "version": "0.2.0", "tag": "x"}]}'
    plan.write_text(planned, encoding="utf-8")
    code, out, _ = told(tiny, tiny("build", "//crates/text:crate", "--plan", str(plan)))
    assert (code, out) == (0, "dist/tiny-text-0.2.0.crate\n")
    assert tiny("test", "//...", "--plan", str(plan)).code == 0
    again = ("--plan", str(plan), "--set-version", "tiny-text=0.3.0", "--dry-run")
    assert "cargo package" in tiny("build", "//crates/text:crate", *again, ok=True).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "sparc"), 'unknown triple "sparc"'),
        (("--set-version", "tiny-text=one"), '"one" is not a version'),
        (("--jobs", "0"), '--jobs: "0" is not a whole number of at least 1'),
        (("--sandbox", "box"), '--sandbox: "box" is not one of none, dir and bwrap'),
        (("--color", "pink"), '--color: "pink" is not one of auto, always and never'),
    ],
)
def test_what_is_wrong_with_a_flag_is_exit_2(tiny: Tiny, words: tuple[str, ...], said: str) -> None:
    code, out, err = told(tiny, tiny("build", "//...", *words))
    assert (code, out, err.splitlines()[0]) == (2, "", f"error: {said}")


def test_a_profile_is_for_tests_too(tiny: Tiny) -> None:
    assert tiny("test", "//...", "--profile", "dev").ran[0] == "//crates/cli:cli cargo build"


def test_a_dry_run_of_tests_says_what_would_run(fresh: Tiny) -> None:
    assert told(fresh, fresh("test", "//...", "--dry-run")) == (
        0,
        "",
        "note: would run //crates/cli:cli (cargo build): not built here before\n"
        "note: would run //crates/cli:said (command sh): waits for what it is made from\n"
        "note: would run //crates/cli:smoke (test): waits for what it is made from\n"
        "to build 1; nothing was run\n",
    )


def test_a_failing_test_is_exit_1_and_others_go_on_with_k(fresh: Tiny) -> None:
    fresh.write("BUILD", 'test(name = "a", argv = ["false"])\ntest(name = "b", argv = ["true"])\n')
    failed = "✗ //:a@triple=HOST failed: test ended with exit code 1\n"
    rest = (
        "  full log: ROOT/.piot/logs/KEY.log\n  run it by hand: piot test //:a --target HOST --keep-sandbox\n"
    )
    code, out, _ = told(fresh, done := fresh("test", "-j1", "//:all"))
    assert (code, out) == (1, "")
    assert fresh.summary(done) == (
        f"{failed}{rest}- not built (//:a failed): //:b@triple=HOST\n"
        "failed 1, skipped 1 in TIME; actions: 1 failed\n"
    )
    assert fresh.summary(fresh("test", "-k", "//:all")) == (
        f"{failed}{rest}built 1, failed 1 in TIME; actions: 1 run, 1 failed\n"
    )
    found = fitting("build", fresh("test", "--json", "-k", "//:all"))
    assert [(each["label"], each["status"], each.get("error")) for each in found["targets"]] == [
        ("//:a", "failed", "test ended with exit code 1"),
        ("//:b", "cached", None),
    ]


@pytest.mark.parametrize("verb", ["build", "test"])
def test_events_and_trace_are_what_is_documented(tiny: Tiny, verb: str, tmp_path: Path) -> None:
    events, trace = tmp_path / "events", tmp_path / "trace"
    tiny(verb, "//crates/cli:all", "--force", "--events", str(events), "--trace", str(trace), ok=True)
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    for line in lines:
        must_fit("events", line)
    assert [line["event"] for line in lines[:: len(lines) - 1]] == ["invocation", "ended"]
    must_fit("build", lines[-1]["report"])
    finished = [
        line["label"] for line in lines if line["event"] == "action_finished" and line["status"] == "ran"
    ]
    spans = {each["name"] for each in json.loads(trace.read_text())["traceEvents"] if each["ph"] == "X"}
    does = {
        "//crates/cli:said": "command sh",
        "//crates/cli:cli": "cargo build",
        "//crates/cli:smoke": "test",
    }
    assert finished
    assert {f"{label} {does[label]}" for label in finished} <= spans


@pytest.mark.parametrize("verb", ["build", "test"])
@pytest.mark.parametrize("words", [(), ("--dry-run",), ("--force",)], ids=" ".join)
def test_json_fits_its_schema(tiny: Tiny, verb: str, words: tuple[str, ...]) -> None:
    found = fitting("build", tiny(verb, "//crates/cli:all", "--json", *words))
    assert (found["ok"], {each["config"]["triple"] for each in found["targets"]}) == (True, {HOST})


def test_json_tells_what_cannot_be_built_here(tiny: Tiny) -> None:
    lacking = tiny("build", "//crates/cli:cli", "--json", "--target", "x86_64-apple-darwin")
    (target,) = fitting("build", lacking)["targets"]
    assert (lacking.code, target["status"], target["reason"]) == (
        5,
        "skipped",
        "cannot be built on this machine",
    )
    assert target["error"].startswith("cannot be built on this machine: lacks ")
    asked = tiny("fetch", "//crates/cli:cli", "--json", "--target", "x86_64-apple-darwin")
    found = fitting("fetch", asked)
    assert (asked.code, found["needed"], len(found["lacking"])) == (5, 0, 1)


RUN = [
    (),
    ("--profile", "release"),
    ("-j", "1"),
    ("--sandbox", "none"),
    ("--keep-sandbox",),
    ("--offline",),
]


@pytest.mark.parametrize("words", RUN, ids=" ".join)
def test_a_program_runs_with_these_flags_as_without(tiny: Tiny, words: tuple[str, ...]) -> None:
    assert told(tiny, tiny("run", *words, "//crates/cli:cli")) == (0, PROGRAM, "")


def test_a_program_is_built_again_where_that_is_asked_for(tiny: Tiny) -> None:
    for flag in ("--force", "--no-cache"):
        again = f"• //crates/cli:cli cargo build  started\n✓ //crates/cli:cli cargo build  TIME  {flag}\n"
        assert told(tiny, tiny("run", flag, "//crates/cli:cli")) == (0, PROGRAM, again)
    planned = tiny("run", "--set-version", "tiny-text=0.3.0", "//crates/cli:cli", ok=True)
    assert (planned.stdout, planned.ran) == (PROGRAM, ["//crates/cli:cli cargo build"])


DEPENDENCY = """
[[package]]
name = "cfg-if"
version = "1.0.5"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "4e7648175b45a9a48536d676f68d918270699102aa8dab5496df06904c914600"
"""


def test_what_was_fetched_is_enough_to_go_on_offline(fresh: Tiny) -> None:
    assert told(fresh, fresh("fetch", "//...")) == (0, "", "fetched 0 of 0; 0 were there already\n")
    fresh.write(
        "crates/text/Cargo.toml", fresh.read("crates/text/Cargo.toml") + '\n[dependencies]\ncfg-if = "1"\n'
    )
    lock = fresh.read("Cargo.lock").replace("\n[[package]]", DEPENDENCY + "\n[[package]]", 1)
    text = 'name = "tiny-text"\nversion = "0.1.0"\n'
    fresh.write("Cargo.lock", lock.replace(text, f'{text}dependencies = [\n "cfg-if",\n]\n'))
    words = (
        "fetch",
        "//crates/text/...",
        "--target",
        "host",
        "--profile",
        "dev",
        "--python",
        "3.12",
        "-j",
        "2",
    )
    first = fresh(*words, "--set-version", "tiny-text=0.2.0", "--json", ok=True)
    assert fitting("fetch", first) == {"schema": 1, "needed": 1, "fetched": 1, "lacking": []}
    *note, last = first.stderr.splitlines()
    assert note == ["note: fetching crate cfg-if 1.0.5", "✓ fetched 1 file, 9.6 kB"]
    assert last == "fetched 1 of 1; 0 were there already"
    assert told(fresh, fresh("fetch", "//...", "--offline")) == (
        0,
        "",
        "fetched 0 of 1; 1 were there already\n",
    )
    assert told(fresh, fresh("-q", "fetch", "//...")) == (0, "", "")
    nowhere = {"CARGO_HOME": str(fresh.store / "none"), "https_proxy": "http://127.0.0.1:9"}
    done = fresh("--offline", "build", "//crates/text:crate", ok=True, **nowhere)
    assert (done.stdout, done.ran) == ("dist/tiny-text-0.1.0.crate\n", ["//crates/text:crate cargo package"])
