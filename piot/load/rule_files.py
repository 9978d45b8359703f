"""Python files with rules or toolchains, found and run by label: piot's own and a repository's alike."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

import piot
from piot.errors import InputError, PiotError
from piot.model.digest import Digest
from piot.model.label import Label
from piot.model.rule import RuleSchema, shown_path

if TYPE_CHECKING:
    from piot.api.rule import Rule

Read = Callable[[Path], bytes | None]
"""The bytes of a file, None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """The text of a rule file; ``digest`` belongs into the keys of what its rules declare."""

    label: Label
    text: str
    digest: Digest
    path: Path = field(compare=False)


def find(label: Label, root: Path, read: Read) -> RuleFile:
    """The file of ``label`` in the repository at ``root``, or in piot for ``@piot//``; raises InputError."""
    for folder in _folders(label, root):
        path = folder / label.path
        data = read(path)
        if data is not None:
            return RuleFile(label=label, text=_decoded(data, label), digest=Digest.of(data), path=path)
    raise InputError(f"no rule file {shown_path(label)}", hint=f"{label} must be a file of the repository")


def schemas(file: RuleFile) -> tuple[RuleSchema, ...]:
    """The rules of a file from its syntax tree; nothing of it runs. Raises Problems."""
    known = _shipped(file)
    if known is not None:
        return known
    from piot.load.rule_syntax import read_schemas

    return read_schemas(file.text, file.label)


def execute(file: RuleFile) -> ModuleType:
    """Run a file as the module named by its label.

    The module is registered before it runs, because dataclasses look theirs up by name; ``linecache``
    has its text, so that tracebacks show lines even from inside a zip; its code carries the real path
    for coverage and breakpoints. Raises Problems at the file's own line.
    """
    schemas(file)
    name, filename = str(file.label), str(file.path)
    module = ModuleType(name)
    module.__file__ = filename
    linecache.cache[filename] = (len(file.text), None, file.text.splitlines(keepends=True), filename)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        exec(_code(file), vars(module))
    except (Exception, SystemExit) as error:
        _restore(name, before)
        if isinstance(error, PiotError) and not isinstance(error, InputError):
            raise
        from piot.api.rule import blame_file

        raise blame_file(error, filename, name) from error
    return module


def rules(file: RuleFile) -> dict[str, Rule[Any]]:
    """Run a file and give its rules by name. Raises Problems."""
    from piot.api.rule import Rule

    values: list[object] = list(vars(execute(file)).values())
    return {value.name: value for value in values if isinstance(value, Rule)}


def _shipped(file: RuleFile) -> tuple[RuleSchema, ...] | None:
    """The schemas of a file of piot's own that is as it was when the table was made, so no tree is read."""
    if not file.label.cell:
        return None
    from piot.load.builtin_rules import KNOWN

    digest, known = KNOWN.get(str(file.label), ("", ()))
    return known if digest == file.digest.hash else None


def _code(file: RuleFile) -> CodeType:
    """Python keeps the bytecode of piot's own files, as of its modules; nothing is left in a checkout."""
    code = None
    if _shipped(file) is not None:
        code = SourceFileLoader(str(file.label), str(file.path)).get_code(str(file.label))
    return code or compile(file.text, str(file.path), "exec", dont_inherit=True)


def _restore(name: str, before: ModuleType | None) -> None:
    if before is None:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = before


def _folders(label: Label, root: Path) -> tuple[Path, ...]:
    """Where the label's cell is: piot's files lie in ``prelude`` in a wheel, at the top in a checkout."""
    if label.cell:
        package = Path(piot.__file__).parent
        return package / "prelude", package.parent
    return (root,)


def _decoded(data: bytes, label: Label) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{shown_path(label)} is not UTF-8 text", hint=f"byte {error.start} is wrong"
        ) from None
