"""What builds for a target on a host: tools with identities, and why a candidate cannot.

System tools are found by probes and identified by version and content; fetched tools are pinned
blobs (``piot.lock``) that are mounted. Locations never take part in identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PKG_CONFIG = "pkgconfig-"
"""Begins the name by which a command reaches a folder with a library's ``.pc`` file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemTool:
    """A tool of this machine: ``digest`` covers the content of everything that it consists of.

    ``programs`` maps the names that a command uses to absolute paths; ``roots`` are the folders that
    must be visible in a sandbox for the programs to run.
    """

    name: str
    version: str
    digest: str
    programs: tuple[tuple[str, str], ...] = field(compare=False, default=())
    roots: tuple[str, ...] = field(compare=False, default=())

    def program(self, name: str) -> str:
        return dict(self.programs)[name]

    @property
    def search(self) -> tuple[str, ...]:
        """The folders in which pkg-config finds a library, as commands name them; empty for a program."""
        return tuple(f"%{{tool:{name}}}" for name, _ in self.programs if name.startswith(PKG_CONFIG))

    @property
    def is_library(self) -> bool:
        return bool(self.search)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How a kind of tool is found and identified; the engine runs it and keeps the answer.

    ``programs`` are names looked up on PATH, or absolute patterns (``~`` and ``*`` allowed).
    ``version`` are arguments whose output names the version; ``answers`` further questions (name,
    arguments). ``lists`` (name, pattern) collect the names that the first ``*`` stands for. ``content``
    are patterns of the files that the tool consists of, ``libraries`` globs of the shared libraries
    that belong to it too, wherever the loader finds them; ``parts`` (list, patterns) is what belongs to
    one item of a list (``{<list>}``), so that a new item leaves the identity of the others alone.
    ``siblings`` are programs that stand beside it, ``roots`` what a sandbox must show. ``whole`` says that
    ``content`` is all that decides what a script does, so that its answers may be remembered like those of
    a binary.
    Patterns may use ``{program}``, ``{prefix}`` (the folder above its ``bin``) and ``{<answer>}``; one
    that comes out as a bare name is a program on PATH, one with an empty or unknown value is nothing.
    """

    name: str
    programs: tuple[str, ...]
    version: tuple[str, ...]
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lists: tuple[tuple[str, str], ...] = ()
    content: tuple[str, ...] = ("{program}",)
    libraries: tuple[str, ...] = ()
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    siblings: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A tool that a probe found: its real path (shims resolved), what it said, what it consists of.

    ``digest`` (hex SHA-256 of its content, no absolute path in it) and ``parts`` (list, item, digest)
    are empty until it is identified. ``libraries`` are absolute paths.
    """

    probe: str
    program: str
    version: str
    answers: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    siblings: tuple[tuple[str, str], ...]
    roots: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    digest: str = ""
    parts: tuple[tuple[str, str, str], ...] = ()

    def part(self, name: str, item: str) -> str:
        """The digest of one item of the list ``name``, or an empty text."""
        return {(name, item): digest for name, item, digest in self.parts}.get((name, item), "")

    def answer(self, name: str) -> str:
        return dict(self.answers).get(name, "")

    def listed(self, name: str) -> tuple[str, ...]:
        return dict(self.lists).get(name, ())

    def line(self, key: str) -> str:
        """The value of ``key: value`` in the version output, or an empty text."""
        for line in self.version.splitlines():
            head, _, value = line.partition(": ")
            if head == key:
                return value.strip()
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Why a candidate cannot build for a target, and what would make it able to."""

    candidate: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.candidate}: {self.reason}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """A command that warms a tool's own cache once; its output ``folder`` is staged at the same place."""

    name: str
    argv: tuple[str, ...]
    scripts: tuple[tuple[str, str], ...]
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linker:
    """What links (and compiles C) for one triple.

    ``scripts`` are (path, text) of executables that stand in the exec root, ``fetched`` the names of
    pinned tools that are mounted, ``environment`` what cargo and build scripts look at.
    """

    triple: str
    name: str
    environment: tuple[tuple[str, str], ...]
    scripts: tuple[tuple[str, str], ...] = ()
    fetched: tuple[str, ...] = ()
    tools: tuple[SystemTool, ...] = ()
    preparation: Preparation | None = None
    glibc: str | None = None
    """The oldest glibc that its results run with, filled in by the engine; None where that does not apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RustToolchain:
    """A rustc with the standard library for ``target``, and what links for host and target."""

    host: str
    target: str
    version: str
    sysroot: str = field(compare=False)
    commit: str
    rustc: SystemTool
    linkers: tuple[Linker, ...]
    glibc: str | None = None
    """The oldest glibc that its results run with; None where that does not apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python of this machine: ``version`` as ``3.12.1``, ``headers`` whether C can be compiled for it.

    Its tool has one program, called ``python3.12``, so that several can be used by one command.
    """

    version: str
    headers: bool
    tool: SystemTool

    @property
    def minor(self) -> tuple[int, int]:
        """Major and minor version as numbers."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeToolchain:
    """The Node.js of this machine and its npm; platform packages of any triple are packed with it."""

    node: SystemTool
    npm: SystemTool

    @property
    def tools(self) -> tuple[SystemTool, ...]:
        return (self.node, self.npm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """Runs programs of another processor; its tool may have a folder with that one's C library beside it."""

    tool: SystemTool

    @property
    def argv(self) -> tuple[str, ...]:
        """What stands before a program, as commands name it: the emulator, and where the C library is."""
        (name, _), *beside = self.tool.programs
        folder = [("-L", f"%{{tool:{library}}}") for library, _ in beside]
        return (f"%{{tool:{name}}}", *(word for words in folder for word in words))
