"""What stops a release before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from piot.errors import InputError, MachineError
from piot.model.artifact import Observed
from piot.model.package import Package
from piot.model.publish_steps import blockers
from piot.model.release_plan import ReleasePlan


def refuse_unknown(plan: ReleasePlan, packages: Mapping[str, Package]) -> None:
    if strange := [each.name for each in plan.packages if each.name not in packages]:
        raise InputError(
            f"the plan has packages that this checkout lacks: {', '.join(strange)}",
            hint="check out the commit of the plan",
        )


def refuse_blocked(observed: Sequence[Observed]) -> None:
    """Nothing is sent as long as one file cannot go, so that no release is half of one."""
    blocked = blockers(observed)
    lines = "".join(f"\n  {each.artifact.file}: {each.detail}" for each in blocked)
    if any(each.state == "different" for each in blocked):
        raise InputError(
            f"other files are published under these names, so nothing was sent:{lines}",
            hint="take the files of the run that published them (--artifacts), or release another version",
        )
    if blocked:
        raise MachineError(f"registries do not tell, so nothing was sent:{lines}", hint="run it again")
