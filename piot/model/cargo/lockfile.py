"""``Cargo.lock``: what it pins, and smaller or re-versioned locks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from piot.errors import InputError, Problem, Problems, listed
from piot.model.cargo.lock_text import LockId, LockPackage, bare, render
from piot.model.semver import Semver
from piot.model.tables import Table, is_array, is_table, table_at
from piot.model.toml_scan import line_and_column
from piot.model.toml_text import read_toml

_DEPENDENCY = re.compile(r"(\S+)(?: (\S+))?(?: \((.+)\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A crate that a root manifest's ``[patch]`` puts in the place of another.

    ``directory`` is relative to the repository root; without it and without ``git`` it comes from a registry.
    """

    name: str
    directory: str | None = None
    git: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockfile:
    """A whole lock; ``format`` is its ``version`` (1 to 4), ``unused`` its ``[[patch.unused]]``."""

    format: int
    packages: tuple[LockPackage, ...]
    unused: tuple[LockPackage, ...] = ()

    @classmethod
    def parse(cls, text: str, path: str = "Cargo.lock") -> Lockfile:
        """Reads any format; raises Problems when it is no TOML or names what it does not hold."""
        document = read_toml(text, path)
        checksums = table_at(document, "metadata")
        rows = [_package(row, checksums) for row in _tables(document.get("package"))]
        by_name: dict[str, list[LockPackage]] = defaultdict(list)
        for package, _ in rows:
            by_name[package.name].append(package)
        found: list[LockPackage] = []
        for package, wanted in rows:
            ids = [_resolve(dependency, by_name) for dependency in wanted]
            if None in ids:
                raise Problems([_unknown(text, path, package, wanted[ids.index(None)])])
            found.append(replace(package, dependencies=tuple(one for one in ids if one is not None)))
        unused = [_package(row, {})[0] for row in _tables(table_at(document, "patch").get("unused"))]
        return cls(format=_format(document, rows), packages=tuple(found), unused=tuple(unused))

    def reached(self, members: Iterable[str]) -> frozenset[LockId]:
        """Everything that these crates of the repository depend on, themselves included.

        Raises InputError for a crate that the lock does not know.
        """
        wanted = set(members)
        own = [package for package in self.packages if package.source is None and package.name in wanted]
        if missing := sorted(wanted - {package.name for package in own}):
            message = f"Cargo.lock does not know {listed(missing)}"
            raise InputError(message, hint="bring it up to date with `cargo metadata`, and commit it")
        by_id = {package.id: package for package in self.packages}
        found: set[LockId] = set()
        todo = [package.id for package in own]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo.extend(by_id[one].dependencies)
        return frozenset(found)

    def third_party(self, members: Iterable[str]) -> tuple[LockPackage, ...]:
        """The crates from elsewhere that these members need, in the order of the lock."""
        reached = self.reached(members)
        return tuple(one for one in self.packages if one.source is not None and one.id in reached)


def pruned(
    text: str, keep: Iterable[str], patches: Sequence[Patch] = (), *, lock: Lockfile | None = None
) -> str:
    """The lock with only what the members ``keep`` reach; ``patches`` are the workspace's.

    ``lock`` is what ``text`` says, where that was read already.

    A patch that is not reached any more is listed as unused, as cargo does. What a reached crate needed
    only for a feature that a dropped member asked for stays: the lock does not say which features are
    on. So cargo run with ``--offline`` accepts the result, and with ``--locked`` too when no such
    feature is there.
    """
    lock = lock or Lockfile.parse(text)
    reached = lock.reached(keep)
    kept = tuple(package for package in lock.packages if package.id in reached)
    idle = [p for p in lock.packages if p.id not in reached and any(_is_patch(p, patch) for patch in patches)]
    unused = [replace(package, dependencies=()) for package in idle] + list(lock.unused)
    return render(lock.format, kept, sorted(unused, key=_order), text)


def with_versions(text: str, versions: Mapping[str, str]) -> str:
    """The lock with other versions of crates of the repository; names that it has not are passed over."""
    lock = Lockfile.parse(text)

    def renewed(one: LockId) -> LockId:
        return (one[0], versions.get(one[0], one[1]), None) if one[2] is None else one

    packages = [
        replace(one, version=renewed(one.id)[1], dependencies=tuple(map(renewed, one.dependencies)))
        for one in lock.packages
    ]
    return render(lock.format, sorted(packages, key=_order), lock.unused, text)


def _tables(value: object) -> list[Table]:
    return [item for item in value if is_table(item)] if is_array(value) else []


def _package(row: Table, checksums: Table) -> tuple[LockPackage, tuple[str, ...]]:
    def text(key: str) -> str | None:
        value = row.get(key)
        return value if isinstance(value, str) else None

    name, version, source = text("name") or "", text("version") or "", text("source")
    checksum = text("checksum") or checksums.get(f"checksum {name} {version} ({bare(source)})")
    known = checksum if isinstance(checksum, str) and checksum != "<none>" else None
    package = LockPackage(name=name, version=version, source=source, checksum=known, replace=text("replace"))
    wanted = row.get("dependencies")
    return package, tuple(one for one in wanted if isinstance(one, str)) if is_array(wanted) else ()


def _format(document: Table, rows: Sequence[tuple[LockPackage, tuple[str, ...]]]) -> int:
    """Formats 1 and 2 do not name themselves: 2 has checksums in its packages, and short dependencies."""
    version = document.get("version")
    if isinstance(version, int):
        return version
    short = any(" " not in dependency for _, wanted in rows for dependency in wanted)
    return 2 if short or any("checksum" in row for row in _tables(document.get("package"))) else 1


def _resolve(dependency: str, by_name: Mapping[str, Sequence[LockPackage]]) -> LockId | None:
    match = _DEPENDENCY.fullmatch(dependency)
    if match is None:
        return None
    name, version, source = match.groups()
    found = [one for one in by_name.get(name, ()) if version in (None, one.version)]
    if source is not None:
        found = [one for one in found if bare(one.source) == bare(source)]
    elif len(found) > 1:
        found = [one for one in found if one.source is None]
    return found[0].id if len(found) == 1 else None


def _unknown(text: str, path: str, package: LockPackage, dependency: str) -> Problem:
    offset = text.find(f' "{dependency}"', max(text.find(f'name = "{package.name}"'), 0)) + 1
    line, column = line_and_column(text, offset)
    return Problem(
        path=path,
        line=line,
        column=column,
        code="PIOT_CARGO_LOCK",
        message=f'"{package.name}" depends on "{dependency}", which is not one crate of this lock',
        hint="a merge may have broken it: take one side, then run `cargo metadata`",
    )


def _is_patch(package: LockPackage, patch: Patch) -> bool:
    if package.name != patch.name:
        return False
    if patch.directory is not None:
        return package.source is None
    return patch.git is None or (package.source or "").startswith(f"git+{patch.git}")


def _order(package: LockPackage) -> tuple[object, ...]:
    return package.name, Semver.parse(package.version).precedence, package.source or ""
