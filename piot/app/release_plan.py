"""What would be released from HEAD, and why: git's past, the cascade, and what a person asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from piot.app.package_patterns import choose_packages
from piot.app.session import Session
from piot.app.where import Where
from piot.cascade.baselines import baselines, look_at_tags
from piot.cascade.changes import Contents
from piot.cascade.choice import EMPTY, Facts
from piot.cascade.graph import closures
from piot.cascade.past import Past
from piot.cascade.plan import plan, with_fingerprints
from piot.effects.git import CONFIG
from piot.effects.history import History
from piot.errors import InputError, Problem, Problems, UsageError, listed
from piot.model.bump_spec import parse_bump
from piot.model.finding import Finding
from piot.model.release_plan import ReleasePlan
from piot.model.tree_diff import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """``patterns`` choose packages (none: all), ``bump`` is what a person wants, ``base`` a revision that
    all packages are compared with instead of their last releases."""

    patterns: tuple[str, ...] = ()
    bump: str = ""
    base: str | None = None


def planned(request: PlanRequest, where: Where) -> ReleasePlan:
    """What would be released from the checkout; raises what `release_plan` does."""
    session = Session(where, lambda _: None)
    try:
        return release_plan(session, request)
    finally:
        session.close()


def release_plan(session: Session, request: PlanRequest | None = None) -> ReleasePlan:
    """What would be released; raises Problems when something forbids to release at all.

    Raises UsageError for packages and revisions that do not exist, and InputError without any commit.
    """
    found = proposed(session, request or PlanRequest())
    wrong = [finding for finding in found.findings if finding.severity == "error"]
    if wrong:
        raise Problems(map(_problem, wrong))
    return found


def proposed(session: Session, request: PlanRequest) -> ReleasePlan:
    """The same with errors among the findings, for who wants to see them all."""
    history = History(session.root, session.where.environ)
    head = _head(history)
    if history.shallow:
        return ReleasePlan(commit=head, packages=(), findings=(_SHALLOW,))
    changing = history.uncommitted()
    spec = parse_bump(request.bump, [package.name for package in session.config.packages])
    facts = _facts(session, history, head, _revision(history, request.base))
    found = plan(facts, spec)
    if found.packages:
        files = history.files(facts.trees[head])
        found = with_fingerprints(found, facts.contents.fingerprints(files))
    found = _only(found, facts, choose_packages(request.patterns, facts.packages, _folder(session)))
    odd = look_at_tags(facts.packages, facts.released, without_tags=history.without_tags)
    dirty = _dirty(changing(), facts.contents)
    return replace(found, findings=(*odd, *dirty, *found.findings))


def _folder(session: Session) -> str:
    return session.where.below(session.root)


def _only(found: ReleasePlan, facts: Facts, chosen: frozenset[str]) -> ReleasePlan:
    """The plan of these packages, and of those that they need."""
    needed = {name for each in chosen for name in (*facts.closures[each], each)}
    packages = tuple(each for each in found.packages if each.name in needed)
    kept = tuple((each.name, each.previous) for each in found.packages if each.name not in needed)
    findings = tuple(each for each in found.findings if each.package is None or each.package in needed)
    return replace(found, packages=packages, kept=(*found.kept, *kept), findings=findings)


def _head(history: History) -> str:
    head = history.head
    if head is None:
        raise InputError(
            "there are no commits yet", hint="commit something: what is released is what is committed"
        )
    return head


def _revision(history: History, revision: str | None) -> str | None:
    found = None if revision is None else history.commit(revision)
    if revision is not None and found is None:
        raise UsageError(f'git knows no revision "{revision}"', hint="see: git log, git branch --all")
    return found


def _facts(session: Session, history: History, head: str, base: str | None) -> Facts:
    packages = session.config.packages
    released = baselines(packages, history.tags())
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
    )
    return _compared(facts, history)


def _compared(facts: Facts, history: History) -> Facts:
    """With the trees and differences that the choice asks for."""
    wanted = set(_comparisons(facts))
    trees = history.trees({commit for before, after, _ in wanted for commit in (before, after) if commit})
    trees |= {EMPTY: history.empty, facts.head: history.trees([facts.head])[facts.head]}
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


def _dirty(paths: tuple[str, ...], contents: Contents) -> Iterator[Finding]:
    known = [path for path in paths if path == CONFIG or contents.owns(path)]
    if known:
        yield Finding(
            code="PIOT_UNCOMMITTED",
            severity="warning",
            message=f"what is not committed is not in the plan: {listed(known, limit=5)}",
            fix="commit it, or leave it out knowingly",
        )


def _problem(finding: Finding) -> Problem:
    return Problem(
        path=finding.path,
        line=finding.line,
        column=finding.column,
        code=finding.code,
        message=finding.message,
        hint=finding.fix,
    )


_SHALLOW = Finding(
    code="PIOT_SHALLOW",
    severity="error",
    message="this clone is shallow: releases, and what changed since, lie in commits that it does not have",
    fix="git fetch --unshallow --tags; in GitHub Actions, fetch-depth: 0 for actions/checkout",
)
