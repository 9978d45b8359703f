"""What this machine is: its system and C library, its processors and memory, its folders and programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from piot.effects import witness
from piot.effects.stats import matching
from piot.errors import MachineError

_UNLIMITED = 1 << 60
"""cgroup v1 writes "no limit" as the greatest multiple of a page below 2**63."""
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


def cpu_count(*, files: Path = Path("/")) -> int:
    """How many processors this process may keep busy: at least 1, by affinity and cgroup quota.

    ``files`` is the root below which ``proc`` and ``sys`` are read.
    """
    if sys.platform == "linux":
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    return max(1, min([allowed, *_quotas(files)]))


def memory_bytes(*, files: Path = Path("/")) -> int:
    """The memory that this process may use, in bytes: the machine's, or the cgroup's limit."""
    if sys.platform == "win32":
        physical = _windows_memory()
    else:
        physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([physical, *_memory_limits(files)])


def _quotas(files: Path) -> list[int]:
    """Processors that each enclosing cgroup allows, rounded up.

    The kernel's cgroup-v2 ``cpu.max`` is ``quota period`` in microseconds, v1 has a file for each.
    """
    found: list[int] = []
    for folder in _groups(files, "cpu"):
        words = _words(folder / "cpu.max") or [
            *_words(folder / "cpu.cfs_quota_us"),
            *_words(folder / "cpu.cfs_period_us"),
        ]
        if len(words) == 2 and words[0].isdecimal() and int(words[1]):
            found.append(-(-int(words[0]) // int(words[1])))
    return found


def _memory_limits(files: Path) -> list[int]:
    words = [
        word
        for folder in _groups(files, "memory")
        for name in ("memory.max", "memory.limit_in_bytes")
        for word in _words(folder / name)
    ]
    return [int(word) for word in words if word.isdecimal() and int(word) < _UNLIMITED]


def _groups(files: Path, controller: str) -> list[Path]:
    """The folders of this process's cgroup and of those around it.

    In a container its own may be the root of the mount: then those by its outer name are not there.
    """
    found: list[Path] = []
    for line in _lines(files / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0":
            top = files / "sys/fs/cgroup"
        elif controller in controllers.split(","):
            top = files / "sys/fs/cgroup" / controller
        else:
            continue
        parts = [part for part in path.split("/") if part not in ("", "..")]
        found += [top.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path) for word in line.split()]


def _windows_memory() -> int:
    import ctypes

    class Status(ctypes.Structure):
        """``MEMORYSTATUSEX`` (sysinfoapi.h)."""

        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *(
                (name, ctypes.c_uint64)
                for name in ("total", "free", "page", "page_free", "all", "left", "ext")
            ),
        )

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows only
    kernel.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.total)


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
