"""What would be released, in which version and why: what `plan` prints and `publish` carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.model.finding import Finding

ReasonKind: TypeAlias = Literal["changed", "dependency", "first", "forced", "group", "manifest"]
Bump: TypeAlias = Literal["patch", "minor", "major", "prerelease", "first", "explicit", "manifest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a package is in the plan: a sentence, the files that changed, and the other package (``of``).

    ``changes`` says of each of ``paths`` whether it was ``added``, ``deleted``, ``changed``, or only its
    ``mode`` is another.
    """

    kind: ReasonKind
    text: str
    paths: tuple[str, ...] = ()
    of: str | None = None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPackage:
    """A package that would be released.

    ``version`` and ``previous`` are in Cargo's spelling, ``previous`` None when nothing was released before.
    ``fingerprint`` is the hex digest of what it is made of, dependencies included; ``baseline`` the commit
    that the previous release is of.
    """

    name: str
    version: str
    previous: str | None
    bump: Bump
    reasons: tuple[Reason, ...]
    fingerprint: str
    tag: str
    baseline: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """All that would be released from ``commit``, dependencies before what needs them.

    ``kept`` are the packages that are not planned with their last released version (None without one),
    ``kept_baselines`` the commits that they were compared with, of those that have one;
    ``findings`` is what was noticed on the way.
    """

    commit: str
    packages: tuple[PlannedPackage, ...]
    kept: tuple[tuple[str, str | None], ...] = ()
    kept_baselines: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def known_versions(self) -> dict[str, str]:
        """The version of every package that has one: the planned one, else that of its last release."""
        kept = {name: version for name, version in self.kept if version is not None}
        return kept | self.versions

    @property
    def versions(self) -> dict[str, str]:
        """The version of every planned package, by name."""
        return {package.name: package.version for package in self.packages}
