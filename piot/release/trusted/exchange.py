"""Identity tokens exchanged for short-lived upload tokens, as each registry wants it.

PyPI: *Trusted publishers, internals*. crates.io: RFC 3691. npm: *Trusted publishing*.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from piot.effects.clock import now
from piot.effects.http import Answer, Http, NoAnswer, without_secrets
from piot.errors import MachineError
from piot.model.jwt import claims_of
from piot.model.npm.packument import escaped
from piot.model.package import TrustPolicy
from piot.model.release.registry import Place
from piot.release.observe import crates
from piot.release.publish.refusal import Refused
from piot.release.trusted.explain import described, expected, suspicions
from piot.release.trusted.identity import Identity

_LIFETIME = {"pypi": 900.0, "crates": 1800.0, "npm": 300.0}
"""Seconds that a token holds where the answer does not tell."""
_NO_ROUTE = (404, 405)
_OFFICIAL = frozenset({"pypi", "testpypi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadToken:
    """``expires`` is in seconds since 1970, ``revoke`` ends it before."""

    secret: str = field(repr=False)
    expires: float
    revoke: Callable[[], None] = lambda: None


class NotTrusted(MachineError):
    """A registry did not exchange the identity of this job."""


def exchange(
    http: Http,
    place: Place,
    name: str,
    identity: Identity,
    *,
    policy: TrustPolicy | None = None,
    token: str | None = None,
) -> UploadToken:
    """An upload token: for PyPI and crates.io for all that trust this job, for npm for the package ``name``.

    ``policy`` is what the publisher should say, ``token`` what a private cargo index is read with. Raises
    NotTrusted with the registry's words and the claims of the job.
    """
    match place.kind:
        case "pypi":
            return _pypi(http, place, identity, policy)
        case "crates":
            return _crates(http, place, identity, policy, token)
        case "npm":
            return _npm(http, place, name, identity, policy)


def _pypi(http: Http, place: Place, identity: Identity, policy: TrustPolicy | None) -> UploadToken:
    parts = urlsplit(place.upload or "")
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/_/oidc"
    asked = http.get(f"{base}/audience")
    if asked.status != 200:
        raise NotTrusted(f'the index "{place.name}" has no trusted publishing: it answered {asked.status}')
    audience = _text(asked, "audience")
    if not place.standard and place.name != "testpypi" and audience in _OFFICIAL:
        raise NotTrusted(f'the index "{place.name}" asks for a token that is for another one ({audience})')
    jwt = identity.token("pypi", audience)
    answer = _posted(http, f"{base}/mint-token", headers=_JSON, content=_json(token=jwt))
    if answer.status != 200:
        raise _not_trusted("the index", place, answer, jwt, policy)
    identity.used("pypi", jwt)
    secret = _text(answer, "token")

    def burn() -> None:
        _ended(http, "POST", f"{base}/burn-token", headers=_JSON, content=_json(token=secret))

    return UploadToken(secret=secret, expires=_expiry(answer, "pypi"), revoke=burn)


def _crates(
    http: Http, place: Place, identity: Identity, policy: TrustPolicy | None, token: str | None
) -> UploadToken:
    api = crates.settings(http, place, token=token).api
    if api is None:
        raise NotTrusted(f'the registry "{place.name}" takes no crates: its index names no api')
    url = f"{api}/api/v1/trusted_publishing/tokens"
    jwt = identity.token("crates", api.partition("://")[2])
    answer = _posted(http, url, headers=_JSON, content=_json(jwt=jwt))
    if answer.status != 200:
        raise _not_trusted("the registry", place, answer, jwt, policy)
    identity.used("crates", jwt)
    secret = _text(answer, "token")

    def revoke() -> None:
        _ended(http, "DELETE", url, headers={"Authorization": f"Bearer {secret}"})

    return UploadToken(secret=secret, expires=_expiry(answer, "crates"), revoke=revoke)


def _npm(http: Http, place: Place, name: str, identity: Identity, policy: TrustPolicy | None) -> UploadToken:
    parts = urlsplit(place.index)
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    jwt = identity.token("npm", f"npm:{parts.hostname}")
    url = f"{origin}/-/npm/v1/oidc/token/exchange/package/{escaped(name)}"
    answer = _posted(http, url, headers={"Authorization": f"Bearer {jwt}"})
    if answer.status not in (200, 201):
        raise _not_trusted(f"npm, for {name},", place, answer, jwt, policy)
    return UploadToken(secret=_text(answer, "token"), expires=_expiry(answer, "npm"))


def _posted(http: Http, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> Answer:
    """Raises Refused for what passes: the next try has an identity token of its own, as each holds once."""
    answer = http.send("POST", url, headers=headers, content=content)
    if answer.status == 429 or answer.status >= 500:
        wait = answer.wait(now=now())
        text = f"{without_secrets(url)} answered {answer.status}"
        raise Refused(f"no upload token: {text}", passing=True, wait=wait)
    return answer


def _ended(http: Http, method: str, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> None:
    """Asked once more when no answer comes; an index without the route lets its tokens end by themselves."""
    try:
        answer = http.send(method, url, headers=headers, content=content)
    except NoAnswer:
        answer = http.send(method, url, headers=headers, content=content)
    if answer.status >= 400 and answer.status not in _NO_ROUTE:
        raise MachineError(f"{without_secrets(url)} answered {answer.status}")


_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def _json(**values: str) -> bytes:
    return json.dumps(values).encode()


def _text(answer: Answer, key: str) -> str:
    try:
        return str(json.loads(answer.body)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise NotTrusted(f"the registry answered something else than a {key}") from error


def _expiry(answer: Answer, kind: str) -> float:
    """By our clock, of what is told by the registry's."""
    try:
        return float(json.loads(answer.body)["expires"]) + now() - answer.time(otherwise=now())
    except (ValueError, KeyError, TypeError):
        return now() + _LIFETIME[kind]


def _not_trusted(who: str, place: Place, answer: Answer, jwt: str, policy: TrustPolicy | None) -> NotTrusted:
    claims = claims_of(jwt)
    message = f"{who} does not trust this job ({answer.status}): {_words(answer)}"
    hints = [f"the publisher at the registry must be of these claims:{described(claims)}"]
    if policy is not None:
        hints.append(f"trust_policy says:{expected(place.kind, claims, policy)}")
    return NotTrusted(message, hint="\n".join((*hints, *suspicions(place.kind, claims))))


def _words(answer: Answer) -> str:
    """PyPI's errors, crates.io's details, npm's message: each as the registry wrote it."""
    try:
        said = json.loads(answer.body)
        rows = [each.get("description") or each.get("detail") for each in said.get("errors", ())]
        return "; ".join(str(row) for row in rows if row) or str(said.get("message") or "it gives no reason")
    except (ValueError, TypeError, AttributeError):
        return answer.body.decode("utf-8", "replace").strip()[:300] or "it gives no reason"
