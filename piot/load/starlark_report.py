"""What Starlark says of an error or a call stack, as problems and frames at the user's own lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from piot.errors import Problem

SHIM = "<piot>"
"""The file name of what piot itself writes in Starlark; it never shows in messages."""

_ERROR = re.compile(r"^error: (.*?)\n --> (.+?):(\d+):(\d+)$", re.MULTILINE | re.DOTALL)
_END = re.compile(
    r"^error: Parse error: unexpected new line here.*?\n--> (.+?):1:1$", re.MULTILINE | re.DOTALL
)
"""Of a file that ends too early: the arrow stands at no line, and says the first one."""
_FRAME = re.compile(r"^  \* (.+?):(\d+), in (.+)$", re.MULTILINE)
_FRAMES_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One line of a call stack; ``function`` is the macro around it, or ``<module>``."""

    path: str
    line: int
    function: str


def column_of(text: str, line: int, function: str) -> int:
    """Where on a line (both from 1) a function is called; the first character when it is not found."""
    lines = text.splitlines()
    found = re.search(rf"\b{re.escape(function)}\(|\S", lines[line - 1]) if 0 < line <= len(lines) else None
    return found.start() + 1 if found else 1


def problem_of(report: str, path: str, text: str) -> Problem:
    """Starlark's report as one problem, at the innermost line that a user wrote."""
    ends = _END.search(report)
    if ends is not None:
        return _ended(ends[1], text if ends[1] == path else "")
    frames = frames_of(report)
    found = _ERROR.search(report)
    if found is None:
        return Problem(path=path, line=0, column=0, code="PIOT_BUILD_FILE", message=report.strip())
    message, place, line, column = found[1], found[2], int(found[3]), int(found[4])
    if place == SHIM and frames:
        place, line = frames[-1].path, frames[-1].line
        column = column_of(text, line, "") if place == path else 1
    outer = [frame for frame in frames if (frame.path, frame.line) != (place, line)]
    called = "".join(f", called from {frame.path}:{frame.line}" for frame in reversed(outer[-_FRAMES_SHOWN:]))
    message, hint = _explained(message)
    return Problem(
        path=place, line=line, column=column, code="PIOT_BUILD_FILE", message=f"{message}{called}", hint=hint
    )


def _ended(path: str, text: str) -> Problem:
    """At the end of the last line that says something, where the text is known."""
    lines = text.rstrip().splitlines()
    return Problem(
        path=path,
        line=len(lines),
        column=len(lines[-1]) + 1 if lines else 0,
        code="PIOT_BUILD_FILE",
        message="Parse error: the file ends, and something is still open",
        hint="close the bracket",
    )


def _explained(message: str) -> tuple[str, str | None]:
    """Starlark's message in a user's words, and the next step where one is known."""
    message = message.removeprefix("fail: ").replace(f"{SHIM}.", "")
    if "opaque_python_object" in message:
        hint = "select() is a whole attribute; select_list([…], {…}) adds a part to a list"
        return message.replace("opaque_python_object", "select()"), hint
    unusable = re.search(r"`serde::serialize` not supported on type `(.+)`", message)
    if unusable:
        return f"a {unusable[1]} cannot be the value of an attribute", None
    if message.startswith("Variable `") and "did you mean" not in message:
        return message, "`piot rules` lists the rules; load() brings macros and rules of your own"
    if message.startswith("Parse error: "):
        return message.partition(", expected one of")[0], None
    return message, None


def frames_of(stack: str) -> tuple[Frame, ...]:
    """The calls in what ``call_stack()`` gives, outermost first, without those of piot's own shim."""
    found: Iterable[tuple[str, str, str]] = _FRAME.findall(stack)
    return tuple(
        Frame(path=path, line=int(line), function=function) for path, line, function in found if path != SHIM
    )
