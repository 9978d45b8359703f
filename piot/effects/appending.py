"""Files that grow: line by line while something goes on, or behind what others wrote."""

from __future__ import annotations

from pathlib import Path

from piot.effects.trouble import explained


class LineFile:
    """A new file, or whatever stands at ``path`` emptied; a line is in it as soon as ``write`` returns.

    Not renamed into place: who follows the file sees it grow, and it may be a pipe.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with explained("write", path, absent=False):
            self._file = path.open("wb", buffering=0)

    def write(self, line: str) -> None:
        """Adds a line; raises MachineError when it cannot."""
        data = memoryview(line.encode() + b"\n")
        with explained("write", self._path, absent=False):
            while data:
                data = data[self._file.write(data) :]

    def close(self) -> None:
        """A second call does nothing."""
        with explained("write", self._path, absent=False):
            self._file.close()


def append(path: Path, text: str) -> None:
    """Adds to the end of a file, which is made when missing."""
    with explained("write", path, absent=False), path.open("ab") as file:
        file.write(text.encode())
