"""Several complaints about one target, told in one go."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from piot.errors import InputError, PiotError, Problem, Problems
from piot.model.label import Label

PATH = "@piot/rules"
"""The analysis replaces it by the place where the target is declared."""


class Faults:
    """What is wrong with the target ``label``, to be told in one go."""

    def __init__(self, label: Label) -> None:
        self.label = label
        self._found: list[Problem] = []

    def add(self, message: str, hint: str | None = None) -> None:
        """Notes what is wrong, once; the label stands before a message that does not name it."""
        named = message if str(self.label) in message else f"{self.label}: {message}"
        found = Problem(path=PATH, line=0, column=0, code="PIOT_RULE", message=named, hint=hint)
        if found not in self._found:
            self._found.append(found)

    def tell(self) -> None:
        """Raises Problems when there are any."""
        if self._found:
            raise Problems(self._found)

    @contextmanager
    def last(self) -> Generator[None, None, None]:
        """What is wrong within is told together with what was found before; there is nothing after it.

        A lack of this machine comes second: another machine would find the faults all the same.
        """
        try:
            yield
        except Problems as error:
            raise Problems([*self._found, *error.problems]) from error
        except InputError as error:
            self.add(error.message, error.hint)
        except PiotError:
            self.tell()
            raise
        self.tell()
