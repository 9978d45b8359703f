"""The upload tokens of one run: one per registry, but one per package of npm; renewed, and ended with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from piot.effects.clock import now
from piot.effects.http import Http
from piot.errors import PiotError
from piot.model.package import Package
from piot.model.registry import Place
from piot.model.secrets import Secrets
from piot.release.trusted.exchange import UploadToken, exchange
from piot.release.trusted.identity import Identity

MARGIN = 120.0
"""Seconds before its end from which on a token is not used for another upload."""


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

    def available(self, place: Place) -> bool:
        """Whether this job can ask for one."""
        return self.identity.available(place.kind)

    def secret(self, place: Place, name: str, package: Package, *, index_token: str | None = None) -> str:
        """A token that holds for a while yet; raises NotTrusted or MachineError when there is none."""
        key = (place, name if place.kind == "npm" else "")
        held = self._held.get(key)
        if held is None or held.expires - MARGIN < now():
            held = exchange(
                self.client(place),
                place,
                name,
                self.identity,
                policy=package.trust_policy,
                token=index_token,
            )
            self.secrets.add(held.secret)
            self._held[key] = held
        return held.secret

    def forget(self, place: Place) -> None:
        """After a registry refused its token: the next upload asks for another."""
        for key in [key for key in self._held if key[0] == place]:
            del self._held[key]

    def close(self) -> None:
        """Ends all tokens, as far as their registries can; a failure is only said: they end by themselves."""
        while self._held:
            (place, _), token = self._held.popitem()
            try:
                token.revoke()
            except PiotError as error:
                self.say(f'the token for "{place.name}" could not be ended: {error.message}')
