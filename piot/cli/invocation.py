"""A command line that was understood, as the verbs receive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from piot.cli.flags import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Globals:
    """The flags that every verb takes; ``color`` is auto, always or never."""

    directory: str | None = None
    config: str | None = None
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    offline: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """A command line that makes sense.

    ``options`` holds every flag of the verb under its key (``keep_going``), given or not. ``rest`` are the
    words behind ``--`` of a verb that hands them on. Besides the declared verbs, ``verb`` may be ``version``.
    ``words`` are all that was said, as it was said.
    """

    verb: str
    options: Mapping[str, Value]
    arguments: tuple[str, ...]
    globals: Globals
    words: tuple[str, ...] = field(default=(), compare=False)
    rest: tuple[str, ...] = ()

    def on(self, key: str) -> bool:
        """Whether a switch is given."""
        return self.options[key] is True

    def text(self, key: str) -> str | None:
        """The value of a flag that takes text; None when it is not given and has no default."""
        value = self.options[key]
        return value if isinstance(value, str) else None

    def number(self, key: str) -> int | None:
        """The value of a flag that takes a number or size; None when it is not given."""
        value = self.options[key]
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """The values of a repeatable flag, in the order given."""
        value = self.options[key]
        return value if isinstance(value, tuple) else ()
