"""Piot itself, and the folders in which programs are looked for."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from piot.model.diagnosis import Topic, facts
from piot.model.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Which piot runs: where it lies, with which Python, and for which checkout (None outside of one)."""

    version: str
    place: str
    python: str
    root: str | None
    packages: int
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPath:
    """The entries of PATH as they are written, and of some programs all files that they could mean.

    ``missing`` are entries without a folder.
    """

    entries: tuple[str, ...]
    missing: tuple[str, ...]
    programs: Mapping[str, tuple[str, ...]]


def piot(view: Installation) -> Topic:
    """What is wanted first when something is strange."""
    packages = "1 package" if view.packages == 1 else f"{view.packages} packages"
    return Topic(
        name="piot",
        facts=facts(
            (
                ("version", view.version),
                ("installed in", view.place),
                ("Python", view.python),
                ("machine", view.host),
                ("checkout", f"{view.root} ({packages})" if view.root else "none here"),
            )
        ),
    )


def search_path(view: SearchPath) -> Topic:
    """Entries that piot leaves out or that lead nowhere, and programs that hide others of their name."""
    relative = [entry for entry in view.entries if not Path(entry).is_absolute()]
    twice = [entry for entry, times in Counter(view.entries).items() if times > 1 and entry not in relative]
    oddities = (
        (f"{len(view.missing)} without a folder", view.missing),
        (f"{len(twice)} named twice", twice),
    )
    counts = [text for text, found in oddities if found]
    hidden = ((name, " hides ".join(files)) for name, files in view.programs.items() if len(files) > 1)
    return Topic(
        name="PATH",
        facts=facts((("folders", ", ".join([str(len(view.entries)), *counts])), *hidden)),
        findings=tuple(map(_left_out, relative)),
    )


def _left_out(entry: str) -> Finding:
    shown = f'"{entry}" in PATH' if entry else f'an empty entry of PATH (a "{os.pathsep}" too many)'
    return Finding(
        code="PIOT_SEARCH_PATH",
        severity="warning",
        message=f"{shown} means another folder wherever one stands; piot looks for no program there",
        fix="write the whole path, or take it out",
    )
