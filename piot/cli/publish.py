"""``piot publish``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from piot.app.publish import publish
from piot.app.releasing.prepared_release import PublishRequest
from piot.cli.approvals import approval
from piot.cli.invocation import Invocation
from piot.cli.progress import progress_on
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.clock import stopwatch
from piot.model.release.report import PublishReport
from piot.model.release.steps import Outcome, Release, Step, Tag, Upload, owners

_KINDS: tuple[type[Step], ...] = (Upload, Tag, Release)
_WORDS = {
    "done": ("published", "tagged", "released"),
    "there": ("there already",) * 3,
    "staged": ("waits for an approval",) * 3,
    "failed": ("failed",) * 3,
    "left": ("left",) * 3,
}
_KEPT_BACK = "would be staged, and wait for an approval"
_FORETOLD = {**_WORDS, "left": ("would be published", "would be tagged", "would be released")}


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints a line per file and tag as they are done, or one JSON object at the end."""
    flags = invocation.globals

    def told(outcome: Outcome) -> None:
        if not flags.json:
            write_data(sys.stdout, _line(outcome, dry=False))

    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        report = publish(_request(invocation), where(invocation), progress.emit, told)
    if flags.json:
        write_data(sys.stdout, json.dumps(_json(report)) + "\n")
    elif report.dry:
        write_data(sys.stdout, "".join(_line(outcome, dry=True) for outcome in report.outcomes))
    if not flags.quiet:
        terminal.write(_summary(report))
    return report.exit_code


def _request(invocation: Invocation) -> PublishRequest:
    artifacts, plan = invocation.text("artifacts"), invocation.text("plan")
    return PublishRequest(
        patterns=invocation.arguments,
        artifacts=None if artifacts is None else Path.cwd() / artifacts,
        plan=None if plan is None else Path.cwd() / plan,
        registry=invocation.text("registry"),
        dry_run=invocation.on("dry_run"),
    )


def _line(outcome: Outcome, *, dry: bool) -> str:
    word = (_FORETOLD if dry else _WORDS)[outcome.fate][_KINDS.index(type(outcome.step))]
    word = _KEPT_BACK if dry and outcome.fate == "left" and _stages(outcome.step) else word
    detail = "".join(f"\n    {line}" for line in outcome.detail.splitlines() if line)
    return f"{outcome.step.name}: {word}{detail}\n"


def _stages(step: Step) -> bool:
    return isinstance(step, Upload) and step.stage


def _summary(report: PublishReport) -> str:
    if report.dry:
        return "nothing was sent\n"
    if not report.outcomes:
        return "nothing is planned\n"
    if report.complete:
        return "all is published\n"
    left = sum(not outcome.good for outcome in report.outcomes)
    again = f"{left} of {len(report.outcomes)} steps are left: run it again, which sends nothing twice\n"
    return f"{_approvals(report)}{again}"


def _approvals(report: PublishReport) -> str:
    """What a person has to do, in the order in which it has to be done."""
    if not report.staged:
        return ""
    lines = "".join(
        f"  {approval(each.registry_name, each.version, found.id, found.registry)}\n"
        for each, found in ((step.artifact, found) for step, found in report.staged)
    )
    return f"a person has to approve these, in this order:\n{lines}"


def _json(report: PublishReport) -> dict[str, object]:
    return {
        "schema": 1,
        "ok": report.complete,
        "dry_run": report.dry,
        "commit": report.plan.commit,
        "packages": [
            {
                "package": planned.name,
                "version": planned.version,
                "tag": planned.tag,
                "steps": [_step(each) for each in report.outcomes if planned.name in owners(each.step)],
            }
            for planned in report.plan.packages
        ],
    }


def _step(outcome: Outcome) -> dict[str, object]:
    step = outcome.step
    own: dict[str, object] = {"tag": None, "release": None, "file": None, "name": None, "sha256": None}
    own["stage"] = outcome.waiting.id if outcome.waiting is not None else None
    if isinstance(step, Upload):
        artifact = step.artifact
        own |= {"file": artifact.file, "name": artifact.registry_name, "sha256": artifact.sha256}
    else:
        own["tag" if isinstance(step, Tag) else "release"] = step.tag
    return {**own, "fate": outcome.fate, "detail": outcome.detail}
