"""A case of the published behaviour: its id, whether piot does the same, and if not, what instead."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Case(NamedTuple):
    """``sup`` is ``=`` for the same result, ``≠`` where piot does better, which ``difference`` describes."""

    id: str
    sup: Literal["=", "≠"] = "="
    difference: str = ""


def case_id(value: object) -> str:
    """For the ids of parametrized tests: that of the case, nothing for what comes with it."""
    return value.id if isinstance(value, Case) else ""
