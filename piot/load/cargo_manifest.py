"""One Cargo manifest to the facts of its crate, with what it inherits from its workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from piot.errors import Problem, near
from piot.load.cargo_targets import Files, TargetFinder
from piot.load.config_reader import Fault, Section, problems
from piot.model.cargo.facts import PYO3_CRATES, Crate, DependencyKind, PathDependency, abi3_floor, lowest_abi3
from piot.model.cargo.tables import dependency_tables, folder
from piot.model.tables import Table, is_table, table_at, texts
from piot.model.toml_text import Where, read_toml


@dataclass(frozen=True, slots=True)
class Manifest:
    """A ``Cargo.toml`` that is valid TOML, and the faults found in it so far."""

    directory: str
    text: str
    values: Table
    faults: list[Fault] = field(default_factory=list[Fault])

    @classmethod
    def parse(cls, directory: str, text: str) -> Manifest:
        """Raises Problems when the text is not TOML."""
        return cls(directory, text, read_toml(text, manifest_path(directory)))

    @property
    def path(self) -> str:
        return manifest_path(self.directory)

    @property
    def is_root(self) -> bool:
        return is_table(self.values.get("workspace"))

    @property
    def has_package(self) -> bool:
        return "package" in self.values or "project" in self.values

    def fault(self, where: Where, message: str, hint: str) -> None:
        """Notes what is wrong at a place."""
        self.faults.append(Fault(where=where, code="PIOT_PATH", message=message, hint=hint))

    def problems(self) -> tuple[Problem, ...]:
        """The faults with their lines and columns."""
        return problems(self.faults, self.text, self.path).problems if self.faults else ()


def manifest_path(directory: str) -> str:
    """The manifest of a directory."""
    return "Cargo.toml" if directory == "." else f"{directory}/Cargo.toml"


def read_crate(manifest: Manifest, root: Manifest, files: Files) -> Crate:
    """The facts of a package's manifest; ``root`` is that of its workspace (itself when it has none).

    What is wrong is noted in ``manifest``; the value is not to be used then.
    """
    return _Reader(manifest, root, files).crate()


@dataclass(frozen=True, slots=True)
class _Dependency:
    """An entry of a dependency table, what it inherits filled in."""

    where: Where
    kind: DependencyKind
    name: str
    directory: str | None
    requirement: str | None
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one manifest of a workspace."""

    manifest: Manifest
    root: Manifest
    files: Files

    def crate(self) -> Crate:
        top = Section(self.manifest.values, faults=self.manifest.faults)
        key = "package" if "package" in top.values else "project"
        package = top.table(key, f"[{key}]") or top.inner({}, (), f"[{key}]")
        package.require("name", 'name = "NAME"')
        name = package.text("name")
        edition = self._inherited(package, "edition", "2015")
        finder = TargetFinder(top, package, name, edition, self.manifest.directory, self.files)
        library, proc_macro = finder.library()
        dependencies = list(self._dependencies())
        features = sorted((one, texts(asked)) for one, asked in table_at(top.values, "features").items())
        return Crate(
            name=name,
            version=self._inherited(package, "version", "0.0.0"),
            version_inherited=is_table(package.values.get("version")),
            directory=self.manifest.directory,
            manifest=self.manifest.path,
            edition=edition,
            library=library,
            binaries=finder.binaries(),
            build_script=finder.build_script(),
            proc_macro=proc_macro,
            features=tuple(sorted({*dict(features), *self._implicit(features)})),
            default_features=dict(features).get("default", ()),
            feature_map=tuple(features),
            path_dependencies=self._path_dependencies(dependencies),
            pyo3=any(one.name in PYO3_CRATES for one in dependencies),
            pyo3_abi3=lowest_abi3(
                abi3_floor(one.features) for one in dependencies if one.name in PYO3_CRATES
            ),
            publish=self._publish(package),
            links=package.optional("links"),
        )

    def _implicit(self, features: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
        """Optional dependencies are features too, unless one asks for them as ``dep:NAME``.

        The Cargo Book, *Features*, "Optional dependencies".
        """
        named = {
            asked.removeprefix("dep:") for _, all_asked in features for asked in all_asked if "dep:" in asked
        }
        for _, _, table in dependency_tables(self.manifest.values):
            for key, entry in table.items():
                if is_table(entry) and entry.get("optional") is True and key not in named:
                    yield key

    def _inherited(self, package: Section, key: str, default: str) -> str:
        """A string of the package, or the workspace's where it says so."""
        if not is_table(package.values.get(key)):
            return package.text(key, default)
        value = table_at(self.root.values, "workspace", "package").get(key)
        if isinstance(value, str):
            return value
        hint = f'write "{key}" into [workspace.package] of the root manifest, or here'
        what = (
            f"{self.root.path} has no [workspace.package] with a {key}"
            if self.root.is_root
            else "there is none"
        )
        message = f'"{key}" is the workspace\'s, but {what}'
        if key == "version":
            package.fault((key,), "PIOT_CRATES_WORKSPACE_VERSION_MISMATCH", message, hint=hint)
        else:
            package.fault((key,), "PIOT_MISSING_KEY", message, hint=hint)
        return default

    def _publish(self, package: Section) -> bool:
        """Not with ``publish = false`` nor for no registry at all, inherited or not."""
        value = package.values.get("publish", True)
        if is_table(value):
            value = table_at(self.root.values, "workspace", "package").get("publish", True)
        return value is not False and value != []

    def _dependencies(self) -> Iterator[_Dependency]:
        for where, kind, table in dependency_tables(self.manifest.values):
            for key, entry in table.items():
                yield self._dependency((*where, key), kind, key, entry)

    def _dependency(self, where: Where, kind: DependencyKind, key: str, entry: object) -> _Dependency:
        own: Table = entry if is_table(entry) else {"version": entry}
        full, base = own, self.manifest.directory
        if own.get("workspace") is True:
            full, base = self._shared(where, key), self.root.directory
        path, requirement, name = full.get("path"), full.get("version"), full.get("package", key)
        asked = texts(own.get("features")) + (texts(full.get("features")) if full is not own else ())
        return _Dependency(
            where=where,
            kind=kind,
            name=name if isinstance(name, str) else key,
            directory=folder(base, path) if isinstance(path, str) else None,
            requirement=requirement if isinstance(requirement, str) else None,
            features=asked,
        )

    def _shared(self, where: Where, key: str) -> Table:
        """The entry of ``[workspace.dependencies]`` that an entry inherits."""
        known = table_at(self.root.values, "workspace", "dependencies")
        value = known.get(key)
        if value is None:
            hint = near(key, known) or f"add it to [workspace.dependencies] of {self.root.path}"
            message = f'"{key}" is the workspace\'s, but [workspace.dependencies] has none'
            self.manifest.faults.append(
                Fault(where=where, code="PIOT_MISSING_KEY", message=message, hint=hint, at_key=True)
            )
        return value if is_table(value) else {"version": value}

    def _path_dependencies(self, dependencies: Sequence[_Dependency]) -> tuple[PathDependency, ...]:
        found: list[PathDependency] = []
        for one in dependencies:
            if one.directory is None:
                continue
            if one.directory == ".." or one.directory.startswith(("../", "/")):
                hint = "move the crate into the repository, or depend on it by git or version"
                self.manifest.fault(one.where, f'"{one.name}" is a path that leaves the repository', hint)
            elif manifest_path(one.directory) not in self.files:
                hint = "correct the path, or add the crate"
                self.manifest.fault(one.where, f'"{one.name}": {one.directory} has no Cargo.toml', hint)
            else:
                found.append(
                    PathDependency(
                        name=one.name,
                        directory=one.directory,
                        kind=one.kind,
                        version_requirement=one.requirement,
                    )
                )
        return tuple(found)
