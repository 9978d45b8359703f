"""The release plan: what was chosen, in which versions, with all that was noticed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from piot.cascade.baselines import tag_format
from piot.cascade.choice import Choice
from piot.cascade.facts import Facts
from piot.cascade.noticed import look_at_choice, look_at_commits
from piot.cascade.odd_versions import look_at_versions
from piot.cascade.versions import Step, lines, step
from piot.model.package import Package
from piot.model.release.bump_spec import BumpSpec
from piot.model.release.plan import PlannedPackage, ReleasePlan

EVERYTHING = BumpSpec()


def plan(facts: Facts, spec: BumpSpec = EVERYTHING) -> ReleasePlan:
    """All that is due, or the packages that ``spec`` names; fingerprints are still to be filled in."""
    choice = Choice(facts)
    if spec.packages:
        choice.forced((name for name, _ in spec.packages), f"{spec.by} names it")
    else:
        choice.automatic()
    steps = {line: step(facts, each, spec) for line, each in lines(facts.packages, choice.reasons).items()}
    packages = {package.name: package for package in facts.packages}
    planned = tuple(_planned(facts, packages[name], steps, choice) for name in choice.reasons)
    rest = [package for package in facts.packages if package.name not in choice.reasons]
    compared = ((package.name, facts.baseline(package)) for package in rest)
    findings = (
        *look_at_commits(facts),
        *look_at_choice(facts, choice, spec),
        *look_at_versions(facts, choice, steps),
    )
    return ReleasePlan(
        commit=facts.head,
        packages=planned,
        kept=tuple((package.name, _last(facts, package)) for package in rest),
        kept_baselines=tuple((name, commit) for name, commit in compared if commit is not None),
        findings=findings,
    )


def _planned(facts: Facts, package: Package, steps: Mapping[str, Step], choice: Choice) -> PlannedPackage:
    found = steps[package.line]
    return PlannedPackage(
        name=package.name,
        version=str(found.version),
        previous=None if found.previous is None else str(found.previous),
        bump=found.bump,
        reasons=tuple(choice.reasons[package.name]),
        fingerprint="",
        tag=tag_format(package).tag(found.version),
        baseline=facts.baseline(package),
    )


def _last(facts: Facts, package: Package) -> str | None:
    last = facts.released.last.get(package.line)
    return None if last is None else str(last.version)


def with_fingerprints(found: ReleasePlan, fingerprints: Mapping[str, str]) -> ReleasePlan:
    """The plan with the fingerprint of every package."""
    packages = (replace(each, fingerprint=fingerprints[each.name]) for each in found.packages)
    return replace(found, packages=tuple(packages))
