"""What is being typed at the end of a command line, by the declared verbs and flags; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from piot.cli.flags import GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG, Flag, Values, Verb
from piot.cli.verbs import VERBS


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """``word`` is what was typed of it so far, ``before`` what stays in front of it (``--target=``).

    Fixed ``choices`` are (text, meaning); else ``values`` says where to look. ``directory`` and ``config``
    are the values of the global flags so far.
    """

    word: str
    before: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    values: Values = ""
    directory: str | None = None
    config: str | None = None


def cursor(words: Sequence[str]) -> Cursor:
    """The words after the program's name, the last one as far as it was typed ("" for a new one)."""
    line = _Line()
    for word in words[:-1]:
        line.read(word)
    return line.last(words[-1] if words else "")


class _Line:
    """As ``cli.parser`` reads it, but nothing is an error."""

    def __init__(self) -> None:
        self.verb: Verb | None = None
        self.awaits: Flag | None = None
        self.given: set[Flag] = set()
        self.arguments = 0
        self.ended = False
        self.values: dict[str, str] = {}

    def flags(self) -> tuple[Flag, ...]:
        return (*(self.verb.flags if self.verb else ()), *GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG)

    def flag(self, name: str) -> Flag | None:
        return next((flag for flag in self.flags() if name in flag.names), None)

    def read(self, word: str) -> None:
        if self.awaits is not None:
            self.values[self.awaits.key], self.awaits = word, None
        elif self.ended:
            self.arguments += 1
        elif word == "--":
            self.ended = True
        elif is_flag(word):
            self._read_flag(word)
        elif self.verb is None:
            self.verb = next((verb for verb in VERBS if verb.name == word), None)
        else:
            self.arguments += 1

    def _read_flag(self, word: str) -> None:
        name, equals, value = word.partition("=") if word.startswith("--") else (word[:2], "", word[2:])
        flag = self.flag(name)
        if flag is None:
            return
        self.given.add(flag)
        if flag.metavar and (equals or value):
            self.values[flag.key] = value
        elif flag.metavar:
            self.awaits = flag
        elif value:
            self._read_flag(f"-{value}")

    def last(self, word: str) -> Cursor:
        name, equals, value = word.partition("=")
        if self.awaits is not None:
            return self._value(self.awaits, word, "")
        if not self.ended and equals and name.startswith("--"):
            flag = self.flag(name)
            return self._value(flag, value, f"{name}=") if flag and flag.metavar else self._at(word)
        if not self.ended and is_flag(word, typing=True):
            return self._at(word, choices=tuple(self._open_flags()))
        if self.verb is None:
            verbs = () if self.ended else tuple((verb.name, verb.summary) for verb in VERBS)
            return self._at(word, choices=verbs)
        return self._argument(self.verb, word)

    def _argument(self, verb: Verb, word: str) -> Cursor:
        if verb.rest and self.ended:
            return self._at(word, values="file")
        if verb.most is not None and self.arguments >= verb.most:
            return self._at(word)
        if verb.first and not self.arguments:
            return self._at(word, choices=tuple((each, "") for each in verb.first))
        if verb.values == "verb":
            return self._at(word, choices=tuple((each.name, each.summary) for each in VERBS))
        return self._at(word, values=verb.values)

    def _value(self, flag: Flag, word: str, before: str) -> Cursor:
        choices = tuple((each, "") for each in flag.choices)
        return self._at(word, before=before, choices=choices, values=flag.values)

    def _open_flags(self) -> list[tuple[str, str]]:
        """Every spelling of the flags that can still be given."""
        return [
            (name, flag.help)
            for flag in self.flags()
            if flag.repeatable or flag not in self.given
            for name in flag.names
        ]

    def _at(
        self,
        word: str,
        *,
        before: str = "",
        choices: tuple[tuple[str, str], ...] = (),
        values: Values = "",
    ) -> Cursor:
        return Cursor(
            word=word,
            before=before,
            choices=choices,
            values=values,
            directory=self.values.get("C"),
            config=self.values.get("config"),
        )


def is_flag(word: str, *, typing: bool = False) -> bool:
    """As the parser has it; a lone ``-`` that is still being typed may become one."""
    if word == "-":
        return typing
    return word.startswith("-") and not word.startswith(("-/", "-:"))
