"""Runs a plan: cached actions at once and in order, the rest as many at a time as the machine allows."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from piot.effects import spawn
from piot.errors import Interrupted
from piot.model import events
from piot.model.action import ActionId, CommandAction
from piot.model.events import Emit
from piot.model.plan import BuildPlan
from piot.model.result import ActionResult
from piot.run.attempt import ATTEMPTS, Attempts
from piot.run.execute import Executor
from piot.run.jobserver import Jobserver
from piot.run.outcome import Outcome, finished
from piot.run.stores.local import Missing

STARVED = 0.1
"""Seconds between two looks for a free processor while a running cargo holds all of them."""

LISTENS = 1.0
"""Seconds that a wait lasts: a signal that comes just before it is handled only when it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``jobs`` actions at a time, ``memory`` bytes for all; ``force`` runs though there is a result."""

    jobs: int
    memory: int
    keep_going: bool = False
    force: frozenset[ActionId] = frozenset()


class Settled(NamedTuple):
    """What is known before a part of a plan runs: all else of it is cached.

    ``outcomes`` are of what the part is made from, ``told`` is said of every action outside of the part.
    """

    outcomes: Mapping[ActionId, Outcome]
    told: Sequence[events.ActionFinished]


class Scheduler:
    """One run of one plan; ``fifo`` is where the jobserver may stand."""

    def __init__(self, executor: Executor, limits: Limits, emit: Emit, fifo: Path) -> None:
        self._attempts = Attempts(executor, emit, limits.force)
        self._limits = limits
        self._emit = emit
        self._jobserver = Jobserver(fifo, limits.jobs)
        self._plan: Mapping[ActionId, CommandAction] = {}
        self._outcomes: dict[ActionId, Outcome] = {}
        self._waiting: dict[ActionId, CommandAction] = {}
        self._running: dict[ActionId, CommandAction] = {}
        self._threads: dict[ActionId, threading.Thread] = {}
        self._failed: ActionId | None = None
        self._recovered: Counter[ActionId] = Counter()
        self._ended: queue.SimpleQueue[tuple[ActionId, Outcome | BaseException]] = queue.SimpleQueue()

    def run(self, plan: BuildPlan, settled: Settled | None = None) -> Mapping[ActionId, Outcome]:
        """The outcome of every action; what is raised (Interrupted among it) is after all children ended.

        With ``settled`` the plan is a part of a larger one.
        """
        outcomes, told = settled or Settled({}, ())
        self._emit(events.BuildStarted(total=len(plan.actions) + len(told)))
        for event in told:
            self._emit(event)
        self._outcomes.update(outcomes)
        delivered = {output.action for each in plan.requested for output in each.outputs}
        self._take_cached(plan, frozenset(), trusted=plan.actions.keys() - delivered)
        if self._waiting:
            with self._jobserver:
                self._run_waiting()
        return self._outcomes

    def foresee(self, plan: BuildPlan) -> Mapping[ActionId, Outcome]:
        """What ``run`` would do, as far as it is known before anything has run: ``ran`` with the reason."""
        lacks = {name: self._attempts.lacks(action) for name, action in plan.actions.items()}
        self._take_cached(plan, frozenset(name for name, count in lacks.items() if count))
        for name, action in self._waiting.items():
            results = self._results(action) if self._ready(action) else None
            self._outcomes[name] = self._attempts.foreseen(action, results, lacks[name])
        return self._outcomes

    def _take_cached(
        self, plan: BuildPlan, untold: Set[ActionId], *, trusted: Set[ActionId] = frozenset()
    ) -> None:
        """Takes every result that the store has, without a thread; ``untold`` and what is left wait.

        Whether the results of ``trusted`` are whole is left to who needs them, if anybody does: what an
        action finds missing is made anew.
        """
        self._plan = plan.actions
        for name, action in plan.actions.items():
            waits = name in self._limits.force or name in untold or not self._ready(action)
            whole = name not in trusted
            found = None if waits else self._attempts.stored(action, self._results(action), whole=whole)
            if found is None:
                self._waiting[name] = action
            else:
                self._finish(action, found)

    def _run_waiting(self) -> None:
        try:
            while self._waiting or self._running:
                self._skip()
                starved = self._start()
                if self._running:
                    self._reap(starved=starved)
        except BaseException as error:
            spawn.stop_all()
            self._await_threads()
            if isinstance(error, KeyboardInterrupt | Interrupted):
                raise Interrupted("interrupted: what finished is kept, the rest was ended") from error
            raise

    def _await_threads(self) -> None:
        """Not by what they put into the queue: a signal may have come as the last of it was taken out."""
        for thread in self._threads.values():
            if thread.is_alive():
                thread.join()

    def _start(self) -> bool:
        """Starts what can; gives whether something could but for a processor."""
        if not self._running:
            self._jobserver.refill()
        for name, action in list(self._waiting.items()):
            if self._ready(action) and self._fits(action):
                if not self._jobserver.take():
                    return len(self._running) < self._limits.jobs
                del self._waiting[name]
                self._running[name] = action
                work = (action, self._results(action))
                thread = threading.Thread(target=self._work, args=work, name=name, daemon=True)
                self._threads[name] = thread
                thread.start()
        return False

    def _fits(self, action: CommandAction) -> bool:
        used = sum(each.memory for each in self._running.values())
        return not self._running or used + action.memory <= self._limits.memory

    def _skip(self) -> None:
        """Gives up what needs a failed action, and everything after the first failure without ``-k``.

        The plan's order, dependencies first, lets one pass reach everything.
        """
        if self._failed is None:
            return
        for name, action in list(self._waiting.items()):
            because = next((need for need in action.needs if self._lost(need)), None)
            if because is not None:
                because = self._outcomes[because].because or because
            elif not self._limits.keep_going:
                because = self._failed
            if because is not None:
                del self._waiting[name]
                self._finish(action, Outcome(status="skipped", because=because))

    def _lost(self, name: ActionId) -> bool:
        return name in self._outcomes and self._outcomes[name].result is None

    def _reap(self, *, starved: bool) -> None:
        try:
            name, outcome = self._ended.get(timeout=STARVED if starved else LISTENS)
        except queue.Empty:
            return
        action = self._running.pop(name)
        del self._threads[name]
        self._jobserver.give()
        if isinstance(outcome, Missing):
            self._recover(action, outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            self._finish(action, outcome)

    def _recover(self, action: CommandAction, missing: Missing) -> None:
        """Makes anew what ``action`` needs and the store lost; raises ``missing`` when that does not help."""
        self._recovered[action.id] += 1
        if self._recovered[action.id] > ATTEMPTS or not self._plan.keys() >= {*action.needs}:
            raise missing
        self._waiting[action.id] = action
        for need in action.needs:
            if need in self._outcomes and not self._lost(need):
                del self._outcomes[need]
                self._waiting[need] = self._plan[need]

    def _ready(self, action: CommandAction) -> bool:
        return all(need in self._outcomes and not self._lost(need) for need in action.needs)

    def _results(self, action: CommandAction) -> dict[ActionId, ActionResult]:
        found = {need: self._outcomes[need].result for need in action.needs}
        return {name: result for name, result in found.items() if result is not None}

    def _work(self, action: CommandAction, results: Mapping[ActionId, ActionResult]) -> None:
        try:
            self._ended.put((action.id, self._attempts.made(action, results, self._jobserver.fifo)))
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            self._ended.put((action.id, error))

    def _finish(self, action: CommandAction, outcome: Outcome) -> None:
        self._outcomes[action.id] = outcome
        if outcome.status == "failed":
            self._failed = self._failed or action.id
        because = None if outcome.because is None else self._plan[outcome.because].label
        self._emit(finished(action, outcome, because))
