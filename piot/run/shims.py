"""Shims: programs that only start another one, and which one that is, learnt without starting them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from piot.effects.files import look, read_file
from piot.effects.host import is_program
from piot.effects.stats import matching, real_path
from piot.errors import MachineError

_RUSTUP = frozenset(("rustup", "rustup-init"))
_DISPATCHERS = frozenset(("ccache", "sccache", "distcc", "icecc", "mise", "asdf", "volta-shim", "busybox"))
"""Programs that act by the name that they are called by, which a resolved path has lost."""
_ROOT = re.compile(r'^export (\w+)_ROOT="([^"]+)"$', re.MULTILINE)
_DEFAULT = re.compile(r'^default_toolchain\s*=\s*"([^"]+)"', re.MULTILINE)


def behind(program: Path, environ: Mapping[str, str]) -> Path | None:
    """The real path of what runs as ``program``; None for a shim when that cannot be learnt.

    rustup's proxies mean ``RUSTUP_TOOLCHAIN``, else its default toolchain (rustup book, "Overrides");
    those of pyenv and its kin the selected version (pyenv README, "How It Works").
    """
    real = real_path(program)
    if _is_rustup(real):
        return _rustup(program.name, environ)
    if program.parent.name == "shims":
        return _versioned(program, environ)
    return None if real.stem in _DISPATCHERS else real


def _is_rustup(real: Path) -> bool:
    """Proxies are links to rustup; where links are not to be had, hard links or copies beside it."""
    if real.stem in _RUSTUP:
        return True
    rustup = look(real.with_name(f"rustup{real.suffix}"))
    this = look(real) if rustup and rustup.kind == "file" else None
    return bool(rustup and this and this.size == rustup.size)


def _rustup(name: str, environ: Mapping[str, str]) -> Path | None:
    home = environ.get("RUSTUP_HOME") or str(
        Path(environ.get("HOME", environ.get("USERPROFILE", "")), ".rustup")
    )
    found = _DEFAULT.search(_text(Path(home, "settings.toml")))
    chosen = environ.get("RUSTUP_TOOLCHAIN") or (found[1] if found else "")
    if not chosen:
        return None
    folder = f"{home}/toolchains/{chosen}"  # an absolute path may be chosen too
    options = (chosen,) if Path(chosen).is_absolute() else (folder, *matching(f"{folder}-*"))
    return next((real_path(hit) for each in options if is_program(hit := Path(each, "bin", name))), None)


def _versioned(program: Path, environ: Mapping[str, str]) -> Path | None:
    found = _ROOT.search(_text(program))
    if not found:
        return None
    chosen = environ.get(f"{found[1]}_VERSION") or _text(Path(found[2], "version"))
    versions = chosen.replace(":", "\n").split()
    hit = Path(found[2], "versions", versions[0], "bin", program.name) if versions else program
    return real_path(hit) if versions and is_program(hit) else None


def _text(path: Path) -> str:
    try:
        return read_file(path).decode("utf-8", "replace")
    except (FileNotFoundError, MachineError):
        return ""
