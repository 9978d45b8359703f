"""The launcher where there is no shell to be one (Windows): this file itself is an input of every command.

It does what the script in `run.launcher` does, in the same cases (one table of tests runs both), and what
Windows lacks beside it: it starts scripts by their first line, stands an ``.exe`` beside every script and
tool for programs that start others by name, joins the folders of PATH with ``;``, and takes down with
itself all that the command started. It imports the standard library alone, since any Python runs it.
"""

from __future__ import annotations

import io
import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

MOUNTS = ".piot/mnt"
SHIMS, PROGRAMS = Path(".piot/shims"), Path(".piot/bin")
WINDOWS = os.name == "nt"

FOLDERS = ("PATH", "PYTHONPATH", "NODE_PATH", "PKG_CONFIG_PATH")
"""Variables that list folders: written with colons by rules, and so by this machine's separator after it."""

PLAIN = {"MSYS_NO_PATHCONV": "1", "MSYS2_ARG_CONV_EXCL": "*"} if WINDOWS else {}
"""Git's shell would take ``/build`` for a folder of its own (MSYS2 docs, *Filesystem Paths*)."""

SAME = {"TEMP": "TMPDIR", "TMP": "TMPDIR", "USERPROFILE": "HOME"} if WINDOWS else {}
"""What Windows calls variables that every command has."""

_HOLE = re.compile(r"%\{(?:root|tool:([^}]*))\}")
_COLON = re.compile(r"(?<!^[A-Za-z])(?<![:;][A-Za-z]):|:(?![/\\])")
"""Not the one of a drive, as in ``C:/a``."""

_STUB = """\
import subprocess, sys
sys.exit(subprocess.run([*{begin!r}, *sys.argv[1:]]).returncode)
"""


def main(arguments: list[str]) -> int:
    """Expands, and runs the command: its exit code; 127 where there is none, 126 where it cannot run."""
    os.environ["PIOT_ROOT"] = root = Path.cwd().as_posix()
    os.environ.update(PLAIN)
    for name in os.environ.get("PIOT_EXPAND", "").split():
        text = os.environ[name]
        os.environ[name] = expanded(_COLON.sub(os.pathsep, text) if name in FOLDERS else text, root)
    os.environ.update({name: os.environ[known] for name, known in SAME.items() if known in os.environ})
    for name in filter(None, os.environ.get("PIOT_FILES", "").split("\n")):
        _expand_file(Path(name), root)
    for folder in ("home", "tmp"):
        Path(".piot", folder).mkdir(parents=True, exist_ok=True)
    argv = [expanded(word, root) for word in arguments]
    stub, programs = os.environ.pop("PIOT_STUB", ""), os.environ.pop("PIOT_PROGRAMS", "")
    for name in ("PIOT_EXPAND", "PIOT_FILES", *os.environ.get("PIOT_TOOLS", "").split("\n"), "PIOT_TOOLS"):
        os.environ.pop(name, None)
    if stub:
        _stand_in(Path(stub).read_bytes(), dict(line.split("=", 1) for line in programs.splitlines()))
    return _run(argv)


def expanded(text: str, root: str) -> str:
    """``text`` with the exec root and the places of tools for its holes, from left to right, once."""

    def place(hole: re.Match[str]) -> str:
        if hole[1] is None:
            return root
        known = re.sub(rb"[^A-Za-z0-9]", b"_", hole[1].encode("utf-8", "surrogateescape")).decode()
        return os.environ.get(f"PIOT_TOOL_{known}") or f"{root}/{MOUNTS}/{hole[1]}"

    return _HOLE.sub(place, text)


def _expand_file(path: Path, root: str) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    path.chmod(path.stat().st_mode | stat.S_IWUSR)
    path.write_bytes(expanded(text, root).encode("utf-8", "surrogateescape"))


def _run(argv: list[str]) -> int:
    try:
        return subprocess.run(command(argv), check=False).returncode
    except FileNotFoundError:
        sys.stderr.write(f"{argv[0]}: not found\n")
        return 127
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error.strerror}\n")
        return 126


def command(argv: list[str]) -> list[str]:
    """``argv`` as a process can be made of it: the program's file, for a script the one that reads it."""
    program = found(argv[0])
    if program is None:
        raise FileNotFoundError
    return [*interpreter(program), str(program), *argv[1:]]


def found(name: str) -> Path | None:
    """The file that a name means, by its place or on PATH; with its suffix or without."""
    if "/" in name or os.sep in name:
        return _spelled(Path(name))
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return next((hit for folder in folders if (hit := _spelled(Path(folder, name)))), None)


def _spelled(path: Path) -> Path | None:
    """``.cmd`` is how Node.js comes with npm; Windows itself looks for ``.exe`` alone (CreateProcess)."""
    names = [path.with_name(path.name + suffix) for suffix in (("", ".exe", ".cmd") if WINDOWS else ("",))]
    return next((each for each in names if each.is_file() and os.access(each, os.X_OK)), None)


def interpreter(program: Path) -> list[str]:
    """What a script's first line names, looked for by name on PATH; nothing for other files."""
    with program.open("rb") as file:
        words = file.readline(256).decode("utf-8", "replace").split() if file.read(2) == b"#!" else []
    if not words:
        return []
    name, *options = words[1:] if words[0].endswith("/env") else words
    reader = found(name.rpartition("/")[2])
    if reader is None:
        raise FileNotFoundError
    return [str(reader), *options]


def _stand_in(stub: bytes, programs: dict[str, str]) -> None:
    """An ``.exe`` for every tool and every script, which programs that start others can start.

    It is the stub that pip makes of entry points (distlib's ``simple launchers``): followed by a line that
    names a Python and a zip with what that is to do.
    """
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    begins = {PROGRAMS / name: [place] for name, place in programs.items()}
    scripts = [path for path in SHIMS.iterdir() if not path.suffix] if SHIMS.is_dir() else []
    begins |= {path: [*interpreter(path), str(path.absolute())] for path in scripts}
    for path, begin in begins.items():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(zipfile.ZipInfo("__main__.py"), _STUB.format(begin=begin))
        line = f'#!"{sys.executable}" -I\r\n'.encode()
        path.with_name(f"{path.name}.exe").write_bytes(stub + line + packed.getvalue())


def _together() -> None:
    """Puts this process, and so all that it starts, into a job that ends with it.

    JOBOBJECT_EXTENDED_LIMIT_INFORMATION (class 9) of winnt.h, with JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE; the
    handle is closed by the system when this process ends, however it ends.
    """
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows only
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    words = ctypes.sizeof(ctypes.c_void_p)
    size, flags = (144, 16) if words == 8 else (112, 16)
    limits = (ctypes.c_byte * size)()
    ctypes.c_uint32.from_buffer(limits, flags).value = 0x2000
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    kernel.SetInformationJobObject(job, 9, limits, size)
    kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess()))


if __name__ == "__main__":
    if WINDOWS:
        _together()
    sys.exit(main(sys.argv[1:]))
