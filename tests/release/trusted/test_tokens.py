"""The upload tokens of one run: how many there are, and when another is asked for."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace

import pytest

from piot.effects.http import Http
from piot.errors import MachineError
from piot.model.package import CratesSettings, Package
from piot.model.release.registry import Place
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


def test_tokens_that_were_replaced_are_ended_too(world: World) -> None:
    first = world.secret("one")
    world.tokens.forget(world.place)
    second = world.secret("one")
    world.tokens.close()
    assert (sorted(world.crates.revoked), world.crates.trusted) == (sorted([first, second]), {})


def test_a_job_whose_identity_is_spent_goes_on_with_the_token_that_it_has(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    audience = world.crates.url.partition("://")[2]
    given = {"CRATES_IO_ID_TOKEN": world.issuer.token(audience)}
    http = world.tokens.client(world.place)
    tokens = replace(world.tokens, identity=Identity(given, http, world.tokens.secrets))
    spent = replace(world, tokens=tokens)
    first = spent.secret("one")
    monkeypatch.setattr("piot.release.trusted.tokens.now", lambda: time.time() + 1700)
    assert spent.secret("two") == first, "it is old, and not at its end"
    monkeypatch.setattr("piot.release.trusted.tokens.now", lambda: time.time() + 1900)
    with pytest.raises(MachineError, match="was exchanged already"):
        spent.secret("three")


def test_what_a_token_costs_is_known_before_it_is_asked_for(world: World) -> None:
    """PyPI makes the project of a pending publisher; GitLab's tokens hold once."""
    pypi = Place(name="pypi", kind="pypi", index="http://127.0.0.1/simple", standard=True)
    npm = replace(pypi, kind="npm")
    assert world.tokens.harmless(world.place, new=True)
    assert (world.tokens.harmless(pypi, new=True), world.tokens.harmless(pypi, new=False)) == (False, True)
    given = {"PYPI_ID_TOKEN": "a.b.c", "NPM_ID_TOKEN": "a.b.c"}
    http = world.tokens.client(npm)
    tokens = replace(world.tokens, identity=Identity(given, http, world.tokens.secrets))
    assert (tokens.harmless(pypi, new=False), tokens.harmless(npm, new=False)) == (False, True)
