"""Where things stand in TOML, for messages; the lines of arrays of tables without a scan where it can be."""

from __future__ import annotations

import re
from bisect import bisect_right

from piot.model.toml_scan import Positions, Where

__all__ = ["Positions", "Where", "array_table_lines"]


def array_table_lines(text: str, name: str, count: int) -> tuple[int, ...]:
    """The lines of the ``count`` elements of the top-level array ``name``; cheap when all are ``[[name]]``.

    A header cannot be told from text in a multi-line string without scanning, so such documents, and
    arrays written in another way, are scanned.
    """
    headers = [m.start(1) for m in re.finditer(rf"^[ \t]*(\[\[[ \t]*{name}[ \t]*\]\])", text, re.MULTILINE)]
    if len(headers) != count or '"""' in text or "'''" in text:
        positions = Positions.of(text)
        return tuple(positions.value((name, index))[0] for index in range(count))
    breaks = [m.start() for m in re.finditer("\n", text)]
    return tuple(bisect_right(breaks, offset) + 1 for offset in headers)
