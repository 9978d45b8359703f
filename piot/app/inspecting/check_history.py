"""What git's past says against a release: trailers that count for nothing, versions that cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from piot.app.releasing.release_plan import PlanRequest, proposed
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import plumbing
from piot.errors import InputError
from piot.model.finding import Finding, Severity

SEVERITIES: dict[str, Severity] = {
    "PIOT_SHALLOW": "note",
    "PIOT_TRAILER": "error",
    "PIOT_TRAILER_NAME": "error",
    "PIOT_VERSION_UNCHANGED": "error",
}
"""What is graver before a release than when it is planned, or, in the clone of a pull request, less."""

PASSED_OVER = ("PIOT_SKIPPED", "PIOT_UNCOMMITTED")
"""What hinders no release."""


def look_at_history(root: Path, where: Where) -> tuple[Finding, ...]:
    """What planning would say, without asking anybody; nothing where git keeps nothing yet."""
    if plumbing.repository(root) is None or plumbing.program(where.environ) is None:
        return ()
    session = Session(where, lambda _: None)
    try:
        found = proposed(session, PlanRequest()).findings
    except InputError:
        return ()  # no commit yet; what is wrong with the configuration is known
    finally:
        session.close()
    return tuple(
        replace(each, severity=SEVERITIES.get(each.code, each.severity))
        for each in found
        if each.code not in PASSED_OVER
    )
