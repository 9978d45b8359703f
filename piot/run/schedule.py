"""Runs a plan: cached actions at once and in order, the rest as many at a time as the machine allows."""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from piot.effects import files, spawn
from piot.errors import Interrupted
from piot.model import events
from piot.model.action import ActionId, CommandAction
from piot.model.digest import Digest
from piot.model.events import ActionStatus, Emit
from piot.model.plan import BuildPlan
from piot.model.result import ActionResult
from piot.run.execute import Executor, Prepared, Ran
from piot.run.jobserver import Jobserver
from piot.run.sources import Changed

ATTEMPTS = 3
"""How often an action starts again because its sources were edited meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an action. ``because`` is the action that failed when this one was skipped."""

    status: ActionStatus
    result: ActionResult | None = None
    key: Digest | None = None
    reason: str = ""
    seconds: float = 0.0
    log: Path | None = None
    message: str = ""
    because: ActionId | None = None
    kept: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``jobs`` actions at a time; ``memory`` bytes for all; ``force`` are actions run whether cached or not."""

    jobs: int
    memory: int
    keep_going: bool = False
    force: frozenset[ActionId] = frozenset()


class Scheduler:
    """One run of one plan."""

    def __init__(self, executor: Executor, limits: Limits, emit: Emit, fifo_folder: Path) -> None:
        self._executor = executor
        self._limits = limits
        self._emit = emit
        self._jobserver = Jobserver(fifo_folder, limits.jobs)
        self._outcomes: dict[ActionId, Outcome] = {}
        self._running: dict[ActionId, CommandAction] = {}
        self._ended: queue.SimpleQueue[tuple[ActionId, Outcome | BaseException]] = queue.SimpleQueue()

    def run(self, plan: BuildPlan) -> Mapping[ActionId, Outcome]:
        """The outcome of every action; raises Interrupted after ending what runs."""
        self._emit(events.BuildStarted(total=len(plan.actions)))
        waiting = self._cached(plan)
        if waiting:
            with self._jobserver:
                self._run_waiting(waiting)
        return self._outcomes

    def foresee(self, plan: BuildPlan) -> Mapping[ActionId, Outcome]:
        """What ``run`` would do, as far as it is known before anything has run: ``ran`` with the reason."""
        for name, action in self._cached(plan).items():
            reason = "waits for what it is made from"
            if self._ready(action) and name not in self._limits.force:
                prepared = self._executor.prepare(action, self._results(action))
                reason = self._executor.history.reason(name, prepared.parts)
            self._outcomes[name] = Outcome(status="ran", reason=reason)
        return self._outcomes

    def _cached(self, plan: BuildPlan) -> dict[ActionId, CommandAction]:
        """Takes every result that the store has, without a thread; gives the actions that are left."""
        waiting: dict[ActionId, CommandAction] = {}
        for name, action in plan.actions.items():
            if name in self._limits.force or not self._ready(action):
                waiting[name] = action
                continue
            prepared = self._executor.prepare(action, self._results(action))
            result = self._executor.look_up(prepared)
            if result is None:
                waiting[name] = action
            else:
                self._finish(action, Outcome(status="cached", result=result, key=prepared.keyed.key))
        return waiting

    def _run_waiting(self, waiting: dict[ActionId, CommandAction]) -> None:
        try:
            while waiting or self._running:
                self._skip(waiting)
                self._start(waiting)
                if self._running:
                    self._reap()
        except (KeyboardInterrupt, Interrupted) as error:
            spawn.stop_all()
            while self._running:
                self._running.pop(self._ended.get()[0])
            raise Interrupted("interrupted: what finished is kept, the rest was ended") from error

    def _start(self, waiting: dict[ActionId, CommandAction]) -> None:
        for name, action in list(waiting.items()):
            if self._ready(action) and self._fits(action) and self._jobserver.take():
                del waiting[name]
                self._running[name] = action
                threading.Thread(target=self._work, args=(action,), name=name, daemon=True).start()

    def _fits(self, action: CommandAction) -> bool:
        used = sum(each.memory for each in self._running.values())
        return not self._running or used + action.memory <= self._limits.memory

    def _skip(self, waiting: dict[ActionId, CommandAction]) -> None:
        """Gives up what needs a failed action, and everything after the first failure without ``-k``."""
        failed = next((name for name, each in self._outcomes.items() if each.status == "failed"), None)
        for name, action in list(waiting.items()):
            because = next((need for need in action.needs if self._lost(need)), None)
            if because is not None:
                because = self._outcomes[because].because or because
            elif failed is not None and not self._limits.keep_going:
                because = failed
            if because is not None:
                del waiting[name]
                self._finish(action, Outcome(status="skipped", because=because))

    def _lost(self, name: ActionId) -> bool:
        return name in self._outcomes and self._outcomes[name].result is None

    def _reap(self) -> None:
        name, outcome = self._ended.get()
        action = self._running.pop(name)
        self._jobserver.give()
        if isinstance(outcome, BaseException):
            raise outcome
        self._finish(action, outcome)

    def _ready(self, action: CommandAction) -> bool:
        return all(need in self._outcomes and not self._lost(need) for need in action.needs)

    def _results(self, action: CommandAction) -> dict[ActionId, ActionResult]:
        found = {need: self._outcomes[need].result for need in action.needs}
        return {name: result for name, result in found.items() if result is not None}

    def _work(self, action: CommandAction) -> None:
        try:
            self._ended.put((action.id, self._attempts(action)))
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            self._ended.put((action.id, error))

    def _attempts(self, action: CommandAction) -> Outcome:
        for _ in range(ATTEMPTS):
            try:
                return self._attempt(self._executor.prepare(action, self._results(action)))
            except Changed as error:
                edited = error
        return Outcome(status="failed", message=f"its sources keep changing while it runs: {edited}")

    def _attempt(self, prepared: Prepared) -> Outcome:
        action, key = prepared.action, prepared.keyed.key
        force = action.id in self._limits.force
        result = None if force else self._executor.look_up(prepared)
        if result is not None:
            return Outcome(status="cached", result=result, key=key)
        reason = "--force" if force else self._executor.history.reason(action.id, prepared.parts)
        self._emit(
            events.ActionStarted(
                id=action.id, description=action.mnemonic, mnemonic=action.mnemonic, label=action.label
            )
        )
        ran = self._executor.perform(
            prepared,
            self._jobserver.fifo,
            force=force,
            on_wait=lambda owner: self._emit(events.Waiting(id=action.id, for_what=owner)),
        )
        if isinstance(ran, ActionResult):
            return Outcome(status="cached", result=ran, key=key)
        return self._outcome(prepared, ran, reason)

    def _outcome(self, prepared: Prepared, ran: Ran, reason: str) -> Outcome:
        action, key = prepared.action, prepared.keyed.key
        for warning in ran.warnings:
            self._emit(events.Warning(text=f"{action.label}: {warning}"))
        if ran.result is not None:
            self._executor.history.keep(action.id, key, prepared.parts, ran.seconds)
        return Outcome(
            status="failed" if ran.result is None else "ran",
            result=ran.result,
            key=key,
            reason=reason,
            seconds=ran.seconds,
            log=ran.log,
            message=ran.message,
            kept=ran.kept,
        )

    def _finish(self, action: CommandAction, outcome: Outcome) -> None:
        self._outcomes[action.id] = outcome
        reason = outcome.reason if outcome.status == "ran" else outcome.message or (outcome.because or "")
        self._emit(
            events.ActionFinished(
                id=action.id,
                status=outcome.status,
                seconds=outcome.seconds,
                reason=reason,
                log_path=None if outcome.log is None else str(outcome.log),
                output=b"" if outcome.log is None else files.read_file(outcome.log),
                label=action.label,
                description=action.mnemonic,
            )
        )
