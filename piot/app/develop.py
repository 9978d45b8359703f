"""``piot develop``: wheels built quickly and installed so that Python sources are used from the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from piot.app.building.choosing import chosen
from piot.app.building.planning import make_plan
from piot.app.building.recording import Recording
from piot.app.building.reporting import Outcomes, report_of
from piot.app.building.request import BuildRequest
from piot.app.building.running import execute_for, hints
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import clock, files
from piot.effects.locks import FileLock
from piot.errors import InputError, MachineError, UsageError
from piot.model.events import Emit
from piot.model.label import Label
from piot.model.plan import BuildPlan
from piot.model.provider import Wheel
from piot.model.python.pyproject import Pyproject
from piot.model.report import BuildReport
from piot.model.result import ActionResult, OutputDirectory
from piot.model.target import Target
from piot.run import editable
from piot.run.environment import Environment, find_environment, install, install_needed, is_installed
from piot.run.stores.materialise import restore_outputs
from piot.run.verify.archive import read_zip


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One project in the environment; ``sources`` is the folder that its Python files are used from, if any.

    ``changed`` is false when just this was installed already.
    """

    label: Label
    name: str
    version: str
    environment: str
    sources: str | None
    changed: bool


def develop(request: BuildRequest, where: Where, emit: Emit) -> tuple[BuildReport, tuple[Installed, ...]]:
    """Builds the wheels that the patterns choose and installs them; nothing is installed when one fails."""
    started = clock.stopwatch()
    with (
        Recording(request, where, emit) as recording,
        closing(Session(where, recording.emit, versions=dict(request.versions))) as session,
    ):
        wheels = _wheels(session, request)
        environment = find_environment(where.environ, where.directory.absolute(), session.root)
        for target in wheels:
            _check_python(session, target, environment)
        request = replace(request, patterns=tuple(str(target.label) for target in wheels))
        plan = make_plan(session, request)
        recording.builds = session.state / "builds"
        ran, built = execute_for(session, request, plan, lambda ran: _restored(session, plan, ran))
        seconds = clock.stopwatch() - started
        report = report_of(request, plan, ran, {}, seconds, hints(lambda: session, plan, ran))
        done = [_install(session, environment, *each) for each in built] if report.ok else []
        recording.report = report
        return report, tuple(done)


def _wheels(session: Session, request: BuildRequest) -> tuple[Target, ...]:
    targets = chosen(session, request)
    wheels = tuple(each for each in targets if "Wheel" in session.graph.schema(each.label).provides)
    if wheels:
        return wheels
    if len(targets) == 1:
        rule = session.graph.schema(targets[0].label).name
        raise UsageError(f"{targets[0].label} is a {rule} target, not a wheel", hint="see: piot help develop")
    raise UsageError(f"there is no wheel among {' '.join(request.patterns)}", hint="see: piot help develop")


def _check_python(session: Session, target: Target, environment: Environment) -> None:
    project = session.repository.pyprojects.get(target.directory)
    wanted = None if project is None else project.requires_python
    if wanted is None:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        fits = SpecifierSet(wanted).contains(".".join(map(str, environment.version)), prereleases=True)
    except InvalidSpecifier:
        return  # the build says so
    if not fits:
        raise _unfit(f"{target.label} needs Python {wanted}", environment)


def _unfit(needs: str, environment: Environment) -> MachineError:
    return MachineError(
        f"{needs}, but {environment.shown} has {environment.about}",
        hint="activate an environment of another Python, or make .venv with one",
    )


def _restored(session: Session, plan: BuildPlan, ran: Outcomes) -> list[tuple[Label, Path]]:
    """Every wheel that was built, as a file in ``.piot/develop``."""
    found: list[tuple[Label, Path]] = []
    for label, wheel in _provided(plan):
        result = ran[wheel.folder.action].result
        for folder in () if result is None else result.directories:
            if folder.path == wheel.folder.path:
                place = _restore(session, label, folder)
                found += [(label, place / name) for name in files.names(place) if name.endswith(".whl")]
    return found


def _restore(session: Session, label: Label, folder: OutputDirectory) -> Path:
    place = session.state / "develop" / label.folder_name / "wheel"
    restore_outputs(session.store, ActionResult(directories=(folder,)), lambda _: place)
    return place


def _provided(plan: BuildPlan) -> Iterator[tuple[Label, Wheel]]:
    for requested in plan.requested:
        for each in requested.providers:
            if isinstance(each, Wheel):
                yield requested.target.label, each


def _install(session: Session, environment: Environment, label: Label, path: Path) -> Installed:
    if not environment.takes(path.name, session.host):
        raise _unfit(f"{path.name} does not fit this environment", environment)
    wheel = _members(label, path)
    directory = session.graph[label].directory
    project, facts = session.root / directory, session.repository.pyprojects.get(directory)
    sources = editable.sources_of(wheel, project, _python_source(facts))
    members, info = editable.editable(wheel, sources, project), editable.info_folder(wheel)
    name, version = info.removesuffix(".dist-info").split("-", 1)
    lines = editable.record({each: data for each, data in members.items() if each != f"{info}/RECORD"})
    changed = not is_installed(environment, info, lines)
    if changed:
        _install_anew(session, environment, members, path, f"{name}=={version}")
    shown = None if sources is None else sources.relative_to(session.root).as_posix()
    return Installed(
        label=label,
        name=name,
        version=version,
        environment=environment.shown,
        sources=shown,
        changed=changed,
    )


def _members(label: Label, path: Path) -> dict[str, bytes]:
    """The files of a wheel; a rule of the checkout may have made it, and proved nothing."""
    archive = read_zip(files.read_file(path))
    findings = list(archive.findings)
    if not any(name.endswith(".dist-info/METADATA") for name in archive.members):
        findings.append("It has no .dist-info/METADATA.")
    if findings:
        raise InputError(f"{label} made {path.name}, which is no wheel: {findings[0]}")
    return dict(archive.members)


def _install_anew(
    session: Session, environment: Environment, members: dict[str, bytes], path: Path, requirement: str
) -> None:
    from email.parser import BytesParser

    environ = session.where.environ
    metadata = BytesParser().parsebytes(members[f"{editable.info_folder(members)}/METADATA"])
    needed = [str(each) for each in metadata.get_all("Requires-Dist", [])]
    install_needed(environment, needed, environ, offline=session.where.offline)
    folder = path.parent.parent / "editable"
    with FileLock(session.state / "develop.lock", what=f"installs {requirement}"):
        files.remove_tree(folder)
        files.write_atomic(folder / path.name, editable.packed(members))
        install(environment, folder, requirement, environ)


def _python_source(project: Pyproject | None) -> str | None:
    return project.maturin.python_source if project and project.maturin else None
