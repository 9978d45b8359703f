"""The cases that piot is held against, each with its id and how piot is meant to differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the tables; without a ``difference`` the result is the one of the table.

    Every file of tests/conformance has its cases in ``CASES``; docs/reference/conformance.md is made of
    them.
    """

    id: str
    difference: str = ""

    @property
    def sup(self) -> str:
        """``=`` or ``≠``, as in the tables."""
        return "≠" if self.difference else "="


def case_id(value: object) -> str | None:
    """For the ids of parametrized tests."""
    return value.id if isinstance(value, Case) else ""
