"""What pyproject.toml says of other files, and of Pythons: it must be so before anything is built."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from piot.errors import listed
from piot.load.config_reader import Section
from piot.load.source_tree import SourceTree
from piot.load.version_files import at
from piot.model.package import PypiSettings
from piot.model.python.pyproject import Maturin, Pyproject, allows
from piot.model.tables import is_table

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_ENTRY = re.compile(rf"(?P<module>{_NAME})\s*:\s*{_NAME}\s*(?:\[.*\])?")
"""An object reference (PyPA entry points specification, "Data model")."""


def check_files(found: Pyproject, top: Section, settings: PypiSettings, files: SourceTree) -> None:
    """Notes what is missing of ``files``, all of the repository, and Pythons that contradict each other."""
    project = at(top, "project")
    if project is None:
        return
    _check_pythons(project, found, settings)
    for key in ("readme", "license"):
        value = project.values.get(key)
        named = value.get("file") if is_table(value) else value if key == "readme" else None
        if isinstance(named, str) and (place := _inside(found.directory, named)) not in files:
            message = f'"{key}" names {place}, which does not exist'
            hint = "add the file, or correct the name"
            project.fault((key,), "PIOT_FILE_MISSING", message, hint=hint)
    if settings.build == "maturin" and (scripts := at(top, "project", "scripts")):
        _check_scripts(scripts, found, files)


def _check_pythons(project: Section, found: Pyproject, settings: PypiSettings) -> None:
    """Every Python that wheels are asked for is one that may install them."""
    own = (each for spec in settings.targets for each in spec.settings.python_versions)
    asked = dict.fromkeys((*settings.python_versions, *own))
    try:
        wrong = [each for each in asked if not allows(found.requires_python or "", each)]
    except ValueError:  # no specifier: that is told elsewhere
        return
    if wrong:
        message = (
            f'"requires-python" is "{found.requires_python}", but putitoutthere.toml asks for wheels for '
            f"{listed(wrong)}"
        )
        hint = 'take them out of "python_versions", or allow them here'
        project.fault(("requires-python",), "PIOT_PYTHON_VERSION", message, hint=hint)


def _check_scripts(scripts: Section, found: Pyproject, files: SourceTree) -> None:
    """Commands start functions of modules that the wheel will have."""
    for name, value in scripts.values.items():
        if not isinstance(value, str):
            continue
        entry = _ENTRY.fullmatch(value.strip())
        if entry is None:
            message, hint = (
                f'"{name}" is "{value}", which names no function',
                'write "package.module:function"',
            )
        elif place := _missing(entry["module"], found, files):
            message, hint = (
                f'"{name}" starts {value}, but there is no {place}',
                "correct it, or add the module",
            )
        else:
            continue
        scripts.fault((name,), "PIOT_ENTRY_POINT", message, hint=hint)


def _missing(module: str, found: Pyproject, files: SourceTree) -> str | None:
    """The file of a Python module that is not there; None for the extension, and where no package stands."""
    maturin = found.maturin or Maturin()
    source = _inside(found.directory, maturin.python_source or ".")
    package = _inside(source, module.partition(".")[0])
    place = _inside(source, module.replace(".", "/"))
    if module == maturin.module_name or not files.below(package):
        return None
    return None if any(each in files for each in _places(place)) else f"{place}.py"


def _places(place: str) -> Iterator[str]:
    """Where Python finds a module, and the stub of one that is compiled."""
    yield from (f"{place}.py", f"{place}/__init__.py", f"{place}.pyi")


def _inside(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))
