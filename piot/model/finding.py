"""What `check`, `doctor` and `plan` have to say of a repository: a finding, its place and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    ``code`` is stable (``PIOT_…``) and documented in ``docs/reference/codes.md``; ``line`` and ``column``
    count from 1, and are 0 when the whole file is meant; ``path`` is relative to the root of the
    repository, and empty when no file is meant. ``fix`` is the next step.
    """

    code: str
    severity: Severity
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    package: str | None = None
    fix: str | None = None

    @property
    def place(self) -> str:
        """``file:line:column`` as far as it is known."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path
