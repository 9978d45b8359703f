"""What `doctor` looks at of this machine: piot, PATH, tools, toolchains, sandbox and store."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import piot
from piot.app.machine import toolchain_rows as table
from piot.app.machine.tooling import Tooling
from piot.app.session.session import Session
from piot.effects import capacity, disk, host
from piot.errors import MachineError
from piot.inspect.doctor.about import Installation, SearchPath
from piot.inspect.doctor.machine import SandboxView, StoreView, ToolchainView, ToolView
from piot.model.package import CratesSettings, NpmSettings, Package, PypiSettings
from piot.model.select import texts_in
from piot.model.toolchain import Interpreter, Lack, NodeToolchain, SystemTool
from piot.run import bubblewrap
from piot.run.stores import maintain

PROGRAMS = ("git", "rustc", "cargo", "python3", "node", "npm", "pkg-config", "bwrap")
"""What PATH is asked for."""


def installation(session: Session) -> Installation:
    """Which piot this is."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Installation(
        version=piot.__version__,
        place=str(Path(piot.__file__).parent),
        python=f"{version} ({sys.executable})",
        root=str(session.root) if session.in_checkout else None,
        packages=len(session.config.packages),
        host=f"{session.host}, {capacity.cpu_count()} processors, {capacity.memory_bytes() / 1000**3:.1f} GB",
    )


def search_path(environ: Mapping[str, str]) -> SearchPath:
    """PATH, and what stands in it."""
    path = environ.get("PATH", "")
    entries = tuple(path.split(os.pathsep)) if path else ()
    found = {name: _different(host.which(name, path)) for name in PROGRAMS}
    return SearchPath(
        entries=entries,
        missing=tuple(each for each in entries if each and not Path(each).is_dir()),
        programs=found,
    )


def _different(files: Sequence[Path]) -> tuple[str, ...]:
    """``/bin`` is ``/usr/bin`` on most systems: files that are one and the same count once."""
    return tuple({path.resolve(): str(path) for path in reversed(files)}.values())[::-1]


def compiled(package: Package) -> bool:
    """Whether cargo compiles something of it."""
    match package.settings:
        case CratesSettings():
            return True
        case PypiSettings(build=build):
            return build == "maturin"
        case NpmSettings(build=build):
            return bool(build)


def toolchains(session: Session) -> tuple[ToolchainView, ...]:
    """A row for every platform that something is compiled for."""
    packages = [package for package in session.config.packages if compiled(package)]
    if session.in_checkout and not packages:
        return ()
    return tuple(_toolchain(row, packages) for row in table.rows(session))


def _toolchain(row: table.Row, packages: Sequence[Package]) -> ToolchainView:
    def for_it(package: Package) -> bool:
        return row.host or any(spec.triple == row.triple for spec in package.targets)

    elsewhere = next((lack.remedy for lack in row.lacks if lack.candidate == "this machine"), "")
    rustc = "" if row.rustc is None else row.rustc.version.removeprefix("rustc ").split()[0]
    floor = [f"glibc {row.glibc} or later"] if row.glibc else []
    return ToolchainView(
        triple=row.triple.text,
        host=row.host,
        packages=tuple(package.name for package in packages if for_it(package)),
        rustc=rustc,
        summary=", ".join([f"rustc {rustc}", row.linker or "", *map(_said, row.tools), *floor]),
        lacks=row.lacks,
        elsewhere=elsewhere.removeprefix("build it on "),
    )


def _said(tool: table.Tool) -> str:
    """Its name and the number in what it says of itself: ``gcc-12 (Debian 12.2.0-14) 12.2.0``."""
    number = re.search(r"\d+\.\d[\w.+-]*", re.sub(r"\(.*?\)", "", tool.version))
    return f"{tool.name} {number[0] if number else tool.version}"


def tools(session: Session) -> tuple[ToolView, ...]:
    """What packages of this repository need besides a Rust toolchain."""
    tooling, packages = Tooling(session), session.config.packages
    return (*_pythons(session, tooling), *_node(tooling, packages), *_declared(session, tooling))


def _pythons(session: Session, tooling: Tooling) -> Iterator[ToolView]:
    wanted: dict[tuple[str, ...], list[str]] = {}
    for package in session.config.packages:
        project = session.repository.pyprojects.get(package.path)
        if isinstance(package.settings, PypiSettings):
            requires = project.requires_python if project else None
            wanted.setdefault((requires,) if requires else (), []).append(package.name)
    for specifiers, names in wanted.items():
        found = tooling.interpreters(specifiers)
        name = " ".join(("Python", *specifiers))
        if isinstance(found, Interpreter):
            path = found.tool.programs[0][1]
            yield ToolView(name=name, needed_by=tuple(names), version=found.version, path=path)
        else:
            yield ToolView(name=name, needed_by=tuple(names), lacks=found)


def _node(tooling: Tooling, packages: Sequence[Package]) -> Iterator[ToolView]:
    names = tuple(package.name for package in packages if package.kind == "npm")
    found = tooling.node() if names else ()
    if isinstance(found, NodeToolchain):
        yield _of("Node.js", found.node, names)
        yield _of("npm", found.npm, names)
    elif names:
        yield ToolView(name="Node.js with npm", needed_by=names, lacks=found)


def _declared(session: Session, tooling: Tooling) -> Iterator[ToolView]:
    """Programs and libraries that targets name in ``tools`` and ``system``."""
    for attribute, find in (("tools", tooling.programs), ("system", tooling.system)):
        wanted = _named(session, attribute)
        for name, found in find(wanted).items():
            names = tuple(wanted[name])
            if isinstance(found, Lack):
                yield ToolView(name=name, needed_by=names, lacks=(found,))
            else:
                yield _of(name, found, names)


def _named(session: Session, attribute: str) -> dict[str, list[str]]:
    """What any target names in an attribute, on whatever platform, and the labels of those that do."""
    wanted: dict[str, list[str]] = {}
    for target in session.graph.targets if session.in_checkout else ():
        value = target.get(attribute)
        for name in () if value is None else texts_in(value):
            if str(target.label) not in wanted.setdefault(name, []):
                wanted[name].append(str(target.label))
    return wanted


def _of(name: str, tool: SystemTool, needed_by: tuple[str, ...]) -> ToolView:
    path = "with pkg-config" if tool.is_library else dict(tool.programs).get(tool.name, "")
    return ToolView(name=name, needed_by=needed_by, version=tool.version.removeprefix("v"), path=path)


def sandbox(session: Session) -> SandboxView:
    """The level that a build would run its actions at, and why not at a stronger one."""
    asked = session.settings.sandbox
    paths = host.which("bwrap", session.where.environ.get("PATH", ""))
    try:
        obstacle = bubblewrap.obstacle(str(paths[0]) if paths else None, session.store)
    except MachineError as error:
        obstacle = error.message
    strongest = "dir" if obstacle else "bwrap"
    return SandboxView(level=strongest if asked == "auto" else asked, asked=asked, obstacle=obstacle)


def store(session: Session) -> StoreView:
    """The store that all checkouts share."""
    folder = session.cache
    trouble = disk.unwritable(folder / "store")
    if trouble is not None:
        return StoreView(folder=str(folder), trouble=trouble)
    return StoreView(
        folder=str(folder),
        used=maintain.info(session.store).total_bytes,
        limit=session.settings.cache_max_size,
        free=disk.free_bytes(folder),
    )
