"""The words of a command line into an Invocation; strict, and quicker to import than argparse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

from piot.cli.flags import GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG, Flag, Value, Verb
from piot.cli.invocation import Globals, Invocation
from piot.cli.verbs import ELSEWHERE, VERBS
from piot.errors import UsageError, listed, near


def parse(argv: Sequence[str]) -> Invocation:
    """The words after the program's name; raises UsageError for what is not declared.

    Flags may stand anywhere up to ``--``. A word that starts with ``-//`` or ``-:`` is a pattern that
    takes away, not a flag.
    """
    line = _Line(argv)
    while line.rest:
        word = line.rest.pop(0)
        if word == "--":
            line.take_rest()
            break
        if _is_flag(word):
            line.take_flag(word)
        elif line.verb is None:
            line.verb = find_verb(word)
        else:
            line.arguments.append(word)
        if HELP_FLAG in line.given or VERSION_FLAG in line.given:
            break
    return line.finish()


def find_verb(word: str) -> Verb:
    """The verb of this name; raises UsageError with a near match."""
    for verb in VERBS:
        if verb.name == word:
            return verb
    elsewhere = ELSEWHERE.get(word)
    guess = f"it is {elsewhere} here." if elsewhere else near(word, [verb.name for verb in VERBS])
    raise _usage(f'unknown verb "{word}"', None, guess)


def _is_flag(word: str) -> bool:
    return word.startswith("-") and word != "-" and not word.startswith(("-//", "-:"))


def _usage(message: str, verb: Verb | None, guess: str | None = None) -> UsageError:
    about = f"piot help {verb.name}" if verb else "piot help"
    return UsageError(message, hint=f"{guess} See: {about}" if guess else f"see: {about}")


def _by_name(flags: Sequence[Flag]) -> dict[str, Flag]:
    return {name: flag for flag in flags for name in flag.names}


class _Line:
    """A command line while it is being read."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.words = tuple(argv)
        self.rest = list(argv)
        self.verb: Verb | None = None
        self.given: dict[Flag, tuple[str, ...]] = {}
        self.arguments: list[str] = []
        self.handed_on: tuple[str, ...] = ()

    def known(self) -> dict[str, Flag]:
        own = self.verb.flags if self.verb else ()
        return _by_name((*own, *GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG))

    def take_flag(self, word: str) -> None:
        """``--name``, ``--name=value``, ``-n``, ``-nvalue`` or switches together: ``-kv``."""
        long = word.startswith("--")
        name, equals, attached = word.partition("=") if long else (word[:2], "", word[2:])
        flag = self.known().get(name) or self.unknown(word, name)
        if flag.metavar:
            value = attached if equals or attached else self.next_value(flag)
            if flag in self.given and not flag.repeatable:
                raise _usage(f"{flag.name} is given twice", self.verb)
            self.given[flag] = (*self.given.get(flag, ()), value)
            return
        if equals:
            raise _usage(f"{flag.name} takes no value", self.verb)
        self.given[flag] = ()
        if attached:
            if f"-{attached[0]}" not in self.known():
                self.unknown(word, word)
            self.take_flag(f"-{attached}")

    def take_rest(self) -> None:
        """What stands behind ``--``: for another program, or arguments that may begin with ``-``."""
        if self.verb is not None and self.verb.rest:
            self.handed_on = tuple(self.rest)
        else:
            self.arguments += self.rest

    def next_value(self, flag: Flag) -> str:
        if self.rest and not (self.rest[0].startswith("-") and self.rest[0] != "-"):
            return self.rest.pop(0)
        raise _usage(f"{flag.name} needs a value: {flag.name} {flag.metavar}", self.verb)

    def unknown(self, word: str, name: str) -> NoReturn:
        owners = [verb.name for verb in VERBS if name in _by_name(verb.flags)]
        guess = None
        if owners and self.verb:
            guess = f"{name} is a flag of {listed(owners)}."
        elif owners:
            guess = f"{name} stands after the verb: {listed(owners)}."
        elif name.startswith("--"):
            guess = near(name, self.known())
        elif self.verb and "PATTERN" in self.verb.arguments:
            guess = 'a pattern that begins with "-" and a name stands after "--".'
        raise _usage(f'unknown flag "{word}"', self.verb, guess)

    def finish(self) -> Invocation:
        if VERSION_FLAG in self.given:
            return Invocation(verb="version", options={}, arguments=(), globals=Globals())
        if HELP_FLAG in self.given:
            behind = next((word for word in self.rest if not _is_flag(word)), None)
            named = self.verb or (find_verb(behind) if behind else None)
            about = (named.name,) if named else ()
            return Invocation(verb="help", options={}, arguments=about, globals=Globals())
        if self.verb is None:
            raise _usage("no verb is given", None)
        _check_arguments(self.verb, self.arguments)
        common = {flag.key: self.value(flag) for flag in GLOBAL_FLAGS}
        if common["quiet"] and common["verbose"]:
            raise _usage("--quiet and --verbose exclude each other", self.verb)
        return Invocation(
            verb=self.verb.name,
            options={flag.key: self.value(flag) for flag in self.verb.flags},
            arguments=tuple(self.arguments),
            globals=_globals(common),
            words=self.words,
            rest=self.handed_on,
        )

    def value(self, flag: Flag) -> Value:
        if not flag.metavar:
            return flag in self.given
        values = [_convert(flag, text, self.verb) for text in self.given.get(flag, ())]
        if flag.repeatable:
            return tuple(str(value) for value in values)
        return values[0] if values else flag.default


def _convert(flag: Flag, text: str, verb: Verb | None) -> str | int:
    if flag.choices and text not in flag.choices:
        message = f'{flag.name}: "{text}" is not one of {listed(flag.choices)}'
        raise _usage(message, verb, near(text, flag.choices))
    try:
        return flag.convert(text)
    except ValueError as error:
        raise _usage(f'{flag.name}: "{text}" {error}', verb) from None


def _check_arguments(verb: Verb, arguments: Sequence[str]) -> None:
    if len(arguments) < verb.least:
        raise _usage(f"nothing is given to {verb.name}: piot {verb.name} {verb.usage}", verb)
    if verb.most is not None and len(arguments) > verb.most:
        guess = f"{verb.rest} stands behind --." if verb.rest else None
        raise _usage(f'{verb.name} does not take "{arguments[verb.most]}"', verb, guess)
    if verb.first and arguments[0] not in verb.first:
        message = f'{verb.name}: "{arguments[0]}" is not one of {listed(verb.first)}'
        raise _usage(message, verb, near(arguments[0], verb.first))


def _globals(values: Mapping[str, Value]) -> Globals:
    def text(key: str) -> str | None:
        value = values[key]
        return value if isinstance(value, str) else None

    return Globals(
        directory=text("C"),
        config=text("config"),
        quiet=values["quiet"] is True,
        verbose=values["verbose"] is True,
        color=text("color") or "auto",
        offline=values["offline"] is True,
        json=values["json"] is True,
    )
