"""Texts with a form of their own in configuration: folders and templates."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from piot.load.config_reader import Section

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")


def folder(section: Section, key: str, default: str, inside: str) -> str:
    """A folder relative to ``inside`` ("the repository"), normalised; ``.`` is that folder itself."""
    text = section.text(key, default)
    plain = posixpath.normpath(text)
    if "\\" in text or text.startswith(("/", "~")) or re.match(r"[A-Za-z]:", text):
        hint = f"write it relative to {inside}, with / between folders"
        section.fault((key,), "PIOT_PATH", f'"{key}" is "{text}", which is not a relative path', hint=hint)
    elif plain == ".." or plain.startswith("../"):
        hint = f"write a folder in {inside}"
        section.fault((key,), "PIOT_PATH", f'"{key}" is "{text}", which leaves {inside}', hint=hint)
    return plain


def placeholders(text: str) -> tuple[str, ...]:
    """The names in ``{…}``, in order; a lone brace is the name ``""``."""
    return tuple(match[1] or "" for match in _PLACEHOLDER.finditer(text))


def template_error(text: str, known: Sequence[str], needed: Sequence[str]) -> str | None:
    """What is wrong with a template of ``{name}`` placeholders, or None; it has one of the ``needed``."""
    names = placeholders(text)
    if "" in names:
        return "has a lone brace"
    for name in names:
        if name not in known:
            return f'has the unknown placeholder "{{{name}}}"'
    return None if {*needed} & {*names} else f'does not contain "{{{needed[0]}}}"'
