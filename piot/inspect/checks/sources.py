"""Files that cargo reads for a package, and that neither its ``paths`` nor those it depends on match."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from piot.inspect.cargo import named_file, reach
from piot.inspect.view import View, inside
from piot.model.cargo.facts import Crate
from piot.model.finding import Finding
from piot.model.package import Package

_COMMENT = re.compile(r"^[ \t]*//.*$", re.M)
_INCLUDED = re.compile(
    r"include(?:_str|_bytes)?!\s*\(\s*"
    r'(?:"(?P<beside>[^"\n]+)"|concat!\s*\(\s*env!\s*\(\s*"CARGO_MANIFEST_DIR"\s*\)\s*,\s*"(?P<below>[^"\n]+)")'
)
_MODULE = re.compile(r'(?:#\[path\s*=\s*"(?P<path>[^"\n]+)"\]\s*)?\bmod\s+(?:r#)?(?P<name>\w+)\s*;')
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)+)"')
_RERUN = re.compile(r"^cargo::?rerun-if-changed=")
_ROOTS = ("lib.rs", "main.rs", "mod.rs")

_Read: TypeAlias = tuple[str, str, int]
"""A file that is read, the file that says so, and the line there, or 0."""


def uncovered(view: View) -> Iterator[Finding]:
    """Crates that no paths match, and single files of those that some do."""

    @cache
    def reads(directory: str) -> tuple[_Read, ...]:
        return tuple(_reads(view, directory))

    for package in view.packages:
        found: dict[str, Finding] = {}
        for start in view.crates_of(package):
            for crate in reach(view, start):
                owner = view.owners.get(crate.directory, package)
                if owner.name != package.name:
                    continue  # told of that one; that this one depends on it is for depends_on to say
                if not view.covers(package, crate.manifest):
                    found.setdefault(crate.directory, _of_crate(view, package, crate))
                    continue
                for path, reader, line in reads(crate.directory):
                    if not view.covers(package, path):
                        found.setdefault(path, _of_file(package, path, reader, line))
        yield from found.values()


def _of_crate(view: View, package: Package, crate: Crate) -> Finding:
    folder = "" if crate.directory == "." else f"{crate.directory}/"
    return view.at_package(
        "PIOT_FILES_UNCOVERED",
        "error",
        f'it is made of the crate {crate.name} in {crate.directory}, which no "paths" match',
        package,
        "paths",
        fix=f'add "{folder}**" to its paths',
    )


def _of_file(package: Package, path: str, reader: str, line: int) -> Finding:
    return Finding(
        code="PIOT_FILES_UNCOVERED",
        severity="error",
        message=f'package "{package.name}" is made of {path}, which no "paths" match',
        path=reader,
        line=line,
        column=1 if line else 0,
        package=package.name,
        fix=f'add "{path}" to paths of package "{package.name}" ({package.location})',
    )


def _reads(view: View, directory: str) -> Iterator[_Read]:
    """What compiling and packing a crate reads, as far as that stands in its sources."""
    crate = view.crate(directory)
    if crate is None:
        return
    owner = view.owners.get(directory)
    for key in ("readme", "license-file") if owner is not None and owner.kind == "crates" else ():
        named = named_file(view, crate, key)
        if named is not None and view.has(named):
            yield named, crate.manifest, 0
    roots = [each.path for each in (crate.library, *crate.binaries) if each is not None]
    for root in [*roots, *([crate.build_script] if crate.build_script else [])]:
        if view.has(root):
            yield root, crate.manifest, 0
            yield from _modules(view, directory, root)
    if crate.build_script and view.has(crate.build_script):
        yield from _named(view, directory, crate.build_script)


def _modules(view: View, directory: str, root: str) -> Iterator[_Read]:
    """The modules below a root source file, and what any of them includes."""
    todo, seen = [root], {root}
    while todo:
        path = todo.pop()
        text = view.documents.text(path) or ""
        if "mod" not in text and "include" not in text:
            continue  # most files: searching them all would take longer than reading them
        text = _COMMENT.sub("", text)
        for match in _INCLUDED.finditer(text):
            base = posixpath.dirname(path) if match["beside"] else directory
            file = inside(base, (match["beside"] or match["below"]).lstrip("/"))
            if view.has(file):
                yield file, path, _line(text, match)
        for match in _MODULE.finditer(text):
            for file in _places(path, match["name"], match["path"], is_root=path == root):
                if file not in seen and view.has(file):
                    seen.add(file)
                    todo.append(file)
                    yield file, path, _line(text, match)


def _places(path: str, name: str, named: str | None, *, is_root: bool) -> Iterator[str]:
    """Where rustc looks for a module (The Rust Reference, *Module source filenames*)."""
    folder, file = posixpath.split(path)
    if named is not None:
        yield inside(folder, named)
        return
    own = folder if is_root or file in _ROOTS else posixpath.join(folder, file.removesuffix(".rs"))
    yield posixpath.join(own, f"{name}.rs")
    yield posixpath.join(own, name, "mod.rs")


def _named(view: View, directory: str, script: str) -> Iterator[_Read]:
    """Files that a build script names in a text: it runs in the folder of its crate."""
    text = _COMMENT.sub("", view.documents.text(script) or "")
    for match in _LITERAL.finditer(text):
        word = _RERUN.sub("", match[1])
        file = inside(directory, word.lstrip("/"))
        if ("/" in word or "." in word) and view.has(file):
            yield file, script, _line(text, match)


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1
