"""A section for a release in a `CHANGELOG.md`, as *Keep a Changelog* 1.1.0 writes them; old text stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

HEAD = "# Changelog\n"
_HEADING = re.compile(r"^##[ \t]+(?P<title>.+?)[ \t]*$", re.MULTILINE)
_CONVENTIONAL = re.compile(r"(?P<kind>[a-z]+)(?:\((?P<scope>[^()]*)\))?(?P<breaking>!?): +(?P<text>\S.*)")
_GROUPS = {"feat": "Added", "fix": "Fixed", "revert": "Fixed", "deprecate": "Deprecated", "remove": "Removed"}
"""Of Conventional Commits 1.0.0 and Angular's types; whatever else there is was changed."""
_ORDER = ("Added", "Changed", "Deprecated", "Removed", "Fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a section tells: ``subjects`` of commits, the oldest first; ``others`` are sentences behind them.

    ``name`` is empty in a file that tells of one line of versions only; ``date`` is ``YYYY-MM-DD``.
    """

    name: str
    version: str
    date: str
    subjects: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """``[1.3.0] - 2026-11-30``, or with the name of the package before the version."""
        return f"[{f'{self.name} {self.version}' if self.name else self.version}] - {self.date}"


def with_release(text: str | None, release: Release) -> str:
    """The text with a section for ``release``, unless it has one of that version.

    ``text`` is None where there is no file yet. What stands under ``Unreleased`` in a file of one line of
    versions is what a person wrote for this release: the heading is put above it, and nothing else is added.
    """
    old = HEAD if text is None or not text.strip() else text
    if any(_is_of(found["title"], release) for found in _HEADING.finditer(old)):
        return old
    end = "\r\n" if "\r\n" in old else "\n"
    at, written = _place(old, release)
    body = "" if written else notes(release)
    section = f"## {release.title}\n{body}".replace("\n", end)
    before, after = old[:at].rstrip("\r\n"), old[at:].lstrip("\r\n")
    parts = [part for part in (before, section.rstrip("\r\n"), after) if part]
    return (end * 2).join(parts) if after else (end * 2).join(parts) + end


def _is_of(title: str, release: Release) -> bool:
    """Whether a heading is of this version: ``1.3.0``, ``[v1.3.0] - …``, ``core 1.3.0 (…)``."""
    words = re.split(r"[\s\[\]()]+", title.strip("[ "))
    named = not release.name or release.name in words
    return named and any(word.removeprefix("v") == release.version for word in words[:3])


def _place(text: str, release: Release) -> tuple[int, bool]:
    """Where the section begins, and whether its text stands there already."""
    headings = list(_HEADING.finditer(text))
    if not headings:
        return len(text), False
    first = headings[0]
    if "unreleased" not in first["title"].lower():
        return first.start(), False
    end = headings[1].start() if len(headings) > 1 else len(text)
    if release.name or not text[first.end() : end].strip():
        return end, False
    return first.end(), True


def notes(release: Release) -> str:
    """What changed, in groups under headings of their own, without the heading of the release."""
    groups: dict[str, list[str]] = {}
    for subject in release.subjects:
        group, line = _entry(subject)
        if line not in groups.setdefault(group, []):
            groups[group].append(line)
    for other in release.others:
        groups.setdefault("Changed", []).append(other)
    blocks = (_block(group, groups[group]) for group in _ORDER if group in groups)
    return "".join(f"\n{block}" for block in blocks)


def _block(group: str, lines: Sequence[str]) -> str:
    return f"### {group}\n\n" + "".join(f"- {line}\n" for line in lines)


def _entry(subject: str) -> tuple[str, str]:
    """The group of a commit, and its line: without the word that named the group."""
    match = _CONVENTIONAL.fullmatch(subject)
    if match is None:
        return "Changed", subject
    text = match["text"][0].upper() + match["text"][1:]
    if match["breaking"]:
        text = f"**Breaking:** {text}"
    return _GROUPS.get(match["kind"], "Changed"), text
