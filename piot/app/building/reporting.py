"""From outcomes of actions to the report of a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from piot.app.building.request import BuildRequest
from piot.model.action import ActionId
from piot.model.plan import BuildPlan, Configured, Requested, Unbuildable
from piot.model.report import Blocked, BuildReport, OutputReport, TargetReport
from piot.run.outcome import Outcome

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
    """What came of every target that was asked for, and of others that failed before it.

    ``hints`` are lines about failed actions.
    """
    asked = tuple(_target(request, plan, each, ran, delivered, hints) for each in plan.requested)
    targets = (*asked, *_dependencies(request, plan, ran, hints))
    statuses = [outcome.status for outcome in ran.values()]
    return BuildReport(
        ok=not plan.unbuildable and all(each.status in ("built", "cached") for each in targets),
        targets=targets,
        ran=statuses.count("ran"),
        incremental=sum(each.status == "ran" and each.incremental for each in ran.values()),
        local=statuses.count("cached"),
        failed=statuses.count("failed"),
        seconds=seconds,
        notes=plan.notes,
        blocked=tuple(map(_blocked, plan.unbuildable)),
        dry_run=request.dry_run,
    )


def _blocked(each: Unbuildable) -> Blocked:
    target = each.target
    lacks = tuple(str(lack) for lack in each.lacks)
    return Blocked(label=str(target.label), triple=target.triple, python=target.python, lacks=lacks)


def _target(
    request: BuildRequest,
    plan: BuildPlan,
    wanted: Requested,
    ran: Outcomes,
    delivered: Delivered,
    hints: Hints,
) -> TargetReport:
    names = _own(wanted)
    bad = next((name for name in names if ran[name].status == "failed"), None)
    because = next((ran[name].because for name in names if ran[name].status == "skipped"), None)
    own = [ran[name] for name in names]
    last = own[-1] if own else Outcome(status="cached")
    built = any(outcome.status == "ran" for outcome in own)
    report = TargetReport(
        label=str(wanted.target.label),
        triple=wanted.target.triple,
        python=wanted.target.python,
        status="built" if built else "cached",
        source="ran" if built else "local",
        key=None if last.key is None else last.key.hash,
        reason=next((outcome.reason for outcome in reversed(own) if outcome.status == "ran"), ""),
        seconds=sum(outcome.seconds for outcome in own),
        incremental=any(outcome.incremental for outcome in own),
        outputs=delivered.get(wanted.target, ()),
    )
    if bad is not None:
        return _failed(report, request, plan, bad, ran[bad], hints)
    return report if because is None else _skipped(report, plan, because)


def _dependencies(
    request: BuildRequest, plan: BuildPlan, ran: Outcomes, hints: Hints
) -> Iterator[TargetReport]:
    """The targets that failed and were not asked for: the reason why others were skipped."""
    asked = {name for each in plan.requested for name in _own(each)}
    for name, outcome in ran.items():
        if outcome.status == "failed" and name not in asked:
            action = plan.actions[name]
            report = TargetReport(
                label=action.label,
                triple=action.triple,
                python=action.python,
                status="failed",
                key=None if outcome.key is None else outcome.key.hash,
                seconds=outcome.seconds,
            )
            yield _failed(report, request, plan, name, outcome, hints)


def _failed(
    report: TargetReport,
    request: BuildRequest,
    plan: BuildPlan,
    name: ActionId,
    outcome: Outcome,
    hints: Hints,
) -> TargetReport:
    what = f"{plan.actions[name].mnemonic} {outcome.message}"
    return replace(
        report,
        status="failed",
        source=None,
        reason=outcome.reason,
        outputs=(),
        error="\n".join((what, *hints.get(name, ()))),
        log=None if outcome.log is None else str(outcome.log),
        by_hand=f"sh {outcome.kept}" if outcome.kept else _again(report, request),
    )


def _skipped(report: TargetReport, plan: BuildPlan, because: ActionId) -> TargetReport:
    failed = plan.actions[because]
    return TargetReport(
        label=report.label,
        triple=report.triple,
        python=report.python,
        status="skipped",
        reason=f"{failed.label} failed",
    )


def _again(report: TargetReport, request: BuildRequest) -> str:
    """The command that leaves the failed action's folder behind, with a script that runs it."""
    ours = report.label.startswith("@")  # a step of a toolchain, which no pattern names
    words = ["piot", "test" if request.tests else "build", *(request.patterns if ours else (report.label,))]
    words += ["--target", report.triple] if report.triple else []
    words += ["--python", report.python] if report.python else []
    words += ["--sandbox", request.sandbox] if request.sandbox else []
    words += ["--profile", request.profile] if request.profile != "release" else []
    words += ["--incremental"] if request.incremental else []
    return " ".join([*words, "--keep-sandbox"])


def _own(wanted: Requested) -> tuple[ActionId, ...]:
    """The actions of a target; those of others where it only hands on what they make."""
    return wanted.actions or tuple(dict.fromkeys(output.action for output in wanted.outputs))
