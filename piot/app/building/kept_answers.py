"""Where the answers to builds are kept, one for each request, and their plans, which several may share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piot.effects import files
from piot.run.index import load_rows, save_rows

if TYPE_CHECKING:
    from piot.app.building.kept_plan import KeptPlan
    from piot.model.plan import BuildPlan

MOST, MOST_PLANS = 32, 4
"""Answers that are kept, one for each request, and plans; the oldest go."""

INDEX = "index"
"""The index of the files that answers rest on, in the same folder."""


class KeptAnswers:
    """Those in ``.piot``, the folder ``state``; ``key`` tells one request from another."""

    def __init__(self, state: Path, key: str) -> None:
        self.folder = state / "repeat"
        self._plans = state / "plans"
        self._key = key
        self._file = self.folder / key[:16]

    @cached_property
    def row(self) -> dict[str, Any]:
        """All that is kept of the last build of this request; empty when there is nothing."""
        row: dict[str, Any] = load_rows(self._file)
        return row if row.get("key") == self._key else {}

    def save(self, row: Mapping[str, object]) -> None:
        """Keeps another; raises MachineError."""
        save_rows(self._file, {"key": self._key, **row})
        _prune(self.folder, MOST)
        _prune(self._plans, MOST_PLANS)

    def plan(self, name: str) -> KeptPlan | None:
        """The plan of that name; None when it is lost, damaged, or from another piot."""
        from piot.app.building.kept_plan import FORMAT, KeptPlan

        files.refresh(self._plans / name)
        packed: dict[str, Any] = load_rows(self._plans / name)
        return KeptPlan(packed) if packed.get("format") == FORMAT else None

    def save_plan(self, plan: BuildPlan) -> str:
        """Keeps a plan, and gives its name: equal plans of several requests are one. Raises MachineError."""
        import marshal
        from hashlib import sha256

        from piot.app.building.kept_plan import pack

        try:
            packed = pack(plan)
            name = sha256(marshal.dumps(packed)).hexdigest()[:16]
        except (KeyError, ValueError):  # a rule made an action of other things than an action is made of
            return ""
        if not load_rows(self._plans / name):  # absent or damaged
            save_rows(self._plans / name, packed)
        return name


def _prune(folder: Path, most: int) -> None:
    kept = [found for name in files.names(folder) if name != INDEX and (found := files.look(folder / name))]
    for old in sorted(kept, key=lambda found: found.modified)[:-most]:
        files.remove_file(folder / old.path)
