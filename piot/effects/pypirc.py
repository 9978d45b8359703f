"""``~/.pypirc``: the repositories that files are uploaded to, by name.

https://packaging.python.org/en/latest/specifications/pypirc/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piot.effects.peek import read_if_there
from piot.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One section; ``url`` is None where its name says it all (``pypi``, ``testpypi``)."""

    url: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def repositories(env: Mapping[str, str]) -> dict[str, Repository]:
    """Every section with an address or a user; none without the file. Raises InputError for a broken one."""
    home = env.get("HOME") or env.get("USERPROFILE")
    data = read_if_there(Path(home) / ".pypirc") if home else None
    if data is None:
        return {}
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(data.decode("utf-8"))
    except (Error, UnicodeDecodeError):
        # The words of configparser show the line, which may be the one with the password.
        raise InputError("~/.pypirc cannot be read: it is not in the form of an INI file") from None
    return {
        name: Repository(
            url=parser.get(name, "repository", fallback=None),
            username=parser.get(name, "username", fallback=None),
            password=parser.get(name, "password", fallback=None),
        )
        for name in parser.sections()
        if name != "distutils"
    }
