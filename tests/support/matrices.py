"""The matrix of a checkout that a test writes: configuration and manifests in, rows out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from piot.app.releasing.matrix import matrix
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.model.release.matrix import Row

HEAD = "[putitoutthere]\nversion = 1\n\n"

F5 = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
"""The platforms of the published guides."""

CARGO = '[package]\nname = "core"\nversion = "0.1.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n'
PYO3 = f'{CARGO}[dependencies]\npyo3 = "0.22"\n'


def package(name: str, kind: str, path: str, *lines: str) -> str:
    """A ``[[package]]``."""
    head = f'[[package]]\nname = "{name}"\nkind = "{kind}"\npath = "{path}"\npaths = ["{path}/**"]\n'
    return head.replace('["./**"]', '["**"]') + "".join(f"{line}\n" for line in lines) + "\n"


def targets(*triples: str) -> str:
    return "targets = [" + ", ".join(f'"{each}"' for each in triples) + "]"


def pyproject(backend: str, name: str, requires_python: str | None = None, more: str = "") -> str:
    module = {"maturin": "maturin", "hatchling": "hatchling.build", "setuptools": "setuptools.build_meta"}
    python = "" if requires_python is None else f'requires-python = "{requires_python}"\n'
    return (
        f'[build-system]\nrequires = ["{backend}"]\nbuild-backend = "{module[backend]}"\n'
        f'[project]\nname = "{name}"\nversion = "0.1.0"\n{python}{more}'
    )


def session_of(root: Path, config: str, files: Mapping[str, str]) -> Session:
    """A checkout without git, with every package at its first version."""
    for path, text in {"putitoutthere.toml": HEAD + config, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    where = Where(directory=root, environ={"PATH": os.defpath, "PIOT_CONFIG": str(root / "none.toml")})
    named = Session(where, _quiet).config.packages
    return Session(where, _quiet, versions={each.name: each.first_version for each in named})


def rows_of(root: Path, config: str, files: Mapping[str, str]) -> tuple[Row, ...]:
    """The rows of that checkout."""
    session = session_of(root, config, files)
    return matrix(session, session.versions)


def _quiet(_: Any) -> None:
    """Says nothing."""
