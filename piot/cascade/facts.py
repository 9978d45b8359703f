"""All that a release plan follows from: packages, their past, and what manifests and registries say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from piot.cascade.baselines import Baselines
from piot.cascade.changes import Contents
from piot.cascade.graph import Closures
from piot.cascade.past import Past
from piot.model.package import Package
from piot.model.release.spelling import read_spelled
from piot.model.semver import Semver
from piot.model.tree_diff import TreeDiff

EMPTY = ""
"""Stands in `Facts.trees` for the tree without files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a plan follows from. ``trees`` are ids of trees by commit, ``diff`` compares those of the
    baselines with HEAD's and with those before commits that say ``skip``.

    ``committed`` are the versions that manifests say, of packages that have theirs from there;
    ``published`` what registries have, of packages for which that matters and as far as it is known.
    ``base`` stands for the commits of all baselines where one is given.
    """

    packages: tuple[Package, ...]
    closures: Closures
    head: str
    released: Baselines
    past: Past
    contents: Contents
    trees: Mapping[str, str]
    diff: TreeDiff
    committed: Mapping[str, Semver] = field(default_factory=dict[str, Semver])
    published: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    base: str | None = None

    def baseline(self, package: Package) -> str | None:
        """The commit that the package is compared with; None when it was never released."""
        last = self.released.last.get(package.line)
        return self.base or (last.commit if last else None)

    def published_beside(self, package: Package, version: Semver) -> tuple[str, ...]:
        """What a package's registry has but for ``version`` and 0.0.0, as it is spelled there.

        That one version may be there without a tag, from a run that died before it made it; 0.0.0 stands
        for a name that is taken in advance. All else comes from releases that piot knows nothing of.
        """
        texts = self.published.get(package.name, ())
        read = ((text, read_spelled(package.kind, text)) for text in texts)
        return tuple(
            text for text, known in read if known is None or (known != version and known.core != (0, 0, 0))
        )

    def released_before(self, package: Package, version: Semver) -> bool:
        """Whether the version of a package without a tag was released by others, as far as that is known."""
        texts = self.published.get(package.name, ())
        there = any(read_spelled(package.kind, text) == version for text in texts)
        return there and bool(self.published_beside(package, version))
