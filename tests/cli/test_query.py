"""``piot query`` from the command line: labels out, one a line; errors with a caret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError, validate

from tests.cli.conftest import BUILD

Piot = Callable[..., tuple[int, str, str]]
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "query.schema.json"

SELECTING = """\
def both(name):
    command(
        name = name,
        argv = ["make"],
        outputs = [name],
        env = {"A": "b"},
        deps = select({"linux": ["//core:crate"], "default": ["//:hello"]}),
        tools = select_list(["cc"], {"windows": ["cl"]}),
    )

both(name = "x")
"""

ALL = "//:docs\n//:hello\n//core:crate\n//py:sdist\n//py:smoke\n//py:wheel\n"

HELLO: dict[str, object] = {
    "label": "//:hello",
    "kind": "greet",
    "attrs": {"env": {}, "loudly": False, "srcs": [], "times": 2, "who": "you", "words": ["good", "day"]},
    "deps": [],
    "fingerprint": "f24f8739df09982f59a281b1ab0b3d633d3f0f8b070accc28eaf2d144e063a47",
    "location": "BUILD:3",
}
WHEEL_ATTRS: dict[str, object] = {
    "depends_on": ["//core:crate"],
    "directory": "py",
    "distribution": "my-py",
    "env": {},
    "features": [],
    "manylinux": "",
    "no_default_features": False,
    "programs": [],
    "python_versions": [],
    "profile": "",
    "rustflags": [],
    "system": [],
    "srcs": ["py/**"],
    "stage_to": "",
    "targets": ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin"],
    "tools": [],
}
WHEEL_FILES = {
    "py/Cargo.toml": '[package]\nname = "my-py"\nversion = "0.1.0"\n',
    "py/pyproject.toml": (
        '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        '[project]\nname = "my-py"\nversion = "0.1.0"\n'
    ),
}


def fingerprint_of(rule: str, attrs: object, contents: dict[str, str]) -> str:
    inputs = [[path, hashlib.sha256(text.encode()).hexdigest()] for path, text in sorted(contents.items())]
    said = json.dumps([rule, attrs, inputs], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


WHEEL: dict[str, object] = {
    "label": "//py:wheel",
    "kind": "maturin_wheel",
    "package": "my-py",
    "attrs": WHEEL_ATTRS,
    "deps": ["//core:crate"],
    "fingerprint": fingerprint_of("maturin_wheel", WHEEL_ATTRS, WHEEL_FILES),
    "location": "putitoutthere.toml:10",
}


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (("//...",), ALL),
        (("rdeps //core:crate",), "//:docs\n//core:crate\n//py:sdist\n//py:smoke\n//py:wheel\n"),
        (("rdeps", "//core:crate", "-", "//core:crate"), "//:docs\n//py:sdist\n//py:smoke\n//py:wheel\n"),
        (("deps(:docs, 1)", "^", "my-py + core"), "//core:crate\n"),
        (("//...", "-//py/..."), "//:docs\n//:hello\n//core:crate\n"),
        (("//py - my-py",), ""),
    ],
)
def test_labels_are_printed_one_a_line(
    checkout: Path, piot: Piot, words: tuple[str, ...], labels: str
) -> None:
    assert checkout.is_dir()
    assert piot("query", *words) == (0, labels, "")


def test_short_labels_are_relative_to_where_one_stands(checkout: Path, piot: Piot) -> None:
    assert piot("-C", str(checkout / "py"), "query", ":wheel") == (0, "//py:wheel\n", "")


GRAPHS = {
    "label": "//:docs\n//:hello\n//core:crate\n",
    "label_kind": "command //:docs\ngreet //:hello\nrust_crate //core:crate\n",
    "dot": """\
digraph piot {
  node [shape=box];
  "//:docs";
  "//:hello";
  "//core:crate";
  "//:docs" -> "//:hello";
  "//:docs" -> "//core:crate";
}
""",
    "mermaid": """\
flowchart LR
  n0["//:docs"]
  n1["//:hello"]
  n2["//core:crate"]
  n0 --> n1
  n0 --> n2
""",
    "tree": "//:docs\n  //:hello\n  //core:crate\n",
}


@pytest.mark.parametrize("form", GRAPHS)
def test_targets_are_printed_in_the_form_asked_for(checkout: Path, piot: Piot, form: str) -> None:
    assert checkout.is_dir()
    assert piot("query", "deps", ":docs", "--output", form) == (0, GRAPHS[form], "")


def test_json_tells_all_of_a_target(checkout: Path, piot: Piot) -> None:
    assert checkout.is_dir()
    code, out, err = piot("query", "--json", "py:wheel + :hello")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"schema": 1, "targets": [HELLO, WHEEL]}
    assert piot("query", "--output", "json", "py:wheel + :hello") == (0, out, "")
    lines = piot("query", "--output", "jsonl", "py:wheel + :hello")[1].splitlines()
    assert [json.loads(line) for line in lines] == [HELLO, WHEEL]


def test_json_is_what_its_schema_says(checkout: Path, piot: Piot) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    (checkout / "more").mkdir()
    (checkout / "more" / "BUILD").write_text(SELECTING, encoding="utf-8")
    for words in ("//...", "inputs(//...)", "//core - //core", "inputs(//:hello)"):
        validate(json.loads(piot("query", "--json", words)[1]), schema)
    for words, name in (("//...", "target"), ("inputs(//...)", "file")):
        one = {**schema, "$ref": f"#/$defs/{name}"}
        del one["oneOf"]
        lines = piot("query", words, "--output", "jsonl")[1].splitlines()
        assert len(lines) > 2
        for line in lines:
            validate(json.loads(line), one)
    with pytest.raises(ValidationError):
        validate({"schema": 1, "targets": [{"label": "//:x"}]}, schema)


def test_select_is_told_with_all_its_branches(checkout: Path, piot: Piot) -> None:
    (checkout / "more").mkdir()
    (checkout / "more" / "BUILD").write_text(SELECTING, encoding="utf-8")
    (target,) = json.loads(piot("query", "--json", "//more:x")[1])["targets"]
    assert target["location"] == "more/BUILD:11"
    assert target["deps"] == ["//:hello", "//core:crate"]
    assert target["attrs"] == {
        "argv": ["make"],
        "deps": {"select": {"linux": ["//core:crate"], "default": ["//:hello"]}},
        "env": {"A": "b"},
        "outputs": ["x"],
        "srcs": [],
        "tools": {"always": ["cc"], "select": {"windows": ["cl"]}},
    }


def test_a_fingerprint_changes_with_inputs_and_attributes_alone(checkout: Path, piot: Piot) -> None:
    def fingerprints() -> dict[str, str]:
        rows = json.loads(piot("query", "--json", "//...")[1])["targets"]
        return {row["label"]: row["fingerprint"] for row in rows}

    before = fingerprints()
    (checkout / "BUILD").write_text(f"# a comment\n{BUILD}", encoding="utf-8")
    assert fingerprints() == before
    (checkout / "BUILD").write_text(BUILD.replace("you", "them"), encoding="utf-8")
    now = fingerprints()
    assert {label for label in now if now[label] != before[label]} == {"//:hello"}
    before = now
    (checkout / "py" / "lib.py").write_text("")
    now = fingerprints()
    assert {label for label in now if now[label] != before[label]} == {"//py:sdist", "//py:wheel"}
    before = now
    (checkout / "py" / "lib.py").chmod(0o755)
    assert fingerprints() != before


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("inputs(//...)", "core/Cargo.toml\npy/Cargo.toml\npy/pyproject.toml\n"),
        ("buildfiles(//...)", "BUILD\nputitoutthere.toml\ntools/greet.py\n"),
        ("outputs(//...)", "docs.txt\n"),
        ("inputs(:hello)", ""),
        ("rdeps core/Cargo.toml", "//:docs\n//core:crate\n//py:sdist\n//py:smoke\n//py:wheel\n"),
        ("owner(py/pyproject.toml)", "//py:sdist\n//py:wheel\n"),
        ("kind(maturin)", "//py:sdist\n//py:wheel\n"),
        ("attr(who, you)", "//:hello\n"),
        ("allpaths(//:docs, //core:crate)", "//:docs\n//core:crate\n"),
        ("somepath //py:wheel //core:crate", "//core:crate\n//py:wheel\n"),
    ],
)
def test_files_and_what_is_made_of_them(checkout: Path, piot: Piot, words: str, printed: str) -> None:
    assert checkout.is_dir()
    assert piot("query", *words.split(" ")) == (0, printed, "")


def test_inputs_of_a_crate_are_those_that_cargo_is_given(checkout: Path, piot: Piot) -> None:
    """Its own files, those of the crates that it reaches, the workspace's, and settings of cargo."""
    (checkout / "Cargo.toml").write_text('[workspace]\nmembers = ["core", "py"]\n', encoding="utf-8")
    manifest = checkout / "py" / "Cargo.toml"
    depending = f'{manifest.read_text("utf-8")}[dependencies]\ncore = {{ path = "../core" }}\n'
    manifest.write_text(depending, encoding="utf-8")
    for path in ("Cargo.lock", "rust-toolchain.toml", "README.md", "core/lib.rs"):
        (checkout / path).write_text("")
    around = "Cargo.lock\nCargo.toml\n"
    core, py = "core/Cargo.toml\ncore/lib.rs\n", "py/Cargo.toml\npy/pyproject.toml\n"
    settings = "rust-toolchain.toml\n"
    assert piot("query", "inputs", "//core") == (0, f"{around}{core}{settings}", "")
    assert piot("query", "inputs", "//py:wheel") == (0, f"{around}{core}{py}{settings}", "")
    assert piot("query", "core/lib.rs") == (0, "//core:crate\n//py:sdist\n//py:wheel\n", "")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ("dep(//...)",),
            2,
            'error: unknown function "dep"\n    dep(//...)\n    ^\n\nhint: did you mean "deps"?\n',
        ),
        (
            ("deps", "//core:crat"),
            2,
            "error: no target matches //core:crat\n    deps //core:crat\n         ^\n\n"
            'hint: did you mean "//core:crate"?\n',
        ),
        (
            ("inputs", "//py", "--output", "dot"),
            2,
            "error: --output dot is for targets, and this query gives files\n\n"
            "hint: label, json and jsonl print files; owner(…) gives the targets that they belong to\n",
        ),
        (
            ("//py", "--json", "--output", "dot"),
            2,
            "error: --json and --output dot exclude each other\n\nhint: see: piot help query\n",
        ),
        (
            ("//py", "--output", "dott"),
            2,
            'error: --output: "dott" is not one of label, label_kind, json, jsonl, dot, mermaid, tree and '
            "matrix\n\n"
            'hint: did you mean "dot"? See: piot help query\n',
        ),
        (
            (),
            2,
            "error: nothing is given to query: piot query EXPR…\n\nhint: see: piot help query\n",
        ),
    ],
)
def test_errors_say_what_and_where(
    checkout: Path, piot: Piot, words: tuple[str, ...], code: int, said: str
) -> None:
    assert checkout.is_dir()
    assert piot("query", *words) == (code, "", said)


def test_outside_of_a_checkout_there_is_no_graph(outside: Path, piot: Piot) -> None:
    assert piot("query", "//...") == (
        3,
        "",
        f"error: no putitoutthere.toml in {outside} or in any folder above it\n\n"
        "hint: name the repository with -C DIR, or write the file with `piot init`\n",
    )


def test_a_folder_that_is_not_there_is_no_place_to_run_in(outside: Path, piot: Piot) -> None:
    assert piot("query", "-C", "nowhere", "//...") == (
        2,
        "",
        f"error: -C: there is no folder {outside}/nowhere\n",
    )
