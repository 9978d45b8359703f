"""``piot.lock`` as text: read with every problem and its line, and written the same for the same pins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from piot.errors import Problem, Problems, near
from piot.model.build_pins import KEYS as BUILD_KEYS
from piot.model.build_pins import BuildPins, build_lines, read_builds
from piot.model.npm.hashes import KEYS as NPM_KEYS
from piot.model.npm.hashes import hash_lines, read_hashes
from piot.model.pins import PinnedFile, Pins, ToolPin, canonical
from piot.model.tables import as_table

_HEADER = "# Written by `piot lock`: tools from package indexes, pinned by hash. Commit this file.\n"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TABLES = ("version", "tool", "requirement", "build", "runtime", "npm")
_TOOL_KEYS = ("name", "ecosystem", "version", "files")
_FILE_KEYS = ("filename", "sha256", "size")


def write_lock(pins: Pins) -> str:
    """The text of ``piot.lock``: sorted, one file per line, the same pins give the same text."""
    lines = [_HEADER, "version = 1\n", *_pin_lines("tool", pins.tools)]
    lines += [*_pin_lines("requirement", pins.requirements), *build_lines(pins.builds)]
    return "".join((*lines, *build_lines(pins.runtimes, "runtime"), *hash_lines(pins.npm)))


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
        self._unknown(data, _TABLES, 1)
        tools, known = self._tools(data), self._requirements(data)
        return Pins(
            tools=tuple(tools[name] for name in sorted(tools)),
            requirements=tuple(known[pin] for pin in sorted(known)),
            builds=self._environments(data, "build", known),
            runtimes=self._environments(data, "runtime", known),
            npm=read_hashes(self._checked(data, "npm", NPM_KEYS), self._say),
        )

    def _tools(self, data: Mapping[str, object]) -> dict[str, ToolPin]:
        found: dict[str, ToolPin] = {}
        for line, tool in self._pinned(data, "tool"):
            if tool.name in found:
                self._say(line, "PIOT_LOCK_TWICE", f"the tool {tool.name} is pinned twice")
            found[tool.name] = tool
        return found

    def _requirements(self, data: Mapping[str, object]) -> dict[tuple[str, str], ToolPin]:
        found: dict[tuple[str, str], ToolPin] = {}
        for line, pin in self._pinned(data, "requirement"):
            if (pin.name, pin.version) in found:
                self._say(line, "PIOT_LOCK_TWICE", f"{pin.name} {pin.version} is pinned twice")
            found[pin.name, pin.version] = pin
        return found

    def _environments(
        self, data: Mapping[str, object], key: str, known: Iterable[tuple[str, str]]
    ) -> tuple[BuildPins, ...]:
        return read_builds(self._checked(data, key, BUILD_KEYS), known, self._say, key)

    def _checked(
        self, data: Mapping[str, object], key: str, keys: tuple[str, ...]
    ) -> list[tuple[int, Mapping[str, object]]]:
        """The tables of an array whose keys are known."""
        found = list(self._located(data, key))
        for line, table in found:
            self._unknown(table, keys, line)
        return found

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
        yield as_table(item)
