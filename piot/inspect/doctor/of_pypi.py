"""Credentials for PyPI: variables of uploaders, `.pypirc`, and the keyring, which is not asked.

The Python Packaging User Guide, *The .pypirc file*; the documentation of twine, uv, maturin and hatch.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path

from piot.effects import host
from piot.effects.http import without_secrets
from piot.effects.peek import read_if_there
from piot.inspect.doctor.credential import Credential, Means
from piot.inspect.doctor.macaroon import scope

MAIN = "pypi"
TOKENS = ("PYPI_API_TOKEN", "PYPI_TOKEN", "UV_PUBLISH_TOKEN", "MATURIN_PYPI_TOKEN", "POETRY_PYPI_TOKEN_PYPI")
PASSWORDS = (
    "TWINE_PASSWORD",
    "UV_PUBLISH_PASSWORD",
    "MATURIN_PASSWORD",
    "HATCH_INDEX_AUTH",
    "FLIT_PASSWORD",
)
REPOSITORIES = ("TWINE_REPOSITORY_URL", "TWINE_REPOSITORY", "UV_PUBLISH_URL", "MATURIN_REPOSITORY_URL")
"""Where the uploads of these tools go, when not to PyPI."""


def pypi(pypirc: Path, environ: Mapping[str, str], packages: tuple[str, ...]) -> tuple[Credential, ...]:
    """All that could upload; ``packages`` are the Python packages of this repository."""
    return (*_variables(environ, packages), *_stored(pypirc, packages), *_keyring(environ, packages))


def _variables(environ: Mapping[str, str], packages: tuple[str, ...]) -> Iterator[Credential]:
    for name in (*TOKENS, *PASSWORDS):
        if name in environ:
            yield _secret(f"the variable {name}", environ[name], _elsewhere(name, environ), packages)


def _elsewhere(name: str, environ: Mapping[str, str]) -> str:
    """Where the tool that reads the variable uploads to; empty for PyPI."""
    tool = name.partition("_")[0]
    said = next((environ[each] for each in REPOSITORIES if each.startswith(tool) and environ.get(each)), "")
    if "://" in said:
        return without_secrets(said)
    return "" if said == MAIN else said


def _secret(place: str, value: str, repository: str, packages: tuple[str, ...]) -> Credential:
    """``repository`` is empty for PyPI itself."""
    text = value.strip()
    means: Means = "token" if text.startswith("pypi-") or "TOKEN" in place else "password"
    covers = scope(text) if means == "token" else "projects of its user"
    return Credential(
        kind="pypi",
        means=means,
        place=place,
        covers=f"{covers} on {repository}" if repository else covers,
        packages=() if repository else packages,
        flaw="" if text else "is empty",
    )


def _stored(path: Path, packages: tuple[str, ...]) -> Iterator[Credential]:
    data = read_if_there(path)
    if data is None:
        return
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(data.decode())
    except (UnicodeDecodeError, configparser.Error):  # whose messages quote the line
        flaw = "cannot be read"
        yield Credential(kind="pypi", means="password", place=str(path), covers="nothing", flaw=flaw)
        return
    for section in parser.sections():
        if parser.has_option(section, "password"):
            address = parser.get(section, "repository", fallback="")
            other = "" if section == MAIN else without_secrets(address) if "://" in address else section
            yield _secret(f"{path} [{section}]", parser.get(section, "password"), other, packages)


def _keyring(environ: Mapping[str, str], packages: tuple[str, ...]) -> Iterator[Credential]:
    """twine asks it when nothing else has a password."""
    for program in host.which("keyring", environ.get("PATH", ""))[:1]:
        yield Credential(
            kind="pypi",
            means="keyring",
            place=str(program),
            covers="what it may hold for PyPI",
            packages=packages,
        )
