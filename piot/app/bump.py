"""``piot bump``: planned versions, what follows from them, and changelogs, written into the checkout."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from piot.app.releasing.committed import committed_versions
from piot.app.releasing.release_plan import PlanRequest, release_plan
from piot.app.releasing.subjects import subjects_of
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import clock
from piot.effects.git_state import dirty
from piot.effects.rewriting import rewrite
from piot.errors import InputError, UsageError, listed
from piot.model.events import Emit
from piot.model.package import Package
from piot.model.release.changelog import Release, with_release
from piot.model.release.plan import PlannedPackage, ReleasePlan
from piot.model.semver import Semver
from piot.model.settings import Config

CHANGELOG = "CHANGELOG.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class BumpRequest:
    """``patterns`` choose packages (none: all), ``bump`` is what a person wants, as for a plan."""

    patterns: tuple[str, ...] = ()
    bump: str = ""
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A file that changes: its text before (None for a new file) and after."""

    path: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bumped:
    """The plan, and what it changes in the checkout; nothing where all of it is there already."""

    plan: ReleasePlan
    edits: tuple[Edit, ...]


def bump(request: BumpRequest, where: Where, emit: Emit) -> Bumped:
    """Writes what the plan says, unless it is a dry run.

    Raises UsageError where no package keeps its version in its manifest, what `release_plan` does, and
    InputError when a file that changes has changes that are not committed.
    """
    with closing(Session(where, emit)) as session:
        plan = _plan(request, session, _keeping(session.config))
        edits = _edits(session.with_versions(plan.versions), plan)
        if not request.dry_run:
            _write(session, edits)
        return Bumped(plan=plan, edits=edits)


def _keeping(config: Config) -> frozenset[str]:
    found = frozenset(each.name for each in config.packages if each.version_from == "manifest")
    if not found:
        raise UsageError(
            "no package keeps its version in its manifest: there is nothing to write",
            hint='write version_from = "manifest" for those that do; for the others, see: piot plan',
        )
    return found


def _plan(request: BumpRequest, session: Session, keeping: frozenset[str]) -> ReleasePlan:
    found = release_plan(session, PlanRequest(patterns=request.patterns, bump=request.bump, by_commits=True))
    packages = tuple(each for each in found.packages if each.name in keeping)
    return replace(found, packages=packages if request.bump else _not_back(session, packages))


def _not_back(session: Session, planned: Sequence[PlannedPackage]) -> tuple[PlannedPackage, ...]:
    """Where a manifest is ahead already, or nothing was ever released, its own version stays.

    Packages of one group go on sharing the greatest.
    """
    packages = {package.name: package for package in session.config.packages}
    written = committed_versions(session, (packages[each.name] for each in planned))
    greatest: dict[str, Semver] = {}
    for each in planned:
        own = written.get(each.name)
        proposed = None if each.previous is None and own else Semver.parse(each.version)
        line = packages[each.name].line
        wanted = [version for version in (greatest.get(line), own, proposed) if version is not None]
        greatest[line] = max(wanted, key=lambda version: version.precedence)
    return tuple(replace(each, version=str(greatest[packages[each.name].line])) for each in planned)


def _edits(session: Session, plan: ReleasePlan) -> tuple[Edit, ...]:
    """Manifests and locks with the planned versions, and changelogs with a section for each."""
    if not plan.packages:
        return ()
    _check_places(session, plan)
    texts = {**session.repository.overlay, **_changelogs(session, plan)}
    before = {path: session.on_disk(path) for path in texts}
    return tuple(
        Edit(path=path, before=before[path], after=text)
        for path, text in sorted(texts.items())
        if text != before[path]
    )


def _check_places(session: Session, plan: ReleasePlan) -> None:
    """Every version has a place: manifests whose version comes from tags or code have none."""
    packages = [package for package in session.config.packages if package.name in plan.versions]
    placed = committed_versions(session, packages)
    lost = [package.name for package in packages if package.name not in placed]
    if lost:
        raise InputError(
            f"no manifest has a place for the version of {listed(lost)}",
            hint='write version = "0.0.0" into it, or take it from commits: version_from = "trailer"',
        )


def _write(session: Session, edits: Sequence[Edit]) -> None:
    paths = [edit.path for edit in edits]
    changed = dirty(session.root, session.where.environ, paths) if paths else ()
    if changed:
        raise InputError(
            f"{listed(changed)} would be written, but has changes that are not committed",
            hint="commit or stash them first; `piot bump --dry-run` shows what would be written",
        )
    rewrite(session.root, {edit.path: edit.after for edit in edits})


def _changelogs(session: Session, plan: ReleasePlan) -> dict[str, str]:
    """The changelogs with a section for every line of versions that they tell of."""
    packages = {package.name: package for package in session.config.packages}
    lines: dict[tuple[str, str], list[PlannedPackage]] = {}
    for planned in plan.packages:
        package = packages[planned.name]
        lines.setdefault((_file(session, package), package.line), []).append(planned)
    told: dict[str, set[str]] = {}
    for package in packages.values():
        told.setdefault(_file(session, package), set()).add(package.line)
    texts: dict[str, str] = {}
    for (path, line), members in lines.items():
        name = line if len(told[path]) > 1 else ""
        release = _release(session, name, members, packages)
        texts[path] = with_release(texts.get(path, session.on_disk(path)), release)
    return texts


def _file(session: Session, package: Package) -> str:
    """Beside the package's manifest, else at the root; a new one is made beside the manifest."""
    own = posixpath.normpath(posixpath.join(package.path, CHANGELOG))
    there = (path for path in (own, CHANGELOG) if session.on_disk(path) is not None)
    return next(there, own)


def _release(
    session: Session, name: str, members: Sequence[PlannedPackage], packages: Mapping[str, Package]
) -> Release:
    subjects = subjects_of(session, [packages[each.name] for each in members], members[0].baseline)
    others = (
        () if subjects else tuple(dict.fromkeys(text for each in members for text in _without(each, session)))
    )
    date = clock.rfc3339(clock.now_ns())[:10]
    return Release(
        name=name,
        version=members[0].version,
        date=date,
        subjects=subjects,
        others=tuple(dict.fromkeys(others)),
    )


def _without(planned: PlannedPackage, session: Session) -> tuple[str, ...]:
    """What is said of a release in which nothing of the package itself changed."""
    needed = [each.of for each in planned.reasons if each.kind == "dependency" and each.of]
    updates = [f"Update of {name} to {session.versions[name]}" for name in needed if name in session.versions]
    return tuple(updates) or ("Released without changes of its own",)
