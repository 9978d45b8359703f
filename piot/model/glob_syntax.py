"""The syntax of one glob: brace expansion, and a path segment as a regular expression."""

from __future__ import annotations

import re

from piot.errors import InputError

_MOST_EXPANSIONS = 1000
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)|([a-zA-Z])\.\.([a-zA-Z])")
_EXTGLOBS = {"@": "", "?": "?", "*": "*", "+": "+", "!": ""}
_NAMED_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\s",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9a-fA-F",
}
_SEGMENT_END = r"(?:/|\Z)"


def expand_braces(pattern: str) -> tuple[str, ...]:
    """``a{b,c}`` as ``ab`` and ``ac``; ``{x}`` and lone braces stay plain text, as in a shell.

    Raises InputError when there would be more than 1,000 of them.
    """
    found = tuple(_expand(pattern))
    if len(found) > _MOST_EXPANSIONS:
        raise InputError(
            f'"{pattern}" expands to more than {_MOST_EXPANSIONS} patterns', hint="write it with *"
        )
    return found


def _expand(text: str) -> list[str]:
    start = _unescaped(text, "{", 0)
    while start >= 0:
        end = _closing(text, start, "{", "}")
        options = _options(text[start + 1 : end]) if end > 0 else []
        if options:
            tails = _expand(text[end + 1 :])
            heads = [text[:start] + middle for option in options for middle in _expand(option)]
            if len(heads) * len(tails) > _MOST_EXPANSIONS:
                return [text] * (_MOST_EXPANSIONS + 1)
            return [head + tail for head in heads for tail in tails]
        start = _unescaped(text, "{", start + 1)
    return [text]


def _options(body: str) -> list[str]:
    """What a brace group stands for; empty when it is plain text (no comma, no range)."""
    if match := _RANGE.fullmatch(body):
        letters = match[3] is not None
        first, last = (ord(match[3]), ord(match[4])) if letters else (int(match[1]), int(match[2]))
        step = 1 if last >= first else -1
        numbers = range(first, last + step, step)[: _MOST_EXPANSIONS + 1]
        return [chr(number) if letters else str(number) for number in numbers]
    parts = _split(body, ",", "{", "}")
    return parts if len(parts) > 1 else []


def segment_regex(segment: str) -> str:
    """The regular expression of one segment (no ``/``, braces expanded); never matches a ``/``.

    Raises InputError for an extended group that is not closed in the segment.
    """
    out: list[str] = []
    at = 0
    while at < len(segment):
        char = segment[at]
        if char in _EXTGLOBS and segment.startswith("(", at + 1):
            return "".join(out) + _extglob(segment, at)
        text, at = _simple(segment, at)
        out.append(text)
    return "".join(out)


def _simple(segment: str, at: int) -> tuple[str, int]:
    """One character, wildcard or class at ``at``, and where the next one begins."""
    char = segment[at]
    if char == "*":
        while segment.startswith("*", at + 1) and not segment.startswith("(", at + 2):
            at += 1
        return "[^/]*", at + 1
    if char == "?":
        return "[^/]", at + 1
    if char == "\\" and at + 1 < len(segment):
        return re.escape(segment[at + 1]), at + 2
    if char == "[" and (found := _class(segment, at)):
        return found
    return re.escape(char), at + 1


def _extglob(segment: str, at: int) -> str:
    """An extended group and all that follows it in the segment (a ``!(…)`` must look at its rest)."""
    end = _closing(segment, at + 1, "(", ")")
    if end < 0:
        raise InputError(
            f'the group "{segment[at:]}" is not closed before the next "/"',
            hint="write braces for alternatives with folders: {a/b,c}",
        )
    options = "|".join(segment_regex(part) for part in _split(segment[at + 2 : end], "|", "(", ")"))
    rest = segment_regex(segment[end + 1 :])
    if segment[at] == "!":
        return f"(?!(?:{options}){rest}{_SEGMENT_END})[^/]*{rest}"
    return f"(?:{options}){_EXTGLOBS[segment[at]]}{rest}"


def _class(segment: str, at: int) -> tuple[str, int] | None:
    """``[a-z]``, ``[!x]``, ``[^x]``, ``[[:alpha:]]``; None when the bracket is never closed."""
    start = at + 1
    negated = segment[start : start + 1] in ("!", "^")
    start += negated
    body: list[str] = []
    index = start
    while index < len(segment) and (segment[index] != "]" or index == start):
        name = re.match(r"\[:([a-z]+):\]", segment[index:])
        if name and name[1] in _NAMED_CLASSES:
            body.append(_NAMED_CLASSES[name[1]])
            index += name.end()
            continue
        index += segment[index] == "\\" and index + 1 < len(segment)
        body.append(segment[index] if segment[index] == "-" else re.escape(segment[index]))
        index += 1
    if index >= len(segment):
        return None
    text = "".join(body)
    return (f"[^/{text}]" if negated else f"(?!/)[{text}]"), index + 1


def _unescaped(text: str, char: str, start: int) -> int:
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == char:
            return at
        at += 1
    return -1


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    """Where the group that opens at ``start`` closes, or -1."""
    depth, at = 0, start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == opening:
            depth += 1
        elif text[at] == closing:
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def _split(text: str, separator: str, opening: str, closing: str) -> list[str]:
    """``text`` at the separators that stand in no inner group."""
    parts, depth, begin, at = [""], 0, 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == opening:
            depth += 1
        elif text[at] == closing:
            depth -= 1
        elif text[at] == separator and depth == 0:
            parts[-1] = text[begin:at]
            parts.append("")
            begin = at + 1
        at += 1
    parts[-1] = text[begin:]
    return parts
