"""What this machine is: its system and C library, its folders and programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from piot.effects import witness
from piot.effects.stats import matching
from piot.errors import MachineError

_WINDOWS_SUFFIXES = (".exe", ".com", ".bat", ".cmd")


class HostFacts(NamedTuple):
    """``system`` and ``machine`` as uname says them (``Linux``, ``x86_64``), and the C library.

    ``libc`` is ``glibc``, ``musl`` or empty; ``libc_version`` is empty where it is not told cheaply.
    """

    system: str
    machine: str
    libc: str
    libc_version: str


def host_triple_facts() -> HostFacts:
    """The facts from which the triple of this machine follows; starts no process."""
    if sys.platform == "win32":
        machine = os.environ.get("PROCESSOR_ARCHITEW6432") or os.environ.get("PROCESSOR_ARCHITECTURE", "")
        return HostFacts("Windows", machine, "", "")
    name = os.uname()
    libc, version = _libc() if name.sysname == "Linux" else ("", "")
    return HostFacts(name.sysname, name.machine, libc, version)


def _libc() -> tuple[str, str]:
    """glibc answers confstr(3) with ``glibc 2.36``; musl is known by its loader (musl's FAQ, "ldso")."""
    if sys.platform == "win32":
        return "", ""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (ValueError, OSError):
        name, version = "", ""
    if name == "glibc":
        return name, version
    return ("musl", "") if matching("/lib/ld-musl-*.so.1") else ("", "")


def cache_dir(environ: Mapping[str, str], *, platform: str = sys.platform) -> Path:
    """The folder shared by all checkouts: ``PIOT_CACHE_DIR``, else the platform's cache folder.

    Raises MachineError when neither the environment nor the account has a home (XDG Base Directory, Apple's
    File System Programming Guide, Windows known folders).
    """
    if named := environ.get("PIOT_CACHE_DIR"):
        return _absolute(named)
    if platform == "win32":
        return _home(environ, "LOCALAPPDATA", "PIOT_CACHE_DIR") / "piot" / "Cache"
    if platform == "darwin":
        return _home(environ, "HOME", "PIOT_CACHE_DIR") / "Library/Caches/piot"
    return _xdg(environ, "XDG_CACHE_HOME", ".cache", "PIOT_CACHE_DIR") / "piot"


def config_file(environ: Mapping[str, str], *, platform: str = sys.platform) -> Path:
    """The user's configuration: ``PIOT_CONFIG``, else ``piot/config.toml`` in the platform's folder.

    Raises MachineError when neither the environment nor the account has a home.
    """
    if named := environ.get("PIOT_CONFIG"):
        return _absolute(named)
    if platform == "win32":
        return _home(environ, "APPDATA", "PIOT_CONFIG") / "piot" / "config.toml"
    if platform == "darwin":
        return _home(environ, "HOME", "PIOT_CONFIG") / "Library/Application Support/piot/config.toml"
    return _xdg(environ, "XDG_CONFIG_HOME", ".config", "PIOT_CONFIG") / "piot" / "config.toml"


def _xdg(environ: Mapping[str, str], variable: str, folder: str, instead: str) -> Path:
    """A relative value is to be ignored (XDG Base Directory specification)."""
    named = Path(environ.get(variable, ""))
    return named if named.is_absolute() else _home(environ, "HOME", instead) / folder


def _home(environ: Mapping[str, str], variable: str, instead: str) -> Path:
    """Where HOME is not set, as in services, it is that of the account, as for cargo, npm and pip."""
    named = environ.get(variable) or (_home_of_account() if variable == "HOME" else "")
    if not named:
        raise MachineError(f"the variable {variable} is not set", hint=f"set {variable} or {instead}")
    return _absolute(named)


def _home_of_account() -> str:
    """Empty for a user whom the system does not know, as containers have them."""
    if sys.platform == "win32":
        return ""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def _absolute(named: str) -> Path:
    return Path(named).absolute()


def which(name: str, path: str, *, platform: str = sys.platform) -> tuple[Path, ...]:
    """Every program ``name`` in the folders of ``path`` (a PATH), in order, each folder once.

    Relative folders are left out: what they mean depends on where one stands.
    """
    names = _spellings(name) if platform == "win32" else (name,)
    folders = dict.fromkeys(folder for folder in path.split(os.pathsep) if Path(folder).is_absolute())
    return tuple(hit for folder in folders for each in names if is_program(hit := Path(folder, each)))


def is_program(path: Path) -> bool:
    """Whether it is a file that this user may run."""
    witness.saw(path)
    return path.is_file() and os.access(path, os.X_OK)


def _spellings(name: str) -> tuple[str, ...]:
    return (name,) if name.lower().endswith(_WINDOWS_SUFFIXES) else tuple(name + s for s in _WINDOWS_SUFFIXES)


def boot_id() -> str:
    """Names this boot of the kernel (Linux), else empty: what the kernel allows may change with it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def namespace() -> str:
    """Names this process's view of the mounts (Linux), which tells containers apart, else empty."""
    try:
        return os.readlink("/proc/self/ns/mnt")  # noqa: PTH115
    except OSError:
        return ""


def is_script(program: Path) -> bool:
    """Whether it is a text that an interpreter runs: what it starts in turn is not its content."""
    try:
        with program.open("rb") as file:
            found = file.read(2) == b"#!"
    except OSError:
        return False
    if found:
        witness.doubt(str(program))
    return found
