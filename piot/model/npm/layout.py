"""Where the packages of a lock file stand, so that each finds exactly those that were locked for it.

pnpm's own places where its rules hold (pnpm.io, *Symlinked node_modules structure*); else one folder that all
see, with links where somebody gets another version (decision 15).
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from piot.model.npm.graph import NpmGraph
from piot.model.npm.package_lock import MODULES

STORES = {True: f"{MODULES}.store", False: f"{MODULES}.pnpm"}
BINS = f"{MODULES}.bins"

Pairs = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmLayout:
    """Paths are relative to the root of the workspace.

    ``places`` are the folders of packages by key. ``links`` are links by place, in ``node_modules`` of
    the root; ``outer`` are those elsewhere, and ``workspace`` those to packages of the workspace.
    ``programs`` are the packages, by folder, whose programs stand in a folder.
    """

    places: Pairs
    links: Pairs
    outer: Pairs
    workspace: Pairs
    programs: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def lay_out(graph: NpmGraph) -> NpmLayout:
    """Where everything in ``graph`` stands; the same graph always gets the same places."""
    return _Layout(graph).made()


class _Layout:
    def __init__(self, graph: NpmGraph) -> None:
        self._graph = graph
        self._store = STORES[graph.flat]
        self._seen = _seen(graph)
        self._places = {key: self._place(key) for key in graph.packages}
        if graph.flat:
            for name, key in sorted(self._seen.items(), reverse=True):
                self._places[key] = f"{MODULES}{name}"

    def made(self) -> NpmLayout:
        links, outer, workspace = dict[str, str](), dict[str, str](), dict[str, str]()
        for place, key in self._inner():
            if place != self._places[key]:
                links[place] = self._places[key]
        for folder, needs in self._graph.importers.items():
            for name, key in needs.packages.items():
                if not (self._graph.flat and self._seen.get(name) == key):
                    (outer if folder else links)[posixpath.join(folder, f"{MODULES}{name}")] = self._places[
                        key
                    ]
            workspace |= {posixpath.join(folder, f"{MODULES}{n}"): to for n, to in needs.links.items()}
            if folder and needs.packages:
                outer[posixpath.join(folder, f"{MODULES}.bin")] = f"{BINS}/{_escaped(folder)}"
        for key, package in self._graph.packages.items():
            around = self._around(key)
            workspace |= {f"{around}/{name}": folder for name, folder in package.needs.links.items()}
        return NpmLayout(
            places=self._places, links=links, outer=outer, workspace=workspace, programs=self._programs()
        )

    def _inner(self) -> Iterator[tuple[str, str]]:
        """Links that packages need, and those that all see."""
        everywhere = MODULES if self._graph.flat else f"{self._store}/{MODULES}"
        yield from ((f"{everywhere}{name}", key) for name, key in self._seen.items())
        for key, package in self._graph.packages.items():
            for name, wanted in package.needs.packages.items():
                own = name == package.fetch.name  # it would find itself
                if own:
                    yield f"{self._places[key]}/{MODULES}{name}", wanted
                elif not (self._graph.flat and self._seen.get(name) == wanted):
                    yield f"{self._around(key)}/{name}", wanted

    def _around(self, key: str) -> str:
        """The ``node_modules`` in which a package looks first, but for its own."""
        if self._graph.flat:
            return f"{self._places[key]}/node_modules"
        return self._places[key].removesuffix(f"/{self._graph.packages[key].fetch.name}")

    def _place(self, key: str) -> str:
        return f"{self._store}/{_escaped(key)}/{MODULES}{self._graph.packages[key].fetch.name}"

    def _programs(self) -> dict[str, tuple[str, ...]]:
        found = {
            f"{BINS}/{_escaped(folder)}" if folder else f"{MODULES}.bin": tuple(
                self._places[key] for _, key in sorted(needs.packages.items())
            )
            for folder, needs in self._graph.importers.items()
        }
        if self._graph.flat:
            rest = tuple(self._places[key] for _, key in sorted(self._seen.items()))
            found[f"{MODULES}.bin"] = (*found.get(f"{MODULES}.bin", ()), *rest)
        return {folder: packages for folder, packages in found.items() if packages}


def _seen(graph: NpmGraph) -> dict[str, str]:
    """One package by name for who asks for none: the root's own, else what most get, else the first."""
    taken = {name for needs in graph.importers.values() for name in needs.links} if graph.flat else set[str]()
    everyone = [*graph.importers.values(), *(each.needs for each in graph.packages.values())]
    asked = Counter((name, key) for needs in everyone for name, key in needs.packages.items())
    found: dict[str, str] = {}
    for (name, key), _ in asked.most_common():
        if name not in taken:
            found.setdefault(name, key)
    own = graph.importers.get("")
    return {**found, **(own.packages if own is not None else {})}


def _escaped(key: str) -> str:
    """A key as the name of a folder, as pnpm has it; long ones end in a digest."""
    name = re.sub(r"\)\(|\(|[\\/:*?\"<>|]", lambda match: "_" if "(" in match[0] else "+", key)
    name = name.replace(")", "")
    if len(name) <= 120:
        return name
    return f"{name[:87]}_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
