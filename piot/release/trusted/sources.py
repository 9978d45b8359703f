"""Where the identity tokens of a job come from, by CI system and by what each registry accepts.

PyPI accepts GitHub, GitLab, Google Cloud and ActiveState, crates.io GitHub and GitLab, npm GitHub, GitLab,
CircleCI and Buildkite. GitLab makes tokens at the start of a job and puts them into variables, which hold
everywhere: a job of any system may fill them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import quote

from piot.effects.allowed import allowed
from piot.effects.http import Http
from piot.effects.peek import read_if_there
from piot.effects.process import run
from piot.errors import MachineError
from piot.model.package import Kind

Purpose: TypeAlias = Kind | Literal["sigstore"]
"""What an identity token is for: a kind of registry, or Sigstore, which signs with it."""

VARIABLES: Mapping[Purpose, tuple[str, ...]] = {
    "pypi": ("PYPI_ID_TOKEN", "TESTPYPI_ID_TOKEN"),
    "crates": ("CRATES_IO_ID_TOKEN",),
    "npm": ("NPM_ID_TOKEN",),
    "sigstore": ("SIGSTORE_ID_TOKEN",),
}
"""Where a job finds tokens that were made for it at its start; further ones end in ``_2`` and so on."""
URL, TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
AGENT_TOKEN = "BUILDKITE_AGENT_ACCESS_TOKEN"
_BUILDKITE = ("buildkite-agent", "oidc", "request-token", "--audience")
_CIRCLE = ("circleci", "run", "oidc", "get", "--claims")
_CI = ("GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI")
_PRODUCT = Path("/sys/class/dmi/id/product_name")
_METADATA = "metadata.google.internal"
PATIENCE = 60.0
"""Seconds that an agent may take for a token."""

Ask = Callable[[Http, str], str]
"""Gives a fresh token for an audience; raises MachineError when there is none."""


def given(kind: Purpose, env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The variables with tokens for a kind of registry, and the tokens."""
    known = VARIABLES[kind]
    names = [name for name in env if name in known or name.rpartition("_")[0] in known]
    return tuple((name, env[name]) for name in sorted(names, key=lambda name: (len(name), name)) if env[name])


def asking(kind: Purpose, env: Mapping[str, str]) -> Ask | None:
    """How this job asks for a token that a registry of this kind accepts; None when it cannot."""
    if env.get(URL) and env.get(TOKEN):
        return lambda http, audience: _of_github(http, env, audience)
    if kind == "npm" and env.get("BUILDKITE") == "true":
        return lambda _, audience: _of_agent((*_BUILDKITE, audience), env, "BUILDKITE")
    if kind == "npm" and env.get("CIRCLECI") == "true":
        return lambda _, audience: _of_agent((*_CIRCLE, json.dumps({"aud": audience})), env, "CIRCLE")
    if kind in ("pypi", "sigstore") and not any(env.get(name) for name in _CI) and _on_google(env):
        return lambda http, audience: _of_google(http, env, audience)
    return None


def lacking(env: Mapping[str, str]) -> str:
    """What would give this job an identity."""
    if env.get("GITLAB_CI") == "true":
        return "give the job an entry in id_tokens for the registry, with its audience"
    return "add `id-token: write` to the permissions of the job"


def _of_github(http: Http, env: Mapping[str, str], audience: str) -> str:
    """By *OpenID Connect reference*; the address has a query already."""
    url = env[URL]
    address = f"{url}{'&' if '?' in url else '?'}audience={quote(audience, safe='')}"
    headers = {"Authorization": f"Bearer {env[TOKEN]}", "Accept": "application/json"}
    answer = http.get(address, headers=headers)
    if answer.status != 200:
        raise MachineError(
            f"the CI gives no identity token: it answered {answer.status}",
            hint=f"{lacking(env)}, and of the workflow that calls it"
            if answer.status in (401, 403)
            else None,
        )
    try:
        return str(json.loads(answer.body)["value"])
    except (ValueError, KeyError, TypeError) as error:
        raise MachineError("the CI's identity service answered something else than a token") from error


def _of_agent(words: tuple[str, ...], env: Mapping[str, str], own: str) -> str:
    """Buildkite: ``buildkite-agent oidc``; CircleCI: *OpenID Connect tokens with custom claims*."""
    done = run(words, cwd=Path.cwd(), env=allowed(env, prefixes=(own,)), timeout=PATIENCE)
    token = done.stdout.decode("utf-8", "replace").strip()
    if done.code or not token:
        raise MachineError(f"{words[0]} gives no identity token: {done.complaint}")
    return token


def _on_google(env: Mapping[str, str]) -> bool:
    if env.get("GCE_METADATA_HOST"):
        return True
    try:
        return (read_if_there(_PRODUCT) or b"").strip() in (b"Google", b"Google Compute Engine")
    except MachineError:
        return False


def _of_google(http: Http, env: Mapping[str, str], audience: str) -> str:
    """Google Cloud: *Get an ID token from the metadata server*."""
    host = env.get("GCE_METADATA_HOST") or _METADATA
    path = "computeMetadata/v1/instance/service-accounts/default/identity"
    url = f"http://{host}/{path}?audience={quote(audience, safe='')}&format=full"
    answer = http.get(url, headers={"Metadata-Flavor": "Google"})
    if answer.status != 200:
        raise MachineError(f"Google's metadata server gives no identity token: it answered {answer.status}")
    return answer.body.decode("utf-8", "replace").strip()
