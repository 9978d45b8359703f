"""Typed reading of a parsed TOML table that notes every fault instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

from piot.errors import Problem, Problems, listed, near
from piot.load.toml_positions import Positions, Where
from piot.model.tables import Table, is_array, is_table

Code: TypeAlias = Literal[
    "PIOT_BUILD_MODE",
    "PIOT_BUNDLE_CLI",
    "PIOT_DEPENDS_CYCLE",
    "PIOT_DEPENDS_SELF",
    "PIOT_DEPENDS_UNKNOWN",
    "PIOT_DUPLICATE_ENTRY",
    "PIOT_DUPLICATE_NAME",
    "PIOT_DUPLICATE_TRIPLE",
    "PIOT_EMPTY",
    "PIOT_ENV",
    "PIOT_FIRST_VERSION",
    "PIOT_GLIBC",
    "PIOT_GLOB",
    "PIOT_MANYLINUX",
    "PIOT_MISSING_KEY",
    "PIOT_NAME",
    "PIOT_NAME_TEMPLATE",
    "PIOT_NO_PACKAGES",
    "PIOT_NUMBER",
    "PIOT_PATH",
    "PIOT_PATHS_TWICE",
    "PIOT_PLATFORM_NAME",
    "PIOT_PROFILE",
    "PIOT_PYTHON_VERSION",
    "PIOT_REGISTRY_NAME",
    "PIOT_REMOVED_KEY",
    "PIOT_SECRET",
    "PIOT_SIZE",
    "PIOT_SYSTEM",
    "PIOT_TAG_COLLISION",
    "PIOT_TAG_FORMAT",
    "PIOT_TARGETS",
    "PIOT_TOML",
    "PIOT_TRIPLE",
    "PIOT_TYPE",
    "PIOT_UNKNOWN_KEY",
    "PIOT_VALUE",
    "PIOT_VERSION_GROUP",
    "PIOT_WORKFLOW",
]
"""The stable codes of configuration, documented in ``docs/reference/codes.md``."""

ProjectCode: TypeAlias = Literal[
    "PIOT_BUILD_SYSTEM",
    "PIOT_CRATES_WORKSPACE_VERSION_MISMATCH",
    "PIOT_ENTRY_POINT",
    "PIOT_FILE_MISSING",
    "PIOT_NOT_PINNED",
    "PIOT_PROJECT_VERSION",
    "PIOT_PYPI_BUILD_BACKEND_MISMATCH",
    "PIOT_PYPI_DYNAMIC_VERSION_NO_BACKEND",
    "PIOT_PYPI_NAME_MISMATCH",
    "PIOT_REQUIREMENT",
]
"""Those that only manifests can have."""

_Choice = TypeVar("_Choice", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A problem whose line is not yet looked up; ``at_key`` points to the key, not to its value."""

    where: Where
    code: Code | ProjectCode
    message: str
    hint: str | None = None
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A table, its place, and what messages call it; the readers note faults and return a stand-in.

    Whoever reads must look at ``faults`` at the end: with any, the values read are not to be used.
    """

    values: Table
    where: Where = ()
    title: str = ""
    faults: list[Fault] = field(default_factory=list[Fault])

    def fault(self, key: Where, code: Code | ProjectCode, message: str, *, hint: str | None = None) -> None:
        """Notes a fault at the value of ``key`` (a path below this table)."""
        self.faults.append(Fault(where=self.where + key, code=code, message=self._say(message), hint=hint))

    def fault_at_key(self, key: str, code: Code, message: str, *, hint: str | None = None) -> None:
        """Notes a fault at ``key`` itself."""
        where = (*self.where, key)
        self.faults.append(Fault(where=where, code=code, message=self._say(message), hint=hint, at_key=True))

    def _say(self, message: str) -> str:
        return f"{self.title}: {message}" if self.title else message

    def require(self, key: str, hint: str) -> None:
        """Notes a missing key, at the table."""
        if key not in self.values:
            self.fault((), "PIOT_MISSING_KEY", f'"{key}" is missing', hint=f"add {hint}")

    def only(self, known: Sequence[str], hints: Mapping[str, str] | None = None) -> None:
        """Notes every key that is not ``known``, with its own hint, a near match or the known ones."""
        for key in self.values:
            if key not in known:
                hint = (hints or {}).get(key) or near(key, known) or f"known keys: {listed(known, limit=30)}"
                self.fault_at_key(key, "PIOT_UNKNOWN_KEY", f'unknown key "{key}"', hint=hint)

    def text(self, key: str, default: str = "") -> str:
        """A string that is not empty."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            self.wrong_type(key, "a string", value)
            return default
        if key in self.values and not value.strip():
            self.fault((key,), "PIOT_EMPTY", f'"{key}" is empty', hint="write something, or remove it")
            return default
        return value

    def optional(self, key: str) -> str | None:
        """A string that is not empty, or None when the key is absent."""
        return self.text(key) if key in self.values else None

    def choice(self, key: str, allowed: Sequence[_Choice], default: _Choice) -> _Choice:
        """One of some words."""
        value = self.text(key, default)
        for one in allowed:
            if value == one:
                return one
        self.fault((key,), "PIOT_VALUE", f'"{key}" is "{value}"', hint="one of " + ", ".join(allowed))
        return default

    def flag(self, key: str) -> bool:
        """True or false; false when absent."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.wrong_type(key, "true or false", value)
            return False
        return value

    def items(self, key: str) -> Sequence[object]:
        """An array of anything; empty when absent."""
        value = self.values.get(key, [])
        if not is_array(value):
            self.wrong_type(key, "an array", value)
            return []
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """An array of strings, none empty and none twice; empty when absent."""
        found: list[str] = []
        for index, item in enumerate(self.items(key)):
            if not isinstance(item, str):
                self.wrong_type(key, "a string", item, index)
            elif not item.strip():
                self.fault((key, index), "PIOT_EMPTY", f'an entry of "{key}" is empty', hint="remove it")
            elif item in found:
                message = f'"{key}" names "{item}" twice'
                self.fault((key, index), "PIOT_DUPLICATE_ENTRY", message, hint="remove one of them")
            else:
                found.append(item)
        return tuple(found)

    def table(self, key: str, title: str) -> Section | None:
        """A table as a section, or None when absent."""
        value = self.values.get(key)
        if key not in self.values:
            return None
        if not is_table(value):
            self.wrong_type(key, "a table", value)
            return None
        return self.inner(value, (key,), title)

    def inner(self, values: Table, key: Where, title: str) -> Section:
        """A table below this one as a section that notes into the same faults."""
        return Section(values, self.where + key, title, self.faults)

    def tables(self, key: str) -> list[Section]:
        """An array of tables; the sections have this one's title."""
        found: list[Section] = []
        for index, item in enumerate(self.items(key)):
            if is_table(item):
                found.append(self.inner(item, (key, index), self.title))
            else:
                self.wrong_type(key, "a table", item, index)
        return found

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A table of strings, sorted by key."""
        section = self.table(key, self.title)
        if section is None:
            return ()
        found: list[tuple[str, str]] = []
        for name, value in sorted(section.values.items()):
            if isinstance(value, str):
                found.append((name, value))
            else:
                section.wrong_type(name, "a string", value)
        return tuple(found)

    def wrong_type(self, key: str, wanted: str, value: object, *index: int) -> None:
        """Notes that ``key``, or an entry of it, is no ``wanted``."""
        what = f'an entry of "{key}"' if index else f'"{key}"'
        self.fault((key, *index), "PIOT_TYPE", f"{what} is {_type_name(value)}", hint=f"{wanted} is wanted")


def problems(faults: Sequence[Fault], text: str, path: str) -> Problems:
    """The faults of a document with their lines and columns."""
    positions = Positions.of(text)
    found: list[Problem] = []
    for fault in faults:
        line, column = positions.key(fault.where) if fault.at_key else positions.value(fault.where)
        found.append(
            Problem(
                path=path, line=line, column=column, code=fault.code, message=fault.message, hint=fault.hint
            )
        )
    return Problems(dict.fromkeys(found))


def shown(value: object) -> str:
    """A TOML value as messages quote it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _type_name(value: object) -> str:
    for kind, name in _TYPE_NAMES:
        if isinstance(value, kind):
            return name
    return "a date or time"


_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "a string"),
    (int, "an integer"),
    (float, "a float"),
    (list, "an array"),
    (dict, "a table"),
)
