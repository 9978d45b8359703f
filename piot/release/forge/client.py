"""Requests to GitHub's REST API, each sent once, with its refusals in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from piot.effects.clock import now
from piot.effects.http import Answer, Http, without_secrets
from piot.errors import MachineError
from piot.release.publish.refusal import Refused

VERSION = "2022-11-28"
"""Of the API; it is named in every request (*API Versions*)."""
_SECONDARY = 60.0
"""Seconds to wait after a secondary limit that names none (*Rate limits for the REST API*)."""
_RIGHTS = "the token needs to write contents (in a job: permissions: contents: write)"


class Missing(MachineError):
    """There is no such thing, or nothing that the token may see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub:
    """``api`` is the address without a slash at its end, ``repository`` is ``owner/name``."""

    http: Http
    api: str
    repository: str
    token: str = field(repr=False)

    def get(self, path: str) -> object:
        """The answer below the repository; raises Missing, Refused or MachineError."""
        return _parsed(self._sent("GET", self._url(path)))

    def change(self, method: str, path: str, values: Mapping[str, object]) -> object:
        """What was made or changed; raises as ``get`` does."""
        body = json.dumps(values).encode()
        return _parsed(self._sent(method, self._url(path), content=body, kind="application/json"))

    def delete(self, path: str) -> None:
        """Removes something; raises as ``get`` does."""
        self._sent("DELETE", self._url(path))

    def send_file(self, url: str, data: bytes) -> object:
        """The asset that was made of a file; ``url`` is on a host of its own."""
        return _parsed(self._sent("POST", url, content=data, kind="application/octet-stream"))

    def download(self, path: str) -> bytes:
        """The bytes of an asset."""
        headers = {**self._headers, "Accept": "application/octet-stream"}
        answer = self.http.get(self._url(path), headers=headers)
        if answer.status != 200:
            raise _refusal(answer)
        return answer.body

    def _url(self, path: str) -> str:
        return f"{self.api}/repos/{self.repository}/{path}"

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
        }

    def _sent(self, method: str, url: str, *, content: bytes = b"", kind: str = "") -> Answer:
        headers = {**self._headers, **({"Content-Type": kind} if kind else {})}
        answer = self.http.send(method, url, headers=headers, content=content)
        if answer.status == 404:
            raise Missing(f"GitHub has no {without_secrets(url)}, or the token may not see it", hint=_RIGHTS)
        if not 200 <= answer.status < 300:
            raise _refusal(answer)
        return answer


def _parsed(answer: Answer) -> object:
    try:
        return cast("object", json.loads(answer.body))
    except ValueError as error:
        raise Refused("GitHub answered something else than JSON", passing=True) from error


def _refusal(answer: Answer) -> Refused | MachineError:
    words = _words(answer)
    if answer.status in (301, 302, 307, 308):
        return MachineError(
            f"{without_secrets(answer.url)} has moved",
            hint="the repository was renamed: `git remote set-url origin` its new address",
        )
    limit = _limited(answer, words)
    # what exists already was made by somebody meanwhile: reading again tells what it is
    passing = limit is not None or answer.status in (408, 429) or answer.status >= 500
    passing = passing or "already_exists" in words
    rights = answer.status in (401, 403) and not passing
    message = f"GitHub refuses {without_secrets(answer.url)} ({answer.status}): {words}"
    return Refused(message, hint=_RIGHTS if rights else None, passing=passing, wait=limit)


def _limited(answer: Answer, words: str) -> float | None:
    """Seconds until a rate limit ends (403 and 429 mean it); None where it is none, or tells nothing."""
    if answer.status not in (403, 429):
        return None
    headers = answer.headers
    asked = answer.wait(now=now())
    if asked is not None:
        return asked
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - answer.time(otherwise=now()))
    return _SECONDARY if "rate limit" in words.lower() else None


def _words(answer: Answer) -> str:
    """GitHub's message, with the fields that it finds fault with."""
    try:
        said = json.loads(answer.body)
        faults = [
            each
            if isinstance(each, str)
            else each.get("message") or f"{each.get('field')}: {each.get('code')}"
            for each in said.get("errors", ())
        ]
        return "; ".join([str(said.get("message") or "it gives no reason"), *map(str, faults)])
    except (ValueError, TypeError, AttributeError):
        return answer.body.decode("utf-8", "replace").strip()[:300] or "it gives no reason"
