"""How registries are asked: past every cache, with patience, and with one kind of error in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from piot.effects.http import Answer, Http, without_secrets
from piot.errors import MachineError

_T = TypeVar("_T")

FRESH = {"Cache-Control": "no-cache", "Accept-Encoding": "identity"}
"""Asks caches on the way to look again (RFC 9111, 5.2.1.4)."""


class Unreadable(MachineError):
    """A registry did not tell; ``reason`` is what it did instead, in words without secrets."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"cannot read the registry: {reason}", hint="run it again, or see `piot status`")

    @classmethod
    def at(cls, url: str, what: str) -> Unreadable:
        """``what`` the address did instead of answering."""
        return cls(f"{without_secrets(url)} {what}")


def ask(http: Http, url: str, *, headers: Mapping[str, str]) -> Answer:
    """The answer to GET; raises Unreadable when there is none after some patience."""
    try:
        return http.get(url, headers=headers)
    except MachineError as error:
        raise Unreadable(error.message) from error


def read(answer: Answer, parse: Callable[[Answer], _T], what: str) -> _T:
    """What an answer says; raises Unreadable for a refusal, and for what ``parse`` takes for no ``what``."""
    if answer.status != 200:
        raise refused(answer)
    try:
        return parse(answer)
    except ValueError as error:
        raise Unreadable.at(answer.url, f"is no {what}") from error


def refused(answer: Answer) -> Unreadable:
    """A status that is no answer to what was asked."""
    why = ": reading it needs credentials" if answer.status in (401, 403) else ""
    return Unreadable.at(answer.url, f"answered {answer.status}{why}")
