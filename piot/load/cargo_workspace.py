"""The Cargo workspaces of a repository: which crates belong together, found as Cargo finds them.

https://doc.rust-lang.org/cargo/reference/workspaces.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType

from piot.errors import Problem, Problems
from piot.load.cargo_manifest import Manifest, manifest_path, read_crate
from piot.load.cargo_targets import Files
from piot.model.cargo.facts import Crate, Workspace
from piot.model.cargo.lockfile import Lockfile, Patch
from piot.model.cargo.tables import folder
from piot.model.tables import is_table, table_at, texts


@dataclass(slots=True)
class WorkspaceFinder:
    """Reads each manifest once and gathers what is wrong."""

    read: Callable[[str], str | None]
    files: Files
    manifests: dict[str, Manifest | None] = field(default_factory=dict[str, "Manifest | None"])
    problems: list[Problem] = field(default_factory=list[Problem])

    def workspaces(self, directories: Iterable[str]) -> tuple[Workspace, ...]:
        """The workspaces of these crates, sorted by root; raises Problems with all that is wrong."""
        found, wrong = self.as_far(directories)
        if wrong:
            raise Problems(wrong)
        return found

    def as_far(self, directories: Iterable[str]) -> tuple[tuple[Workspace, ...], tuple[Problem, ...]]:
        """The same as far as manifests can be read, and all that is wrong."""
        roots: dict[str, Manifest] = {}
        wanted: list[tuple[Manifest, Manifest]] = []
        for directory in sorted(set(directories)):
            manifest = self._manifest(directory)
            if manifest is not None and (manifest.has_package or manifest.is_root):
                root = self._root(manifest)
                roots[root.directory] = root
                wanted.append((manifest, root))
            elif manifest is not None:
                manifest.fault((), "there is neither a [package] nor a [workspace]", "write one of them")
        found = {directory: self._workspace(root) for directory, root in sorted(roots.items())}
        for manifest, root in wanted:
            if manifest.has_package and manifest.directory not in found[root.directory].members:
                hint = f"add it to the members or to exclude of {root.path}"
                manifest.fault(("package",), f"the crate is not a member of its workspace, {root.path}", hint)
        read = [manifest for manifest in self.manifests.values() if manifest is not None]
        wrong = [*self.problems, *(one for manifest in read for one in manifest.problems())]
        return tuple(found.values()), tuple(dict.fromkeys(wrong))

    def _manifest(self, directory: str) -> Manifest | None:
        """The manifest of a directory; None when there is none or it is no TOML, which is noted."""
        if directory not in self.manifests:
            path = manifest_path(directory)
            text = self.read(path) if path in self.files else None
            try:
                self.manifests[directory] = None if text is None else Manifest.parse(directory, text)
            except Problems as wrong:
                self.problems.extend(wrong.problems)
                self.manifests[directory] = None
        return self.manifests[directory]

    def _root(self, manifest: Manifest) -> Manifest:
        """The root of a crate's workspace: itself, the one it names, or the first above if not excluded."""
        if manifest.is_root:
            return manifest
        named = table_at(manifest.values, "package").get("workspace")
        if isinstance(named, str):
            return self._manifest(folder(manifest.directory, named)) or manifest
        directory: str = manifest.directory
        while directory != ".":
            directory = posixpath.dirname(directory) or "."
            above = self._manifest(directory)
            if above is not None and above.is_root:
                return manifest if _excludes(above, manifest.directory) else above
        return manifest

    def _workspace(self, root: Manifest) -> Workspace:
        members: dict[str, Crate] = {}
        others: dict[str, Crate] = {}
        patches = tuple(_patches(root))
        listed = {root.directory, *self._listed(root)}
        todo = [*listed, *(patch.directory for patch in patches if patch.directory is not None)]
        while todo:
            directory = todo.pop()
            manifest = self._manifest(directory)
            if manifest is None or not manifest.has_package or directory in members or directory in others:
                continue
            own = directory in listed or self._joins(manifest, root, patches)
            crate = read_crate(manifest, root if own else self._root(manifest), self.files)
            (members if own else others)[directory] = crate
            todo.extend(dependency.directory for dependency in crate.path_dependencies)
        lock_path = posixpath.normpath(posixpath.join(root.directory, "Cargo.lock"))
        lock_text = self.read(lock_path)
        return Workspace(
            root=root.directory,
            manifest=root.path,
            members=MappingProxyType(dict(sorted(members.items()))),
            others=MappingProxyType(dict(sorted(others.items()))),
            lock_path=lock_path,
            lock_text=lock_text,
            lock=self._lock(lock_text, lock_path),
            patches=patches,
            profiles=tuple(sorted(table_at(root.values, "profile"))),
        )

    def _lock(self, text: str | None, path: str) -> Lockfile | None:
        try:
            return None if text is None else Lockfile.parse(text, path)
        except Problems as wrong:
            self.problems.extend(wrong.problems)
            return None

    def _joins(self, manifest: Manifest, root: Manifest, patches: Sequence[Patch]) -> bool:
        """Whether cargo makes a path dependency a member: it lies below the root and is not excluded."""
        if any(patch.directory == manifest.directory for patch in patches):
            return False
        return root.is_root and self._root(manifest) is root

    def _listed(self, root: Manifest) -> Iterator[str]:
        """The directories that ``members`` names; one that is no crate is noted, unless by a pattern."""
        members = texts(table_at(root.values, "workspace").get("members"))
        for index, member in enumerate(members):
            pattern = folder(root.directory, member)
            if any(char in member for char in "*?["):
                yield from (one for one in self._crates(pattern) if not _excludes(root, one))
            elif manifest_path(pattern) in self.files:
                yield pattern
            else:
                hint = "correct the path, or remove the member"
                root.fault(("workspace", "members", index), f"{pattern} has no Cargo.toml", hint)

    def _crates(self, pattern: str) -> Iterator[str]:
        parts = pattern.split("/")
        for path in self.files.paths:
            if path.endswith("/Cargo.toml") and _matches(path.split("/")[:-1], parts):
                yield posixpath.dirname(path)


def _matches(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path matches a pattern of the ``glob`` crate, part by part; ``**`` is any folders."""
    if not parts or not names:
        return not names and all(part == "**" for part in parts)
    if parts[0] == "**":
        return _matches(names, parts[1:]) or _matches(names[1:], parts)
    return fnmatchcase(names[0], parts[0]) and _matches(names[1:], parts[1:])


def _excludes(root: Manifest, directory: str) -> bool:
    """Whether ``exclude`` names the directory or one above it, and ``members`` does not name it outright."""
    workspace = table_at(root.values, "workspace")
    out = any(
        directory == one or directory.startswith(f"{one}/")
        for one in (folder(root.directory, text) for text in texts(workspace.get("exclude")))
    )
    return out and directory not in {folder(root.directory, text) for text in texts(workspace.get("members"))}


def _patches(root: Manifest) -> Iterator[Patch]:
    sources = table_at(root.values, "patch")
    for source in sources:
        for key, entry in table_at(sources, source).items():
            if is_table(entry):
                name, path, git = entry.get("package", key), entry.get("path"), entry.get("git")
                yield Patch(
                    name=name if isinstance(name, str) else key,
                    directory=folder(root.directory, path) if isinstance(path, str) else None,
                    git=git if isinstance(git, str) else None,
                )
