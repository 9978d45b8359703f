"""The running job by its variables and by the claims of its token."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from piot.effects.http import Answer, Http
from piot.errors import MachineError
from piot.inspect.doctor.job import Job, job_of
from tests.support.tokens import jwt

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "o/n",
    "GITHUB_WORKFLOW_REF": "o/n/.github/workflows/release.yml@refs/heads/main",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_EVENT_NAME": "push",
    "RUNNER_ENVIRONMENT": "github-hosted",
}
ASKING = {
    **GITHUB,
    "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1/token?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "s3cret",
}
CLAIMS = {
    "repository": "o/n",
    "workflow_ref": "o/n/.github/workflows/release.yml@refs/heads/main",
    "job_workflow_ref": "o/shared/.github/workflows/publish.yml@refs/tags/v1",
    "environment": "release",
    "ref": "refs/heads/main",
    "event_name": "push",
    "runner_environment": "self-hosted",
    "sub": "repo:o@1/n@2:environment:release",
}


class Service(Http):
    """The OIDC service of GitHub: answers with one status and body, or not at all (status 0)."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__()
        self.asked: list[tuple[str, Mapping[str, str] | None]] = []
        self._answer = (status, body)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        self.asked.append((url, headers))
        status, body = self._answer
        if not status:
            raise MachineError(f"cannot fetch {url}")
        return Answer(url=url, status=status, headers={}, body=json.dumps(body).encode())


def test_outside_of_ci_there_is_no_job() -> None:
    assert job_of({"GITHUB_REPOSITORY": "o/n"}) is None


def test_the_variables_of_github_tell_half() -> None:
    assert job_of(GITHUB) == Job(
        system="GitHub Actions",
        repository="o/n",
        workflow=".github/workflows/release.yml",
        ref="refs/heads/main",
        event="push",
        runner="github-hosted",
    )


def test_the_claims_of_a_token_tell_the_rest() -> None:
    service = Service(200, {"count": 1, "value": jwt(**CLAIMS)})
    assert job_of(ASKING, http=service) == Job(
        system="GitHub Actions",
        repository="o/n",
        workflow=".github/workflows/release.yml",
        ref="refs/heads/main",
        event="push",
        defined_in="o/shared/.github/workflows/publish.yml",
        environment="release",
        runner="self-hosted",
        subject="repo:o@1/n@2:environment:release",
        asks=True,
    )
    ((url, headers),) = service.asked
    assert url == "http://127.0.0.1/token?api-version=2.0&audience=piot-doctor"
    assert headers == {"Authorization": "Bearer s3cret", "Accept": "application/json"}


def test_a_token_without_an_environment_says_that_there_is_none() -> None:
    job = job_of(ASKING, http=Service(200, {"value": jwt(repository="o/n")}))
    assert job is not None and job.environment == ""


def test_offline_nothing_is_asked() -> None:
    service = Service(200, {"value": jwt(**CLAIMS)})
    job = job_of(ASKING, offline=True, http=service)
    assert job is not None and job.asks and job.environment is None
    assert service.asked == []


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (0, None, "its OIDC service does not answer"),
        (403, {"message": "s3cret"}, "its OIDC service answers 403"),
        (200, {"valu": "x"}, "its OIDC service answers with something else than a token"),
        (200, ["x"], "its OIDC service answers with something else than a token"),
        (200, {"value": "s3cret"}, "its OIDC token cannot be read"),
        (200, {"value": 1}, "its OIDC token cannot be read"),
    ],
)
def test_a_service_that_fails_is_a_fact_without_its_words(status: int, body: object, trouble: str) -> None:
    job = job_of(ASKING, http=Service(status, body))
    assert job is not None
    assert (job.trouble, job.workflow, job.environment) == (trouble, ".github/workflows/release.yml", None)
    assert "s3cret" not in repr(job)


def test_gitlab_gives_tokens_in_variables() -> None:
    token = jwt(
        project_path="group/sub/proj",
        ci_config_ref_uri="gitlab.example.invalid/group/sub/proj//ci/release.yml@refs/heads/main",
        ref_path="refs/heads/main",
        environment="release",
        sub="project_path:group/sub/proj:ref_type:branch:ref:main",
    )
    environ = {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push", "PYPI_ID_TOKEN": token}
    assert job_of(environ) == Job(
        system="GitLab CI",
        repository="group/sub/proj",
        workflow="ci/release.yml",
        ref="refs/heads/main",
        event="push",
        environment="release",
        subject="project_path:group/sub/proj:ref_type:branch:ref:main",
        asks=True,
        given=("pypi",),
    )


def test_without_a_token_gitlabs_variables_tell_all() -> None:
    environ = {"GITLAB_CI": "true", "CI_PROJECT_PATH": "g/p", "CI_COMMIT_REF_NAME": "main"}
    job = job_of(environ)
    assert job is not None
    assert (job.repository, job.workflow, job.environment, job.asks) == ("g/p", ".gitlab-ci.yml", "", False)
