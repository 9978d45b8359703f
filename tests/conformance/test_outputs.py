"""S08 to S14: skew, kinds that are still to be published, and outputs of an empty plan and of a release."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from piot.ci.outputs import github_output, published_output, skew, unpublished_kinds
from piot.load.config import parse_config
from piot.model.package import Kind
from piot.model.release.artifact import Artifact
from piot.model.release.matrix import Row, RunnerRow
from piot.model.release.registry_state import Verdict
from piot.model.release.steps import Fate, Outcome, Upload
from tests.conformance.cases import Case
from tests.support.matrices import HEAD, package
from tests.support.plans import first_release

CASES = (
    Case("S08"),
    Case("S09"),
    Case("S10"),
    Case("S11"),
    Case("S12", "≠", "an empty matrix is written too, as [] and as an object"),
    Case("S13"),
    Case("S14"),
)


def skewed(**verdicts: Verdict) -> list[tuple[str, str]]:
    text = package("core", "crates", "core") + package("wrap", "npm", "wrap", 'depends_on = ["core"]')
    return [*skew(parse_config(HEAD + text, "putitoutthere.toml").packages, verdicts)]


def row(name: str, kind: Kind) -> Row:
    return Row(
        name=name,
        kind=kind,
        version="0.1.0",
        target="noarch",
        runs_on="ubuntu-latest",
        artifact_name=f"{name}-pkg",
        artifact_path="x",
        path=name,
    )


ROWS = (row("c", "crates"), row("n", "npm"), row("p", "pypi"))


def test_s08_a_dependency_that_is_there_already() -> None:
    assert skewed(core="skip", wrap="publish") == [("wrap", "core")]


def test_s09_a_dependency_that_nothing_is_known_of() -> None:
    assert skewed(core="unknown", wrap="publish") == []


def test_s10_kinds_in_the_order_of_the_matrix() -> None:
    assert unpublished_kinds(ROWS, {"c": "skip", "n": "publish", "p": "unknown"}) == ("npm", "pypi")


def test_s11_all_that_is_published_leaves_no_kind_and_a_matrix() -> None:
    kinds = unpublished_kinds(ROWS, dict.fromkeys("cnp", "skip"))
    lines = github_output(ROWS, [], kinds).splitlines()
    assert lines[3:5] == ["unpublished_kinds=[]", "any=true"]
    assert lines[5:] == [f"build_{lines[0]}", "own_matrices={}"]
    assert lines[0].startswith('matrix=[{"name":"c","kind":"crates"')


def test_s12_an_empty_plan_is_written() -> None:
    assert github_output((), (), ()) == (
        'matrix=[]\nmatrix_object={"include":[]}\npackages=[]\nunpublished_kinds=[]\nany=false\n'
        "build_matrix=[]\nown_matrices={}\n"
    )


def upload(package: str, file: str = "x") -> Upload:
    return Upload(
        artifact=Artifact(
            package=package, kind="npm-package", registry_name=package, version="1.0.0", file=file
        )
    )


def outputs(*fates: tuple[str, Fate | None]) -> dict[str, object]:
    """Of a release of one file each, or more; no fate: it was not reached."""
    steps = [upload(name, f"{at}.tgz") for at, (name, _) in enumerate(fates)]
    outcomes = [
        Outcome(step=step, fate=fate)
        for step, (_, fate) in zip(steps, fates, strict=True)
        if fate is not None
    ]
    packages = first_release(*dict.fromkeys(name for name, _ in fates)).packages
    lines = published_output(packages, steps, outcomes).splitlines()
    return {name: json.loads(value) for name, value in (line.split("=", 1) for line in lines)}


def named(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "version": "1.0.0", "tag": f"{name}-v1.0.0"} for name in names]


def test_s13_what_was_sent_what_waits_for_somebody_and_what_was_there() -> None:
    assert outputs(("core", "done"), ("js", "staged"), ("py", "there")) == {
        "released": True,
        "released_packages": named("core"),
        "delegated": True,
        "delegated_packages": named("js"),
    }


def test_s14_what_waits_for_somebody_is_told_though_something_else_failed() -> None:
    assert outputs(("js", "staged"), ("core", "failed"), ("py", "left")) == {
        "released": False,
        "released_packages": [],
        "delegated": True,
        "delegated_packages": named("js"),
    }


@pytest.mark.parametrize(
    ("fates", "released"),
    [
        (("done", "done"), True),
        (("there", "done"), True),
        (("done", "failed"), False),
        (("done", "left"), False),
        (("done", None), False),
        (("there", "there"), False),
    ],
)
def test_a_package_is_released_by_the_run_that_sends_its_last_file(
    fates: tuple[Fate | None, ...], released: bool
) -> None:
    each: list[tuple[str, Fate | None]] = [("py", fate) for fate in fates]
    found = outputs(*each)
    assert (found["released"], found["released_packages"]) == (released, named("py") if released else [])


def test_outputs_of_a_run_that_releases_nothing_are_written() -> None:
    assert published_output((), (), ()) == (
        "released=false\nreleased_packages=[]\ndelegated=false\ndelegated_packages=[]\n"
    )


def test_rows_of_a_workflow_of_ones_own_stand_apart() -> None:
    own = replace(ROWS[1], build_workflow="own.yml")
    jobs = (ROWS[0], RunnerRow(runs_on="ubuntu-latest", rows=(own, replace(own, target="main"))))
    found = dict(line.split("=", 1) for line in github_output(jobs, [], ()).splitlines())
    assert [each["name"] for each in json.loads(found["build_matrix"])] == ["c"]
    rows = json.loads(found["own_matrices"])
    assert {name: [each["target"] for each in of_it] for name, of_it in rows.items()} == {
        "n": ["noarch", "main"]
    }
