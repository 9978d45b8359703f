"""pip, and what it is set to: its index, and how that is reached."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from piot.effects.allowed import allowed
from piot.effects.peek import scratch_folder
from piot.effects.process import Completed, run
from piot.errors import MachineError

_BUILT_IN = "from pip._internal.models.index import PyPI, TestPyPI; print(PyPI.url, TestPyPI.url)"
"""What pip knows by itself; no option of pip prints it without what the user configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """pip's index address (perhaps with user and password), CA file and proxy."""

    url: str
    cert: Path | None = None
    proxy: str | None = None

    @property
    def cainfo(self) -> Path | None:
        """The CA file, by the name that all clients' settings have for it."""
        return self.cert


def pip_settings(env: Mapping[str, str]) -> IndexSettings:
    """What pip's variables and configuration files say, else pip's built-in default; raises MachineError."""
    with scratch_folder() as folder:
        listed = pip(["config", "list"], folder=folder, env=_own(env))
        if listed.code != 0:
            raise MachineError(f"pip cannot read its configuration:\n{listed.complaint}")
        said = dict(_pairs(listed.stdout.decode("utf-8", "replace")))
        url = _setting(said, "index-url")
        if url is None:
            url = built_in(env)["pypi"] + "simple"
    cert, proxy = _setting(said, "cert"), _setting(said, "proxy")
    return IndexSettings(url=url, cert=Path(cert) if cert else None, proxy=proxy)


def built_in(env: Mapping[str, str]) -> dict[str, str]:
    """The sites that pip knows without any configuration, ``pypi`` and ``testpypi``: addresses with a slash.

    Raises MachineError when this Python has no pip that tells.
    """
    with scratch_folder() as folder:
        asked = run([sys.executable, "-P", "-c", _BUILT_IN], cwd=folder, env=_own(env))
    words = asked.stdout.decode("utf-8", "replace").split()
    if asked.code != 0 or len(words) != 2:
        raise MachineError("pip does not tell its index", hint="set PIP_INDEX_URL")
    return {"pypi": words[0], "testpypi": words[1]}


def _own(env: Mapping[str, str]) -> dict[str, str]:
    """What pip is set by; it asks no server, so it needs no other credentials."""
    return allowed(env, prefixes=("PIP_", "PYTHON", "XDG_", "VIRTUAL_ENV"))


def pip(argv: Sequence[str], *, folder: Path, env: Mapping[str, str]) -> Completed:
    """Run the pip of this Python in ``folder``, without asking anything; any exit code is a result."""
    # A folder with a pip.py in it must not replace pip: PYTHONSAFEPATH leaves the folder out of sys.path.
    quiet = {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PYTHONSAFEPATH": "1",
    }
    return run([sys.executable, "-m", "pip", *argv], cwd=folder, env={**env, **quiet})


def _pairs(listing: str) -> Iterator[tuple[str, str]]:
    """``global.index-url='…'`` lines, as ``pip config list`` prints them."""
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        try:
            yield key, str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            continue


def _setting(said: Mapping[str, str], name: str) -> str | None:
    """pip's order: environment, the command's own section, the global section."""
    for section in (":env:", "download", "install", "global"):
        if value := said.get(f"{section}.{name}"):
            return value
    return None
