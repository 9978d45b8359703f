"""Labels name targets and rule files; patterns, on the command line, choose targets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from piot.errors import InputError

ALLOWED = "letters, digits and _ . - + ~ @ /"
_UNSAFE = re.compile(r"[^\w.+~@/-]")
_IN_FOLDER_NAME = str.maketrans({"/": "+", ":": "=", "+": "%"})
_ALL_TARGETS = "all targets of a folder are //folder, with those below it //folder/..."
_HINT = "write //folder:name, //:name for the root folder or :name for the same folder"


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """Exactly one target, or a rule file: ``//packages/python:wheel``.

    ``package`` is the folder relative to the repository root, "" for the root itself. ``cell`` is
    "" for the repository and ``piot`` for the files that piot brings: ``@piot//rules:maturin.py``.
    """

    package: str
    name: str
    cell: str = ""

    @classmethod
    def parse(cls, text: str, *, package: str = "") -> Label:
        """Read a label as it stands in a file of the folder ``package``.

        Raises InputError for patterns, relative paths and characters that are not allowed.
        """
        cell, rest = _cell(text)
        folder, colon, name = rest.rpartition(":")
        if not colon:
            raise InputError(f'not a label: "{text}"', hint=_missing_name(rest))
        if folder.startswith("//"):
            folder = folder[2:]
        elif folder or cell:
            raise InputError(f'not a label: "{text}"', hint=_HINT)
        else:
            folder = package
        _check_folder(folder, text)
        _check_name(name, text)
        return cls(folder, name, cell)

    @property
    def path(self) -> str:
        """The file that a file label means, relative to its cell: ``build_defs/hello.py``."""
        return f"{self.package}/{self.name}" if self.package else self.name

    @property
    def directory(self) -> str:
        """The folder as paths name it: ``.`` for the repository root."""
        return self.package or "."

    @property
    def folder_name(self) -> str:
        """A name for a folder of its own, for people to recognise: ``packages+python=wheel``, ``=x``."""
        return str(self).removeprefix("//").translate(_IN_FOLDER_NAME)

    def __str__(self) -> str:
        return f"{'@' if self.cell else ''}{self.cell}//{self.package}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageName:
    """A word of the command line without ``//`` and ``:``: the name of a package of putitoutthere.toml."""

    name: str
    negative: bool = False

    def matches(self, label: Label, owner: str | None = None) -> bool:  # noqa: ARG002 - same shape as Pattern
        """Whether the target that belongs to the package ``owner`` is meant."""
        return owner == self.name

    def __str__(self) -> str:
        return f"{'-' if self.negative else ''}{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Targets of one folder (``name`` None: all of them), and of its subfolders when ``recursive``."""

    package: str
    name: str | None = None
    recursive: bool = False
    negative: bool = False

    @classmethod
    def parse(cls, text: str, *, package: str = "") -> Pattern | PackageName:
        """Read a word of the command line, typed in the folder ``package`` of the repository.

        ``//...``, ``//a/...``, ``//a/b``, ``//a/b:all``, ``//a/b:x``, ``:x``, ``a/b:x`` and ``a/...``
        (relative), ``...`` and ``./...``; a leading ``-`` takes away. Another word with neither ``//``
        nor ``:`` is the name of a package. Raises InputError.
        """
        negative = text.startswith("-")
        word = text[1:] if negative else text
        if not word:
            raise InputError("an empty pattern", hint="//... means all targets")
        folder, colon, name = word.rpartition(":") if ":" in word else (word, "", "")
        if not (colon or word.startswith(("//", "./")) or word == "..." or word.endswith("/...")):
            return PackageName(name=word, negative=negative)
        if colon and (not name or "*" in name):  # as other tools spell it
            raise InputError(f'not a pattern: "{text}"', hint=_ALL_TARGETS)
        folder, recursive = _folder(folder, package)
        _check_folder(folder, text)
        if colon and (recursive or name != "all"):
            _check_name(name, text)
        if colon and recursive:
            raise InputError(f'not a pattern: "{text}"', hint="... already means all targets below a folder")
        exact = name if colon and name != "all" else None
        return cls(package=folder, name=exact, recursive=recursive, negative=negative)

    @property
    def wild(self) -> bool:
        """Whether the pattern names no single target."""
        return self.name is None

    def matches(self, label: Label, owner: str | None = None) -> bool:  # noqa: ARG002 - same shape as PackageName
        """Whether the label is chosen (or taken away, when negative)."""
        if label.cell:
            return False
        if self.recursive:
            return not self.package or f"{label.package}/".startswith(f"{self.package}/")
        return label.package == self.package and self.name in (None, label.name)

    def __str__(self) -> str:
        sign = "-" if self.negative else ""
        if self.recursive:
            return f"{sign}//{self.package}/..." if self.package else f"{sign}//..."
        if self.package and self.name is None:
            return f"{sign}//{self.package}"
        return f"{sign}//{self.package}:{self.name or 'all'}"


def unnameable(folder: str) -> str:
    """The characters of a folder that no label can have, so that its targets have none; "" for nothing."""
    return " ".join("space" if char == " " else char for char in sorted(set(_UNSAFE.findall(folder))))


def _cell(text: str) -> tuple[str, str]:
    """Split ``@cell//a:b``; an ``@`` elsewhere is an ordinary character."""
    if text.startswith("@") and "//" in text:
        cell, _, rest = text[1:].partition("//")
        if cell != "piot":
            raise InputError(f'unknown repository in "{text}"', hint="only @piot// exists")
        return cell, f"//{rest}"
    return "", text


def _missing_name(text: str) -> str:
    if text.endswith("..."):
        return "in files only labels stand; a pattern like this is for the command line"
    if text.startswith("//") and text.strip("/"):
        return f"add the target's name: {text.rstrip('/')}:NAME"
    return _HINT


def _folder(folder: str, package: str) -> tuple[str, bool]:
    """The folder relative to the root, and whether its subfolders are meant."""
    if folder.startswith("//"):
        path = folder[2:]
    else:
        path = f"{package}/{folder.removeprefix('./')}" if package else folder.removeprefix("./")
    path = path.rstrip("/")
    if path == "..." or path.endswith("/..."):
        return path[:-3].rstrip("/"), True
    return path, False


def _check_folder(folder: str, text: str) -> None:
    if folder:
        _check(folder, text, "folder")


def _check_name(name: str, text: str) -> None:
    if name in ("all", "..."):
        raise InputError(
            f'"{name}" cannot name one target: "{text}"', hint="it means all targets of a folder"
        )
    _check(name, text, "name")


def _check(part: str, text: str, what: str) -> None:
    if not part:
        raise InputError(f'the {what} is missing in "{text}"', hint=_HINT)
    if bad := unnameable(part):
        raise InputError(f'the {what} "{part}" in "{text}" has {bad}', hint=f"allowed are {ALLOWED}")
    if any(segment in ("", ".", "..", "...") for segment in part.split("/")):
        raise InputError(f'the {what} "{part}" in "{text}" is not a plain path', hint=_HINT)
