"""Finds the packages that a repository could release, from its manifests and tags alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from piot.inspect.discover.crates import crates
from piot.inspect.discover.draft import Draft, LeftOut
from piot.inspect.discover.facts import Facts
from piot.inspect.discover.links import Links, in_order
from piot.inspect.discover.naming import first_version, groups, names, shared_tags, tag_format
from piot.inspect.discover.node import packages
from piot.inspect.discover.python import projects
from piot.model.label import unnameable
from piot.model.package import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """``packages`` are in the order in which they would be published.

    ``remarks`` has sentences about some of them, by name: what was guessed. ``shared_tag`` is the newest
    tag of a scheme in which the whole repository has one version.
    """

    packages: tuple[Package, ...]
    left_out: tuple[LeftOut, ...] = ()
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    shared_tag: str | None = None


def discover(facts: Facts) -> Discovery:
    """Reads what there is; nothing that is found is lost: it is a package, left out, or private."""
    found = [*map(_nameable, (*crates(facts), *projects(facts), *packages(facts)))]
    drafts = [each for each in found if isinstance(each, Draft)]
    named = dict(zip(names(drafts), drafts, strict=True))
    links = Links(facts, named)
    order = in_order(named, links.depends_on)
    grouped = groups(named, facts)
    alone = len({grouped.get(name, name) for name in named}) == 1
    made = tuple(
        _package(facts, name, named[name], links, group=grouped.get(name), alone=alone) for name in order
    )
    shared = None if any(_released(facts, each) for each in made) else shared_tags(facts.tags)
    return Discovery(
        packages=tuple(_finished(each, named[each.name], facts, shared) for each in made),
        left_out=tuple(each for each in found if isinstance(each, LeftOut)),
        remarks={name: named[name].guesses for name in order if named[name].guesses},
        shared_tag=shared,
    )


def _nameable(found: Draft | LeftOut) -> Draft | LeftOut:
    """A package whose targets can have labels."""
    bad = unnameable(found.directory) if isinstance(found, Draft) else ""
    if isinstance(found, LeftOut) or not bad:
        return found
    reason = f"its folder has characters that labels of targets cannot have: {bad}"
    return LeftOut(path=found.directory, name=found.registered, reason=reason)


def _package(
    facts: Facts, name: str, draft: Draft, links: Links, *, group: str | None, alone: bool
) -> Package:
    called = (group,) if group else (name, draft.registered, draft.registered.rpartition("/")[2])
    return Package(
        name=name,
        kind=draft.kind,
        path=draft.directory,
        paths=links.paths(name),
        settings=draft.settings,
        depends_on=links.depends_on[name],
        tag_format=tag_format(called, facts.tags, alone=alone),
        version_group=group,
    )


def _released(facts: Facts, package: Package) -> bool:
    """Whether there is a tag of a release of the package."""
    name = package.version_group or package.name
    start = package.tag_format.replace("{name}", name).partition("{version}")[0]
    return any(tag.startswith(start) and tag[len(start) :][:1].isdigit() for tag in facts.tags)


def _finished(package: Package, draft: Draft, facts: Facts, shared: str | None) -> Package:
    """With what tags say of its past: the version to begin with, or the scheme to begin from."""
    if shared is not None:
        start = "v" if shared.startswith("v") else ""
        return replace(package, baseline_tags=(f"{start}{{version}}",))
    return replace(package, first_version=first_version(draft, released=_released(facts, package)))
