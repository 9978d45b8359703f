"""Release plans for tests."""

from __future__ import annotations

from piot.model.release.plan import PlannedPackage, ReleasePlan


def first_release(*names: str) -> ReleasePlan:
    """The first release of these packages, as 1.0.0, in this order."""
    packages = (
        PlannedPackage(
            name=name,
            version="1.0.0",
            previous=None,
            bump="first",
            reasons=(),
            fingerprint="",
            tag=f"{name}-v1.0.0",
        )
        for name in names
    )
    return ReleasePlan(commit="c0ffee", packages=tuple(packages))
