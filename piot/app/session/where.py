"""Where and how piot was started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The folder, the environment, the flags that all verbs take, and all words of the command line."""

    directory: Path
    environ: Mapping[str, str] = field(repr=False)
    config: Path | None = None
    offline: bool = False
    words: tuple[str, ...] = ()

    def below(self, root: Path) -> str:
        """The folder relative to ``root``, "" for the root itself and for any folder outside of it."""
        start = self.directory.absolute()
        path = start.relative_to(root).as_posix() if start.is_relative_to(root) else "."
        return "" if path == "." else path
