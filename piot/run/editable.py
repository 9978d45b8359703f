"""From a wheel to one that uses the Python sources of a checkout; pure but for looking which are there.

The checkout is put on the path by a ``.pth`` file (the site module's documentation). What was compiled is
installed, and found by a finder, since the packages that it belongs to are imported from the checkout:
so nothing is written there (docs/explanation/decisions/0007-develop.md).
"""

from __future__ import annotations

import hashlib
import io
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

LAYOUTS = ("", "python", "src")
"""Where Python sources are when ``python-source`` does not say (maturin's guide, "Project Layout")."""

NATIVE = (".so", ".pyd", ".dll", ".dylib")

FINDER = '''\
"""Finds the compiled modules of {name}, whose Python sources are used from a checkout."""

import os
import sys
from importlib.machinery import PathFinder

MODULES = {modules!r}


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in MODULES:
            return None
        folders = name.split(".")[:-1]
        return PathFinder.find_spec(name, [os.path.join(os.path.dirname(__file__), *folders)])


sys.meta_path.insert(0, Finder)
'''


def sources_of(wheel: Mapping[str, bytes], project: Path, python_source: str | None) -> Path | None:
    """The folder of the checkout with the wheel's Python files; None when all of them are generated."""
    layouts = LAYOUTS if python_source is None else (python_source,)
    names = [name for name in wheel if name.endswith(".py")]
    found = (project / layout for layout in layouts)
    return next((folder for folder in found if any((folder / name).is_file() for name in names)), None)


def editable(wheel: Mapping[str, bytes], sources: Path | None, project: Path) -> dict[str, bytes]:
    """The files of the editable wheel; without ``sources`` they are those of the wheel.

    ``direct_url.json`` (PEP 610) says what pip would say of an editable install of ``project``.
    """
    info = info_folder(wheel)
    kept = {
        name: data
        for name, data in wheel.items()
        if name != f"{info}/RECORD" and not (sources and _from_checkout(name, info, sources))
    }
    if sources is not None:
        stem = f"_piot_{info.split('-')[0]}"
        modules = sorted(name for each in kept if (name := _module(each, sources)))
        lines = [str(sources), *([f"import {stem}"] if modules else [])]
        kept[f"{stem}.pth"] = "".join(f"{line}\n" for line in lines).encode()
        if modules:
            kept[f"{stem}.py"] = FINDER.format(name=info.split("-")[0], modules=modules).encode()
    url = {"url": project.as_uri(), "dir_info": {"editable": True}}
    kept[f"{info}/direct_url.json"] = json.dumps(url).encode()
    kept[f"{info}/RECORD"] = "".join(f"{line}\n" for line in (*record(kept), f"{info}/RECORD,,")).encode()
    return kept


def info_folder(wheel: Mapping[str, bytes]) -> str:
    """``rakelet-0.1.0.dist-info``."""
    return next(name.partition("/")[0] for name in wheel if name.endswith(".dist-info/METADATA"))


def record(members: Mapping[str, bytes]) -> list[str]:
    """The lines of RECORD (PyPA, "Recording installed projects")."""
    found: list[str] = []
    for name, data in members.items():
        digest = urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        found.append(f"{name},sha256={digest},{len(data)}")
    return found


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip file."""
    import zipfile

    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return raw.getvalue()


def _from_checkout(name: str, info: str, sources: Path) -> bool:
    """A compiled module never is: one that lies in the checkout is an old one."""
    top = name.partition("/")[0]
    return top != info and not name.endswith(NATIVE) and (sources / name).is_file()


def _module(name: str, sources: Path) -> str | None:
    """The module that an installed file is, when its package is imported from the checkout."""
    folder, _, file = name.rpartition("/")
    stem, _, suffix = file.partition(".")
    is_module = f".{suffix}".endswith((".py", *NATIVE)) and folder and stem.isidentifier()
    return f"{folder}.{stem}".replace("/", ".") if is_module and (sources / folder).is_dir() else None
