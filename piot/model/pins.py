"""``piot.lock``: which file of a tool is taken on which machine, pinned by hash."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from piot.errors import InputError, MachineError, Problem, Problems, listed, near
from piot.model.build_pins import KEYS as BUILD_KEYS
from piot.model.build_pins import BuildPins, build_lines, read_builds
from piot.model.fetch import PypiFetch
from piot.model.wheel_tags import fit

if TYPE_CHECKING:
    from piot.model.triple import Triple

_HEADER = "# Written by `piot lock`: tools from package indexes, pinned by hash. Commit this file.\n"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TOOL_KEYS = ("name", "ecosystem", "version", "files")
_FILE_KEYS = ("filename", "sha256", "size")


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """One wheel by its name and hash; ``size`` in bytes, None when the index does not tell."""

    filename: str
    sha256: str
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPin:
    """One version of a tool and all of its files; ``ecosystem`` is ``pypi``."""

    name: str
    ecosystem: str
    version: str
    files: tuple[PinnedFile, ...]

    def file_for(
        self,
        host: Triple,
        *,
        system: tuple[int, int] | None = None,
        python: tuple[int, int] = (3, 11),
    ) -> PypiFetch:
        """The best file for a machine, by the order of wheel tags (PEP 425, PEP 600, PEP 656).

        ``system`` is its glibc, musl or macOS version, taken for new enough when None; ``python`` the
        version that runs the tool. Raises MachineError when no file fits.
        """
        ranked = ((fit(file.filename, host, system, python), file) for file in self.files)
        fitting = [(rank, file.filename, file) for rank, file in ranked if rank is not None]
        if not fitting:
            raise MachineError(
                f"{self.name} {self.version} has no pinned file for {host}",
                hint=f"it has {listed([file.filename for file in self.files])}",
            )
        file = min(fitting)[2]
        return PypiFetch(
            project=self.name,
            version=self.version,
            filename=file.filename,
            sha256=file.sha256,
            size=file.size,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Tools by name, each once, sorted.

    ``requirements`` are what the environments, ``builds`` and ``runtimes``, are made of, by name and version.
    """

    tools: tuple[ToolPin, ...] = ()
    requirements: tuple[ToolPin, ...] = ()
    builds: tuple[BuildPins, ...] = ()
    runtimes: tuple[BuildPins, ...] = ()

    def tool(self, name: str) -> ToolPin:
        """The pin of a tool; raises InputError, with the nearest name, when there is none."""
        for tool in self.tools:
            if tool.name == canonical(name):
                return tool
        known = [tool.name for tool in self.tools]
        raise InputError(
            f"the tool {name} is not pinned",
            hint=near(name, known) or f"run `piot lock {name}` and commit piot.lock",
        )

    def over(self, defaults: Pins) -> Pins:
        """These pins, and the defaults for tools and environments that are not among them."""
        chosen = {tool.name: tool for tool in (*defaults.tools, *self.tools)}
        builds = _over(self.builds, defaults.builds)
        runtimes = _over(self.runtimes, defaults.runtimes)
        used = {pin for each in (*builds, *runtimes) for pin in each.pins}
        known = {(each.name, each.version): each for each in (*defaults.requirements, *self.requirements)}
        return Pins(
            tools=tuple(chosen[name] for name in sorted(chosen)),
            requirements=tuple(known[pin] for pin in sorted(known.keys() & used)),
            builds=builds,
            runtimes=runtimes,
        )

    def build(self, path: str) -> BuildPins | None:
        """The environment of the project in the folder ``path``; None when nothing is pinned for it."""
        return next((build for build in self.builds if build.path == path), None)

    def runtime(self, path: str) -> BuildPins | None:
        """What the project in the folder ``path`` needs when it is installed; None when nothing is pinned."""
        return next((each for each in self.runtimes if each.path == path), None)

    def environment(self, build: BuildPins) -> tuple[ToolPin, ...]:
        """The pins of an environment with their files."""
        known = {(each.name, each.version): each for each in self.requirements}
        return tuple(known[pin] for pin in build.pins)


def _over(own: Iterable[BuildPins], defaults: Iterable[BuildPins]) -> tuple[BuildPins, ...]:
    found = {each.path: each for each in (*defaults, *own)}
    return tuple(found[path] for path in sorted(found))


def canonical(name: str) -> str:
    """The one spelling of a project's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write_lock(pins: Pins) -> str:
    """The text of ``piot.lock``: sorted, one file per line, the same pins give the same text."""
    lines = [_HEADER, "version = 1\n", *_pin_lines("tool", pins.tools)]
    lines += [*_pin_lines("requirement", pins.requirements), *build_lines(pins.builds)]
    return "".join((*lines, *build_lines(pins.runtimes, "runtime")))


def _pin_lines(table: str, pins: Iterable[ToolPin]) -> list[str]:
    lines: list[str] = []
    for tool in sorted(pins, key=lambda tool: (tool.name, tool.version)):
        lines += [f"\n[[{table}]]\n"]
        lines += [f"{key} = {json.dumps(getattr(tool, key))}\n" for key in _TOOL_KEYS[:-1]]
        lines += ["files = [\n"]
        for file in sorted(tool.files, key=lambda file: file.filename):
            size = "" if file.size is None else f", size = {file.size}"
            lines += [f'    {{ filename = {json.dumps(file.filename)}, sha256 = "{file.sha256}"{size} }},\n']
        lines += ["]\n"]
    return lines


def parse_lock(text: str, path: str) -> Pins:
    """Pins from the text of a lock file; ``path`` is for messages. Raises Problems with all that is wrong."""
    import tomli

    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        problem = Problem(
            path=path, line=error.lineno, column=error.colno, code="PIOT_LOCK_SYNTAX", message=error.msg
        )
        raise Problems([problem]) from error
    reader = _Reader(text, path)
    pins = reader.pins(data)
    if reader.problems:
        raise Problems(reader.problems)
    return pins


class _Reader:
    """Checks the tables of a lock file and remembers every problem with its line."""

    def __init__(self, text: str, path: str) -> None:
        self.problems: list[Problem] = []
        self._path = path
        self._lines = text.splitlines()

    def pins(self, data: Mapping[str, object]) -> Pins:
        if data.get("version") != 1:
            self._say(
                self._line_of("version"),
                "PIOT_LOCK_VERSION",
                f"version is {data.get('version')!r}, this piot reads 1",
                hint="a newer piot wrote it: use that one, or run `piot lock` again",
            )
            return Pins()
        self._unknown(data, ("version", "tool", "requirement", "build", "runtime"), 1)
        tools: dict[str, ToolPin] = {}
        for line, tool in self._pinned(data, "tool"):
            if tool.name in tools:
                self._say(line, "PIOT_LOCK_TWICE", f"the tool {tool.name} is pinned twice")
            tools[tool.name] = tool
        known: dict[tuple[str, str], ToolPin] = {}
        for line, pin in self._pinned(data, "requirement"):
            if (pin.name, pin.version) in known:
                self._say(line, "PIOT_LOCK_TWICE", f"{pin.name} {pin.version} is pinned twice")
            known[pin.name, pin.version] = pin
        return Pins(
            tools=tuple(tools[name] for name in sorted(tools)),
            requirements=tuple(known[pin] for pin in sorted(known)),
            builds=self._environments(data, "build", known),
            runtimes=self._environments(data, "runtime", known),
        )

    def _environments(
        self, data: Mapping[str, object], key: str, known: Iterable[tuple[str, str]]
    ) -> tuple[BuildPins, ...]:
        tables = list(self._located(data, key))
        for line, table in tables:
            self._unknown(table, BUILD_KEYS, line)
        return read_builds(tables, known, self._say, key)

    def _pinned(self, data: Mapping[str, object], key: str) -> Iterator[tuple[int, ToolPin]]:
        for line, table in self._located(data, key):
            if (pin := self._tool(table, line)) is not None:
                yield line, pin

    def _located(self, data: Mapping[str, object], key: str) -> Iterator[tuple[int, Mapping[str, object]]]:
        """The tables of an array, each with its line where it is written ``[[key]]``."""
        headers = [at for at, line in enumerate(self._lines, 1) if line.strip() == f"[[{key}]]"]
        for index, table in enumerate(_tables(data.get(key, []))):
            yield headers[index] if index < len(headers) else 0, table

    def _tool(self, table: Mapping[str, object], line: int) -> ToolPin | None:
        self._unknown(table, _TOOL_KEYS, line)
        name, version = (self._text(table, key, line) for key in ("name", "version"))
        ecosystem = self._text(table, "ecosystem", line)
        if ecosystem not in (None, "pypi"):
            self._say(line, "PIOT_LOCK_VALUE", f'ecosystem is "{ecosystem}", known is "pypi"')
        files = [self._file(file, line) for file in _tables(table.get("files", []))]
        if not files:
            self._say(line, "PIOT_LOCK_VALUE", "files is missing or empty")
        if name is None or version is None or ecosystem is None:
            return None
        kept = tuple(file for file in files if file is not None)
        return ToolPin(name=canonical(name), ecosystem=ecosystem, version=version, files=kept)

    def _file(self, table: Mapping[str, object], tool_line: int) -> PinnedFile | None:
        filename = self._text(table, "filename", tool_line)
        line = self._line_of(f'"{filename}"', start=tool_line) or tool_line
        self._unknown(table, _FILE_KEYS, line)
        sha256 = self._text(table, "sha256", line)
        size = table.get("size")
        if filename is not None and filename.count("-") not in (4, 5):
            self._say(line, "PIOT_LOCK_VALUE", f"{filename!r} is not the file name of a wheel")
        if sha256 is not None and not _SHA256.fullmatch(sha256):
            self._say(line, "PIOT_LOCK_VALUE", f"sha256 is not 64 lower-case hex digits: {sha256!r}")
        if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
            self._say(line, "PIOT_LOCK_VALUE", f"size is not a number of bytes: {size!r}")
            size = None
        if filename is None or sha256 is None:
            return None
        return PinnedFile(filename=filename, sha256=sha256, size=size)

    def _text(self, table: Mapping[str, object], key: str, line: int) -> str | None:
        value = table.get(key)
        if isinstance(value, str) and value:
            return value
        wrong = "is missing" if key not in table else "is not a text"
        self._say(line, "PIOT_LOCK_VALUE", f"{key} {wrong}")
        return None

    def _unknown(self, table: Mapping[str, object], known: tuple[str, ...], line: int) -> None:
        for key in table:
            if key not in known:
                self._say(line, "PIOT_LOCK_KEY", f"unknown key {key}", hint=near(key, known))

    def _line_of(self, word: str, start: int = 1) -> int:
        for at in range(max(start, 1), len(self._lines) + 1):
            if word in self._lines[at - 1]:
                return at
        return 0

    def _say(self, line: int, code: str, message: str, hint: str | None = None) -> None:
        column = 1 if line else 0
        self.problems.append(
            Problem(path=self._path, line=line, column=column, code=code, message=message, hint=hint)
        )


def _tables(value: object) -> Iterator[Mapping[str, object]]:
    for item in cast("list[object]", value) if isinstance(value, list) else ():
        yield cast("Mapping[str, object]", item) if isinstance(item, dict) else {}
