"""The files that a build delivered below a folder: whether they are as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from piot.app.building.checkout import NOTHING, Held
from piot.effects import files, witness
from piot.effects.stats import is_executable
from piot.errors import InputError
from piot.model.report import BuildReport
from piot.run.index import StatIndex

MANIFEST = ".piot-manifest.json"
"""Names the files in a ``dist/`` that piot made, with their digests."""
IGNORE = ".gitignore"
"""Keeps git from seeing them."""

Rows = Mapping[str, Held]
"""What each file holds, by its path in the checkout."""


class Delivered:
    """What lies in the folder ``out`` of the checkout at ``root``."""

    def __init__(self, root: Path, out: Path, index: StatIndex) -> None:
        self._root = root
        self._out = out
        self._index = index

    @property
    def prefix(self) -> str:
        """What stands before the paths of delivered files in a report."""
        place = self._out.absolute()
        inside = place.is_relative_to(self._root)
        below = place.relative_to(self._root).as_posix() if inside else place.as_posix()
        return "" if below == "." else f"{below}/"

    def stand(self, rows: Rows) -> bool:
        """Whether all of them are there as they were, and marked as piot's."""
        marks = (MANIFEST, IGNORE) if rows else ()
        with witness.resting():
            return self._contents(rows) == rows and all(files.look(self._out / name) for name in marks)

    def of(self, report: BuildReport, known: Rows) -> dict[str, Held] | None:
        """What they hold as they stand, or are ``known`` to; None when they are not what was reported."""
        told = {output.path: output.sha256 for target in report.targets for output in target.outputs}
        if any(path.startswith("/") for path in told):
            return None  # out of the checkout
        same = {path: row for path, row in known.items() if told.get(path) == row[0]}
        found = {**same, **self._contents(told.keys() - same.keys())}
        return found if {path: row[0] for path, row in found.items()} == told else None

    def _contents(self, paths: Iterable[str]) -> dict[str, Held]:
        """A link is none of the files that were delivered, wherever it leads."""
        asked = tuple(paths)
        try:
            found = self._index.rows(asked)
        except InputError:  # it leads out of the checkout
            return {}
        real = found.keys() - self._index.linked
        return {
            path: (found[path][1], is_executable(found[path][0])) if path in real else NOTHING
            for path in asked
        }
