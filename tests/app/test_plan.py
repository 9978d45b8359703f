"""A plan with its matrix: jobs for what is planned, warnings about machines, and what is only rebuilt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from piot.app.plan import MatrixRequest, Planned, planned
from piot.app.releasing.release_plan import PlanRequest
from piot.app.session.where import Where
from piot.model.release.matrix import Row, RunnerRow
from tests.support.matrices import CARGO, package, session_of
from tests.support.repository import do

CONFIG = (
    package("core", "crates", "core")
    + package(
        "addon",
        "npm",
        "addon",
        'build = "napi"',
        'depends_on = ["core"]',
        'targets = ["linux-x64-gnu", { triple = "darwin-arm64", runner = "macos-14" }]',
    )
    + package("js", "npm", "js")
)

FILES = {
    "core/Cargo.toml": CARGO,
    "core/src/lib.rs": "",
    "addon/package.json": '{"name": "addon", "version": "0.1.0"}',
    "addon/Cargo.toml": CARGO.replace("core", "addon"),
    "addon/src/lib.rs": "",
    "js/package.json": '{"name": "js", "version": "0.1.0"}',
    "package-lock.json": "{}",
    ".gitignore": ".piot\n",
}


@pytest.fixture
def where(tmp_path: Path) -> Where:
    """Everything was released as 0.1.0."""
    where = session_of(tmp_path, CONFIG, FILES).where
    do(tmp_path, "init", "--quiet")
    commit(tmp_path)
    for name in ("core", "addon", "js"):
        do(tmp_path, "tag", f"{name}-v0.1.0")
    return where


def commit(root: Path) -> None:
    do(root, "add", "--all")
    do(root, "commit", "--quiet", "--message=x")


def plan(where: Where, *, grouped: bool = False, exact: bool = True) -> Planned:
    wanted = MatrixRequest(grouped=grouped, exact=exact)
    return planned(PlanRequest(), wanted, replace(where, offline=True), lambda _: None)


def test_what_is_planned_has_jobs_with_its_version(where: Where) -> None:
    (where.directory / "core/src/lib.rs").write_text("//")
    commit(where.directory)
    found = plan(where)
    assert [(row.name, row.target, row.version, row.runs_on) for row in found.rows] == [
        ("core", "noarch", "0.1.1", "ubuntu-latest"),
        ("addon", "linux-x64-gnu", "0.1.1", "ubuntu-latest"),
        ("addon", "darwin-arm64", "0.1.1", "macos-14"),
        ("addon", "main", "0.1.1", "ubuntu-latest"),
    ]
    assert found.jobs == found.rows
    assert all(len(row.input_key) == 64 and row.key is None for row in found.rows)
    assert [(each.code, each.package) for each in found.findings] == [
        ("PIOT_RUNNER_RETIRED", "addon"),
        ("PIOT_REGISTRY_UNASKED", None),
    ]
    assert found.rebuilt == ()


def test_the_jobs_of_a_machine_can_be_one(where: Where) -> None:
    (where.directory / "core/src/lib.rs").write_text("//")
    commit(where.directory)
    found = plan(where, grouped=True)
    assert [job.runs_on for job in found.jobs if isinstance(job, RunnerRow)] == ["ubuntu-latest", "macos-14"]


def test_a_matrix_that_is_only_shown_has_the_same_rows_without_keys(where: Where) -> None:
    (where.directory / "js/index.js").write_text("")
    commit(where.directory)
    shown, exact = (plan(where, exact=exact).rows for exact in (False, True))

    def about(row: Row) -> tuple[str, str, str]:
        return row.artifact_name, row.label, row.version

    assert list(map(about, shown)) == list(map(about, exact)) == [("js-pkg", "//js:package", "0.1.1")]
    assert shown[0].input_key == ""


def test_nothing_planned_has_no_jobs_and_says_what_is_rebuilt(where: Where) -> None:
    (where.directory / "package-lock.json").write_text("{ }")
    commit(where.directory)
    found = plan(where)
    assert (found.rows, found.plan.packages) == ((), ())
    assert {each.package: each.files for each in found.rebuilt} == {
        "addon": ("package-lock.json",),
        "js": ("package-lock.json",),
    }
    assert found.github_output.splitlines()[0] == "matrix=[]"


def test_a_version_that_no_manifest_can_hold_is_said(where: Where) -> None:
    (where.directory / "core/Cargo.toml").unlink()
    commit(where.directory)
    found = plan(where)
    assert [each.code for each in found.findings] == [
        "PIOT_RUNNER_RETIRED",
        "PIOT_NOT_STAMPED",
        "PIOT_REGISTRY_UNASKED",
    ]
    assert [row.name for row in found.rows] == ["core", "addon", "addon", "addon"]


def test_more_artifacts_than_jobs_are_put_together(tmp_path: Path) -> None:
    many = "".join(package(f"p{number}", "npm", f"p{number}") for number in range(257))
    where = session_of(
        tmp_path, many, {f"p{n}/package.json": f'{{"name": "p{n}", "version": "0.1.0"}}' for n in range(257)}
    ).where
    do(tmp_path, "init", "--quiet")
    commit(tmp_path)
    found = plan(where)
    assert (len(found.rows), len(found.jobs)) == (257, 1)
    assert [each.code for each in found.findings] == ["PIOT_REGISTRY_UNASKED", "PIOT_MATRIX_SIZE"]
