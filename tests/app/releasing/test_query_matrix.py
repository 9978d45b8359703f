"""``query --output matrix``: the CI jobs of what a query chooses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate

from piot.app.query import query
from piot.app.releasing.query_matrix import current_version
from piot.app.session.session import Session
from piot.ci.grouping import by_runner
from piot.ci.outputs import matrix_object
from piot.errors import UsageError
from tests.support.matrices import CARGO, F5, PYO3, package, pyproject, rows_of, session_of, targets

SCHEMA = Path(__file__).parents[3] / "docs/reference/schemas/matrix.schema.json"

CONFIG = (
    package("core", "crates", "core")
    + package("py", "pypi", "py", 'build = "maturin"', targets(*F5, "linux-x64-musl"))
    + package("hatched", "pypi", "hatched", 'build = "hatch"')
    + package("js", "npm", "js", 'build_workflow = "own.yml"')
    + package(
        "cli", "npm", "cli", 'build = "bundled-cli"', targets("linux-x64-gnu"), 'bundle_cli = { bin = "cli" }'
    )
)

FILES = {
    "core/Cargo.toml": CARGO.replace("0.1.0", "1.2.3"),
    "core/src/lib.rs": "",
    "py/Cargo.toml": PYO3.replace("0.1.0", "1.3.0"),
    "py/src/lib.rs": "",
    "py/pyproject.toml": pyproject("maturin", "py", ">=3.13").replace(
        'version = "0.1.0"', 'dynamic = ["version"]'
    ),
    "hatched/pyproject.toml": pyproject("hatchling", "hatched").replace("0.1.0", "2.0"),
    "js/package.json": '{"name": "js", "version": "3.0.0"}',
    "cli/package.json": '{"name": "cli", "version": "0.1.0"}',
    "cli/Cargo.toml": CARGO,
    "BUILD": 'command(name = "docs", argv = ["x"], outputs = ["x"])\n',
}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_of(tmp_path, CONFIG, FILES)


def jobs(session: Session, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(query((text,), session.where, "matrix"))["include"]
    return found


def test_what_is_chosen_is_built_and_nothing_else(session: Session) -> None:
    found = jobs(session, "kind(sdist) + //:docs + //js:package")
    assert [(row["label"], row["version"]) for row in found] == [
        ("//py:sdist", "1.3.0"),
        ("//hatched:sdist", "2.0"),
        ("//js:package", "3.0.0"),
    ]


def test_the_path_of_why_is_built_too(session: Session) -> None:
    assert {row["label"] for row in jobs(session, "why(//py:wheel, py/src/lib.rs)")} == {"//py:wheel"}


def test_nothing_chosen_is_an_empty_matrix(session: Session) -> None:
    assert query(("//:docs",), session.where, "matrix") == '{"include":[]}\n'


def test_publish_nodes_are_built_by_no_job_and_what_they_send_is(session: Session) -> None:
    with pytest.raises(UsageError) as error:
        query(("//py:publish",), session.where, "matrix")
    assert str(error.value) == (
        "//py:publish: publish nodes are built by no job\n\n"
        "hint: deps(//py:publish, 1) gives the jobs that build what it sends"
    )
    assert {row["label"] for row in jobs(session, "deps(//py:publish, 1)")} == {"//py:wheel", "//py:sdist"}


def test_files_have_no_jobs(session: Session) -> None:
    with pytest.raises(UsageError) as error:
        query(("inputs(//js)",), session.where, "matrix")
    assert str(error.value) == (
        "--output matrix is for targets, and this query gives files\n\n"
        "hint: label, json and jsonl print files; owner(…) gives the targets that they belong to"
    )


def test_versions_are_those_of_the_manifests(session: Session) -> None:
    unstamped = Session(session.where, lambda _: None)
    found = {each.name: current_version(unstamped, each) for each in unstamped.config.packages}
    assert found == {"core": "1.2.3", "py": "1.3.0", "hatched": "2.0", "js": "3.0.0", "cli": "0.1.0"}


def test_all_rows_fit_their_schema(session: Session) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    whole = json.loads(query(("//...",), session.where, "matrix"))
    validate(whole, schema)
    known = {name for row in whole["include"] for name in row}
    assert schema["$defs"]["row"]["properties"].keys() - known == {"manylinux"}


def test_rows_of_machines_fit_it_too(tmp_path: Path) -> None:
    rows = [replace(row, key="0" * 64) for row in rows_of(tmp_path, CONFIG, FILES)]
    validate(json.loads(matrix_object(by_runner(rows))), json.loads(SCHEMA.read_text(encoding="utf-8")))
