"""Credentials of npm: `.npmrc` files of checkout, user and machine, and variables.

npm's documentation: *npmrc*, *scope*, *config*; a secret belongs to an address, or to one above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piot.effects.http import without_secrets
from piot.effects.peek import read_if_there
from piot.inspect.doctor.credential import Credential, Means

VARIABLES = ("NODE_AUTH_TOKEN", "NPM_TOKEN")
PLACEHOLDER = re.compile(r"X{5}(-X{5})+")
"""What actions/setup-node sets when it is given no token."""

_KEY = re.compile(r"(?P<address>//.+/):(?P<what>_authToken|_auth|_password)")
_BARE = re.compile(r"(?P<address>):?(?P<what>_authToken|_auth|_password)")
_NAMED = re.compile(r"\$\{([^}]+?)\??\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmFile:
    """One `.npmrc`; ``tracked`` when git keeps it."""

    path: Path
    tracked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmPlaces:
    """The files that npm reads, and the address of the registry of each package (empty when not known)."""

    files: tuple[NpmFile, ...]
    registries: Mapping[str, str] = field(default_factory=dict[str, str])


def npm(places: NpmPlaces, environ: Mapping[str, str]) -> tuple[Credential, ...]:
    """All that npm could publish with."""
    found = [each for file in places.files for each in _in_file(file, places, environ)]
    used = {name for file in places.files for name in _named(file)}
    loose = [name for name in VARIABLES if name in environ and name not in used]
    return (*found, *_in_variables(places, environ), *(_loose(name, places, environ) for name in loose))


def _lines(file: NpmFile) -> Iterator[tuple[int, str, str]]:
    """Line (from 1), key and value of each setting."""
    text = (read_if_there(file.path) or b"").decode("utf-8", "replace")
    for number, line in enumerate(text.splitlines(), start=1):
        key, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith((";", "#")):
            yield number, key.strip(), value.strip().strip("\"'")


def _named(file: NpmFile) -> Iterator[str]:
    for _, _, value in _lines(file):
        yield from _NAMED.findall(value)


def _in_file(file: NpmFile, places: NpmPlaces, environ: Mapping[str, str]) -> Iterator[Credential]:
    for number, key, value in _lines(file):
        match = _KEY.fullmatch(key) or _BARE.fullmatch(key)
        if match is not None:
            names = _NAMED.findall(value)
            source = f" (the variable {names[0]})" if names else ""
            yield _secret(
                f"{file.path}:{number}{source}",
                match,
                _NAMED.sub(lambda hole: environ.get(hole[1], ""), value),
                places,
                committed=file.tracked and not names,
            )


def _in_variables(places: NpmPlaces, environ: Mapping[str, str]) -> Iterator[Credential]:
    """npm reads any setting from ``npm_config_<setting>``, in any case."""
    for name, value in sorted(environ.items()):
        key = name[len("npm_config_") :] if name.lower().startswith("npm_config_") else ""
        if match := re.fullmatch(_KEY.pattern, key, re.IGNORECASE):
            yield _secret(f"the variable {name}", match, value, places)


def _secret(
    place: str, match: re.Match[str], value: str, places: NpmPlaces, *, committed: bool = False
) -> Credential:
    address, what = match["address"], match["what"]
    names = tuple(name for name, registry in places.registries.items() if _is_for(address, registry))
    means: Means = "token" if what.lower() == "_authtoken" else "password"
    return Credential(
        kind="npm",
        means=means,
        place=place,
        covers=f"what its user may on {_shown(address)}" if address else "nothing",
        packages=names,
        flaw=_flaw(value) if address else "names no registry, which npm 9 and later refuse",
        committed=committed,
    )


def _shown(address: str) -> str:
    return without_secrets(f"https:{address}").removeprefix("https://").rstrip("/")


def _flaw(value: str) -> str:
    if not value.strip():
        return "is empty"
    return "is a placeholder" if PLACEHOLDER.fullmatch(value.strip()) else ""


def _loose(name: str, places: NpmPlaces, environ: Mapping[str, str]) -> Credential:
    """A variable that no file hands to npm; `piot publish` would."""
    return Credential(
        kind="npm",
        means="token",
        place=f"the variable {name}",
        covers="what its user may",
        packages=tuple(places.registries),
        flaw=_flaw(environ[name]),
    )


def _is_for(address: str, registry: str) -> bool:
    """Whether a secret of ``//host/path/`` is sent to ``https://host/path/more``."""
    plain = "//" + registry.partition("://")[2].rpartition("@")[2].rstrip("/") + "/"
    return bool(registry) and plain.startswith(address)
