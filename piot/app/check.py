"""``piot check``: everything that can be known of a checkout without leaving it, in one report."""

from __future__ import annotations

from piot.app.inspecting.check_view import Reading
from piot.app.session.where import Where
from piot.inspect.check import findings
from piot.model.finding import Finding


def check(where: Where) -> tuple[Finding, ...]:
    """All findings, in the order of files and lines; no code of the checkout runs, nothing is fetched.

    Raises InputError where there is no configuration at all, and MachineError when git refuses.
    """
    reading = Reading(where)
    view = reading.view()
    return findings(view, reading.found)
