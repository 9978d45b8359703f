"""GitHub's expressions, as far as the workflows use them: ``${{ matrix.target || 'all' }}``.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

Functions = Mapping[str, Callable[..., Any]]

_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_SIGN = r"&&|\|\||==|!=|[!(),[\]]|\.(?=[A-Za-z_])|\d+"
_TOKEN = re.compile(rf"\s*(?:({_SIGN})|'((?:[^']|'')*)'|(true|false|null)\b|([A-Za-z_][\w.-]*))")


class Expressions:
    """``contexts`` are those of a place in a workflow: ``github``, ``matrix``, ``needs``, …"""

    def __init__(self, contexts: Mapping[str, Any], functions: Functions) -> None:
        self._contexts = contexts
        self._functions: dict[str, Callable[..., Any]] = {
            "fromjson": json.loads,
            "tojson": json.dumps,
            "contains": _contains,
            "join": _joined,
            **{name.lower(): function for name, function in functions.items()},
        }

    def filled(self, value: Any) -> Any:
        """A value of the workflow with its holes filled in; a text that is one hole becomes its value."""
        if isinstance(value, dict):
            return {key: self.filled(inner) for key, inner in cast("dict[str, Any]", value).items()}
        if isinstance(value, list):
            return list(map(self.filled, cast("Iterable[Any]", value)))
        if not isinstance(value, str):
            return value
        if (whole := _HOLE.fullmatch(value.strip())) and value.count("${{") == 1:
            return self.value(whole[1])
        return _HOLE.sub(lambda hole: text(self.value(hole[1])), value)

    def condition(self, source: str) -> bool:
        """What ``if:`` decides, with or without ``${{ }}``."""
        whole = _HOLE.fullmatch(source.strip())
        return bool(self.value(whole[1] if whole else source))

    def value(self, source: str) -> Any:
        """The value of an expression; ValueError for what is none."""
        tokens: list[tuple[str, str]] = []
        at = 0
        source = source.strip()
        while at < len(source):
            match = _TOKEN.match(source, at)
            if match is None:
                raise ValueError(f"no expression: {source!r} at {at}")
            kind = ["sign", "text", "word", "name"][(match.lastindex or 1) - 1]
            tokens.append((kind, match[match.lastindex or 1]))
            at = match.end()
        value = self._either(tokens)
        if tokens:
            raise ValueError(f"left over in {source!r}: {tokens}")
        return value

    def _either(self, tokens: list[tuple[str, str]]) -> Any:
        value = self._both(tokens)
        while _next(tokens, "||"):
            other = self._both(tokens)
            value = value or other
        return value

    def _both(self, tokens: list[tuple[str, str]]) -> Any:
        value = self._equal(tokens)
        while _next(tokens, "&&"):
            other = self._equal(tokens)
            value = value and other
        return value

    def _equal(self, tokens: list[tuple[str, str]]) -> Any:
        value = self._one(tokens)
        for sign in ("==", "!="):
            if _next(tokens, sign):
                return (_loose(value) == _loose(self._one(tokens))) is (sign == "==")
        return value

    def _one(self, tokens: list[tuple[str, str]]) -> Any:
        if _next(tokens, "!"):
            return not self._one(tokens)
        if _next(tokens, "("):
            value = self._either(tokens)
            _must(tokens, ")")
            return value
        kind, word = tokens.pop(0)
        if kind == "text":
            return word.replace("''", "'")
        if kind == "word":
            return {"true": True, "false": False, "null": None}[word]
        if kind != "name":
            raise ValueError(f"{word!r} is not expected")
        found = self._called(word, tokens) if _next(tokens, "(") else self._found(word)
        return self._inside(found, tokens)

    def _inside(self, value: Any, tokens: list[tuple[str, str]]) -> Any:
        """What ``[…]`` and ``.name`` behind a value lead to; null where there is nothing."""
        while tokens and tokens[0] in (("sign", "["), ("sign", ".")):
            if tokens.pop(0)[1] == ".":
                key: Any = tokens.pop(0)[1]
            else:
                key = int(tokens.pop(0)[1]) if tokens[0][1].isdecimal() else self._either(tokens)
                _must(tokens, "]")
            value = _item(value, key)
        return value

    def _called(self, name: str, tokens: list[tuple[str, str]]) -> Any:
        values: list[Any] = []
        while not _next(tokens, ")"):
            values.append(self._either(tokens))
            _next(tokens, ",")
        return self._functions[name.lower()](*values)

    def _found(self, path: str) -> Any:
        """What is not there is null, but a context has to be known."""
        first, *rest = path.split(".")
        value = self._contexts[first]
        for part in rest:
            value = _item(value, part)
        return value


def _item(value: Any, key: Any) -> Any:
    if isinstance(value, list):
        items = cast("Sequence[Any]", value)
        return items[key] if isinstance(key, int) and key < len(items) else None
    return cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None


def _contains(whole: Any, part: Any) -> bool:
    """A text in a text, or an item of an array."""
    if isinstance(whole, list):
        items = cast("Sequence[Any]", whole)
        return any(_loose(each) == _loose(part) for each in items)
    return str(_loose(text(part))) in str(_loose(text(whole)))


def _joined(values: list[Any] | None, between: str) -> str:
    return between.join(map(text, values or []))


def text(value: Any) -> str:
    """A value as it is put into text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _loose(value: Any) -> Any:
    """Texts are compared without regard to case."""
    return value.lower() if isinstance(value, str) else value


def _next(tokens: list[tuple[str, str]], sign: str) -> bool:
    found = bool(tokens) and tokens[0] == ("sign", sign)
    if found:
        tokens.pop(0)
    return found


def _must(tokens: list[tuple[str, str]], sign: str) -> None:
    if not _next(tokens, sign):
        raise ValueError(f"{sign!r} is expected before {tokens}")
