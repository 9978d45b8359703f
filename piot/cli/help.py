"""The help pages, made from the declared verbs and flags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from piot.cli.flags import GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG, Flag, Verb
from piot.cli.parser import find_verb
from piot.cli.verbs import VERBS

SUMMARY = "builds and releases libraries with one Rust core and many artifacts"
HELP_WIDTH = 96
"""Columns of a help page; it is the same on every terminal, so that it can be quoted and tested."""

PATTERNS = (
    ("//...", "all targets"),
    ("//packages/...", "all targets in and under packages/"),
    ("//packages/python", "all targets of that folder"),
    ("//packages/python:wheel", "one target"),
    ("my-py", "all targets of the package with this name"),
    (":wheel", "a target of the current folder"),
    ("-//packages/ts/...", "take these away; a package's name is taken away after --"),
)


def help_text(verb: str | None = None) -> str:
    """``piot help`` or ``piot help VERB``; raises UsageError for a verb that is not known."""
    return _verb_page(find_verb(verb)) if verb else _front_page()


def version_text(version: str) -> str:
    """What ``piot --version`` prints."""
    return f"piot {version}\n"


def _front_page() -> str:
    return _page(
        f"piot {SUMMARY}",
        "Usage: piot [FLAGS] VERB …",
        _section("Verbs", [(verb.name, verb.summary) for verb in VERBS]),
        _section("Flags of every verb", _flag_rows((*GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG))),
        _section("Patterns", PATTERNS),
        "piot help VERB says more about a verb.",
    )


def _verb_page(verb: Verb) -> str:
    words = ["piot", verb.name, "[FLAGS]" if verb.flags else "", verb.usage]
    return _page(
        f"piot {verb.name}: {verb.summary}",
        _wrapped(verb.about),
        f"Usage: {' '.join(word for word in words if word)}",
        _section("Flags", _flag_rows(verb.flags)),
        "\n  ".join(("Examples:", *verb.examples)) if verb.examples else "",
        "piot help lists the flags of every verb" + (" and the patterns." if "PATTERN" in words[-1] else "."),
    )


def _page(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _flag_rows(flags: Iterable[Flag]) -> list[tuple[str, str]]:
    return [(_spelling(flag), _flag_help(flag)) for flag in flags]


def _spelling(flag: Flag) -> str:
    names = ", ".join(sorted(flag.names, key=len))
    return f"{names} {flag.metavar}" if flag.metavar else names


def _flag_help(flag: Flag) -> str:
    text = f"{flag.help}; can be repeated" if flag.repeatable else flag.help
    return f"{text} [{flag.default}]" if flag.default is not None else text


def _section(title: str, rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    width = max(len(left) for left, _ in rows)
    return "\n".join([f"{title}:", *(_row(left, right, width) for left, right in rows)])


def _wrapped(text: str) -> str:
    import textwrap

    return textwrap.fill(text, HELP_WIDTH)


def _row(left: str, right: str, width: int) -> str:
    import textwrap

    lines = textwrap.wrap(right, HELP_WIDTH - width - 4) or [""]
    return "\n".join(f"  {left if not number else '':<{width}}  {line}" for number, line in enumerate(lines))
