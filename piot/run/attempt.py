"""What one action comes to: the result that is stored, what would happen, or a run."""

from __future__ import annotations

from collections.abc import Mapping, Set
from contextlib import suppress
from pathlib import Path

from piot.model import events
from piot.model.action import ActionId, CommandAction
from piot.model.events import Emit
from piot.model.result import ActionResult
from piot.run.execute import Executor, Hit, Watch
from piot.run.outcome import Outcome
from piot.run.runner import Prepared, Ran
from piot.run.sources import Changed
from piot.run.stores.local import Missing

ATTEMPTS = 3
"""How often an action starts again because its sources were edited, or its inputs lost, meanwhile."""

Results = Mapping[ActionId, ActionResult]
"""Of the actions that one is made from."""


class Attempts:
    """Those of one plan, from any thread; ``force`` runs though there is a result."""

    def __init__(self, executor: Executor, emit: Emit, force: Set[ActionId]) -> None:
        self._executor = executor
        self._emit = emit
        self._force = force

    def lacks(self, action: CommandAction) -> int:
        """How many pinned files would be downloaded before its key is known."""
        return self._executor.lacks(action)

    def stored(self, action: CommandAction, results: Results, *, whole: bool) -> Outcome | None:
        """A stored result; None when there is none, or that needs a run to be known.

        Without ``whole`` the store may have lost a part of it.
        """
        with suppress(Missing):
            hit = self._executor.recall(action, results, whole=whole)
            if hit is not None:
                return Outcome(status="cached", result=hit.result, key=hit.key)
        prepared = self._prepared(action, results)
        hit = None if prepared is None else self._executor.look_up(prepared, whole=whole)
        return None if prepared is None or hit is None else self._cached(prepared, hit)

    def foreseen(self, action: CommandAction, results: Results | None, lacks: int) -> Outcome:
        """A run with its reason, and its key where that is known.

        ``results`` are None where one is not there yet, ``lacks`` is how many pinned files are not.
        """
        forced = action.id in self._force
        if lacks:
            reason = f"{lacks} of its pinned files are not fetched yet"
            return Outcome(status="ran", reason="--force" if forced else reason)
        prepared = None if results is None else self._prepared(action, results)
        if prepared is None:
            return Outcome(status="ran", reason="waits for what it is made from")
        reason = "--force" if forced else self._executor.reason(prepared)
        return Outcome(status="ran", reason=reason, key=prepared.keyed.key)

    def made(self, action: CommandAction, results: Results, fifo: Path | None) -> Outcome:
        """Runs it where there is no result, and looks again at sources that were edited meanwhile.

        ``fifo`` is the jobserver's. Raises Missing when the store has lost a part of ``results``.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(self._executor.prepare(action, results), fifo)
            except Changed as error:
                if attempt == ATTEMPTS:
                    return Outcome(status="failed", message=f"cannot read its sources: {error}")
            except Missing:
                self._executor.distrust()
                raise
        raise AssertionError("the last attempt returns or raises")

    def _prepared(self, action: CommandAction, results: Results) -> Prepared | None:
        """None when that needs another attempt: a source was edited, or the store has lost something."""
        try:
            return self._executor.prepare(action, results)
        except (Changed, Missing):
            return None

    def _once(self, prepared: Prepared, fifo: Path | None) -> Outcome:
        force = prepared.action.id in self._force
        hit = None if force else self._executor.look_up(prepared)
        if hit is not None:
            return self._cached(prepared, hit)
        reason = "--force" if force else self._executor.reason(prepared)
        watch = self._watch(prepared.action)
        ran = self._executor.perform(prepared, fifo, force=force, watch=watch)
        return self._cached(prepared, ran) if isinstance(ran, Hit) else self._ran(prepared, ran, reason)

    def _watch(self, action: CommandAction) -> Watch:
        def waits(owner: str) -> None:
            self._emit(
                events.Waiting(id=action.id, for_what=owner, label=action.label, description=action.mnemonic)
            )

        def begins(does: str) -> None:
            self._emit(
                events.ActionStarted(
                    id=action.id, description=does, mnemonic=action.mnemonic, label=action.label
                )
            )

        return Watch(waits=waits, begins=begins)

    def _cached(self, prepared: Prepared, hit: Hit) -> Outcome:
        """A result that was made elsewhere counts as the last one here too, to say what differs later."""
        if not self._executor.history.knows(prepared.action.id, hit.key):
            seconds = hit.result.metadata.seconds
            self._executor.history.keep(prepared.action.id, hit.key, prepared.parts, seconds)
        return Outcome(status="cached", result=hit.result, key=hit.key)

    def _ran(self, prepared: Prepared, ran: Ran, reason: str) -> Outcome:
        action, key = prepared.action, prepared.keyed.key
        for warning in ran.warnings:
            self._emit(events.Warning(text=f"{action.label}: {warning}"))
        if ran.result is not None and ran.kept is not None:
            self._emit(events.Note(text=f"{action.label}: run {action.mnemonic} again by: sh {ran.kept}"))
        history = self._executor.history
        aside = ran.result is None or ran.incremental
        keep = history.keep_aside if aside else history.keep
        keep(action.id, key, prepared.parts, ran.seconds)
        return Outcome(
            status="failed" if ran.result is None else "ran",
            result=ran.result,
            key=key,
            reason=reason,
            seconds=ran.seconds,
            log=ran.log,
            message=ran.message,
            kept=ran.kept,
            start=ran.start,
            incremental=ran.incremental,
        )
