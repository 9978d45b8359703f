"""Sends one artifact and believes nothing but what the registry has afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from piot.effects import clock
from piot.effects.http import NoAnswer
from piot.errors import InputError, MachineError, PiotError
from piot.model.artifact import Artifact, Observed, Waiting
from piot.model.registry import Place
from piot.release.observe.asking import Unreadable
from piot.release.publish.refusal import Refused
from piot.release.registries import Registries

TRIES = 4
"""How often one file is sent; the registry is read between two tries, so that none is stored twice."""
_PAUSES = (2.0, 5.0, 15.0)
LONGEST_WAIT = 1200.0
"""Seconds that a registry may ask to be left alone: crates.io gives a new crate every ten minutes."""
VISIBLE = 600.0
"""Seconds until a file that was taken must be visible; indexes lag by minutes at times."""

Send = Callable[[], "str | None"]
"""Sends the file, and gives what a kept back one is approved by; raises Refused, or MachineError without an
answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Delivers to one registry; ``say`` gets a line for whoever watches."""

    registries: Registries
    place: Place
    say: Callable[[str], None]

    def deliver(self, artifact: Artifact, send: Send) -> str:
        """Ends when the registry has these very bytes, visible to dependents.

        Gives "" when they were sent once, else what happened on the way. Raises InputError when it has
        other bytes, Refused or MachineError when it does not take them, or does not tell what it has.
        """
        for number in range(1, TRIES + 1):
            trouble = _tried(send)
            seen = self._after(artifact, expected=trouble is None or _held(trouble))
            if seen.state in ("same", "yanked"):
                self._visible(artifact)
                return "" if trouble is None else "it was there in spite of an error"
            if trouble is None:
                raise MachineError(
                    f"the registry took {artifact.file}, but does not have it {VISIBLE:.0f} seconds later",
                    hint="run it again in a while",
                )
            if seen.state == "unreachable":
                raise _unknown(artifact, trouble, seen)
            self._pause(trouble, number)
        raise AssertionError("the last try ends in the loop")

    def stage(self, artifact: Artifact, send: Send) -> str | Waiting:
        """The same for a registry that keeps the file back until a person approves it: nobody waits for that.

        Where it does not show what it keeps, its refusal to keep the same version twice is all there is to
        know. Raises as ``deliver`` does.
        """
        for number in range(1, TRIES + 1):
            try:
                return Waiting(id=send())
            except (Refused, MachineError) as error:
                trouble = error
            seen = self._after(artifact, expected=False)
            if seen.state in ("same", "yanked"):
                return "it was there in spite of an error"
            if seen.waiting is not None or _held(trouble):
                return seen.waiting or Waiting()
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

    def _after(self, artifact: Artifact, *, expected: bool) -> Observed:
        """The state by digest; where the file was taken it is waited for."""
        until = clock.stopwatch() + (VISIBLE if expected else 0.0)
        pause = 0.5
        while True:
            (seen,) = self.registries.observe(self.place, (artifact,))
            if seen.state == "different":
                raise InputError(
                    f"the registry has other bytes under the name {artifact.file}: {seen.detail}",
                    hint="take the files of the run that published them, or release another version",
                )
            if seen.state in ("same", "yanked") or clock.stopwatch() >= until:
                return seen
            self.registries.sleep(pause)
            pause = min(pause * 2, 10.0)

    def _visible(self, artifact: Artifact) -> None:
        """A cargo registry's API has a version before its index, by which alone dependents find it."""
        if self.place.kind != "crates":
            return
        until, pause = clock.stopwatch() + VISIBLE, 0.5
        while not self._listed(artifact):
            if clock.stopwatch() >= until:
                raise MachineError(
                    f"{artifact.file} is published, but not in the index after {VISIBLE:.0f} seconds",
                    hint="run it again in a while: nothing is sent twice",
                )
            self.say(f"waiting until {artifact.file} is in the index")
            self.registries.sleep(pause)
            pause = min(pause * 2, 10.0)

    def _listed(self, artifact: Artifact) -> bool:
        try:
            listing = self.registries.listing(self.place, artifact.registry_name)
        except Unreadable:
            return False
        return listing is not None and artifact.version in listing.versions


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
