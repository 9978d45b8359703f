"""All checks of a checkout, one after the other: what one of them finds never hides another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from piot.errors import InputError, Problems
from piot.inspect.checks import (
    called,
    crate_size,
    crates,
    depends,
    features,
    locks,
    npm,
    paths,
    project,
    python,
    python_files,
    rust_version,
    sources,
    tags,
    workflows,
)
from piot.inspect.checks.locks import of_problem
from piot.inspect.view import View
from piot.model.finding import Finding, Severity

Check: TypeAlias = Callable[[View], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    paths.folders,
    paths.globs,
    depends.depends,
    depends.unreleased,
    sources.uncovered,
    crates.names,
    crates.metadata,
    crates.requirements,
    crates.versions,
    crate_size.sizes,
    rust_version.rust_versions,
    features.bundled,
    features.features,
    python.sources,
    python.bundled,
    python.versions,
    python.pythons,
    python_files.types,
    python_files.literals,
    npm.names,
    npm.repositories,
    npm.platforms,
    npm.files,
    locks.cargo,
    locks.npm,
    tags.ambiguous,
    tags.behind,
    project.texts,
    project.addresses,
    project.runners,
    workflows.trust,
    workflows.every,
    called.called,
)

RANKS: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def findings(view: View, known: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """What all checks find, and what is ``known`` from reading, each once, in the order of files and lines.

    Where reading has found something, nothing is said of the same place again.
    """
    found = [*known]
    places = {(each.path, each.line, each.column) for each in found if each.line}
    found += (
        each
        for check in CHECKS
        for each in _guarded(check, view)
        if (each.path, each.line, each.column) not in places
    )
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _guarded(check: Check, view: View) -> Iterator[Finding]:
    """A manifest that only this check reads may be wrong in a way that nobody has said yet."""
    try:
        yield from check(view)
    except Problems as wrong:
        yield from map(of_problem, wrong.problems)
    except InputError as wrong:
        yield Finding(code="PIOT_UNREADABLE", severity="error", message=wrong.message, fix=wrong.hint)


def _order(finding: Finding) -> tuple[str, int, int, int, str, str]:
    return (
        finding.path,
        finding.line,
        finding.column,
        RANKS[finding.severity],
        finding.code,
        finding.message,
    )
