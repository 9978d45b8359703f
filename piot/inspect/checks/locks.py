"""Lock files: there, and of the manifests as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piot.errors import InputError, Problem, Problems
from piot.inspect.cargo import reach
from piot.inspect.view import View
from piot.model.cargo.locked import unpinned
from piot.model.finding import Finding
from piot.model.npm.locks import how_to_pin, must_pin, read_lock
from piot.model.npm.napi import CLI
from piot.model.npm.package_lock import below
from piot.model.npm.project import NpmProject
from piot.model.package import NpmSettings, Package
from piot.model.triple import Triple

HOST = Triple.parse("x86_64-unknown-linux-gnu")
"""Any will do: it is not said what a lock has for which."""


def cargo(view: View) -> Iterator[Finding]:
    """``Cargo.lock`` of every workspace that something is released from."""
    folders: dict[str, set[str]] = {}
    for package in view.packages:
        for directory in view.crates_of(package):
            reached = (each.directory for each in reach(view, directory))
            folders.setdefault(view.workspaces[directory].root, set()).update(reached)
    for root in sorted(folders):
        yield from _of_workspace(view, sorted(folders[root]))


def _of_workspace(view: View, directories: Sequence[str]) -> Iterator[Finding]:
    """``directories`` are of its crates that something is released from."""
    workspace = view.workspaces[directories[0]]
    if workspace.lock_text is None:
        place = "" if workspace.root == "." else f" in {workspace.root}"
        yield view.at(
            "PIOT_CARGO_LOCK",
            "error",
            f"there is no {workspace.lock_path}, and builds are made from what it pins",
            workspace.manifest,
            fix=f"run `cargo generate-lockfile`{place} and commit the file",
        )
        return
    if workspace.lock_path in view.untracked and workspace.manifest not in view.untracked:
        yield view.at(
            "PIOT_CARGO_LOCK",
            "warning",
            "it is not in git: another clone, as that of CI, has none to build from",
            workspace.lock_path,
            fix="take it out of .gitignore, and commit it",
        )
    lacks = [each for directory in directories for each in _lacks(view, directory)]
    if lacks:
        yield view.at(
            "PIOT_CARGO_LOCK",
            "error",
            f"it is out of date: {'; '.join(lacks)}",
            workspace.lock_path,
            fix="run `cargo update --workspace`, and commit the file",
        )


def _lacks(view: View, directory: str) -> list[str]:
    workspace, crate = view.workspaces[directory], view.crate(directory)
    if workspace.lock is None or crate is None or directory not in workspace.members:
        return []
    text = view.documents.text
    try:
        found = unpinned(
            crate.name, text(crate.manifest) or "", text(workspace.manifest) or "", workspace.lock
        )
    except InputError:
        return []
    return [f"{crate.manifest} asks for {each}" for each in found]


def npm(view: View) -> Iterator[Finding]:
    """The lock file of every workspace that a script of a released package, or an addon, is built in."""
    seen: set[str] = set()
    for package in view.packages:
        project = view.npm.get(package.path)
        if not isinstance(package.settings, NpmSettings) or project is None:
            continue
        if not all(each.values for each in project.members.values()):
            continue  # a manifest that cannot be read asks for nothing, which is no fault of the lock file
        addon = any(each.mode == "napi" for each in package.settings.build)
        if addon and project.lock is None and not project.rivals:
            yield _unpinned(view, package, project)
        elif addon or (project.manifest.builds and project.manifest.needs()):
            yield from _of_lock(project, told=project.root in seen, addon=addon)
            seen.add(project.root)


def _unpinned(view: View, package: Package, project: NpmProject) -> Finding:
    return view.at(
        "PIOT_NPM_LOCK",
        "error",
        f"no lock file pins {CLI}, which builds its addon",
        project.manifest.path,
        package=package,
        fix=how_to_pin(project, CLI),
    )


def _of_lock(project: NpmProject, *, told: bool, addon: bool) -> Iterator[Finding]:
    """``told`` is all that is wrong with the whole of it."""
    try:
        lock = read_lock(project, HOST)
    except Problems as wrong:
        yield from () if told else map(of_problem, wrong.problems)
        return
    try:
        if addon:
            must_pin(lock, below(project.root, project.manifest.directory), CLI)
    except InputError as wrong:
        yield Finding(
            code="PIOT_NPM_LOCK",
            severity="error",
            message=f"{wrong.message}, which builds its addon",
            path=project.manifest.path,
            fix=wrong.hint,
        )


def of_problem(problem: Problem) -> Finding:
    """A problem that keeps piot from building anything."""
    return Finding(
        code=problem.code,
        severity="error",
        message=problem.message,
        path=problem.path,
        line=problem.line,
        column=problem.column,
        fix=problem.hint,
    )
