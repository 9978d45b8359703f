"""What stops a release before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from piot.app.session import Session
from piot.app.staged_crate import staged_crate
from piot.effects.history import History
from piot.errors import InputError, MachineError
from piot.model.artifact import Observed
from piot.model.package import Package
from piot.model.publish_steps import Step, Upload, blockers
from piot.model.release_plan import ReleasePlan

_TAKE = "take the files of the run that published them (--artifacts)"


def refuse_unknown(plan: ReleasePlan, packages: Mapping[str, Package]) -> None:
    if strange := [each.name for each in plan.packages if each.name not in packages]:
        raise InputError(
            f"the plan has packages that this checkout lacks: {', '.join(strange)}",
            hint="check out the commit of the plan",
        )


def refuse_uncommitted(
    session: Session, steps: Iterable[Step], packages: Mapping[str, Package], asked: Container[str]
) -> None:
    """A crate is packed from the checkout as it is, and its tag is on a commit that would lack these."""
    crates = [
        packages[each.package]
        for each in steps
        if isinstance(each, Upload)
        and each.artifact.kind == "crate"
        and each.pending
        and each.package in asked
    ]
    if not crates:
        return
    changed = History(session.root, session.where.environ).uncommitted()()
    if not changed:
        return
    packed = {path for package in crates for path in staged_crate(session, package).files}
    if found := sorted(packed.intersection(changed)):
        lines = "".join(f"\n  {path}" for path in found)
        raise InputError(
            f"these files go into a crate and are not committed, so nothing was sent:{lines}",
            hint="commit them, or take them out of the checkout",
        )


def refuse_blocked(
    observed: Sequence[Observed], originals: Callable[[frozenset[str]], str | None] = lambda _: None
) -> None:
    """Nothing is sent as long as one file cannot go, so that no release is half of one.

    ``originals`` gives the command that fetches what was first published of some packages, if it is known.
    """
    blocked = blockers(observed)
    lines = "".join(f"\n  {each.artifact.file}: {each.detail}" for each in blocked)
    if different := frozenset(each.artifact.package for each in blocked if each.state == "different"):
        command = originals(different)
        take = f"fetch those: `{command}`, then `piot publish --artifacts originals`" if command else _TAKE
        raise InputError(
            f"other files are published under these names, so nothing was sent:{lines}",
            hint=f"{take}, or release another version",
        )
    if blocked:
        raise MachineError(f"registries do not tell, so nothing was sent:{lines}", hint="run it again")
