"""The running job against `trust_policy`: each registry compares other claims, and differently."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from piot.inspect.doctor.job import Job
from piot.inspect.doctor.trust import job
from piot.model.diagnosis import Fact
from piot.model.package import CratesSettings, Kind, NpmSettings, Package, PypiSettings, TrustPolicy

SETTINGS: dict[Kind, Any] = {
    "crates": CratesSettings(crate="x"),
    "pypi": PypiSettings(pypi="x"),
    "npm": NpmSettings(npm="x"),
}
POLICY = TrustPolicy(workflow="release.yml", environment="release", repository="Owner/name")
JOB = Job(
    system="GitHub Actions",
    repository="Owner/name",
    workflow=".github/workflows/release.yml",
    ref="refs/heads/main",
    event="push",
    defined_in="Owner/name/.github/workflows/release.yml",
    environment="release",
    runner="github-hosted",
    subject="repo:Owner/name:environment:release",
    asks=True,
)
GITLAB = Job(
    system="GitLab CI",
    repository="Owner/name",
    workflow="release.yml",
    ref="refs/heads/main",
    event="push",
    environment="release",
)


def package(kind: Kind, policy: TrustPolicy | None = POLICY, name: str = "it") -> Package:
    return Package(
        name=name, kind=kind, path=".", paths=("**",), settings=SETTINGS[kind], trust_policy=policy
    )


EVERY = tuple(package(kind, name=kind) for kind in SETTINGS)


def codes(view: Job, *packages: Package) -> list[tuple[str, str | None]]:
    return [(each.code, each.package) for each in job(view, packages or EVERY).findings]


@pytest.mark.parametrize("view", [JOB, GITLAB], ids=lambda each: each.system)
def test_the_job_that_the_policy_names_is_fine(view: Job) -> None:
    assert codes(view) == []


def test_outside_of_ci_nothing_is_compared() -> None:
    topic = job(None, EVERY)
    assert topic.facts == (Fact(name="CI", value="none: neither GitHub Actions nor GitLab CI"),)
    assert topic.findings == ()


def test_what_is_known_of_the_job_is_shown() -> None:
    view = replace(JOB, defined_in="", environment=None, subject="", trouble="its OIDC service answers 500")
    assert [(each.name, each.value) for each in job(view, ()).facts] == [
        ("CI", "GitHub Actions"),
        ("repository", "Owner/name"),
        ("workflow", ".github/workflows/release.yml"),
        ("defined in", "not known without an OIDC token"),
        ("environment", "not known without an OIDC token"),
        ("ref", "refs/heads/main"),
        ("event", "push"),
        ("runner", "github-hosted"),
        ("OIDC", "its OIDC service answers 500"),
    ]
    assert codes(view) == []


def test_a_mismatch_names_what_the_registry_sees_and_what_was_expected() -> None:
    (found,) = job(replace(JOB, workflow=".github/workflows/ci.yml", defined_in=""), [EVERY[0]]).findings
    assert (found.code, found.severity, found.package) == ("PIOT_JOB_WORKFLOW", "error", "crates")
    assert found.message == (
        'crates.io sees the workflow_ref of this job, which is "ci.yml"; trust_policy says "release.yml"'
    )
    assert found.fix == (
        "publish from where trust_policy says, or register this one on crates.io and write it there"
    )


def test_packages_with_one_policy_are_said_together() -> None:
    two = [package("crates", name="a"), package("crates", name="b")]
    (found,) = job(replace(JOB, environment=""), two).findings
    assert (found.code, found.package) == ("PIOT_JOB_ENVIRONMENT", None)
    assert found.message == (
        'a and b: crates.io sees the environment of this job, which is not there; trust_policy says "release"'
    )


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"repository": "owner/NAME"}, ["npm"]),
        ({"repository": "Owner/other"}, ["crates", "pypi", "npm"]),
        ({"environment": "Release"}, ["npm"]),
        ({"environment": "other"}, ["crates", "pypi", "npm"]),
        ({"environment": None}, []),
        ({"workflow": ".github/workflows/ci.yml"}, ["crates", "npm"]),
        ({"defined_in": "Owner/name/.github/workflows/called.yml"}, ["pypi"]),
    ],
)
def test_on_github_each_registry_compares_in_its_own_way(change: dict[str, Any], wrong: list[str]) -> None:
    view = replace(JOB, **change)
    if "repository" in change:
        view = replace(view, defined_in=f"{view.repository}/{view.workflow}")
    found = [(code, name) for code, name in codes(view) if name is not None]
    assert [name for _, name in found] == wrong


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"environment": "Release"}, ["pypi", "npm"]),
        ({"workflow": "ci/release.yml"}, []),
        ({"workflow": ".gitlab-ci.yml"}, ["crates", "pypi", "npm"]),
    ],
)
def test_on_gitlab_each_registry_compares_in_its_own_way(change: dict[str, Any], wrong: list[str]) -> None:
    assert [name for _, name in codes(replace(GITLAB, **change))] == wrong


@pytest.mark.parametrize("kind", SETTINGS)
def test_without_a_policy_nothing_is_expected(kind: Kind) -> None:
    view = replace(JOB, workflow=".github/workflows/ci.yml", environment="other", defined_in="")
    assert codes(view, package(kind, None)) == []


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        ("pull_request_target", ["crates.io", "PyPI"]),
        ("workflow_run", ["crates.io"]),
        ("workflow_dispatch", []),
        ("schedule", []),
    ],
)
def test_events_whose_tokens_a_registry_refuses(event: str, kinds: list[str]) -> None:
    found = job(replace(JOB, event=event), EVERY).findings
    assert [(each.code, each.message) for each in found] == [
        ("PIOT_JOB_EVENT", f"{kind} refuses tokens of jobs that {event} starts") for kind in kinds
    ]


def test_npm_refuses_self_hosted_runners_and_others_do_not() -> None:
    view = replace(JOB, runner="self-hosted")
    assert codes(view) == [("PIOT_JOB_RUNNER", None)]
    assert codes(view, package("pypi"), package("crates")) == []


def test_a_subject_with_immutable_ids_is_a_warning_for_npm_alone() -> None:
    view = replace(JOB, subject="repo:Owner@1/name@2:environment:release")
    assert [(each.code, each.severity) for each in job(view, EVERY).findings] == [
        ("PIOT_JOB_SUBJECT", "warning")
    ]
    assert codes(view, package("pypi"), package("crates")) == []


def test_a_workflow_of_another_repository_can_never_publish_to_pypi() -> None:
    view = replace(JOB, defined_in="Owner/shared/.github/workflows/release.yml")
    (found,) = job(view, EVERY).findings
    assert (found.code, found.severity) == ("PIOT_JOB_REUSABLE", "error")
    assert found.message == (
        "this job is defined in another repository (Owner/shared/.github/workflows/release.yml), which PyPI "
        "never accepts"
    )
    assert codes(view, package("crates"), package("npm")) == []


def test_a_called_workflow_of_the_same_repository_has_two_names() -> None:
    view = replace(JOB, defined_in="Owner/name/.github/workflows/called.yml")
    policy = replace(POLICY, workflow="called.yml")
    (found,) = job(view, [package("pypi", policy)]).findings
    assert (found.code, found.severity) == ("PIOT_JOB_REUSABLE", "warning")
    assert found.message == (
        "this job is defined in Owner/name/.github/workflows/called.yml and called from "
        ".github/workflows/release.yml: PyPI compares the former, crates.io and npm the latter"
    )
