"""The upload tokens of one run: one per registry, but one per package of npm; renewed, and ended with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from piot.effects.clock import now
from piot.effects.http import Http
from piot.errors import PiotError
from piot.model.package import Package
from piot.model.release.registry import Place
from piot.model.secrets import Secrets
from piot.release.trusted.exchange import UploadToken, exchange
from piot.release.trusted.identity import Identity

MARGIN = {"pypi": 300.0, "crates": 300.0, "npm": 60.0}
"""Seconds before its end from which on a token is not used for another upload, which may take minutes.

npm's are said to hold five minutes, and one is for one file.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedTokens:
    """``say`` hears of tokens that could not be ended, ``secrets`` learns every token before it is used."""

    identity: Identity
    client: Callable[[Place], Http]
    secrets: Secrets
    say: Callable[[str], None]
    _held: dict[tuple[Place, str], UploadToken] = field(
        default_factory=dict[tuple[Place, str], UploadToken], init=False
    )
    _got: list[tuple[Place, UploadToken]] = field(default_factory=list[tuple[Place, UploadToken]], init=False)

    def available(self, place: Place) -> bool:
        """Whether this job can ask for one."""
        return self.identity.available(place.kind)

    def harmless(self, place: Place, *, new: bool) -> bool:
        """Whether a token that is not used and ended at once changes nothing anywhere.

        PyPI makes the project of a pending publisher when it gives a token, and what a variable of the job
        holds could not be exchanged again. ``new`` is a name that the registry does not know.
        """
        return self.identity.lasting(place.kind) and not (place.kind == "pypi" and new)

    def secret(self, place: Place, name: str, package: Package, *, index_token: str | None = None) -> str:
        """A token that holds for a while yet; raises NotTrusted or MachineError when there is none."""
        key = (place, name if place.kind == "npm" else "")
        held = self._held.get(key)
        if held is not None and now() < held.expires - MARGIN[place.kind]:
            return held.secret
        try:
            fresh = exchange(
                self.client(place),
                place,
                name,
                self.identity,
                policy=package.trust_policy,
                token=index_token,
            )
        except PiotError:
            if held is None or held.expires <= now():
                raise
            return held.secret  # the job has no other identity, and this one may do yet
        self.secrets.add(fresh.secret)
        self._got.append((place, fresh))
        self._held[key] = fresh
        return fresh.secret

    def forget(self, place: Place) -> None:
        """After a registry refused its token: the next upload asks for another."""
        for key in [key for key in self._held if key[0] == place]:
            del self._held[key]

    def close(self) -> None:
        """Ends all tokens of the run, those that were replaced too, as far as their registries can.

        A failure is only said: they end by themselves.
        """
        self._held.clear()
        while self._got:
            place, token = self._got.pop()
            try:
                token.revoke()
            except PiotError as error:
                self.say(f'a token for "{place.name}" could not be ended: {error.message}')
