"""Sends one artifact and believes nothing but what the registry has afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from piot.effects import clock
from piot.effects.http import NoAnswer
from piot.errors import InputError, MachineError, PiotError
from piot.model.release.artifact import Artifact, Observed, Waiting
from piot.model.release.registry import Place
from piot.release.observe.asking import Unreadable
from piot.release.publish.refusal import Refused
from piot.release.registries import Registries
from piot.release.steps import Later

TRIES = 4
"""How often one file is sent; the registry is read between two tries, so that none is stored twice."""
_PAUSES = (2.0, 5.0, 15.0)
LONGEST_WAIT = 1200.0
"""Seconds that a registry may ask to be left alone: crates.io gives a new crate every ten minutes."""
VISIBLE = 600.0
"""Seconds until a file that was taken must be visible; indexes lag by minutes at times."""

_GOOD = ("same", "yanked")

Send = Callable[[], "str | None"]
"""Sends the file, and gives what a kept back one is approved by; raises Refused, or MachineError without an
answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Delivers to one registry; ``say`` gets a line for whoever watches."""

    registries: Registries
    place: Place
    say: Callable[[str], None]

    def deliver(self, artifact: Artifact, send: Send) -> str | Later:
        """Ends when the registry has taken the file: at once visible, or ``Later`` waits until it is.

        Told is "" when it was sent once, else what happened on the way. Raises InputError when the registry
        has other bytes, Refused or MachineError when it does not take them, or does not tell what it has.
        """
        for number in range(1, TRIES + 1):
            trouble = _tried(send)
            later = Later(finish=partial(self._awaited, artifact, trouble, clock.stopwatch() + VISIBLE))
            seen = self._seen(artifact)
            if seen.state in _GOOD and self._listed(artifact):
                return _told(trouble)
            if seen.state in _GOOD or trouble is None or _held(trouble):
                return later
            if seen.state == "unreachable":
                raise _unknown(artifact, trouble, seen)
            self._pause(trouble, number)
        raise AssertionError("the last try ends in the loop")

    def stage(self, artifact: Artifact, send: Send) -> str | Waiting:
        """The same for a registry that keeps the file back until a person approves it: nobody waits for that.

        Where it does not show what it keeps, its refusal to keep the same version twice is all there is to
        know. Raises as ``deliver`` does.
        """
        address = self.registries.elsewhere(self.place)
        for number in range(1, TRIES + 1):
            try:
                return Waiting(id=send(), registry=address)
            except (Refused, MachineError) as error:
                trouble = error
            seen = self._seen(artifact)
            if seen.state in _GOOD:
                return _told(trouble)
            if seen.waiting is not None or _held(trouble):
                return seen.waiting or Waiting(registry=address)
            if seen.state == "unreachable":
                raise _unknown(artifact, trouble, seen)
            self._pause(trouble, number)
        raise AssertionError("the last try ends in the loop")

    def _pause(self, trouble: Refused | MachineError, number: int) -> None:
        """Waits before another try; raises the trouble where another would not help."""
        passing = trouble.passing if isinstance(trouble, Refused) else isinstance(trouble, NoAnswer)
        wait = trouble.wait if isinstance(trouble, Refused) else None
        if not passing or number == TRIES or (wait or 0.0) > LONGEST_WAIT:
            raise trouble
        pause = _PAUSES[number - 1] if wait is None else wait + 1.0
        self.say(f"waiting {pause:.0f} s: {trouble.message.splitlines()[0]}")
        self.registries.sleep(pause)

    def _awaited(self, artifact: Artifact, trouble: Refused | MachineError | None, until: float) -> str:
        """Waits until dependents can see a file that was taken; raises what it comes to at ``until``."""
        self.say(f"waiting until the registry shows {artifact.file}")
        pause = 0.5
        while True:
            seen = self._seen(artifact)
            if seen.state in _GOOD and self._listed(artifact):
                return _told(trouble)
            if clock.stopwatch() >= until:
                raise _invisible(artifact, trouble, seen)
            self.registries.sleep(pause)
            pause = min(pause * 2, 10.0)

    def _seen(self, artifact: Artifact) -> Observed:
        """The state by digest; raises InputError for other bytes."""
        (seen,) = self.registries.observe(self.place, (artifact,))
        if seen.state == "different":
            raise InputError(
                f"the registry has other bytes under the name {artifact.file}: {seen.detail}",
                hint="take the files of the run that published them, or release another version",
            )
        return seen

    def _listed(self, artifact: Artifact) -> bool:
        """A cargo registry's API has a version before its index, by which alone dependents find it."""
        if self.place.kind != "crates":
            return True
        try:
            listing = self.registries.listing(self.place, artifact.registry_name)
        except Unreadable:
            return False
        return listing is not None and artifact.version in listing.versions


def _told(trouble: Refused | MachineError | None) -> str:
    return "" if trouble is None else "it was there in spite of an error"


def _invisible(
    artifact: Artifact, trouble: Refused | MachineError | None, seen: Observed
) -> Refused | MachineError:
    """Why a file that was taken cannot be counted as published."""
    if seen.state in _GOOD:
        return MachineError(
            f"{artifact.file} is published, but not in the index after {VISIBLE:.0f} seconds",
            hint="run it again in a while: nothing is sent twice",
        )
    if trouble is not None:
        return _unknown(artifact, trouble, seen) if seen.state == "unreachable" else trouble
    return MachineError(
        f"the registry took {artifact.file}, but does not have it {VISIBLE:.0f} seconds later",
        hint="run it again in a while",
    )


def _unknown(artifact: Artifact, trouble: PiotError, seen: Observed) -> MachineError:
    """Nobody knows whether the file was stored, and it is not sent again on a guess."""
    return MachineError(
        f"{trouble.message}\nwhether the registry has {artifact.file} now cannot be told: {seen.detail}",
        hint="run it again: what is there is not sent twice",
    )


def _held(trouble: Refused | MachineError) -> bool:
    return isinstance(trouble, Refused) and trouble.held


def _tried(send: Send) -> Refused | MachineError | None:
    try:
        send()
    except (Refused, MachineError) as error:
        return error
    return None
