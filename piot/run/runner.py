"""One command in its sandbox: its inputs laid out, run, its outputs proven and stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from piot.effects import files, spawn
from piot.effects.clock import now_ns
from piot.effects.trouble import crowded
from piot.errors import ActionFailed
from piot.model.action import ActionId, CommandAction
from piot.model.digest import Digest
from piot.model.proof import Proof, Proven
from piot.model.result import ActionResult, Execution
from piot.run import keys, sandbox
from piot.run.inputs import SourceDigests
from piot.run.mounts import PLACE
from piot.run.sources import SourceReader
from piot.run.staged import Staged
from piot.run.stores.capture import capture
from piot.run.stores.local import LocalStore
from piot.run.sweeper import Sweeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run: sandbox level, whether results are read and written, what is left behind.

    ``incremental`` lets commands that can run in the folder of their last run do so.
    """

    level: str
    read: bool = True
    write: bool = True
    keep_sandbox: bool = False
    incremental: bool = False
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An action whose inputs are known; ``results`` are those of the actions that it needs."""

    action: CommandAction
    results: Mapping[ActionId, ActionResult]
    sources: SourceDigests
    staged: Staged
    level: str
    keyed: keys.Keyed

    @property
    def parts(self) -> dict[str, str]:
        """Everything in the key by the name that `keys.parts` gives it."""
        return keys.parts(self.action, self.staged, self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How running ended. ``result`` is None when it failed, ``log`` holds all that it printed."""

    result: ActionResult | None
    seconds: float
    log: Path
    message: str = ""
    warnings: tuple[str, ...] = ()
    kept: Path | None = None
    """With ``keep_sandbox``: the script in the kept folder that runs the command again."""
    start: Digest | None = None
    """The key of the folder that it started from, or made for the next one."""
    incremental: bool = False
    """Whether it ran in the folder of its last run: its result is recorded nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What became of the outputs of a command that succeeded."""

    result: ActionResult | None = None
    message: str = ""
    warnings: tuple[str, ...] = ()


After = Callable[[sandbox.Sandbox, Ran], object]
"""Called when a command has ended, while its sandbox still stands."""


class Runner:
    """Runs commands whose inputs are known; safe to call from many threads."""

    def __init__(
        self, *, store: LocalStore, private: LocalStore, sources: SourceReader, logs: Path, options: Options
    ) -> None:
        self._store = store
        self._private = private
        self._sources = sources
        self._logs = logs
        self._sweeper = Sweeper()
        self.options = options

    def run(
        self,
        prepared: Prepared,
        jobserver: Path | None,
        *,
        on_start: Callable[[], object],
        start: Digest | None = None,
        after: After | None = None,
    ) -> Ran:
        """``start`` is the folder that the command starts from, ``on_start`` is called when it begins.

        Raises Changed when a source was edited since its digest was taken, Missing when the store has
        lost an input: nothing is stored then.
        """
        box = self.lay_out(prepared, jobserver, start=start)
        try:
            ran = self.run_in(box, prepared, on_start=on_start)
            if after is not None:
                after(box, ran)
            return ran
        finally:
            if not self.options.keep_sandbox:
                self._sweeper.remove(box.folder)

    def close(self) -> None:
        """Ends when no sandbox is left, but for those that are to be kept."""
        self._sweeper.close()

    def run_in(
        self, box: sandbox.Sandbox, prepared: Prepared, *, on_start: Callable[[], object], stored: bool = True
    ) -> Ran:
        """The same in a sandbox that stands already, and stays. Only what is to be ``stored`` is proven."""
        log = self._logs / f"{prepared.keyed.key.hash[:16]}.log"
        files.make_directory(log.parent)
        on_start()
        return self._run_in(box, prepared, log, stored=stored)

    def lay_out(
        self, prepared: Prepared, jobserver: Path | None = None, *, start: Digest | None = None
    ) -> sandbox.Sandbox:
        """All that the command needs, in a folder that the caller removes; raises as ``run`` does."""
        self.ingest(prepared)
        return sandbox.prepare(
            self._store,
            prepared.action,
            prepared.staged,
            level=self.options.level,
            outside=self.options.environment,
            jobserver=jobserver,
            keep=self.options.keep_sandbox,
            start=start,
        )

    def ingest(self, prepared: Prepared) -> None:
        """Puts its sources into the store; raises Changed when one was edited since its digest was taken."""
        self._sources.ingest(prepared.sources, prepared.sources)

    def keep(self, prepared: Prepared, result: ActionResult, *, shared: bool) -> None:
        """Records a result for this checkout, or for all that share the store, if results are kept at all.

        What was made without a sandbox is never shared.
        """
        if not self.options.write:
            return
        store = self._store if shared and self.options.level != "none" else self._private
        store.put_bytes(prepared.keyed.command)
        store.put_bytes(prepared.keyed.action)
        store.put_result(prepared.keyed.key, result)

    def _run_in(self, box: sandbox.Sandbox, prepared: Prepared, log: Path, *, stored: bool) -> Ran:
        started = now_ns()
        timeout = prepared.action.timeout_seconds
        call = box.call
        kept = sandbox.by_hand(box) if self.options.keep_sandbox else None
        try:
            code = spawn.spawn(call.argv, cwd=box.root, env=call.environment, log=log, timeout=timeout)
            message = "" if code == 0 else _ended(code)
        except TimeoutError:
            message = f"was ended after {timeout} seconds, its time limit"
        if message and (trouble := crowded(self._store.root)):
            message = f"{message}\n{trouble}"
        finished = (
            Finished(message=message) if message else self._finish(box, prepared, started, stored=stored)
        )
        return Ran(
            result=finished.result,
            warnings=finished.warnings,
            seconds=(now_ns() - started) / 1e9,
            log=log,
            message=finished.message,
            kept=kept,
        )

    def _finish(self, box: sandbox.Sandbox, prepared: Prepared, started: int, *, stored: bool) -> Finished:
        """Captures the outputs, proves and stores them; a message instead when one is missing or wrong."""
        action = prepared.action
        try:
            captured = capture(self._store, box.root, [each.path for each in action.outputs])
        except ActionFailed as error:
            hint = f" ({error.hint})" if error.hint else ""
            return Finished(message=f"ended well, but {error.message}{hint}")
        proven = self._proven(box, action.proofs if stored else ())
        wrong = (*_unlike(action, captured), *proven.findings)
        if wrong:
            listed = "\n".join(f"  - {each}" for each in wrong)
            return Finished(message=f"made a result that does not hold:\n{listed}")
        ended = Execution(worker=self.options.level, started_ns=started, finished_ns=now_ns())
        result = replace(captured, metadata=ended)
        if stored:
            self.keep(prepared, result, shared=not proven.leaks)
        return Finished(result=result, warnings=(*proven.leaks, *proven.notes))

    def _proven(self, box: sandbox.Sandbox, proofs: Sequence[tuple[str, Proof]]) -> Proven:
        if not proofs:
            return Proven()
        from piot.run.verify.prove import prove

        return prove(box.root, proofs, forbidden=self._forbidden(box))

    def _forbidden(self, box: sandbox.Sandbox) -> tuple[str, ...]:
        """Places of this machine that no result may name."""
        home = self.options.environment.get("HOME", "")
        places = (str(box.root), str(self._store.root), str(PLACE), *((home,) if len(home) > 1 else ()))
        return tuple(dict.fromkeys(places))


def _unlike(action: CommandAction, captured: ActionResult) -> Iterator[str]:
    """Outputs that are no file, or no folder, where one is declared."""
    folders = {each.path for each in captured.directories}
    links = {each.path: each.target for each in captured.symlinks}
    for output in action.outputs:
        declared = "a folder" if output.directory else "a file (the name of a folder ends in /)"
        if output.path in links:
            yield f"{output.path} is a link to {links[output.path]}, declared is {declared}"
        elif output.directory != (output.path in folders):
            yield f"{output.path} is {'a file' if output.directory else 'a folder'}, declared is {declared}"


def _ended(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
