"""One action, from its inputs to a stored result: key, look-up, and a run where there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from piot.effects import spawn
from piot.effects.locks import FileLock
from piot.model.action import ActionId, CommandAction, Incremental, SourceFile, Start
from piot.model.digest import Digest
from piot.model.fetch import Fetch
from piot.model.result import ActionResult
from piot.run import keys
from piot.run.history import History
from piot.run.incremental import IncrementalRunner, Turn
from piot.run.inputs import SourceDigests, Stager
from piot.run.runner import Options, Prepared, Ran, Runner
from piot.run.sandbox import Sandbox, line_by_hand
from piot.run.sources import SourceReader
from piot.run.starts import Beginning, Starts, root_of
from piot.run.stores.local import LocalStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A stored result, and the key that it is stored under: of this sandbox level or of a stronger one."""

    key: Digest
    result: ActionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who is told: ``waits`` that another process makes the same, ``begins`` what is run now."""

    waits: Callable[[str], object]
    begins: Callable[[str], object]


class Executor:
    """Runs actions of one checkout against one store; safe to call from many threads.

    ``folders`` is where those stay that incremental commands run in.
    """

    def __init__(
        self,
        *,
        store: LocalStore,
        private: LocalStore,
        stager: Stager,
        sources: SourceReader,
        history: History,
        logs: Path,
        folders: Path,
        options: Options,
    ) -> None:
        self._store = store
        self._stager = stager
        self._sources = sources
        self._runner = Runner(store=store, private=private, sources=sources, logs=logs, options=options)
        self._stores = (private, store) if private.has_results() else (store,)
        self._starts = Starts(store, private, self._runner)
        self._incrementally = IncrementalRunner(folders, store, self._runner)
        self.history = history
        self.options = options

    def prepare(self, action: CommandAction, results: Mapping[ActionId, ActionResult]) -> Prepared:
        """The key of ``action`` from the digests of its inputs as they are now."""
        sources = self.sources(action)
        staged = self._stager.stage(action, sources, results)
        level = self.options.level
        return Prepared(
            action=action,
            results=results,
            sources=sources,
            staged=staged,
            level=level,
            keyed=keys.keyed(action, staged.root, level),
        )

    def sources(self, action: CommandAction) -> SourceDigests:
        """The digests of its files of the checkout, which are known before all else."""
        return self._sources.digests([item.path for item in action.inputs if isinstance(item, SourceFile)])

    def by_hand(self, prepared: Prepared) -> str:
        """Lays its inputs out in a folder that stays, and gives the shell command that runs it there."""
        return line_by_hand(self._runner.lay_out(prepared))

    def close(self) -> None:
        """Remembers what was learnt of the checkout's files, and leaves no sandbox behind."""
        self._sources.save()
        self._runner.close()

    def lacks(self, action: CommandAction) -> int:
        """How many pinned files would be downloaded before its key is known."""
        return self._stager.lacks(action)

    def fetched(self, archive: Fetch) -> Digest | None:
        """A pinned blob that is in the store already."""
        return self._stager.fetched(archive)

    def look_up(self, prepared: Prepared, *, whole: bool = True) -> Hit | None:
        """A stored result of the same action at this sandbox level or a stronger one.

        Without ``whole`` the store may have lost a part of it.
        """
        if not self.options.read:
            return None
        return self._find(prepared.action, prepared.staged.root, whole=whole)

    def recall(
        self, action: CommandAction, results: Mapping[ActionId, ActionResult], *, whole: bool
    ) -> Hit | None:
        """The same of an action none of whose files git sees changed, without its digests."""
        root = self._stager.recalled(action, results) if self.options.read else None
        hit = None if root is None else self._find(action, root, whole=whole)
        return hit if hit is not None and self.history.knows(action.id, hit.key) else None

    def _find(self, action: CommandAction, root: Digest, *, whole: bool) -> Hit | None:
        for level in keys.stronger(self.options.level):
            key = keys.keyed(action, root, level).key
            for store in self._stores:
                if (found := store.get_result(key, whole=whole)) is not None:
                    return Hit(key=key, result=found)
        return None

    def distrust(self) -> None:
        """Forgets what is remembered of the store, because it has lost a part of it."""
        self._stager.forget()

    def reason(self, prepared: Prepared) -> str:
        """Why the action, which has no result, runs: the first difference to its last one, or last run."""
        if not self.options.read:
            return "--no-cache"
        how = self._incremental(prepared.action)
        if how is not None:
            return self._incrementally.reason(prepared, how)
        return self.history.reason(prepared.action.id, prepared.parts)

    def perform(self, prepared: Prepared, jobserver: Path | None, *, force: bool, watch: Watch) -> Hit | Ran:
        """Runs the action unless another process just did; two processes never run the same one.

        Raises Changed and Missing as ``Runner.run`` does.
        """
        with self._lock(prepared, watch):
            found = None if force else self.look_up(prepared)
            return found if found is not None else self._run(prepared, jobserver, watch)

    def base(self, prepared: Prepared) -> Prepared | None:
        """What the action may start from, with its key; None when it starts from nothing."""
        start = prepared.action.start
        return None if start is None else self.prepare(start.action, prepared.results)

    def _incremental(self, action: CommandAction) -> Incremental | None:
        return action.incremental if self.options.incremental else None

    def _run(self, prepared: Prepared, jobserver: Path | None, watch: Watch) -> Ran:
        how = self._incremental(prepared.action)
        if how is None:
            return self._run_afresh(prepared, jobserver, watch)
        turn = Turn(
            prepared=prepared,
            how=how,
            jobserver=jobserver,
            start=lambda: None if (base := self.base(prepared)) is None else self._beginning(base).root,
            waits=watch.waits,
            begins=lambda: watch.begins(prepared.action.mnemonic),
        )
        return self._incrementally.run(turn)

    def _run_afresh(self, prepared: Prepared, jobserver: Path | None, watch: Watch) -> Ran:
        action, start, base = prepared.action, prepared.action.start, self.base(prepared)
        if start is None or base is None:
            return self._runner.run(prepared, jobserver, on_start=lambda: watch.begins(action.mnemonic))
        with ExitStack() as held:
            held.enter_context(self._lock(base, watch))
            beginning = self._beginning(base)
            if beginning.whole:
                held.close()  # whoever waits for the same folder finds it now
            does = action.mnemonic if beginning.whole else f"{action.mnemonic} with {start.action.mnemonic}"
            ran = self._runner.run(
                prepared,
                jobserver,
                on_start=lambda: watch.begins(does),
                start=beginning.root,
                after=None if beginning.whole else lambda box, ran: self._keep(start, base, box, ran),
            )
            return replace(ran, start=beginning.key)

    def _beginning(self, base: Prepared) -> Beginning:
        hit = self.look_up(base)
        if hit is None:
            return self._starts.unfinished(base)
        self.history.keep(base.action.id, hit.key, base.parts, 0)
        return Beginning(key=hit.key, root=root_of(hit.result), whole=True)

    def _keep(self, start: Start, base: Prepared, box: Sandbox, ran: Ran) -> None:
        whole = self._starts.keep(start, base, box, ran)
        remember = self.history.keep if whole else self.history.keep_aside
        remember(base.action.id, base.keyed.key, base.parts, 0)

    def _lock(self, prepared: Prepared, watch: Watch) -> FileLock:
        what = f"{prepared.action.mnemonic} {prepared.action.label}"
        return self._store.lock(prepared.keyed.key, what=what, on_wait=watch.waits, stopped=spawn.stopping)
