"""What the last result of each action was made from: kept per checkout, only to say why something runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piot.effects import files
from piot.model.digest import Digest
from piot.run.keys import difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The last success of an action: its key, the parts of the key by name, seconds and end of the run."""

    key: str
    parts: Mapping[str, str]
    seconds: float


class History:
    """Records below ``.piot/last``; losing them loses explanations and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def last(self, action: str) -> Record | None:
        try:
            data: Any = json.loads(files.read_file(self._path(action)))
            return Record(key=data["key"], parts=data["parts"], seconds=data["seconds"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def keep(self, action: str, key: Digest, parts: Mapping[str, str], seconds: float) -> None:
        """Remembers a success; a record of the same key is left as it is."""
        content = {"action": action, "key": str(key), "parts": dict(parts), "seconds": round(seconds, 3)}
        files.write_atomic(self._path(action), json.dumps(content, indent=1, sort_keys=True).encode())

    def reason(self, action: str, parts: Mapping[str, str]) -> str:
        """Why an action with these parts has no result: the first difference to its last one."""
        before = self.last(action)
        if before is None:
            return "not built here before"
        return difference(before.parts, parts) or "its result is no longer in the store"

    def _path(self, action: str) -> Path:
        return self._folder / f"{hashlib.sha256(action.encode()).hexdigest()[:32]}.json"
