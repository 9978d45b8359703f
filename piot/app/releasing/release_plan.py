"""What would be released from HEAD, and why: git's past, the cascade, and what a person asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from piot.app.releasing.adopt import adopt
from piot.app.releasing.committed import committed_versions
from piot.app.releasing.package_patterns import choose_packages
from piot.app.releasing.past_facts import Published, ask_registries, gather
from piot.app.releasing.pushed_tag import held_by_manifests, of_tag
from piot.app.releasing.registry_answers import RegistryAnswers
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.cascade.baselines import baselines, look_at_tags
from piot.cascade.changes import Contents
from piot.cascade.facts import Facts
from piot.cascade.plan import plan, with_fingerprints
from piot.effects.git import CONFIG
from piot.effects.history import History
from piot.errors import InputError, Problem, Problems, UsageError, listed
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.release.bump_spec import BumpSpec, parse_bump
from piot.model.release.plan import ReleasePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """``patterns`` choose packages (none: all), ``bump`` is what a person wants, ``base`` a revision that
    all packages are compared with instead of their last releases.

    ``tag`` is the name of a tag at HEAD that somebody made to have it released: it is no release yet.
    ``adopt`` first makes tags for packages that have none, at ``base`` if that is given. With
    ``by_commits`` versions follow from commits for packages too that have theirs from manifests: it is
    what their manifests should say.
    """

    patterns: tuple[str, ...] = ()
    bump: str = ""
    base: str | None = None
    tag: str | None = None
    adopt: bool = False
    by_commits: bool = False


def planned(request: PlanRequest, where: Where) -> ReleasePlan:
    """What would be released from the checkout; raises what `release_plan` does."""
    with closing(Session(where, lambda _: None)) as session:
        return release_plan(session, request)


def release_plan(
    session: Session, request: PlanRequest | None = None, published: Published | None = None
) -> ReleasePlan:
    """What would be released; raises Problems when something forbids to release at all.

    Registries are asked about packages without a release tag, but with ``--offline``; ``published`` does it
    in another way. Raises UsageError for packages and revisions that do not exist, and InputError without
    any commit.
    """
    with closing(RegistryAnswers(session)) as answers:
        found = proposed(session, request or PlanRequest(), published or answers.versions)
    wrong = [finding for finding in found.findings if finding.severity == "error"]
    if wrong:
        raise Problems(map(_problem, wrong))
    return found


def proposed(session: Session, request: PlanRequest, published: Published | None = None) -> ReleasePlan:
    """The same with errors among the findings, for who wants to see them all.

    ``published`` asks registries; without it none is asked.
    """
    history = History(session.root, session.where.environ)
    head = _head(history)
    if history.shallow:
        return ReleasePlan(commit=head, packages=(), findings=(_SHALLOW,))
    changing = history.uncommitted()
    tagged = _tagged(session, history, request, head)
    spec = _spec(session, request, tagged)
    packages = _packages(session, request, spec)
    chosen = choose_packages(request.patterns, packages, session.where.below(session.root))
    if tagged is not None:
        chosen &= dict(tagged.packages).keys()
    adopted = _adopted(session, history, request, spec, chosen, published) if request.adopt else ()
    facts, odd = _facts(session, history, request, packages, published)
    found = plan(facts, BumpSpec() if request.adopt else spec)
    if found.packages:
        found = with_fingerprints(found, _fingerprints(history, facts, found))
    dirty = _dirty((*(each.path for each in changing()), *sorted(session.sources.unseen)), facts.contents)
    findings = (*adopted, *odd, *dirty, *found.findings)
    return _only(replace(found, findings=findings), facts, chosen)


def _fingerprints(history: History, facts: Facts, found: ReleasePlan) -> Mapping[str, str]:
    places = dict.fromkeys(root for name in found.versions for root in facts.contents.roots(name))
    files = history.files(facts.trees[facts.head], tuple(places))
    return facts.contents.fingerprints(files, found.versions)


def _tagged(session: Session, history: History, request: PlanRequest, head: str) -> BumpSpec | None:
    """What the pushed tag asks for, where there is one; raises UsageError for other wishes beside it."""
    if request.tag is None:
        return None
    if request.bump or request.base or request.adopt:
        raise UsageError(
            "--tag says what is released, and so do --bump, --base and --adopt",
            hint="leave out one of them",
        )
    return of_tag(request.tag, session.config.packages, history.tags(), head)


def _spec(session: Session, request: PlanRequest, tagged: BumpSpec | None) -> BumpSpec:
    packages = session.config.packages
    if tagged is None:
        return parse_bump(request.bump, [package.name for package in packages])
    named = [package for package in packages if tagged.of(package.name)]
    return held_by_manifests(tagged, packages, committed_versions(session, named))


def _packages(session: Session, request: PlanRequest, spec: BumpSpec) -> tuple[Package, ...]:
    """Those of the configuration; raises UsageError for a version by hand that a manifest holds."""
    packages = session.config.packages
    if request.by_commits:
        return tuple(replace(package, version_from="trailer") for package in packages)
    for package in packages:
        if spec.of(package.name) and package.version_from == "manifest" and not request.adopt:
            raise UsageError(
                f"the version of {package.name} comes from its manifest",
                hint="piot bump writes the next one into it",
            )
    return packages


def _facts(
    session: Session,
    history: History,
    request: PlanRequest,
    packages: tuple[Package, ...],
    published: Published | None,
) -> tuple[Facts, tuple[Finding, ...]]:
    released = baselines(packages, [tag for tag in history.tags() if tag.name != request.tag])
    known = ask_registries(packages, released, published)
    by_manifest = [package for package in packages if package.version_from == "manifest"]
    facts = gather(
        history,
        packages,
        released,
        head=_head(history),
        base=None if request.adopt else _revision(history, request.base),
        committed=committed_versions(session, by_manifest) if by_manifest else {},
        published=known.versions,
    )
    odd = look_at_tags(packages, released, without_tags=history.without_tags)
    return facts, (*odd, *known.findings)


def _adopted(
    session: Session,
    history: History,
    request: PlanRequest,
    spec: BumpSpec,
    chosen: frozenset[str],
    published: Published | None,
) -> tuple[Finding, ...]:
    packages: Sequence[Package] = [each for each in session.config.packages if each.name in chosen]
    return adopt(
        session,
        history,
        packages,
        baselines(session.config.packages, history.tags()),
        commit=_revision(history, request.base) or _head(history),
        spec=spec,
        published=published or (lambda _: {}),
    )


def _only(found: ReleasePlan, facts: Facts, chosen: frozenset[str]) -> ReleasePlan:
    """The plan of these packages, and of those that they need."""
    needed = {name for each in chosen for name in (*facts.closures[each], each)}
    packages = tuple(each for each in found.packages if each.name in needed)
    others = [each for each in found.packages if each.name not in needed]
    kept = (*found.kept, *((each.name, each.previous) for each in others))
    compared = (*found.kept_baselines, *((each.name, each.baseline) for each in others if each.baseline))
    findings = tuple(each for each in found.findings if each.package is None or each.package in needed)
    return replace(found, packages=packages, kept=kept, kept_baselines=compared, findings=findings)


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


def _dirty(paths: Sequence[str], contents: Contents) -> Iterator[Finding]:
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
