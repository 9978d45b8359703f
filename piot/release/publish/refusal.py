"""What a registry says when it does not take a file, put into classes that the next step follows from."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from piot.errors import PiotError


class Refused(PiotError):
    """An upload that did not go well, as far as its answer tells: only the registry's content decides.

    ``passing`` when the same upload may go well later, ``wait`` the seconds that the registry asks for,
    ``held`` when it says that it has this version already, whether or not it shows it.
    """

    exit_code = 6

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        passing: bool = False,
        wait: float | None = None,
        held: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.passing = passing
        self.wait = wait
        self.held = held


def asked_wait(text: str, *, now: float) -> float | None:
    """Seconds to wait by "try again after <HTTP date>" in a message of crates.io; None without one."""
    _, found, rest = text.partition("try again after ")
    if not found:
        return None
    words = rest.split(" GMT")[0] + " GMT"
    try:
        return max(0.0, parsedate_to_datetime(words).timestamp() - now)
    except ValueError:
        return None
