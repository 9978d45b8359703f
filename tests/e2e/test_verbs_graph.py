"""query, actions, explain and log: what each of their flags and formats prints, word for word."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.tiny import HOST, Tiny
from tests.e2e.verbs import built_tiny, fitting, must_fit, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def tiny(
    tmp_path_factory: pytest.TempPathFactory, installed_piot: Path, environment: Mapping[str, str]
) -> Tiny:
    """Builds 1 and 2 were of everything; in build 3 ``:said`` failed, and is mended since."""
    made = built_tiny(tmp_path_factory.mktemp("verbs"), installed_piot, environment)
    made.edit("crates/cli/BUILD", "> said.txt", "> said.txt; exit 3")
    made("test", "//crates/cli:smoke", ok=False)
    made.edit("crates/cli/BUILD", "> said.txt; exit 3", "> said.txt")
    return made


CLI, SAID, SMOKE = "//crates/cli:cli\n", "//crates/cli:said\n", "//crates/cli:smoke\n"
GREET, MACROS, TEXT = "//crates/greet:crate\n", "//crates/macros:crate\n", "//crates/text:crate\n"

QUERIES = {
    "//...": CLI + SAID + SMOKE + GREET + MACROS + TEXT,
    "//crates/cli": CLI + SAID + SMOKE,
    "tiny-text": TEXT,
    "//... -//crates/...": "",
    "deps(//crates/cli:said)": CLI + SAID + GREET + MACROS + TEXT,
    "deps(//crates/cli:said, 1)": CLI + SAID,
    "rdeps //crates/text:crate": CLI + SAID + SMOKE + GREET + TEXT,
    "rdeps(//crates/greet/..., //crates/text:crate)": GREET + TEXT,
    "allpaths(//crates/cli:said, //crates/text:crate)": CLI + SAID + GREET + TEXT,
    "somepath(//crates/cli:said, //crates/text:crate)": CLI + SAID + TEXT,
    "kind(rust_crate)": GREET + MACROS + TEXT,
    "kind(test, //crates/cli)": SMOKE,
    "filter(cli:s)": SAID + SMOKE,
    "attr(outputs, said)": SAID,
    "owner(crates/text/src/lib.rs)": CLI + GREET + TEXT,
    "shared/names.txt": CLI,
    "inputs(//crates/macros:crate)": (
        "Cargo.lock\nCargo.toml\ncrates/macros/Cargo.toml\ncrates/macros/src/lib.rs\n"
    ),
    "outputs(//crates/cli:said)": "said.txt\n",
    "buildfiles(//crates/cli:said)": "crates/cli/BUILD\n",
    "buildfiles(tiny-macros)": "putitoutthere.toml\n",
    "set(//crates/cli:said tiny-text)": SAID + TEXT,
    "let v = //crates/cli in $v - kind(test, $v)": CLI + SAID,
    "//crates/cli:cli + tiny-text": CLI + TEXT,
    "//crates/cli ^ kind(test)": SMOKE,
}


@pytest.mark.parametrize("words", QUERIES)
def test_a_query_prints_one_label_or_file_a_line(tiny: Tiny, words: str) -> None:
    whole, split = tiny("query", words), tiny("query", *words.split(" "))
    assert (whole.code, whole.stdout, whole.stderr) == (0, QUERIES[words], "")
    assert split == whole


FORMATS = {
    "label": CLI + SAID + SMOKE,
    "label_kind": "rust_binary //crates/cli:cli\ncommand //crates/cli:said\ntest //crates/cli:smoke\n",
    "dot": """\
digraph piot {
  node [shape=box];
  "//crates/cli:cli";
  "//crates/cli:said";
  "//crates/cli:smoke";
  "//crates/cli:said" -> "//crates/cli:cli";
  "//crates/cli:smoke" -> "//crates/cli:said";
}
""",
    "mermaid": """\
flowchart LR
  n0["//crates/cli:cli"]
  n1["//crates/cli:said"]
  n2["//crates/cli:smoke"]
  n1 --> n0
  n2 --> n1
""",
    "tree": "//crates/cli:smoke\n  //crates/cli:said\n    //crates/cli:cli\n",
}


@pytest.mark.parametrize("output", FORMATS)
def test_a_graph_can_be_had_in_these_formats(tiny: Tiny, output: str) -> None:
    done = tiny("query", "//crates/cli", "--output", output)
    assert (done.code, done.stdout, done.stderr) == (0, FORMATS[output], "")


def test_queries_as_json_and_as_lines_of_json(tiny: Tiny) -> None:
    target: dict[str, Any] = {
        "label": "//crates/cli:said",
        "kind": "command",
        "attrs": {
            "argv": ["sh", "-c", "$(location :cli) > said.txt"],
            "deps": ["//crates/cli:cli"],
            "env": {},
            "outputs": ["said.txt"],
            "srcs": [],
            "tools": [],
        },
        "deps": ["//crates/cli:cli"],
        "location": "crates/cli/BUILD:8",
    }
    done = tiny("query", "--json", "//crates/cli:said")
    (found,) = fitting("query", done)["targets"]
    assert re.fullmatch("[0-9a-f]{64}", found.pop("fingerprint"))
    assert found == target
    assert tiny("query", "--output", "json", "//crates/cli:said").stdout == done.stdout
    assert fitting("query", tiny("query", "--json", "outputs(//crates/cli:said)")) == {
        "schema": 1,
        "files": ["said.txt"],
    }
    lines = [
        json.loads(line) for line in tiny("query", "--output", "jsonl", "//crates/cli").stdout.splitlines()
    ]
    assert lines[1] == {**target, "fingerprint": lines[1]["fingerprint"]}
    assert [line["label"] + "\n" for line in lines] == [CLI, SAID, SMOKE]
    files = tiny("query", "--output", "jsonl", "buildfiles(//crates/cli:said)")
    assert files.stdout == '{"file": "crates/cli/BUILD"}\n'


def test_what_a_change_reaches_and_which_jobs_build_it(tiny: Tiny) -> None:
    done = tiny("query", "why(//crates/cli:said, //crates/cli:cli)")
    assert told(tiny, done) == (
        0,
        "//crates/cli:said uses //crates/cli:cli (deps at crates/cli/BUILD:8)\n",
        "",
    )
    jobs = fitting("matrix", tiny("query", "--output", "matrix", "//..."))
    assert [row["command"] for row in jobs["include"]] == [
        "build //crates/text:crate",
        "build //crates/macros:crate",
        "build //crates/greet:crate",
    ]
    assert tiny("query", "affected(nowhere)").code == 2


def test_a_query_that_is_none_says_where(tiny: Tiny) -> None:
    assert told(tiny, tiny("query", "--json", "--output", "dot", "//...")) == (
        2,
        "",
        "error: --json and --output dot exclude each other\n\nhint: see: piot help query\n",
    )
    assert told(tiny, tiny("query", "deps(//crates/cli:cli")) == (
        2,
        "",
        'error: the query ends where ")" is expected\n    deps(//crates/cli:cli\n' + " " * 25 + "^\n",
    )
    assert told(tiny, tiny("query", "//...", "--output", "xml")) == (
        2,
        "",
        'error: --output: "xml" is not one of label, label_kind, json, jsonl, dot, mermaid, tree and matrix\n'
        "\nhint: see: piot help query\n",
    )


ACTION = """\
//crates/cli:said@triple=HOST command sh: cached
  key: SHA256
  sandbox: dir
  command: .piot/launch sh -c 'deps/crates/cli/cli/tiny > said.txt'
  environment:
    'HOME=%{root}/.piot/home'
    LC_ALL=C.UTF-8
    'PATH=%{root}/.piot/shims:%{root}/.piot/bin'
    'PIOT_EXPAND=HOME PATH TMPDIR'
    SOURCE_DATE_EPOCH=315532800
    'TMPDIR=%{root}/.piot/tmp'
    TZ=UTC
  inputs:
    .piot/launch  SHA256/1355 executable
    deps/crates/cli/cli/tiny  SHA256/SIZE executable  (out/tiny of //crates/cli:cli@triple=HOST)
  outputs:
    said.txt
"""


def test_the_actions_of_a_target_and_of_what_it_needs(tiny: Tiny) -> None:
    code, out, err = told(tiny, tiny("actions", "//crates/cli:said"))
    first, last = out.split("\n\n")
    assert (code, first.splitlines()[0], err) == (0, "//crates/cli:cli@triple=HOST cargo build: cached", "")
    assert re.sub(r"SHA256/\d{6,}", "SHA256/SIZE", last) == ACTION


CONFIGURED = [
    ("--target", "host"),
    ("--platform", HOST),
    ("--python", "3.12"),
    ("--profile", "release"),
    ("--offline",),
]


@pytest.mark.parametrize("words", CONFIGURED, ids=" ".join)
def test_these_flags_choose_the_same_actions(tiny: Tiny, words: tuple[str, ...]) -> None:
    for verb in ("actions", "explain"):
        assert tiny(verb, "//crates/cli:said", *words) == tiny(verb, "//crates/cli:said")


def test_actions_as_json(tiny: Tiny) -> None:
    found = fitting("actions", tiny("actions", "//crates/cli:said", "--json"))
    report = fitting("build", tiny("build", "//crates/cli:said", "--json", "--dry-run"))
    assert found["actions"][1]["key"] == report["targets"][0]["key"]
    assert found["actions"][1]["argv"] == [".piot/launch", "sh", "-c", "deps/crates/cli/cli/tiny > said.txt"]
    by_hand = fitting("actions", tiny("actions", "//crates/cli:said", "--json", "--sh"))
    assert by_hand["actions"][1]["by_hand"].startswith("cd ")


def test_other_flags_make_other_actions(tiny: Tiny) -> None:
    asked = (("--profile", "dev"), ("--sandbox", "none"), ("--set-version", "tiny-text=0.9.0"))
    keys = [
        fitting("actions", tiny("actions", "//crates/cli:cli", "--json", *words))["actions"][0]["key"]
        for words in ((), *asked)
    ]
    usual, dev, none_needed, planned = keys
    assert none_needed == usual  # a result of a stronger sandbox is one too
    assert len({usual, dev, planned}) == 3
    (none,) = fitting("actions", tiny("actions", "//crates/cli:cli", "--json", *asked[1]))["actions"]
    assert none["sandbox"] == "none"
    (lack,) = fitting(
        "actions", lacking := tiny("actions", "//crates/cli:cli", "--json", "--target", "x86_64-apple-darwin")
    )["lacking"]
    assert (lacking.code, lack.split(": ")[0]) == (5, "//crates/cli:cli@triple=x86_64-apple-darwin")


def test_a_command_that_is_pasted_into_a_shell_does_what_the_action_does(tiny: Tiny) -> None:
    done = tiny("actions", "//crates/cli:said", "--sh", ok=True)
    _, last = done.stdout.split("\n\n")
    assert last.startswith("# //crates/cli:said@triple=")
    folder = Path(last.splitlines()[1].split()[1])
    subprocess.run(["sh"], input=last, text=True, check=True, env={})
    assert (folder / "said.txt").read_text() == "hello ANN!\nhello BOB!\nBYE!\n"


def explained(reason: str) -> str:
    return f"//crates/cli:cli@triple=HOST  cargo build: {reason}\n"


def test_why_and_since_when(tiny: Tiny) -> None:
    said = "//crates/cli:said@triple=HOST  command sh: "
    assert told(tiny, tiny("explain", "//crates/cli:said")) == (0, f"{explained('cached')}{said}cached\n", "")
    same = f"{explained('the same as in build 1')}{said}the same as in build 1\n"
    assert told(tiny, tiny("explain", "//crates/cli:said", "--since", "1")) == (0, same, "")
    script = "deps/crates/cli/cli/tiny > said.txt"
    since = f"the rule's command line changed: '{script}; exit 3' -> '{script}'"
    assert told(tiny, tiny("explain", "//crates/cli:said", "--since", "3")) == (
        0,
        f"{explained('the same as in build 3')}{said}since build 3, where it failed: {since}\n",
        "",
    )
    assert told(tiny, tiny("explain", "//...", "--since", "9")) == (
        3,
        "",
        "error: build 9 is not remembered\n\nhint: these are: 3, 2 and 1\n",
    )
    changed = told(tiny, tiny("explain", "//crates/text:crate", "--set-version", "tiny-text=0.9.0"))
    assert changed == (
        0,
        "//crates/text:crate  cargo package: would run: generated input changed: Cargo.lock\n",
        "",
    )


def test_explain_as_json(tiny: Tiny) -> None:
    for words, since in (((), None), (("--since", "1"), "the same as in build 1")):
        found = fitting("explain", tiny("explain", "//crates/cli:cli", "--json", *words))
        (action,) = found["actions"]
        assert re.fullmatch("[0-9a-f]{64}", action.pop("key"))
        assert action == {
            "label": "//crates/cli:cli",
            "triple": HOST,
            "action": "cargo build",
            "cached": True,
            "reason": "",
            "since": since,
        }


LOG_1 = """\
build 1: piot build //...
done, WHEN, TIME; actions: 5 ran
ran:
     TIME  //crates/cli:cli@triple=HOST cargo build  not built here before
     TIME  //crates/cli:said@triple=HOST command sh  not built here before
     TIME  //crates/greet:crate cargo package  not built here before
     TIME  //crates/macros:crate cargo package  not built here before
     TIME  //crates/text:crate cargo package  not built here before
"""
LOG_3 = """\
build 3: piot test //crates/cli:smoke
failed, WHEN, TIME; actions: 1 failed, 1 skipped, 1 from the store
failed:
     TIME  //crates/cli:said@triple=HOST command sh  ended with exit code 3
           full log: ROOT/.piot/logs/KEY.log
"""
LIST = """\
BUILD  WHEN  TIME  ENDED   COMMAND
3      WHEN  TIME  failed  piot test //crates/cli:smoke
2      WHEN  TIME  done    piot test //...
1      WHEN  TIME  done    piot build //...
"""


def log(tiny: Tiny, *words: str) -> str:
    """What ``piot log`` says; actions of about the same time have no order."""
    code, out, err = told(tiny, tiny("log", *words))
    assert (code, err) == (0, "")
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "WHEN", out)


def test_the_log_of_builds(tiny: Tiny) -> None:
    ran, _, path = log(tiny, "1").partition("critical path, TIME:\n")
    head, body = ran.splitlines(keepends=True)[:3], ran.splitlines(keepends=True)[3:]
    assert "".join([*head, *sorted(body)]) == LOG_1
    assert path.splitlines()[0].startswith("     TIME  //crates/")
    assert log(tiny) == log(tiny, "3") == LOG_3
    listed = [re.split(r" {2,}", line) for line in log(tiny, "--list").splitlines()]
    assert listed == [re.split(r" {2,}", line) for line in LIST.splitlines()]


def test_the_log_as_json(tiny: Tiny) -> None:
    last = fitting("log", tiny("log", "--json"))
    assert (last["number"], last["words"], last["status"]) == (3, ["test", "//crates/cli:smoke"], "failed")
    assert [(each["label"], each["status"]) for each in last["actions"]] == [
        ("//crates/cli:said", "failed"),
        ("//crates/cli:smoke", "skipped"),
    ]
    every = fitting("log", tiny("log", "--list", "--json"))["builds"]
    assert [each["number"] for each in every] == [3, 2, 1]
    assert every[0] == last == fitting("log", tiny("log", "3", "--json"))
    must_fit("log", every[2])
    assert told(tiny, tiny("log", "--list", "3")) == (
        2,
        "",
        'error: log --list does not take "3"\n\nhint: see: piot help log\n',
    )
