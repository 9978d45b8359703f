"""``piot toolchains``: what this machine can build for, and with what; or what each candidate lacks."""

from __future__ import annotations

from piot.app.machine.toolchain_rows import Row, rows
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.model.events import Emit


def toolchains(where: Where, emit: Emit) -> tuple[Row, ...]:
    """A row for the host, then for what packages declare; outside of a checkout for every Linux triple."""
    return rows(Session(where, emit, anywhere=True))
