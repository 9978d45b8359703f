"""The BUILD files that were evaluated, kept so that a change of one costs no evaluation of the others.

They are used only while the code that evaluated them is as it was, and each only while all that it was made
from is (`load.build_files.BuildFile.fresh`). They are plain data: reading them runs nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from piot.app.session import code, state
from piot.effects.stats import signatures
from piot.errors import MachineError
from piot.load import repository
from piot.load.build_file_data import Data, of_data, to_data
from piot.load.build_files import BuildFile
from piot.load.rule_files import Read, find
from piot.run.index import load_rows

NAME = "build-files"
FORMAT = 1
"""Raised when `build_file_data` writes otherwise."""


class KeptBuildFiles:
    """Those of the checkout at ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._rules = [str(find(label, root, repository.read).path) for label in repository.RULES]
        self.code, kept = _loaded(root / ".piot" / NAME)
        self.files: Mapping[str, BuildFile] = {package: of_data(data) for package, data in kept.items()}

    def targets(self, found: repository.Repository, read: Read = repository.read) -> repository.Loaded:
        """What `load.repository.load_targets` gives, which is kept for the next run."""
        loaded = repository.load_targets(found, read, self.files)
        if loaded.evaluated or len(loaded.build_files) < len(self.files):
            with suppress(MachineError):
                self._keep(loaded.build_files)
        return loaded

    def _keep(self, found: Iterable[BuildFile]) -> None:
        self.code |= {*code.files(), *self._rules}
        state.keep(
            self._root,
            NAME,
            {
                "format": (FORMAT, sys.version),
                "code": signatures(None, sorted(self.code)),
                "files": {each.package: to_data(each) for each in found},
            },
        )


def _loaded(file: Path) -> tuple[frozenset[str], Mapping[str, Data]]:
    """The files of the code that evaluated, and what it gave; nothing when the code is another one."""
    rows = load_rows(file)
    with suppress(MachineError):  # another user's piot, which this one may not look at
        if rows.get("format") == (FORMAT, sys.version) and signatures(None, rows["code"]) == rows["code"]:
            return frozenset(rows["code"]), rows["files"]
    return frozenset(), {}
