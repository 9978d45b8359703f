"""The lock file of a workspace, whichever tool wrote it."""

from __future__ import annotations

from typing import TypeAlias

from piot.errors import Problem, Problems
from piot.model.npm.bun_lock import parse_bun_lock
from piot.model.npm.closure import closure_of
from piot.model.npm.graph import NpmGraph
from piot.model.npm.package_lock import NpmLock, inside, parse_package_lock
from piot.model.npm.pins import wrong
from piot.model.npm.pnpm_lock import alone, parse_pnpm_lock
from piot.model.npm.project import NpmProject, problem
from piot.model.npm.yarn_lock import parse_yarn_lock
from piot.model.triple import Triple

AnyLock: TypeAlias = NpmLock | NpmGraph


def read_lock(project: NpmProject, host: Triple) -> AnyLock:
    """What the lock file pins for ``host``.

    Raises Problems when there is none, when several tools have one, when it is out of date, and with
    everything that cannot be installed from it.
    """
    path, text = project.lock, project.lock_text
    if project.rivals:
        raise Problems([_rivals(project)])
    if path is None or text is None:
        raise Problems([_none(project)])
    match path.rpartition("/")[2]:
        case "pnpm-lock.yaml":
            return _whole(parse_pnpm_lock(text, path, project)).on(host)
        case "yarn.lock":
            return _whole(parse_yarn_lock(text, path, project)).on(host)
        case "bun.lock":
            return _whole(parse_bun_lock(text, path, project)).on(host)
        case _:
            lock = parse_package_lock(text, path, host)
            if outdated := [*lock.outdated(project.root, project.members)]:
                raise Problems(outdated)
            return lock


def must_pin(lock: AnyLock, importer: str, name: str) -> None:
    """Raises InputError when ``importer``, a folder below that of the lock file, gets no such package."""
    if isinstance(lock, NpmLock):
        closure_of(name, lock, importer)
    else:
        lock.only(importer, name)


def how_to_pin(project: NpmProject, name: str) -> str:
    """What makes a lock file that has a tool of a package, where there is none."""
    add, file = ("pnpm add", "pnpm-lock.yaml") if project.workspace else ("npm install", "package-lock.json")
    return f"run `{add} --save-dev {name}`{inside(project.manifest.directory)} and commit {file}"


def _none(project: NpmProject) -> Problem:
    if alone(project):
        hint = "take the setting away, run `pnpm install` and commit pnpm-lock.yaml"
        message = "one lock file for all of the workspace is needed, and sharedWorkspaceLockfile is false"
        return problem(project.manifest.path, "PIOT_NPM_LOCK", message, hint)
    tool, file = ("pnpm", "pnpm-lock.yaml") if project.workspace else ("npm", "package-lock.json")
    hint = f"run `{tool} install`{inside(project.root)} and commit {file}"
    message = "it has dependencies and scripts, but no lock file pins them"
    return problem(project.manifest.path, "PIOT_NPM_LOCK", message, hint)


def _rivals(project: NpmProject) -> Problem:
    names = " and ".join(project.rivals)
    hint = 'say which counts, as in "packageManager": "pnpm@10.0.0", or remove the others'
    message = f"{names} stand beside each other, and nothing says which counts"
    root = project.members.get(project.root, project.manifest)
    return problem(root.path, "PIOT_NPM_LOCK", message, hint)


def _whole(graph: NpmGraph) -> NpmGraph:
    """The graph; raises Problems when somebody gets something that is not in it."""
    parts = [*graph.importers.items(), *((key, each.needs) for key, each in graph.packages.items())]
    lacks = [
        wrong(graph.path, f"{who or 'the root'} gets {key}, which is not in it", "make it anew and commit it")
        for who, needs in parts
        for key in needs.packages.values()
        if key not in graph.packages
    ]
    if lacks:
        raise Problems(lacks)
    return graph
