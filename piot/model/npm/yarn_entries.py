"""The entries of a yarn.lock, as Yarn 1 and as Yarn 2 and later (Berry) write it.

https://classic.yarnpkg.com/lang/en/docs/yarn-lock/ and https://yarnpkg.com/protocols
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, unquote

from piot.errors import Problems
from piot.model.npm.pins import ELSEWHERE, wrong
from piot.model.tables import as_table
from piot.model.yaml_text import parse_yaml, texts

_WORDS = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s",]+)')
_CONDITION = re.compile(r"(!?)(os|cpu|libc)=([^\s()|&]+)")
_PATCH = re.compile(r"patch:[^@]+@npm:[^#]+#(?:optional!)?([^&]+)")
_BUILTIN = re.compile(r"patch:[^#]*#[a-z!~]*builtin<")
"""Yarn's own patches make packages work without ``node_modules``; with them, the package itself does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YarnEntry:
    """One package.

    ``patterns`` are what it was asked for as (``name@range``, with ``npm:`` only where that renames it).
    ``integrity`` is None where Yarn writes none of what a registry sends. ``address`` is the file's, empty
    when it is the usual one; ``elsewhere`` is what no registry has, ``patch`` the path of a diff below
    the root of the workspace. ``tables`` are its dependencies by the table of package.json, ``limits`` its
    ``os``, ``cpu`` and ``libc``, None where nobody tells.
    """

    patterns: tuple[str, ...]
    name: str
    version: str
    integrity: str | None = None
    address: str = ""
    elsewhere: str = ""
    patch: str = ""
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    limits: Mapping[str, object] | None = None


def is_berry(text: str) -> bool:
    """Whether Yarn 2 or later wrote it."""
    return re.search(r"^__metadata:", text, re.MULTILINE) is not None


def yarn_entries(text: str, path: str) -> list[YarnEntry]:
    """All packages of a lock file that are not of the workspace; raises Problems when it is none."""
    return [*(_berry(text, path) if is_berry(text) else _classic(text, path))]


def split_pattern(pattern: str) -> tuple[str, str]:
    """The name, which may begin with ``@``, and the range of a pattern."""
    at = pattern.find("@", 1)
    return (pattern[:at], pattern[at + 1 :]) if at > 0 else (pattern, "")


def plain_range(wanted: str) -> str:
    """A range without Berry's ``npm:`` before it, unless another package is meant, and without parameters."""
    wanted = wanted.partition("::")[0]
    bare = wanted.removeprefix("npm:")
    return wanted if "@" in bare[1:] else bare


def _berry(text: str, path: str) -> Iterator[YarnEntry]:
    for key, value in parse_yaml(text, path).items():
        row = as_table(value)
        name, reference = split_pattern(str(row.get("resolution", "")))
        if key == "__metadata" or reference.startswith("workspace:") or _BUILTIN.match(reference):
            continue
        pairs = (split_pattern(each) for each in re.split(r"\s*,\s*", key))
        place, _, bound = reference.partition("::")
        parameters, patched = parse_qs(bound), _PATCH.fullmatch(unquote(place))
        yield YarnEntry(
            patterns=tuple(f"{each}@{plain_range(wanted)}" for each, wanted in pairs),
            name=name,
            version=str(row.get("version", "")),
            address=next(iter(parameters.get("__archiveUrl", ())), ""),
            elsewhere="" if patched or place.startswith("npm:") else unquote(place),
            patch=_patch(patched[1], parameters.get("locator", [""])[0]) if patched else "",
            tables=_berry_tables(row),
            limits=_limits(str(row["conditions"])) if "conditions" in row else None,
        )


def _patch(path: str, locator: str) -> str:
    """``~/`` is the root, anything else is beside the package of the workspace that asks for it."""
    folder = locator.partition("@workspace:")[2] or "."
    return path.removeprefix("~/") if path.startswith("~/") else posixpath.join(folder, path)


def _berry_tables(row: Mapping[str, object]) -> dict[str, dict[str, str]]:
    needs = {name: plain_range(wanted) for name, wanted in texts(row.get("dependencies")).items()}
    about = as_table(row.get("dependenciesMeta"))
    optional = {name for name in needs if as_table(about.get(name)).get("optional") == "true"}
    return {
        "dependencies": {name: wanted for name, wanted in needs.items() if name not in optional},
        "optionalDependencies": {name: needs[name] for name in sorted(optional)},
    }


def _limits(conditions: str) -> dict[str, list[str]]:
    """``os=linux & (cpu=x64 | cpu=arm64)`` as the lists of a package.json."""
    found: dict[str, list[str]] = {}
    for not_, key, value in _CONDITION.findall(conditions):
        found.setdefault(key, []).append(f"{not_}{value}")
    return found


def _classic(text: str, path: str) -> Iterator[YarnEntry]:
    for patterns, said, tables in _blocks(text, path):
        alias, wanted = split_pattern(patterns[0])
        other = wanted.removeprefix("npm:")
        renamed = (other.rpartition("@")[0] or other) if wanted.startswith("npm:") else alias
        yield YarnEntry(
            patterns=patterns,
            name=renamed,
            version=said.get("version", ""),
            integrity=said.get("integrity", ""),
            address=said.get("resolved", "").partition("#")[0],
            elsewhere=wanted if wanted.startswith(ELSEWHERE) else "",
            tables=tables,
        )


_Block = tuple[tuple[str, ...], dict[str, str], dict[str, dict[str, str]]]


def _blocks(text: str, path: str) -> list[_Block]:
    """Patterns, texts and tables of all blocks of Yarn 1; raises Problems at the first line that is none."""
    found: list[_Block] = []
    rows: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        depth, words = len(line) - len(line.lstrip()), [a or b for a, b in _WORDS.findall(line.rstrip(":"))]
        if depth == 0 and line.endswith(":") and words:
            found.append((tuple(words), {}, {}))
        elif depth == 2 and found and line.endswith(":"):
            rows = found[-1][2].setdefault(words[0], {})
        elif depth in (2, 4) and found and len(words) == 2:
            (rows if depth == 4 else found[-1][1])[words[0]] = words[1]
        else:
            message = f"not a lock file of Yarn 1: {line.strip()}"
            raise Problems([replace(wrong(path, message, "run `yarn install` and commit it"), line=number)])
    return found
