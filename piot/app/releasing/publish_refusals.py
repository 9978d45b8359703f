"""What stops a release before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from piot.app.session.session import Session
from piot.effects.history import History
from piot.errors import InputError, MachineError
from piot.model.globs import Globs
from piot.model.package import Package
from piot.model.release.artifact import Observed
from piot.model.release.plan import ReleasePlan
from piot.model.release.steps import Step, Upload, blockers

_TAKE = "take the files of the run that published them (--artifacts)"


def refuse_unknown(plan: ReleasePlan, packages: Mapping[str, Package]) -> None:
    """A plan of another commit may have packages that this checkout does not; raises InputError."""
    if strange := [each.name for each in plan.packages if each.name not in packages]:
        raise InputError(
            f"the plan has packages that this checkout lacks: {', '.join(strange)}",
            hint="check out the commit of the plan",
        )


def refuse_uncommitted(session: Session, packages: Mapping[str, Package], steps: Iterable[Step]) -> None:
    """A crate is packed here when it is sent, and its tag says that it is of a commit.

    cargo refuses the same by itself (cargo reference, *cargo publish*, ``--allow-dirty``), but piot hands
    it a tree without git. Files that belong to no crate of ``steps`` that is to be sent are left alone.
    """
    sent = dict.fromkeys(each.package for each in steps if isinstance(each, Upload) and each.pending)
    crates = [packages[name] for name in sent if packages[name].kind == "crates"]
    changed = _uncommitted(session) if crates else ()
    rows = [(each.name, path) for each in crates for path in Globs.parse(each.paths).select(changed)]
    if rows:
        lines = "".join(f"\n  {name}: {path}" for name, path in rows)
        raise InputError(
            f"these files of crates are not committed, so nothing was sent:{lines}",
            hint="commit them, move them away, or let git ignore them",
        )


def _uncommitted(session: Session) -> tuple[str, ...]:
    changed = History(session.root, session.where.environ).uncommitted()
    return (*sorted(session.sources.unseen), *(each.path for each in changed()))


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
