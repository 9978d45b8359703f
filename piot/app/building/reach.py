"""What changed files reach of a build that is kept, and what of it stands as it is (decision 0016)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from piot.app.building import answer
from piot.app.building.delivery import Placed
from piot.app.building.kept_plan import KeptPlan
from piot.app.session.site import KnownSite
from piot.model.digest import Digest
from piot.model.events import ActionFinished
from piot.model.plan import BuildPlan
from piot.model.report import BuildReport, TargetReport
from piot.model.result import ActionResult, OutputFile
from piot.run.outcome import Outcome
from piot.run.schedule import Settled


class Reach(NamedTuple):
    """The part of a plan that changed files reach; ``others`` are the delivered files of all targets.

    ``before`` is the report of the build that is kept, of ``total`` actions.
    """

    site: KnownSite
    plan: BuildPlan
    settled: Settled
    others: Placed
    before: BuildReport
    total: int

    def delivers(self) -> frozenset[str]:
        """The files that were delivered of what is built again."""
        again = {str(each.target) for each in self.plan.requested}
        targets = [each for each in self.before.targets if str(each) in again]
        return frozenset(output.path for each in targets for output in each.outputs)

    def can_begin(self) -> bool:
        """Whether the store has all that the part is made from."""
        results = [outcome.result for outcome in self.settled.outcomes.values()]
        return all(result is not None and self.site.store.is_whole(result) for result in results)

    def report(self, part: BuildReport) -> BuildReport:
        """The report of the whole plan, from that of the part."""
        new = {str(each): each for each in part.targets}
        targets = [new.pop(str(each), each) for each in self.before.targets]
        outside = self.total - len(self.plan.actions)
        local = part.local - len(self.settled.outcomes) + outside
        return replace(part, targets=(*targets, *new.values()), local=local, notes=self.before.notes)


def reach_of(site: KnownSite, whole: KeptPlan, kept: Mapping[str, Any], edited: list[str]) -> Reach:
    """What ``edited`` files reach of the ``whole`` plan; ``kept`` is what is known of its last build."""
    reached = whole.reached(edited)
    plan = whole.part(reached)
    outcomes = {name: _outcome(site, *kept["results"][name][:2]) for name in whole.needed(plan)}
    before = answer.report_of(kept["report"], 0.0)
    told = [
        ActionFinished(
            id=row.id,
            status="cached",
            label=row.label,
            description=row.mnemonic,
            key=Digest.parse(kept["results"][row.id][0]).hash,
        )
        for row in whole.rows
        if row.id not in reached
    ]
    return Reach(
        site=site,
        plan=plan,
        settled=Settled(outcomes, told),
        others={str(each): _placed(each, kept) for each in before.targets},
        before=before,
        total=len(whole.rows),
    )


def _outcome(site: KnownSite, key: str, recorded: str) -> Outcome:
    result = site.store.recorded(Path(recorded))
    return Outcome(status="cached", result=result, key=Digest.parse(key))


def _placed(target: TargetReport, kept: Mapping[str, Any]) -> ActionResult:
    """What was delivered of it, relative to the folder that it was delivered to."""
    return ActionResult(
        files=tuple(
            OutputFile(
                path=each.path.removeprefix(kept["out"]),
                digest=Digest(each.sha256, each.size),
                executable=kept["outputs"][each.path][1],
            )
            for each in target.outputs
        )
    )
