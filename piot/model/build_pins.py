"""Environments in ``piot.lock``: what a PEP 517 back end is run in, and what a package is tried with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

KEYS = ("path", "requires", "python", "pins")

Fault = Callable[[int, str, str], object]
"""Says what is wrong: line (0 for the whole file), code, message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPins:
    """An environment of the project in the folder ``path``: a build's, or the one at run time.

    ``requires`` is what its pyproject.toml asked for when this was written, sorted; ``pins`` are that
    with all that it needs in turn, and what the back end asked for besides, each as (name, version).
    ``python`` are the version specifiers that an interpreter must fulfil for all of them.
    """

    path: str
    requires: tuple[str, ...]
    python: str = ""
    pins: tuple[tuple[str, str], ...] = ()

    def fits(self, requires: Iterable[str]) -> bool:
        """Whether pyproject.toml still asks for the same."""
        return tuple(sorted(requires)) == self.requires


def build_lines(builds: Iterable[BuildPins], table: str = "build") -> Iterator[str]:
    """The text of all ``[[build]]`` tables, or of another name, sorted by path."""
    for build in sorted(builds, key=lambda each: each.path):
        yield f"\n[[{table}]]\n"
        yield f"path = {json.dumps(build.path)}\n"
        yield f"requires = {_array(build.requires)}\n"
        yield f"python = {json.dumps(build.python)}\n"
        yield f"pins = {_array(f'{name}=={version}' for name, version in build.pins)}\n"


def read_builds(
    tables: Iterable[tuple[int, Mapping[str, object]]],
    known: Iterable[tuple[str, str]],
    say: Fault,
    name: str = "build",
) -> tuple[BuildPins, ...]:
    """The values of ``[[name]]`` tables, each with its line; ``known`` are the requirements of the file."""
    there = frozenset(known)
    found: dict[str, BuildPins] = {}
    for line, table in tables:
        build = _build(table, line, say, name)
        if build is None:
            continue
        if build.path in found:
            say(line, "PIOT_LOCK_TWICE", f"the {name} of {build.path} is pinned twice")
        for project, version in build.pins:
            if (project, version) not in there:
                say(line, "PIOT_LOCK_VALUE", f"pins names {project}=={version}, which is no [[requirement]]")
        found[build.path] = build
    return tuple(found[path] for path in sorted(found))


def _build(table: Mapping[str, object], line: int, say: Fault, name: str) -> BuildPins | None:
    path, python = table.get("path"), table.get("python")
    requires, pins = _texts(table.get("requires")), _texts(table.get("pins"))
    if not isinstance(path, str) or not isinstance(python, str) or requires is None or pins is None:
        say(line, "PIOT_LOCK_VALUE", f"a [[{name}]] has path, requires, python and pins")
        return None
    split = [pin.partition("==") for pin in pins]
    if wrong := [pin for pin, parts in zip(pins, split, strict=True) if not parts[0] or not parts[2]]:
        say(line, "PIOT_LOCK_VALUE", f"not a pin, such as NAME==1.2.3: {wrong[0]!r}")
        return None
    return BuildPins(
        path=path,
        requires=tuple(sorted(requires)),
        python=python,
        pins=tuple(sorted((project, version) for project, _, version in split)),
    )


def _texts(value: object) -> list[str] | None:
    items = cast("list[object]", value) if isinstance(value, list) else None
    if items is None or not all(isinstance(item, str) for item in items):
        return None
    return cast("list[str]", items)


def _array(texts: Iterable[str]) -> str:
    lines = [f"    {json.dumps(text)},\n" for text in texts]
    return f"[\n{''.join(lines)}]" if lines else "[]"
