"""Packages that a build makes otherwise than their last release, and that are not released all the same."""

from __future__ import annotations

from dataclasses import dataclass

from piot.errors import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """``targets`` of a package have other inputs than at its last release: these ``files``.

    None of them matches ``paths`` of the package or of what it depends on, so it is not planned.
    """

    package: str
    targets: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def text(self) -> str:
        """Both reasons: why it is built again, and why it is not released."""
        made, names = listed(self.targets, limit=3), listed(self.files, limit=3)
        verb = "is" if len(self.targets) == 1 else "are"
        return f"{made} {verb} made otherwise by {names}, of which nothing is in its paths or its depends_on"
