"""Identity tokens by CI system: who asks whom, and which of several variables is taken."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from piot.effects.http import Http
from piot.errors import MachineError
from piot.model.package import Kind
from piot.model.secrets import Secrets
from piot.release.trusted.identity import Identity
from tests.support.loopback import Plain, Reply, Request
from tests.support.tokens import jwt

FAKE = """\
#!/bin/sh
echo "$0 $*" | sed 's,.*/,,' >> "{log}"
env > "{log}.env"
[ -n "$FAIL" ] && {{ echo "no such job" >&2; exit 1; }}
printf '%s\\n' '{token}'
"""


@dataclass(kw_only=True)
class Job:
    """A job with programs of its own on PATH; ``told`` are the secrets that GitHub's log would hide."""

    folder: Path
    env: dict[str, str]
    http: Http
    told: list[str] = field(default_factory=list[str])

    def program(self, name: str) -> None:
        path = self.folder / name
        path.write_text(FAKE.format(log=self.folder / "log", token=jwt(aud="npm:127.0.0.1")))
        path.chmod(0o755)

    def identity(self, **env: str) -> Identity:
        return Identity({**self.env, **env}, self.http, Secrets(self.told.append))

    def token(self, kind: Kind, audience: str, **env: str) -> str:
        return self.identity(**env).token(kind, audience)

    def refused(self, kind: Kind, audience: str, **env: str) -> str:
        with pytest.raises(MachineError) as caught:
            self.token(kind, audience, **env)
        return str(caught.value)


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Job, None, None]:
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    http = Http(sleep=lambda _: None)
    yield Job(folder=tmp_path, env={"PATH": path}, http=http)
    http.close()


AGENTS = [
    (
        "buildkite-agent",
        {"BUILDKITE": "true", "BUILDKITE_AGENT_ACCESS_TOKEN": "agent-secret"},
        "buildkite-agent oidc request-token --audience npm:127.0.0.1\n",
    ),
    (
        "circleci",
        {"CIRCLECI": "true", "CIRCLE_JOB": "release"},
        'circleci run oidc get --claims {"aud": "npm:127.0.0.1"}\n',
    ),
]


@pytest.mark.parametrize(("name", "env", "words"), AGENTS, ids=[each[0] for each in AGENTS])
def test_an_agent_is_asked_for_a_token_that_npm_accepts(
    job: Job, name: str, env: Mapping[str, str], words: str
) -> None:
    job.program(name)
    token = job.token("npm", "npm:127.0.0.1", **env, OTHER_SECRET="not for the agent")
    assert (token, token in job.told) == (jwt(aud="npm:127.0.0.1"), True)
    assert (job.folder / "log").read_text() == words
    given = (job.folder / "log.env").read_text()
    assert ("not for the agent" in given, all(f"{key}={value}" in given for key, value in env.items())) == (
        False,
        True,
    )


@pytest.mark.parametrize(("name", "env"), [each[:2] for each in AGENTS], ids=[each[0] for each in AGENTS])
def test_registries_that_do_not_know_an_agent_are_not_shown_its_tokens(
    job: Job, name: str, env: Mapping[str, str]
) -> None:
    job.program(name)
    assert [kind for kind in ("pypi", "crates") if job.identity(**env).available(kind)] == []


def test_an_agent_that_gives_none_is_quoted(job: Job) -> None:
    job.program("buildkite-agent")
    path = job.folder / "buildkite-agent"
    path.write_text(path.read_text().replace("$FAIL", "yes"))
    assert job.refused("npm", "npm:127.0.0.1", BUILDKITE="true") == (
        "buildkite-agent gives no identity token: no such job"
    )


@pytest.fixture
def metadata() -> Generator[tuple[str, list[Request]], None, None]:
    asked: list[Request] = []

    def answer(request: Request) -> Reply:
        asked.append(request)
        return Reply(body=b"of.google.cloud\n")

    server = Plain(answer)
    with server.running():
        yield server.url.partition("://")[2], asked


def test_a_machine_of_google_asks_its_metadata_server_for_pypi(
    job: Job, metadata: tuple[str, list[Request]]
) -> None:
    host, asked = metadata
    env = {"GCE_METADATA_HOST": host}
    assert job.token("pypi", "pypi", **env) == "of.google.cloud"
    (request,) = asked
    assert request.path == "/computeMetadata/v1/instance/service-accounts/default/identity"
    assert (request.query, request.headers["metadata-flavor"]) == ("audience=pypi&format=full", "Google")
    assert not job.identity(**env).available("crates")
    assert not job.identity(**env, GITHUB_ACTIONS="true").available("pypi"), "a job of GitHub is one"


def test_of_several_variables_the_one_for_the_audience_is_taken(job: Job) -> None:
    real, trial = jwt(aud="pypi", n=1), jwt(aud="testpypi")
    env = {"PYPI_ID_TOKEN": real, "TESTPYPI_ID_TOKEN": trial}
    assert (job.token("pypi", "pypi", **env), job.token("pypi", "testpypi", **env)) == (real, trial)


def test_a_token_for_another_registry_is_not_spent(job: Job) -> None:
    assert job.refused("pypi", "testpypi", PYPI_ID_TOKEN=jwt(aud="pypi"), GITLAB_CI="true") == (
        "the token in PYPI_ID_TOKEN is for pypi, and this registry wants one for testpypi\n\n"
        "hint: give the job one more in id_tokens, with aud: testpypi, as PYPI_ID_TOKEN_2"
    )


def test_a_job_with_two_tokens_can_exchange_twice(job: Job) -> None:
    first, second = jwt(aud="crates.io", n=1), jwt(aud="crates.io", n=2)
    identity = job.identity(CRATES_IO_ID_TOKEN=first, CRATES_IO_ID_TOKEN_2=second)
    for token in (first, second):
        assert identity.token("crates", "crates.io") == token
        identity.used("crates", token)
    with pytest.raises(MachineError, match="CRATES_IO_ID_TOKEN_2 was exchanged already"):
        identity.token("crates", "crates.io")


def test_npm_takes_one_token_for_every_package(job: Job) -> None:
    """Its exchange is one for each, and npm itself sends the same again."""
    identity = job.identity(NPM_ID_TOKEN=jwt(aud="npm:127.0.0.1"))
    for _ in range(3):
        identity.used("npm", identity.token("npm", "npm:127.0.0.1"))


def test_a_job_of_gitlab_without_a_token_is_told_of_id_tokens(job: Job) -> None:
    assert job.refused("crates", "crates.io", GITLAB_CI="true") == (
        "this job has no identity\n\n"
        "hint: give the job an entry in id_tokens for the registry, with its audience"
    )
