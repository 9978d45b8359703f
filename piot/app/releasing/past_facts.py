"""What a release plan follows from, gathered: tags, commits, trees, what manifests and registries say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from piot.cascade.baselines import Baselines
from piot.cascade.changes import Contents
from piot.cascade.facts import EMPTY, Facts
from piot.cascade.graph import closures
from piot.cascade.past import Past
from piot.effects.history import History
from piot.errors import PiotError, listed
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.semver import Semver
from piot.model.tree_diff import Pair, empty_tree

Versions: TypeAlias = "Sequence[str] | PiotError"
"""Those that a registry has, as they are spelled there; an error when it does not tell."""

Published: TypeAlias = Callable[[Sequence[Package]], Mapping[str, Versions]]
"""Asks the registries of packages; none of the packages is in the answer when nobody may be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What registries have, by package, and what could not be asked."""

    versions: dict[str, tuple[str, ...]]
    findings: tuple[Finding, ...] = ()


def ask_registries(packages: Sequence[Package], released: Baselines, published: Published | None) -> Known:
    """Of the packages that have no release tag: perhaps they were released before piot came."""
    untagged = [package for package in packages if package.line not in released.last]
    if published is None or not untagged:
        return Known(versions={})
    versions: dict[str, tuple[str, ...]] = {}
    findings: list[Finding] = []
    unasked: list[str] = []
    told = published(untagged)
    for package in untagged:
        match told.get(package.name):
            case None:
                unasked.append(package.name)
            case PiotError() as error:
                findings.append(_silent(package, error))
            case found:
                versions[package.name] = tuple(found)
    findings += [_unasked(unasked)] if unasked else []
    return Known(versions=versions, findings=tuple(findings))


def _unasked(names: Sequence[str]) -> Finding:
    return Finding(
        code="PIOT_REGISTRY_UNASKED",
        severity="note",
        message=f"offline, no registry was asked whether it has {listed(names)} already",
        fix="plan without --offline before the first release",
    )


def _silent(package: Package, error: PiotError) -> Finding:
    return Finding(
        code="PIOT_REGISTRY_SILENT",
        severity="warning",
        package=package.name,
        message=f"whether {package.name} was released before could not be asked: {error.message}",
        fix=error.hint,
    )


def gather(
    history: History,
    packages: tuple[Package, ...],
    released: Baselines,
    *,
    head: str,
    base: str | None,
    committed: dict[str, Semver],
    published: dict[str, tuple[str, ...]],
) -> Facts:
    """Everything, with as few commands of git as there can be."""
    commits = [base] if base else sorted({last.commit for last in released.last.values()})
    common = history.common(commits)
    logging = history.log(head, [common] if common else ())
    inner = closures(packages)
    contents = Contents(packages, inner)
    past = Past(logging(), commits)
    facts = Facts(
        packages=packages,
        closures=inner,
        head=head,
        released=released,
        past=past,
        contents=contents,
        trees={},
        diff=history.diff({}),
        base=base,
        committed=committed,
        published=published,
    )
    return _compared(facts, history)


def _compared(facts: Facts, history: History) -> Facts:
    """With the trees and differences that the choice asks for."""
    wanted = set(_comparisons(facts))
    commits = {commit for before, after, _ in wanted for commit in (before, after) if commit}
    trees = {EMPTY: empty_tree(facts.head), **history.trees({*commits, facts.head})}
    pairs: dict[Pair, set[str]] = {}
    for before, after, name in wanted:
        pairs.setdefault((trees[before], trees[after]), set()).update(facts.contents.roots(name))
    diff = history.diff({pair: frozenset(roots) for pair, roots in pairs.items()})
    return replace(facts, trees=trees, diff=diff)


def _comparisons(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Two commits, and the package that is compared between them."""
    for package in facts.packages:
        baseline = facts.baseline(package)
        if baseline is not None:
            yield baseline, facts.head, package.name
        before = facts.past.unskipped(package.name, facts.head, baseline)
        if before not in (None, baseline, facts.head):
            yield baseline or EMPTY, before, package.name
