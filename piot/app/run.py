"""``piot run``: one program, built for this machine and put where it can be started from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from piot.app.building.choosing import chosen
from piot.app.building.planning import make_plan
from piot.app.building.recording import Recording
from piot.app.building.reporting import Outcomes, report_of
from piot.app.building.request import BuildRequest
from piot.app.building.running import execute_for, hints
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import clock
from piot.effects.locks import FileLock
from piot.errors import UsageError, listed
from piot.model.events import Emit
from piot.model.plan import BuildPlan
from piot.model.provider import Executable
from piot.model.report import BuildReport
from piot.model.result import ActionResult, OutputFile
from piot.model.target import Target
from piot.run.stores.materialise import restore_outputs


def prepare(request: BuildRequest, where: Where, emit: Emit) -> tuple[BuildReport, Path | None]:
    """Builds the one program that is asked for; gives where it stands, None when it could not be built.

    Raises UsageError when the pattern chooses several targets or one that is no program.
    """
    started = clock.stopwatch()
    with (
        Recording(request, where, emit) as recording,
        closing(Session(where, recording.emit, versions=dict(request.versions))) as session,
    ):
        target = _program(session, request)
        plan = make_plan(session, request)
        if plan.requested and not list(_programs(plan)):
            raise _no_program(session, target)
        recording.builds = session.state / "builds"
        ran, path = execute_for(session, request, plan, lambda ran: _placed(session, request, plan, ran))
        seconds = clock.stopwatch() - started
        recording.report = report_of(request, plan, ran, {}, seconds, hints(lambda: session, plan, ran))
        return recording.report, path


def _program(session: Session, request: BuildRequest) -> Target:
    targets = chosen(session, request)
    if len(targets) > 1:
        labels = [str(target.label) for target in targets]
        programs = [str(each.label) for each in targets if _may_be_program(session, each)]
        raise UsageError(
            f"{request.patterns[0]} is more than one target: {listed(labels)}",
            hint=f"name the program: piot run {programs[0]}" if programs else "none of them is a program",
        )
    if not targets:
        raise UsageError(f"no target matches {request.patterns[0]}")
    if not _may_be_program(session, targets[0]):
        raise _no_program(session, targets[0])
    return targets[0]


def _may_be_program(session: Session, target: Target) -> bool:
    """By the rule's annotation; a rule without one is asked."""
    provides = session.graph.schema(target.label).provides
    return not provides or Executable.__name__ in provides


def _no_program(session: Session, target: Target) -> UsageError:
    schema = session.graph.schema(target.label)
    hint = f"piot test {target.label}" if schema.test else f"piot build {target.label}"
    return UsageError(f"{target.label} is a {schema.name} target, not a program", hint=hint)


def _placed(session: Session, request: BuildRequest, plan: BuildPlan, ran: Outcomes) -> Path | None:
    """The program in ``.piot/run``, one file per target and profile, so that ``dist/`` stays as it is."""
    for program in _programs(plan):
        result = ran[program.file.action].result
        files = [] if result is None else [file for file in result.files if file.path == program.file.path]
        if files:
            folder = session.state / "run" / request.profile / plan.requested[0].target.label.folder_name
            return _restored(session, files[0], folder)
    return None


def _restored(session: Session, file: OutputFile, folder: Path) -> Path:
    place = folder / file.path.rpartition("/")[2]
    with FileLock(session.state / "delivery.lock", what=f"writes {place.name}"):
        restore_outputs(session.store, ActionResult(files=(file,)), lambda _: place)
    return place


def _programs(plan: BuildPlan) -> Iterator[Executable]:
    for requested in plan.requested:
        yield from (each for each in requested.providers if isinstance(each, Executable))
