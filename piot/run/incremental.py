"""Commands that run again in the folder that their last run left (`model.action.Incremental`).

A folder is used again while nothing but files changed. Whatever else differs begins a new one: tools,
variables, arguments, mounts, and hidden files, which are settings that no command watches. So does everything
that is in doubt: what is known of a folder is taken away before a command runs in it and written when that
has ended, so that of a run that was killed nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from piot.effects import files, spawn
from piot.effects.locks import FileLock
from piot.effects.stats import matching
from piot.model.action import CommandAction, Incremental
from piot.model.digest import Digest
from piot.run import renewal, sandbox
from piot.run.keys import difference
from piot.run.launcher import FILES
from piot.run.renewal import Layout
from piot.run.runner import Prepared, Ran, Runner
from piot.run.standing import Left, Standing
from piot.run.stores.local import TREE_TIME, LocalStore
from piot.run.stores.materialise import materialise


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One run: ``start`` finds what a new folder starts from; ``waits`` and ``begins`` are told so."""

    prepared: Prepared
    how: Incremental
    jobserver: Path | None
    start: Callable[[], Digest | None]
    waits: Callable[[str], object]
    begins: Callable[[], object]


class IncrementalRunner:
    """Runs what can go on where its last run ended; ``place`` is ``.piot/incremental`` of the checkout."""

    def __init__(self, place: Path, store: LocalStore, runner: Runner) -> None:
        self._place = place
        self._store = store
        self._runner = runner

    def reason(self, prepared: Prepared, how: Incremental) -> str:
        """Why the action runs: the first difference to its last run."""
        left = self._standing(prepared, how).left()
        if left is None:
            return "not built with --incremental before"
        return difference(left.parts, prepared.parts) or "what --incremental makes is not stored"

    def run(self, turn: Turn) -> Ran:
        """Runs the action, alone in its folder; raises Changed and Missing as ``Runner.run`` does."""
        action, standing = turn.prepared.action, self._standing(turn.prepared, turn.how)
        what = f"{action.mnemonic} {action.label}"
        with FileLock(standing.lock, what=what, on_wait=turn.waits, stopped=spawn.stopping):
            self._runner.ingest(turn.prepared)
            return self._run(turn, standing)

    def _standing(self, prepared: Prepared, how: Incremental) -> Standing:
        return Standing(self._place, prepared.action.id, how.variant, self._runner.options.level)

    def _run(self, turn: Turn, standing: Standing) -> Ran:
        left, raw = self._renewed(turn, standing)
        box = self._sandbox(turn, left.folder, raw)
        known = replace(left, noted={path: found for path, found in left.noted.items() if path not in raw})

        def begins() -> None:
            standing.forget()
            turn.begins()

        try:
            ran = self._runner.run_in(box, turn.prepared, on_start=begins, stored=False)
            if ran.result is not None:
                known = replace(left, noted={**left.noted, **renewal.again(box.root, left.noted, raw)})
            return replace(ran, incremental=True)
        finally:
            standing.keep(known)

    def _renewed(self, turn: Turn, standing: Standing) -> tuple[Left, tuple[str, ...]]:
        """The folder with the inputs of now, and those among them that the launcher has yet to expand."""
        prepared, action, how = turn.prepared, turn.prepared.action, turn.how
        wanted = renewal.layout(self._store, action, prepared.staged.private)
        places = sandbox.places(action, sandbox.mounted(self._store, prepared.staged))
        left = standing.left()
        if left is None or left.places != places or not _goes_on(left, prepared, wanted, how):
            left = standing.fresh()
            self._begin(turn, left.folder / "root")
        noted = renewal.renew(self._store, left.folder / "root", wanted, left.noted, keeps=how.keeps)
        raw = tuple(path for path in _holed(action) if noted.get(path) != left.noted.get(path))
        return Left(folder=left.folder, parts=prepared.parts, places=places, noted=noted), raw

    def _begin(self, turn: Turn, root: Path) -> None:
        """Puts there what the action starts from, if that is known."""
        start, found = turn.prepared.action.start, turn.start()
        if start is not None and found is not None:
            files.make_directory((root / start.folder).parent)
            materialise(self._store, found, root / start.folder, mtime=TREE_TIME)

    def _sandbox(self, turn: Turn, folder: Path, raw: tuple[str, ...]) -> sandbox.Sandbox:
        action, options = turn.prepared.action, self._runner.options
        variables = dict((*action.environment, *turn.how.environment, (FILES, "\n".join(raw))))
        return sandbox.enter(
            self._store,
            replace(
                action,
                argv=(*action.argv, *turn.how.arguments),
                environment=tuple(sorted(variables.items())),
            ),
            turn.prepared.staged,
            folder,
            level=options.level,
            outside=options.environment,
            jobserver=turn.jobserver,
        )


def _holed(action: CommandAction) -> list[str]:
    """The files that the launcher expands: once, since it comes to the same every time."""
    return dict(action.environment).get(FILES, "").split("\n")


def _goes_on(left: Left, prepared: Prepared, wanted: Layout, how: Incremental) -> bool:
    """Whether nothing but files changed; what the command would not notice by itself is forgotten then."""
    if _settings(left.parts) != _settings(prepared.parts):
        return False
    changed, gone = renewal.differences(wanted, left.noted)
    if not gone and all(path.endswith(how.watches) or _is_hidden(path) for path in changed):
        return True
    root = left.folder / "root"
    found = [path for pattern in how.forgets for path in matching(f"{root}/{pattern}")]
    for path in found:
        files.remove_tree(Path(path))
    return bool(found)


def _settings(parts: Mapping[str, str]) -> dict[str, str]:
    """All but files that are not hidden."""
    named = parts.items()
    return {name: text for name, text in named if not name.startswith(FILE_PARTS) or _is_hidden(text)}


FILE_PARTS = ("file ", "text ", "output ")
"""How the parts of a key begin that say what stands at which path (`inputs.Stager`)."""


def _is_hidden(path: str) -> bool:
    """Whether a name in a path, or in the words around it, begins with a dot."""
    return any(name.startswith(".") for name in re.split("[/ ]", path))
