"""From outcomes of actions to the report of a build."""

from __future__ import annotations

from collections.abc import Mapping

from piot.app.request import BuildRequest
from piot.model.action import ActionId
from piot.model.plan import BuildPlan, Configured, Requested
from piot.model.report import Blocked, BuildReport, OutputReport, TargetReport
from piot.run.schedule import Outcome

Outcomes = Mapping[ActionId, Outcome]
Delivered = Mapping[Configured, tuple[OutputReport, ...]]
Hints = Mapping[ActionId, tuple[str, ...]]


def report_of(
    request: BuildRequest,
    plan: BuildPlan,
    ran: Outcomes,
    delivered: Delivered,
    seconds: float,
    hints: Hints,
) -> BuildReport:
    """What came of every target that was asked for; ``hints`` are lines about failed actions."""
    targets = tuple(_target(request, plan, each, ran, delivered, hints) for each in plan.requested)
    statuses = [outcome.status for outcome in ran.values()]
    return BuildReport(
        ok=not plan.unbuildable and all(each.status in ("built", "cached") for each in targets),
        targets=targets,
        ran=statuses.count("ran"),
        local=statuses.count("cached"),
        failed=statuses.count("failed"),
        seconds=seconds,
        notes=plan.notes,
        blocked=tuple(
            Blocked(
                label=str(each.target.label),
                triple=each.target.triple,
                lacks=tuple(str(lack) for lack in each.lacks),
            )
            for each in plan.unbuildable
        ),
        dry_run=request.dry_run,
    )


def _target(
    request: BuildRequest,
    plan: BuildPlan,
    wanted: Requested,
    ran: Outcomes,
    delivered: Delivered,
    hints: Hints,
) -> TargetReport:
    needed = _closure(plan, wanted)
    bad = next((name for name in needed if ran[name].status == "failed"), None)
    skipped = next((name for name in needed if ran[name].status == "skipped"), None)
    last = ran[wanted.actions[-1]] if wanted.actions else Outcome(status="cached")
    own = [ran[name] for name in wanted.actions]
    built = any(outcome.status == "ran" for outcome in own)
    report = TargetReport(
        label=str(wanted.target.label),
        triple=wanted.target.triple,
        status="built" if built else "cached",
        source="ran" if built else "local",
        key=None if last.key is None else last.key.hash,
        reason=next((outcome.reason for outcome in reversed(own) if outcome.status == "ran"), ""),
        seconds=sum(outcome.seconds for outcome in own),
        outputs=delivered.get(wanted.target, ()),
    )
    if bad is not None and bad in wanted.actions:
        what = "\n".join((f"{plan.actions[bad].mnemonic} {ran[bad].message}", *hints.get(bad, ())))
        return _failed(report, request, ran[bad], what)
    if bad is not None or skipped is not None:
        because = bad or (ran[skipped].because if skipped else None) or ""
        return _skipped(report, plan, because)
    return report


def _failed(report: TargetReport, request: BuildRequest, outcome: Outcome, what: str) -> TargetReport:
    by_hand = f"sh {outcome.kept}" if outcome.kept else _again(report, request)
    return TargetReport(
        label=report.label,
        triple=report.triple,
        status="failed",
        key=report.key,
        reason=outcome.reason,
        seconds=report.seconds,
        error=what,
        log=None if outcome.log is None else str(outcome.log),
        by_hand=by_hand,
    )


def _skipped(report: TargetReport, plan: BuildPlan, because: ActionId) -> TargetReport:
    failed = plan.actions[because]
    return TargetReport(
        label=report.label, triple=report.triple, status="skipped", reason=f"{failed.label} failed"
    )


def _again(report: TargetReport, request: BuildRequest) -> str:
    """The command that leaves the failed action's folder behind, with a script that runs it."""
    words = ["piot", "test" if request.tests else "build", report.label]
    words += ["--target", report.triple] if report.triple else []
    words += ["--profile", request.profile] if request.profile != "release" else []
    return " ".join([*words, "--keep-sandbox"])


def _closure(plan: BuildPlan, wanted: Requested) -> list[ActionId]:
    """The actions that a target is made by, what they need included."""
    found: dict[ActionId, None] = {}
    stack = list(wanted.actions)
    while stack:
        name = stack.pop()
        if name not in found:
            found[name] = None
            stack.extend(plan.actions[name].needs)
    return list(found)
