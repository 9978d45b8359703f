"""The running CI job, as its variables and the claims of its OIDC token tell it.

GitHub: *Variables reference* and *OpenID Connect reference*; GitLab: *Predefined CI/CD variables
reference* and *OpenID Connect (OIDC) Authentication Using ID Tokens*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import quote

from piot.effects.http import Http
from piot.errors import MachineError
from piot.model.jwt import claims_of

System: TypeAlias = Literal["GitHub Actions", "GitLab CI"]

AUDIENCE = "piot-doctor"
"""No registry takes a token for it: it is asked for its claims alone."""

ID_TOKENS = {"pypi": "PYPI_ID_TOKEN", "crates": "CRATES_IO_ID_TOKEN", "npm": "NPM_ID_TOKEN"}
"""The conventional names of the variables that hold GitLab's tokens, by kind of package."""

_PATIENCE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What registries can see of the job.

    ``workflow`` is the file at the top (``.github/workflows/x.yml``), ``defined_in`` the file that the job
    stands in, with its repository (``owner/name/.github/workflows/y.yml``), empty when not known.
    ``environment`` is None when not known and empty when there is none. ``runner`` is ``github-hosted``,
    ``self-hosted`` or empty. ``asks`` says whether an OIDC token can be had, ``given`` for which kinds of
    package there is one in a variable. ``trouble`` is why claims are not known although they could be.
    """

    system: System
    repository: str
    workflow: str
    ref: str
    event: str
    defined_in: str = ""
    environment: str | None = None
    runner: str = ""
    subject: str = ""
    asks: bool = False
    given: tuple[str, ...] = ()
    trouble: str | None = None

    @property
    def file(self) -> str:
        """The bare name of the workflow at the top."""
        return self.workflow.rpartition("/")[2]


def job_of(environ: Mapping[str, str], *, offline: bool = False, http: Http | None = None) -> Job | None:
    """The job that piot runs in; None outside of GitHub Actions and GitLab CI.

    Unless ``offline``, GitHub is asked for a token that no registry takes, and its claims are read.
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ, offline=offline, http=http or Http(timeout=_PATIENCE))
    if environ.get("GITLAB_CI") == "true":
        return _gitlab(environ)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    claims: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    trouble: str | None = None


def _github(environ: Mapping[str, str], *, offline: bool, http: Http) -> Job:
    asks = all(environ.get(f"ACTIONS_ID_TOKEN_REQUEST_{part}") for part in ("URL", "TOKEN"))
    asked = _ask(environ, http) if asks and not offline else _Asked()
    claims = asked.claims
    repository = environ.get("GITHUB_REPOSITORY", "")
    reference = claims.get("workflow_ref") or environ.get("GITHUB_WORKFLOW_REF", "")
    return Job(
        system="GitHub Actions",
        repository=claims.get("repository") or repository,
        workflow=_path(reference).removeprefix(f"{repository}/"),
        ref=claims.get("ref") or environ.get("GITHUB_REF", ""),
        event=claims.get("event_name") or environ.get("GITHUB_EVENT_NAME", ""),
        defined_in=_path(claims.get("job_workflow_ref", "")),
        environment=claims.get("environment", "") if claims else None,
        runner=claims.get("runner_environment") or environ.get("RUNNER_ENVIRONMENT", ""),
        subject=claims.get("sub", ""),
        asks=asks,
        trouble=asked.trouble,
    )


def _ask(environ: Mapping[str, str], http: Http) -> _Asked:
    """The claims of a fresh token; what the service says is not repeated, for it may hold the token."""
    address = environ["ACTIONS_ID_TOKEN_REQUEST_URL"]
    url = f"{address}{'&' if '?' in address else '?'}audience={quote(AUDIENCE)}"
    headers = {
        "Authorization": f"Bearer {environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}",
        "Accept": "application/json",
    }
    try:
        answer = http.get(url, headers=headers)
    except MachineError:
        return _Asked(trouble="its OIDC service does not answer")
    finally:
        http.close()
    if answer.status != 200:
        return _Asked(trouble=f"its OIDC service answers {answer.status}")
    try:
        token = json.loads(answer.body)["value"]
    except (ValueError, KeyError, TypeError):
        return _Asked(trouble="its OIDC service answers with something else than a token")
    claims = _texts(token if isinstance(token, str) else "")
    return _Asked(claims=claims, trouble=None if claims else "its OIDC token cannot be read")


def _gitlab(environ: Mapping[str, str]) -> Job:
    given = tuple(kind for kind, name in ID_TOKENS.items() if environ.get(name))
    claims = _texts(environ[ID_TOKENS[given[0]]]) if given else {}
    project = claims.get("project_path") or environ.get("CI_PROJECT_PATH", "")
    named = _path(claims.get("ci_config_ref_uri", "")).partition("//")[2]
    return Job(
        system="GitLab CI",
        repository=project,
        workflow=named or environ.get("CI_CONFIG_PATH", "") or ".gitlab-ci.yml",
        ref=claims.get("ref_path") or environ.get("CI_COMMIT_REF_NAME", ""),
        event=environ.get("CI_PIPELINE_SOURCE", ""),
        environment=claims.get("environment", environ.get("CI_ENVIRONMENT_NAME", "")),
        subject=claims.get("sub", ""),
        asks=bool(given),
        given=given,
    )


def _path(reference: str) -> str:
    """``owner/name/.github/workflows/x.yml`` of ``….yml@refs/heads/main``."""
    return reference.partition("@")[0]


def _texts(token: str) -> dict[str, str]:
    """The claims of a token that are texts."""
    return {name: value for name, value in claims_of(token).items() if isinstance(value, str)}
