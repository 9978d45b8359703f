"""Who this job is: identity tokens of the CI that piot runs in, asked for as late as possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from piot.effects.http import Http
from piot.errors import MachineError
from piot.model.jwt import claims_of
from piot.model.secrets import Secrets
from piot.release.trusted import sources
from piot.release.trusted.sources import Purpose


class Identity:
    """The identity of this job; some systems give as many tokens as are asked for, some a few variables.

    ``secrets`` learns every token before it is used.
    """

    def __init__(self, env: Mapping[str, str], http: Http, secrets: Secrets) -> None:
        self._env = env
        self._secrets = secrets
        secrets.add(env.get(sources.TOKEN))
        secrets.add(env.get(sources.AGENT_TOKEN))
        self._http = http
        self._used: set[str] = set()

    def available(self, kind: Purpose) -> bool:
        """Whether there is any for a registry of this kind."""
        return bool(sources.given(kind, self._env)) or sources.asking(kind, self._env) is not None

    def lasting(self, kind: Purpose) -> bool:
        """Whether an exchange leaves the job with as many tokens as before.

        PyPI and crates.io take each once, and of what a variable holds there is no second.
        """
        return kind == "npm" or not sources.given(kind, self._env)

    def token(self, kind: Purpose, audience: str) -> str:
        """A token that was not used; raises MachineError when there is none."""
        token = self._given(kind, audience)
        if token is None:
            ask = sources.asking(kind, self._env)
            if ask is None:
                raise MachineError("this job has no identity", hint=sources.lacking(self._env))
            token = ask(self._http, audience)
        self._secrets.add(token)
        return token

    def used(self, kind: Purpose, token: str) -> None:
        """After a registry took it: PyPI and crates.io take none twice (``jti``)."""
        if kind in ("pypi", "crates"):
            self._used.add(token)

    def _given(self, kind: Purpose, audience: str) -> str | None:
        found = sources.given(kind, self._env)
        if not found:
            return None
        for _, token in found:
            self._secrets.add(token)
        meant = [(name, token) for name, token in found if audience in _audiences(token, audience)]
        if not meant:
            name, token = found[0]
            raise MachineError(
                f"the token in {name} is for {_said(token)}, and this registry wants one for {audience}",
                hint=f"give the job one more in id_tokens, with aud: {audience}, as {_free(kind, found)}",
            )
        fresh = [token for _, token in meant if token not in self._used]
        if not fresh:
            raise MachineError(
                f"the token in {meant[-1][0]} was exchanged already, and each can be once",
                hint=f"run the job again; it gets a new one. One more in id_tokens, as {_free(kind, found)}, "
                "lasts for longer runs",
            )
        return fresh[0]


def _audiences(token: str, otherwise: str) -> tuple[str, ...]:
    """Whom a token is for; what cannot be read is left to the registry."""
    said = claims_of(token).get("aud", otherwise)
    return tuple(map(str, cast("list[object]", said))) if isinstance(said, list) else (str(said),)


def _said(token: str) -> str:
    return " and ".join(_audiences(token, "nobody"))


def _free(kind: Purpose, found: tuple[tuple[str, str], ...]) -> str:
    """A variable that another token can be put into."""
    taken = {name for name, _ in found}
    name = sources.VARIABLES[kind][0]
    return next(each for number in range(2, 99) if (each := f"{name}_{number}") not in taken)
