"""Packages of npm in the repository: what their package.json says, and the workspace that they stand in.

https://docs.npmjs.com/cli/configuring-npm/package-json
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from piot.errors import Problem
from piot.model.tables import as_table

Table = Mapping[str, object]

SHIPPED = ("dependencies", "optionalDependencies", "peerDependencies")
"""Tables of package.json whose packages people who install it get, or need to have."""
TABLES = (*SHIPPED, "devDependencies")

_KEPT_SCRIPTS = ("build", "prebuild", "postbuild", "prepublishOnly", "prepack", "prepare", "postpack")
_INSTALLED = (
    *("name", "version", "workspaces", "overrides", *TABLES),
    *("peerDependenciesMeta", "bundleDependencies", "bundledDependencies"),
)
_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmManifest:
    """One package.json; ``values`` is all of it, planned version and all, ``directory`` its folder."""

    directory: str
    values: Table = field(repr=False)

    @property
    def path(self) -> str:
        return manifest_path(self.directory)

    @property
    def name(self) -> str:
        """Empty when it has none, which only the root of a workspace may."""
        return self._text("name")

    @property
    def version(self) -> str:
        return self._text("version")

    @property
    def builds(self) -> bool:
        """Whether a script runs when it is built and packed."""
        return any(name in self.scripts for name in _KEPT_SCRIPTS)

    @property
    def managers(self) -> tuple[str, ...]:
        """The package managers that ``devEngines`` allows, any when empty; pnpm writes itself there."""
        found = as_table(self.values.get("devEngines")).get("packageManager")
        rows = cast("list[object]", found) if isinstance(found, list) else [found]
        return tuple(str(as_table(each)["name"]) for each in rows if "name" in as_table(each))

    @property
    def manager(self) -> str:
        """The one that it is developed with (Node.js, *Corepack*), empty when nobody says."""
        named = self._text("packageManager").partition("@")[0]
        return named or next(iter(self.managers), "")

    @property
    def scripts(self) -> dict[str, str]:
        """Lines of shell by name."""
        scripts = as_table(self.values.get("scripts"))
        return {name: line for name, line in scripts.items() if isinstance(line, str)}

    @property
    def bundles(self) -> bool:
        """Whether dependencies are packed with it."""
        return bool(self.values.get("bundleDependencies") or self.values.get("bundledDependencies"))

    def needs(self, *tables: str) -> dict[str, str]:
        """Requirement by name; of two tables the first counts."""
        found: dict[str, str] = {}
        for table in tables or TABLES:
            for name, wanted in as_table(self.values.get(table)).items():
                found.setdefault(name, wanted if isinstance(wanted, str) else "")
        return found

    def programs(self) -> dict[str, str]:
        """Programs by name; a lone path has the package's own name without its scope (npm docs, *bin*)."""
        value = self.values.get("bin")
        if isinstance(value, str):
            return {self.name.rpartition("/")[2]: value}
        return {name: path for name, path in as_table(value).items() if isinstance(path, str)}

    @property
    def skeleton(self) -> Table:
        """As much of it as decides what is installed."""
        return {key: self.values[key] for key in _INSTALLED if key in self.values}

    def _text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmProject:
    """The workspace that the package in ``directory`` belongs to, or that package alone.

    ``root`` is the folder that npm installs in. ``members`` are all packages of the workspace by folder, the
    root among them. ``lock`` is the path of the lock file and ``lock_text`` what is in it; ``settings`` is
    the text of the root's ``.npmrc`` without secrets and addresses, ``workspace`` what stands in its
    ``pnpm-workspace.yaml``, or catalogs and ``packageExtensions`` of its ``.yarnrc.yml``. ``hashes`` are
    integrities by name and version that ``piot.lock`` has where the lock file has none. ``rivals`` are lock
    files of several tools of which none counts. ``absent`` are packages that nobody can install yet.
    ``problems`` is what is wrong with the manifests.
    """

    directory: str
    root: str
    members: Mapping[str, NpmManifest]
    lock: str | None = None
    lock_text: str | None = field(default=None, repr=False)
    settings: str = field(default="", repr=False)
    workspace: Table = field(default_factory=dict[str, object], repr=False)
    hashes: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str], repr=False)
    rivals: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()

    @property
    def manifest(self) -> NpmManifest:
        """That of the package itself."""
        return self.members[self.directory]

    @property
    def top(self) -> Table:
        """What stands in the package.json of the root."""
        root = self.members.get(self.root)
        return as_table(None) if root is None else root.values

    @property
    def catalogs(self) -> dict[str, dict[str, str]]:
        """Requirements that packages of the workspace share, by name of the catalog (pnpm docs, *Catalogs*).

        Bun has the same in ``workspaces`` of the root's package.json, or beside it.
        """
        found: dict[str, dict[str, str]] = {}
        for table in (self.top, as_table(self.top.get("workspaces")), self.workspace):
            named = {"default": table.get("catalog"), **as_table(table.get("catalogs"))}
            for name, entries in named.items():
                for each, wanted in as_table(entries).items():
                    found.setdefault(name, {})[each] = str(wanted)
        return found

    def member(self, name: str) -> NpmManifest | None:
        """The package of the workspace that has this name."""
        return next((each for each in self.members.values() if each.name == name), None)

    def place(self, path: str) -> str:
        """A path below the root as one of the repository."""
        return posixpath.normpath(posixpath.join(self.root, path))


def manifest_path(directory: str) -> str:
    """Where the package.json of a folder stands."""
    return "package.json" if directory in ("", ".") else f"{directory}/package.json"


def parse_manifest(text: str, directory: str) -> tuple[NpmManifest, tuple[Problem, ...]]:
    """A package.json, and what is wrong with it; empty when it cannot be read at all."""
    path = manifest_path(directory)
    try:
        found: object = json.loads(text)
    except json.JSONDecodeError as error:
        wrong = problem(path, "PIOT_JSON", f"not JSON: {error.msg}", line=error.lineno, column=error.colno)
        return NpmManifest(directory=directory, values={}), (wrong,)
    if not isinstance(found, dict):
        wrong = problem(path, "PIOT_JSON", "an object is wanted", 'begin with {"name": …}')
        return NpmManifest(directory=directory, values={}), (wrong,)
    return NpmManifest(directory=directory, values=cast("Table", found)), ()


def release_problems(manifest: NpmManifest) -> tuple[Problem, ...]:
    """What keeps a package from being packed or published."""
    found: list[Problem] = []
    if not manifest.name:
        found.append(problem(manifest.path, "PIOT_MISSING_KEY", 'there is no "name"', 'add "name": "…"'))
    if not manifest.version:
        hint = 'add "version": "0.0.0"'
        found.append(problem(manifest.path, "PIOT_MISSING_KEY", 'there is no "version"', hint))
    elif not _SEMVER.fullmatch(manifest.version):
        message = f'"version" is "{manifest.version}", which is no version of npm'
        found.append(problem(manifest.path, "PIOT_VALUE", message, 'write three numbers, as "0.1.0"'))
    if manifest.values.get("private") is True:
        hint = 'remove "private", or take the package out of putitoutthere.toml'
        found.append(
            problem(manifest.path, "PIOT_VALUE", '"private" is true: npm refuses to publish it', hint)
        )
    return tuple(found)


def problem(
    path: str, code: str, message: str, hint: str | None = None, *, line: int = 0, column: int = 0
) -> Problem:
    """One finding in a file of npm."""
    return Problem(path=path, line=line, column=column, code=code, message=message, hint=hint)


def without_secrets(settings: str) -> str:
    """A ``.npmrc`` without credentials and addresses: piot fetches, so that npm need not reach anybody."""
    kept = [line for line in settings.splitlines() if not _REACHES.match(line)]
    return "".join(f"{line}\n" for line in kept)


_REACHES = re.compile(
    r"\s*(//|_|[^=]*:registry|registry|.*proxy|ca\b|cafile|cert|key\b|email|username|cache|prefix|.*config\b)",
    re.IGNORECASE,
)
