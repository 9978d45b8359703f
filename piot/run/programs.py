"""The programs that every command may call, and the folder in which bubblewrap shows them all at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from piot.effects import host
from piot.effects.stats import signatures
from piot.errors import InputError, MachineError
from piot.model.digest import Digest
from piot.model.tree import TreeBuilder
from piot.run.stores.local import LocalStore, Missing

BASE = (
    *("awk", "basename", "bash", "cat", "chmod", "cmp", "cp", "cut", "date", "diff", "dirname", "echo"),
    *("env", "expr", "false", "find", "grep", "gzip", "head", "id", "install", "ln", "ls", "mkdir"),
    *("mktemp", "mv", "printf", "pwd", "readlink", "realpath", "rm", "rmdir", "sed", "sh", "sha256sum"),
    *("sleep", "sort", "stat", "tail", "tar", "tee", "test", "touch", "tr", "true", "uname", "uniq"),
    *("wc", "xargs"),
)
"""What every command may call: POSIX utilities whose behaviour is standard; all else is declared."""

SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")


@cache
def base() -> Mapping[str, Path]:
    """Those of this system by name; looked for once, since every action has them."""
    found: dict[str, Path] = {}
    for name in BASE:
        candidates = (Path(folder, name) for folder in SYSTEM_PATH)
        if (program := next((each for each in candidates if each.exists()), None)) is not None:
            found[name] = program
    return found


@cache
def beside_git(path: str) -> Path:
    """The folder with these programs on Windows: Git for Windows brings them, with all that they load.

    ``path`` is the PATH on which git is found, as ``cmd/git.exe`` or ``mingw64/bin/git.exe``. Raises
    MachineError where none of them has a shell.
    """
    for git in host.which("git", path):
        for above in git.parents[1:3]:
            if (above / "usr/bin/sh.exe").is_file():
                return above / "usr/bin"
    raise MachineError("no git on PATH that brings a shell (usr/bin/sh.exe)", hint="install Git for Windows")


@cache
def real(program: Path) -> Path:
    """The file itself, where the program is a link."""
    return program.resolve()


@cache
def folder(store: LocalStore) -> Path:
    """A read-only folder with copies of the base programs, each at its real place below.

    One mount instead of fifty, which would take bubblewrap as long as all the rest.
    """
    files = sorted({str(real(program)) for program in base().values()})
    memo = repr(signatures(None, files)).encode()
    known = store.get_memo("programs", memo)
    if known is not None:
        with suppress(Missing, InputError):
            return store.tree_path(Digest.parse(known.decode()))
    tree = TreeBuilder()
    for file in files:
        tree.add_file(file.removeprefix("/"), store.put_file(Path(file)), executable=True)
    built = tree.build()
    store.put_tree(built)
    store.put_memo("programs", memo, str(built.root).encode())
    return store.tree_path(built.root)
