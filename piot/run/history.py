"""What the last result of each action was made from: kept per checkout, only to say why something runs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piot.effects import files
from piot.errors import InputError
from piot.model.digest import Digest
from piot.run.keys import difference

EARLIER = "earlier"
"""The folder, beside that of the last results, of what was replaced."""

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

    The name of a record holds the key, so that one listing tells which are still true. Records that were
    replaced, and those of runs without a result, are kept in ``.piot/earlier`` while a build that had them is
    remembered (`builds.Builds`).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._earlier = folder.parent / EARLIER
        self._names: dict[str, str] = {}
        self._listed = False

    def last(self, action: str) -> Record | None:
        """The record of an action's id; None when there is none, or a damaged one."""
        name = self._known().get(_stem(action))
        return None if name is None else _read(self._folder / name)

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

    def knows(self, action: str, key: Digest) -> bool:
        """Whether the last success had this key."""
        return self._known().get(_stem(action)) == _name(action, key.hash)

    def keep(self, action: str, key: Digest, parts: Mapping[str, str], seconds: float) -> None:
        """Remembers a success, also one found in the store; a record of the same key stays as it is."""
        if self.knows(action, key):
            return
        stem = _stem(action)
        name, before = _name(action, key.hash), self._known().get(stem)
        files.write_atomic(self._folder / name, _content(action, key, parts, seconds))
        self._names[stem] = name
        if before is not None:
            self._retire(before)

    def keep_aside(self, action: str, key: Digest, parts: Mapping[str, str], seconds: float) -> None:
        """Remembers what a run was made from that left nothing for the next one; the last success stays."""
        files.write_atomic(self._earlier / _name(action, key.hash), _content(action, key, parts, seconds))

    def at(self, action: str, key: str) -> Record | None:
        """The record of an action with this key (64 hex digits), while it is kept."""
        name = _name(action, key)
        return _read(self._folder / name) or _read(self._earlier / name)

    def _retire(self, name: str) -> None:
        """Written anew, not moved: its time tells which builds it may be of."""
        with suppress(FileNotFoundError):
            files.write_atomic(self._earlier / name, files.read_file(self._folder / name))
        files.remove_file(self._folder / name)

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


def _read(path: Path) -> Record | None:
    try:
        data: Any = json.loads(files.read_file(path))
        return Record(key=data["key"], parts=data["parts"], seconds=data["seconds"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _content(action: str, key: Digest, parts: Mapping[str, str], seconds: float) -> bytes:
    content = {"action": action, "key": str(key), "parts": dict(parts), "seconds": round(seconds, 3)}
    return json.dumps(content, sort_keys=True).encode()


def _name(action: str, key: str) -> str:
    return f"{_stem(action)}-{key[:16]}.json"


def _stem(action: str) -> str:
    return hashlib.sha256(action.encode()).hexdigest()[:32]
