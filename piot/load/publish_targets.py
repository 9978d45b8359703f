"""The publish node of every package: what is sent to its registry, and what is there before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from piot.load.package_graph import PackageGraph
from piot.model.package import Kind, Package
from piot.model.rule import PUBLISH, Attr, AttrType, RuleSchema
from piot.model.target import Target

SCHEMA = RuleSchema(
    name=PUBLISH,
    attrs=(
        Attr(name="artifacts", type=AttrType.LABELS, default=(), doc="targets whose files are sent"),
        Attr(name="depends_on", type=AttrType.LABELS, default=(), doc="publish nodes that go before it"),
    ),
    location="@piot//load:publish_targets.py:12",
    doc="A package on its registry. Nothing builds it: `piot publish` takes its label.",
)
"""No rule that BUILD files can call: what is released is what ``putitoutthere.toml`` has."""

SENT: dict[Kind, tuple[str, ...]] = {
    "crates": ("crate",),
    "pypi": ("wheel", "sdist"),
    "npm": ("platforms", "package"),
}
"""The targets of each kind whose files go to a registry."""


def with_publish_targets(
    targets: Iterable[Target], packages: Iterable[Package], declared: Iterable[Target] = ()
) -> tuple[Target, ...]:
    """The ``targets`` of packages, and a publish node for each package behind those that it depends on.

    A target of that name among ``declared``, those of BUILD files, takes its place.
    """
    found = tuple(targets)
    own = {target.label for target in declared}
    nodes = _nodes(PackageGraph(packages, ()), found)
    return (*found, *(node for node in nodes if node.label not in own))


def _nodes(graph: PackageGraph, targets: Iterable[Target]) -> Iterator[Target]:
    there = {target.label for target in targets}
    for package in graph.packages.values():
        sent = (graph.label(package, name) for name in SENT[package.kind])
        before = (graph.label(graph.packages[name], PUBLISH) for name in package.depends_on)
        yield Target(
            label=graph.label(package, PUBLISH),
            rule=PUBLISH,
            attrs=(
                ("artifacts", tuple(label for label in sent if label in there)),
                ("depends_on", tuple(before)),
            ),
            package=package.name,
            location=package.location,
        )
