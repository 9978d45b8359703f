"""All registries of a release behind one door: what they have of a name, and the state of artifacts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from piot.effects import clock
from piot.effects.cargo_config import CargoConfig
from piot.effects.http import Http, without_secrets
from piot.effects.npm_config import usual_registry
from piot.model.npm.stage import StagedVersion, staged
from piot.model.release.artifact import Artifact, Observed
from piot.model.release.listing import Listing, observed
from piot.model.release.registry import Place
from piot.release.credentials import stored
from piot.release.observe import crates, npm, pypi
from piot.release.observe.asking import Unreadable

Question: TypeAlias = tuple[Place, str]
"""A registry, and the name that it is asked for."""

_AT_ONCE = 16
"""Questions on their way at a time: a registry answers in some 100 ms, and none of them minds so few."""

_MISSING = ("absent", "unknown name")

WHOLE = 600.0
"""Seconds that one answer may take: pages have some megabytes, files that have to be read some hundred."""

API_PACE = 1.0
"""Seconds between two calls of a cargo registry's API (crates.io, *Data Access*); its index has no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long answers are waited for.

    After ``silence`` seconds without a word a question is asked again, up to ``attempts`` times, unless the
    registry wants to be left alone for more than ``pause`` seconds. After ``all`` seconds many questions
    that are asked together are given up.
    """

    silence: float
    attempts: int
    pause: float
    all: float | None = None


LONG = Patience(silence=20.0, attempts=5, pause=120.0)
BRIEF = Patience(silence=3.0, attempts=2, pause=2.0, all=10.0)
"""For answers that are good to have, and not needed."""


class Registries:
    """Reads registries, from many threads.

    Credentials are shown to private registries of cargo, and for what waits at npm; ``root`` is the checkout
    whose configuration knows them.
    """

    def __init__(
        self,
        root: Path,
        env: Mapping[str, str],
        *,
        patience: Patience = LONG,
        sleep: Callable[[float], None] = clock.sleep,
    ) -> None:
        self.sleep = sleep
        self.patience = patience
        self._root = root
        self._env = env
        self._lock = threading.Lock()
        self._next_call = 0.0
        self._clients: dict[tuple[str | None, Path | None], Http] = {}

    def listings(self, questions: Sequence[Question]) -> dict[Question, Listing | Unreadable | None]:
        """What registries have of many names, asked for side by side; an answer may be that there is none.

        What has no answer when the time for all is over is Unreadable.
        """
        from concurrent.futures import ThreadPoolExecutor, wait

        patience = self.patience.all
        pool = ThreadPoolExecutor(_AT_ONCE)
        asked = {each: pool.submit(self._listing_or_why, each) for each in dict.fromkeys(questions)}
        done, _ = wait(asked.values(), patience)
        pool.shutdown(wait=patience is None, cancel_futures=True)
        late = Unreadable(f"no answer within {patience or 0:g} seconds")
        return {each: future.result() if future in done else late for each, future in asked.items()}

    def _listing_or_why(self, question: Question) -> Listing | Unreadable | None:
        try:
            return self.listing(*question)
        except Unreadable as error:
            return error

    def listing(self, place: Place, name: str) -> Listing | None:
        """Everything that a registry has of a name, None when it does not know it; raises Unreadable."""
        http = self.client(place)
        match place.kind:
            case "crates":
                return crates.listing(http, place, name, token=self.cargo_token(place))
            case "pypi":
                return pypi.listing(http, place, name)
            case "npm":
                return npm.listing(http, place, name)

    def observe(self, place: Place, artifacts: Sequence[Artifact]) -> tuple[Observed, ...]:
        """The state of each by digest; ``unreachable``, with the reason, where no answer can be had."""
        by_name: dict[str, list[Artifact]] = {}
        for artifact in artifacts:
            by_name.setdefault(artifact.registry_name, []).append(artifact)
        found: dict[Artifact, Observed] = {}
        for name, group in by_name.items():
            found.update((each.artifact, each) for each in self._observe(place, name, group))
        return tuple(found[artifact] for artifact in artifacts)

    def waiting(self, place: Place, name: str) -> tuple[StagedVersion, ...] | None:
        """What of a name waits for an approval; None where nobody tells this run."""
        if not place.stage:
            return ()
        credential = stored(place, self._root, self._env)
        if credential is None:
            return None
        found = npm.waiting(self.client(place), place, name, credential.secret)
        return found and tuple(replace(each, registry=self.elsewhere(place)) for each in found)

    def elsewhere(self, place: Place) -> str | None:
        """The address that npm has to be told for a place, None for the one that it asks by itself."""
        return None if place.index.rstrip("/") == self._usual else without_secrets(place.index)

    @cached_property
    def _usual(self) -> str | None:
        return usual_registry(self._env)

    def client(self, place: Place) -> Http:
        """The connections to a place; those reached the same way share them."""
        key = (place.proxy, place.cainfo)
        with self._lock:
            if key not in self._clients:
                proxy, cainfo = key
                self._clients[key] = Http(
                    proxy=proxy,
                    cainfo=cainfo,
                    timeout=self.patience.silence,
                    attempts=self.patience.attempts,
                    longest=self.patience.pause,
                    whole=WHOLE,
                    sleep=self.sleep,
                )
            return self._clients[key]

    def cargo_token(self, place: Place) -> str | None:
        """What cargo would show a registry."""
        return self._cargo.token(place.name) if place.kind == "crates" else None

    @cached_property
    def _cargo(self) -> CargoConfig:
        return CargoConfig.read(self._root, self._env)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()

    def _observe(self, place: Place, name: str, artifacts: Sequence[Artifact]) -> list[Observed]:
        try:
            listing = self.listing(place, name)
            if place.kind == "pypi" and listing is not None:
                listing = self._told(place, listing, {each.file for each in artifacts})
            found = [observed(each, listing) for each in artifacts]
            if place.stage:
                return self._staged(place, name, found)
            return self._asked_again(place, found) if place.kind == "crates" else found
        except Unreadable as error:
            return [Observed(artifact=each, state="unreachable", detail=error.reason) for each in artifacts]

    def _staged(self, place: Place, name: str, found: list[Observed]) -> list[Observed]:
        """What nobody can install yet may wait for an approval."""
        if all(each.state not in _MISSING for each in found):
            return found
        versions = self.waiting(place, name) or ()
        return [staged(each.artifact, versions) or each if each.state in _MISSING else each for each in found]

    def _wait_for_turn(self) -> None:
        with self._lock:
            pause = self._next_call - clock.stopwatch()
            self._next_call = max(self._next_call, clock.stopwatch()) + API_PACE
        if pause > 0:
            self.sleep(pause)

    def _told(self, place: Place, listing: Listing, wanted: set[str]) -> Listing:
        """An index need not tell digests: then the files themselves do."""
        http = self.client(place)
        files = tuple(pypi.hashed(http, each) if each.file in wanted else each for each in listing.files)
        return Listing(name=listing.name, files=files, withdrawn=listing.withdrawn)

    def _asked_again(self, place: Place, found: list[Observed]) -> list[Observed]:
        """The API of a cargo registry knows a version before the index does."""
        if all(each.state not in _MISSING for each in found):
            return found
        http, token = self.client(place), self.cargo_token(place)
        api = crates.settings(http, place, token=token).api
        return found if api is None else [self._by_api(http, api, each, token) for each in found]

    def _by_api(self, http: Http, api: str, seen: Observed, token: str | None) -> Observed:
        artifact = seen.artifact
        if seen.state not in _MISSING:
            return seen
        self._wait_for_turn()
        held = crates.by_api(http, api, artifact.registry_name, artifact.version, token=token)
        if held is None:
            return seen
        return observed(artifact, Listing(name=artifact.registry_name, files=(held,)))
