"""Folders that commands start from (`model.action.Start`): found in the store, or kept for the next command.

What a command that failed leaves is worth keeping too, since the next attempt begins there. It is kept
apart, for this checkout only, so that what others find is always the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from piot.effects import files, spawn
from piot.errors import ActionFailed
from piot.model.action import Start
from piot.model.digest import Digest
from piot.model.result import ActionResult
from piot.run.keys import Keyed
from piot.run.runner import Prepared, Ran, Runner
from piot.run.sandbox import Sandbox
from piot.run.stores.capture import capture
from piot.run.stores.local import LocalStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The folder to start from, None for nothing, and its key; ``whole`` unless a failed command left it."""

    key: Digest
    root: Digest | None
    whole: bool


class Starts:
    """Looks for such folders and keeps them."""

    def __init__(self, store: LocalStore, private: LocalStore, runner: Runner) -> None:
        self._store = store
        self._private = private
        self._runner = runner

    def unfinished(self, start: Prepared) -> Beginning:
        """What a failed command left, if anything did."""
        found = self._private.get_result(_unfinished(start.keyed).key) if self._runner.options.read else None
        root = None if found is None else root_of(found)
        return Beginning(key=start.keyed.key, root=root, whole=False)

    def keep(self, start: Start, prepared: Prepared, box: Sandbox, ran: Ran) -> bool:
        """Keeps what ``ran`` left of the folder; gives whether it is the whole."""
        if not self._runner.options.write or self._runner.options.keep_sandbox:
            return False
        result = self._harvested(start, box, ran.log.with_suffix(".harvest"))
        if result is None:
            return False
        whole = ran.result is not None
        kept = prepared if whole else replace(prepared, keyed=_unfinished(prepared.keyed))
        self._runner.keep(kept, result, shared=whole)
        return whole

    def _harvested(self, start: Start, box: Sandbox, log: Path) -> ActionResult | None:
        call = box.called(start.harvest)
        if spawn.spawn(call.argv, cwd=box.root, env=call.environment, log=log) != 0:
            return None
        files.remove_file(log)
        try:
            return capture(self._store, box.root, [start.folder])
        except ActionFailed:
            return None


def root_of(result: ActionResult) -> Digest:
    """The one folder of a result."""
    (folder,) = result.directories
    return folder.root


def _unfinished(keyed: Keyed) -> Keyed:
    """Where the folder is kept that a failed command left."""
    return replace(keyed, key=Digest.of(f"unfinished {keyed.key}".encode()))
