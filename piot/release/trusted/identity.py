"""Who this job is: identity tokens of the CI that piot runs in, asked for as late as possible.

GitHub: *OpenID Connect reference*. GitLab and others: ``id_tokens``, one variable per audience.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from piot.effects.http import Http
from piot.errors import MachineError
from piot.model.package import Kind
from piot.model.secrets import Secrets

VARIABLES: dict[Kind, str] = {
    "pypi": "PYPI_ID_TOKEN",
    "crates": "CRATES_IO_ID_TOKEN",
    "npm": "NPM_ID_TOKEN",
}
"""Where a job finds a token that was made for it at its start; each can be exchanged once."""
_URL, _TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
SHOWN = (
    *("iss", "repository", "repository_owner_id", "workflow_ref", "job_workflow_ref", "environment"),
    *("event_name", "project_path", "ci_config_ref_uri", "sub"),
)
"""The claims by which registries know a job, in the order in which they are shown."""


class Identity:
    """The identity of this job; it can be asked for many tokens at GitHub, for one of each kind elsewhere.

    ``secrets`` learns every token before it is used.
    """

    def __init__(self, env: Mapping[str, str], http: Http, secrets: Secrets) -> None:
        self._env = env
        self._secrets = secrets
        secrets.add(env.get(_TOKEN))
        self._http = http
        self._used: set[str] = set()

    def available(self, kind: Kind) -> bool:
        """Whether there is any for a registry of this kind."""
        return bool(self._env.get(VARIABLES[kind]) or (self._env.get(_URL) and self._env.get(_TOKEN)))

    def token(self, kind: Kind, audience: str) -> str:
        """A fresh token; raises MachineError when there is none, or when the only one was used."""
        token = self._token(kind, audience)
        self._secrets.add(token)
        return token

    def _token(self, kind: Kind, audience: str) -> str:
        if given := self._env.get(VARIABLES[kind]):
            if given in self._used:
                raise MachineError(
                    f"the token in {VARIABLES[kind]} was exchanged already, and each can be once",
                    hint="run the job again; it gets a new one",
                )
            self._used.add(given)
            return given
        if not self.available(kind):
            raise MachineError(
                "this job has no identity", hint="add `id-token: write` to the permissions of the job"
            )
        return self._of_github(audience)

    def _of_github(self, audience: str) -> str:
        url = self._env[_URL]
        address = f"{url}{'&' if '?' in url else '?'}audience={quote(audience, safe='')}"
        headers = {"Authorization": f"Bearer {self._env[_TOKEN]}", "Accept": "application/json"}
        answer = self._http.get(address, headers=headers)
        try:
            return str(json.loads(answer.body)["value"]) if answer.status == 200 else _refused(answer.status)
        except (ValueError, KeyError, TypeError) as error:
            raise MachineError("the CI's identity service answered something else than a token") from error


def _refused(status: int) -> str:
    raise MachineError(f"the CI gives no identity token: it answered {status}")


def claims_of(token: str) -> dict[str, object]:
    """What a token says, not verified: for messages only. Empty for what is no JWT (RFC 7519)."""
    try:
        part = token.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return cast("dict[str, object]", said) if isinstance(said, dict) else {}
    except (ValueError, IndexError):
        return {}


def described(claims: Mapping[str, object]) -> str:
    """The claims that registries look at, one a line."""
    return "".join(f"\n  {name}: {claims[name]}" for name in SHOWN if claims.get(name) is not None)


def workflow_file(ref: object) -> str | None:
    """``release.yml`` of ``owner/repo/.github/workflows/release.yml@refs/heads/main``."""
    found = re.search(r"/([^/@]+)@", ref) if isinstance(ref, str) else None
    return found[1] if found else None
