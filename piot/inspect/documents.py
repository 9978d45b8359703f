"""The texts of a checkout for checks: each is read and parsed once, and knows where its keys stand."""

from __future__ import annotations

import json
from collections.abc import Callable

from piot.errors import InputError, Problems
from piot.inspect.marked import Workflow, workflow
from piot.model.npm.package_json import place
from piot.model.tables import Table, as_table
from piot.model.toml_scan import Positions, Where
from piot.model.toml_text import read_toml


class Documents:
    """``read`` gives the text of a file, or None; what is no text is as good as absent.

    What is wrong with a document is for those to say who load it: here it is empty then.
    """

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self._texts: dict[str, str | None] = {}
        self._tables: dict[str, Table] = {}
        self._positions: dict[str, Positions] = {}
        self._workflows: dict[str, Workflow | None] = {}

    def text(self, path: str) -> str | None:
        """A file as text; None when it is absent or no text."""
        if path not in self._texts:
            try:
                self._texts[path] = self._read(path)
            except InputError:
                self._texts[path] = None
        return self._texts[path]

    def table(self, path: str) -> Table:
        """A TOML document, or a JSON object; empty when there is none."""
        if path not in self._tables:
            self._tables[path] = _parsed(self.text(path) or "", path)
        return self._tables[path]

    def workflow(self, path: str) -> Workflow | None:
        """A workflow of GitHub Actions; None when there is none, or no YAML."""
        if path not in self._workflows:
            text = self.text(path)
            try:
                self._workflows[path] = None if text is None else workflow(text, path)
            except Problems:
                self._workflows[path] = None
        return self._workflows[path]

    def position(self, path: str, where: Where, *, at_key: bool = False) -> tuple[int, int]:
        """Line and column of a value (or of its key) in a document; zeros where the whole file is meant."""
        text = self.text(path)
        if not where or text is None or not self.table(path):
            return 0, 0
        if path.endswith(".json"):
            return place(text, tuple(str(part) for part in where))
        if path not in self._positions:
            self._positions[path] = Positions.of(text)
        positions = self._positions[path]
        return positions.key(where) if at_key else positions.value(where)


def _parsed(text: str, path: str) -> Table:
    try:
        if not path.endswith(".json"):
            return read_toml(text, path)
        found: object = json.loads(text)
    except (Problems, ValueError):
        return {}
    return as_table(found)
