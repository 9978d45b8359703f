"""The upload tokens of one run: how many there are, and when another is asked for."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import pytest

from piot.effects.http import Http
from piot.model.package import CratesSettings, Package
from piot.model.registry import Place
from piot.model.secrets import Secrets
from piot.release.trusted.identity import Identity
from piot.release.trusted.tokens import TrustedTokens
from tests.support.oidc import Issuer, Publisher, TrustedCargoRegistry

NAMES = ("one", "two", "three")


@dataclass(frozen=True, kw_only=True)
class World:
    """A cargo registry that trusts this job for three crates."""

    issuer: Issuer
    crates: TrustedCargoRegistry
    tokens: TrustedTokens
    place: Place

    def secret(self, name: str) -> str:
        settings = CratesSettings(crate=name)
        package = Package(name=name, kind="crates", path=name, paths=(), settings=settings)
        return self.tokens.secret(self.place, name, package)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Generator[World, None, None]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    issuer = Issuer()
    crates = TrustedCargoRegistry(issuer)
    crates.publishers.update({name: Publisher() for name in NAMES})
    http, secrets = Http(sleep=lambda _: None), Secrets()
    tokens = TrustedTokens(
        identity=Identity(issuer.env, http, secrets),
        client=lambda _: http,
        secrets=secrets,
        say=lambda _: None,
    )
    with issuer.running(), crates.running():
        place = Place(name="crates-io", kind="crates", index=crates.index, standard=True)
        yield World(issuer=issuer, crates=crates, tokens=tokens, place=place)
        http.close()


def test_one_token_serves_all_crates_of_a_run_and_is_ended_with_it(world: World) -> None:
    assert len({world.secret(name) for name in NAMES}) == 1
    world.tokens.close()
    assert (world.issuer.issued, len(world.crates.revoked), world.crates.trusted) == (1, 1, {})


def test_after_a_refusal_another_is_asked_for(world: World) -> None:
    first = world.secret("one")
    world.tokens.forget(world.place)
    assert world.secret("one") != first
    assert world.issuer.issued == 2
