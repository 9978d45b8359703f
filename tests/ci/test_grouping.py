"""One job per machine, at most as many jobs as a matrix takes, and labels that are gone."""

from __future__ import annotations

from dataclasses import replace

from piot.ci.grouping import by_runner, handed_out, runner_findings
from piot.load.config import parse_config
from piot.model.finding import Finding
from piot.model.release.matrix import Row
from tests.support.matrices import HEAD, package

WHEEL = Row(
    name="p",
    kind="pypi",
    version="0.1.0",
    target="linux-x64-gnu",
    runs_on="ubuntu-latest",
    artifact_name="p-wheel-linux-x64-gnu",
    artifact_path="dist",
    path=".",
    label="//:wheel",
    triple="x86_64-unknown-linux-gnu",
)
SDIST = replace(WHEEL, target="sdist", label="//:sdist", triple=None, artifact_name="p-sdist")
MAC = replace(WHEEL, runs_on="macos-latest", triple="aarch64-apple-darwin", python="3.12")
ADDON = replace(WHEEL, name="n", kind="npm", label="//ts:platforms")


def test_all_work_of_a_machine_is_one_job() -> None:
    linux, mac = by_runner((WHEEL, MAC, SDIST, ADDON))
    assert linux.rows == (WHEEL, SDIST, ADDON)
    assert linux.as_json()["commands"] == [
        "build //:wheel //ts:platforms --target x86_64-unknown-linux-gnu",
        "build //:sdist",
    ]
    assert mac.as_json() == {
        "runs_on": "macos-latest",
        "runner": "macos-latest",
        "artifact_name": "piot-macos-latest",
        "commands": ["build //:wheel --target aarch64-apple-darwin --python 3.12"],
        "rows": [MAC.as_json()],
    }


def test_a_workflow_of_the_users_own_gets_its_packages_alone() -> None:
    own = replace(WHEEL, name="own", build_workflow="own.yml")
    first, second = by_runner((WHEEL, own))
    assert (first.rows, second.rows) == ((WHEEL,), (own,))
    assert second.as_json()["build_workflow"] == "own.yml"
    assert second.artifact_name == "piot-ubuntu-latest-own.yml"


def test_rows_are_put_together_where_a_matrix_would_be_too_large() -> None:
    rows = (WHEEL, MAC, SDIST)
    assert handed_out(rows, grouped=False, limit=3) == (rows, None)
    jobs, note = handed_out(rows, grouped=False, limit=2)
    assert jobs == by_runner(rows)
    assert note == (
        "3 artifacts are more than the 2 jobs that a matrix may have: "
        "there is one job for each machine, 2 in all"
    )


def test_a_label_that_is_gone_is_a_warning_at_the_package() -> None:
    named = 'targets = [{ triple = "darwin-arm64", runner = "macos-14" }]'
    config = parse_config(HEAD + package("n", "npm", ".", 'build = "napi"', named), "putitoutthere.toml")
    assert runner_findings(config.packages, "2026-11-01") == ()
    assert runner_findings(config.packages, "2026-11-02") == (
        Finding(
            code="PIOT_RUNNER_RETIRED",
            severity="warning",
            message="n is built for darwin-arm64 on macos-14, which GitHub took away on 2026-11-02",
            path="putitoutthere.toml",
            line=4,
            package="n",
            fix='set runner = "macos-15" (table of 2026-11-21)',
        ),
    )
