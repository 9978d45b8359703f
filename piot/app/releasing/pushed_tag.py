"""What a tag asks for that somebody pushed: the release that it names, of which it is the tag already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from piot.cascade.baselines import tag_format
from piot.errors import InputError, UsageError, listed
from piot.model.history import Tag
from piot.model.package import Package
from piot.model.release.bump_spec import BumpSpec
from piot.model.semver import Semver


def of_tag(name: str, packages: Sequence[Package], tags: Iterable[Tag], head: str) -> BumpSpec:
    """The version in the tag called ``name``, for every package that it is a tag of.

    Raises UsageError for a tag that is not there, is not at ``head``, or is of no package.
    """
    tag = next((each for each in tags if each.name == name), None)
    if tag is None:
        raise UsageError(f'git knows no tag "{name}"', hint="see: git tag --list; git fetch --tags")
    if tag.commit != head:
        raise UsageError(
            f"the tag {name} is at {tag.commit[:12]}, and HEAD at {head[:12]}",
            hint=f"git checkout {name}: what a tag names is released from its commit",
        )
    found = {package.name: tag_format(package).version(name) for package in packages}
    named = tuple((package, version) for package, version in found.items() if version is not None)
    if not named:
        formats = dict.fromkeys(tag_format(package).tag("{version}") for package in packages)
        raise UsageError(f"the tag {name} is of no package", hint=f"tags are {listed(list(formats))}")
    return BumpSpec(packages=named, by=f"the tag {name}")


def held_by_manifests(
    spec: BumpSpec, packages: Iterable[Package], committed: Mapping[str, Semver]
) -> BumpSpec:
    """Without packages whose manifests hold their versions; raises InputError when one says another."""
    by_manifest = {package.name for package in packages if package.version_from == "manifest"}
    for name, version in spec.packages:
        said = committed.get(name)
        if name in by_manifest and said is not None and said != version:
            raise InputError(
                f"the tag says that {name} is {version}, and its manifest says {said}",
                hint="tag the commit whose manifest has the version: piot bump writes it",
            )
    return replace(spec, packages=tuple(each for each in spec.packages if each[0] not in by_manifest))
