"""The bubblewrap command line: inputs, tools and the system's libraries, no network, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from piot.effects import files, host, process
from piot.errors import MachineError
from piot.model.action import CommandAction
from piot.run import programs
from piot.run.mounts import Mounted
from piot.run.stores.local import LocalStore

ROOT = "/build"
"""Where the exec root stands inside; also what source paths are remapped to at the other levels."""

PROGRAMS = "/programs"
"""Where the folder with the base programs stands inside."""

_LIBRARIES = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share/zoneinfo")
_MERGED = ("/lib", "/lib32", "/lib64")
_SETTINGS = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
)


_APART = (
    *("--unshare-all", "--die-with-parent", "--new-session"),
    *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
)
"""Namespaces of its own, network among them; containers may allow some of this and forbid the rest."""

_READ_ONLY = ("--remount-ro", "/", "--")
"""Last: the root folder that everything was mounted in is no place to write either."""


def obstacle(program: str | None, store: LocalStore) -> str | None:
    """None when bubblewrap can make a sandbox here, else why not: some distributions forbid it.

    The answer holds for one program, one boot of the kernel and one container.
    """
    if program is None:
        return "bwrap is not installed"
    memo = f"{program} {host.boot_id()} {host.namespace()}".encode()
    known = store.get_memo("bubblewrap", memo)
    if known is None:
        known = _tried(program).encode()
        store.put_memo("bubblewrap", memo, known)
    return known.decode() or None


def unusable(reason: str) -> MachineError:
    """For ``--sandbox bwrap`` where it does not work."""
    return MachineError(f"bubblewrap cannot be used here: {reason}", hint="install it, or use --sandbox dir")


def say_once(reason: str, state: Path, say: Callable[[str], object]) -> None:
    """Says once per checkout and reason that ``dir`` is used instead."""
    told = state / "no-bubblewrap"
    if files.look(told) is None or files.read_file(told).decode() != reason:
        say(f"no bubblewrap here ({reason}); actions run in plain folders (--sandbox dir)")
        files.write_atomic(told, reason.encode())


def _tried(program: str) -> str:
    try:
        shell = Path("/bin/sh").resolve()
        argv = [program, *_APART, *_system(), *_program(shell), *_READ_ONLY, str(shell), "-c", ":"]
        done = process.run(argv, cwd=Path("/"), env={}, timeout=10)
    except MachineError as error:
        return error.message
    return "" if done.code == 0 else done.complaint


def command(
    program: str,
    root: Path,
    action: CommandAction,
    shown: tuple[Mounted, ...],
    base: Path,
    tools: Mapping[str, Path],
    jobserver: Path | None,
) -> tuple[str, ...]:
    """``bwrap … --``, which a command line follows: the exec root is writable at ``/build``, nothing else.

    ``base`` is the folder with the base programs (`programs.folder`), ``tools`` are all programs by name.
    """
    options = [*_APART, *_system()]
    for tool in action.tools:
        options += [word for folder in tool.roots for word in _visible(Path(folder))]
    common = set(programs.base().values())
    options += ["--ro-bind", str(base), PROGRAMS, *_links(tuple(sorted(common.intersection(tools.values()))))]
    for path in sorted(set(tools.values()) - common):
        options += _program(path)
    options += ["--bind", str(root), ROOT, "--chdir", ROOT]
    for mounted in shown:
        options += [] if mounted.binds else ["--dir", str(mounted.path)]
        for folder, tree in mounted.binds:
            options += ["--ro-bind", str(tree), str(mounted.path / folder if folder else mounted.path)]
    if jobserver is not None:
        options += ["--bind", str(jobserver), str(jobserver)]
    return (program, *options, *_READ_ONLY)


@cache
def _system() -> tuple[str, ...]:
    """The same for every action."""
    options: list[str] = []
    for folder in _LIBRARIES:
        if Path(folder).is_dir():
            options += ["--ro-bind", folder, folder]
    for folder in _MERGED:
        path = Path(folder)
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), folder]
        elif path.is_dir():
            options += ["--ro-bind", folder, folder]
    if Path("/bin").is_symlink():
        options += ["--symlink", str(Path("/bin").readlink()), "/bin"]
    for setting in _SETTINGS:
        if Path(setting).exists():
            options += ["--ro-bind", setting, setting]
    return tuple(options)


@cache
def _links(paths: tuple[Path, ...]) -> tuple[str, ...]:
    """Base programs at their places, by links into the folder that has them all."""
    places = {place: f"{PROGRAMS}{programs.real(path)}" for path in paths for place in _places(path)}
    return tuple(word for place, target in places.items() for word in ("--symlink", target, place))


def _program(program: Path) -> list[str]:
    real = str(programs.real(program))
    return [word for place in _places(program) for word in ("--ro-bind", real, place)]


def _places(program: Path) -> list[str]:
    """Its own, and its real one when it is a link; libraries' folders are there already."""
    places = dict.fromkeys((str(program), str(programs.real(program))))
    return [place for place in places if not place.startswith(_LIBRARIES)]


def _visible(folder: Path) -> list[str]:
    """A tool's own folder; ``/`` and ``/usr`` are never shown whole, their libraries are there already."""
    if folder in (Path("/"), Path("/usr")) or not folder.exists():
        return []
    return ["--ro-bind", str(folder), str(folder)]
