"""What the last result of each action was made from: kept per checkout, only to say why something runs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piot.effects import files
from piot.errors import InputError
from piot.model.digest import Digest
from piot.run.keys import difference

_ACTION = re.compile(r"(@(triple|python)=[^#]*)?(#.*)?$")
"""What an action's id has behind its label: the configuration, and its own name within the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The last success of an action: its key, the parts of the key by name, and seconds of the run."""

    key: str
    parts: Mapping[str, str]
    seconds: float


class History:
    """Records below ``.piot/last``; losing them loses explanations and nothing else.

    The name of a record holds the key, so that one listing tells which are still true.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, str] = {}
        self._listed = False

    def last(self, action: str) -> Record | None:
        """The record of an action's id; None when there is none, or a damaged one."""
        name = self._known().get(_stem(action), "")
        try:
            data: Any = json.loads(files.read_file(self._folder / name)) if name else None
            return Record(key=data["key"], parts=data["parts"], seconds=data["seconds"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def keys_of(self, label: str) -> tuple[Digest, ...]:
        """The keys of the last success of every action of a target, in all of its configurations."""
        found: list[Digest] = []
        for name in files.names(self._folder):
            try:
                data: Any = json.loads(files.read_file(self._folder / name))
                if _ACTION.sub("", data["action"]) == label:
                    found.append(Digest.parse(data["key"]))
            except (FileNotFoundError, ValueError, KeyError, TypeError, InputError):
                continue
        return tuple(found)

    def keep(self, action: str, key: Digest, parts: Mapping[str, str], seconds: float) -> None:
        """Remembers a success, also one found in the store; a record of the same key stays as it is."""
        stem = _stem(action)
        name, before = f"{stem}-{key.hash[:16]}.json", self._known().get(stem)
        if name == before:
            return
        content = {"action": action, "key": str(key), "parts": dict(parts), "seconds": round(seconds, 3)}
        files.write_atomic(self._folder / name, json.dumps(content, indent=1, sort_keys=True).encode())
        self._names[stem] = name
        if before is not None:
            files.remove_file(self._folder / before)

    def reason(self, action: str, parts: Mapping[str, str]) -> str:
        """Why an action with these parts has no result: the first difference to its last one."""
        before = self.last(action)
        if before is None:
            return "not built here before"
        return difference(before.parts, parts) or "its result is no longer in the store"

    def _known(self) -> dict[str, str]:
        if not self._listed:
            self._names = {name.partition("-")[0]: name for name in files.names(self._folder)}
            self._listed = True
        return self._names


def _stem(action: str) -> str:
    return hashlib.sha256(action.encode()).hexdigest()[:32]
