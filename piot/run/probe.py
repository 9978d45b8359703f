"""Runs probes: finds the programs of a kind on this machine, asks them, and identifies them by content.

What a program said is kept in the user's cache with the stat signatures of all files that it consists
of, and the digests of those files likewise: a warm probe starts nothing and reads nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from piot.effects.clock import GRANULARITY_NS, now_ns
from piot.effects.host import is_program, is_script, which
from piot.effects.stats import Signature, matching, newest, signatures
from piot.errors import MachineError
from piot.model.toolchain import Found, Lack, Probe
from piot.run.index import StatIndex, load_rows, save_rows
from piot.run.shims import behind

_KEPT = (
    "PATH",
    "HOME",
    "USERPROFILE",
    "RUSTUP_HOME",
    "SYSTEMROOT",
    "TEMP",
    "DEVELOPER_DIR",
    "PKG_CONFIG_PATH",
)
_SET = {"LC_ALL": "C", "RUSTUP_AUTO_INSTALL": "0"}
_PATIENCE = 60.0
_HOLE = re.compile(r"\{(\w+)\}")
_LOADED = re.compile(r"^\s*(\S+) => (/.+) \(0x[0-9a-f]+\)$", re.MULTILINE)

Said = tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]
"""What a program said: its version, its answers, and the libraries that belong to it."""
State = tuple[tuple[str, Signature | None], ...]
"""What must be as it was for this to hold: the content and the folders that it is in."""


def probe(probe: Probe, *, environ: Mapping[str, str], cache: Path) -> tuple[Found, ...]:
    """Every tool that ``probe`` finds, identified with all of its parts; in the order of preference."""
    prober = Prober(environ=environ, cache=cache)
    found = tuple(prober.identify(probe, each) for each in prober.find(probe))
    prober.save()
    return found


class Prober:
    """Probes of one run: ``environ`` names PATH and home, ``cache`` is the user's cache folder.

    ``lacks`` collects the candidates that are there but do not work.
    """

    def __init__(self, *, environ: Mapping[str, str], cache: Path, clock: Callable[[], int] = now_ns) -> None:
        self._environ = environ
        self._file = cache / "probes" / "answers"
        self._said: dict[str, tuple[Said, State]] = load_rows(self._file)
        self._index = StatIndex(cache / "probes" / "index", clock=clock)
        self._clock = clock
        self._dirty = False
        self.lacks: list[Lack] = []

    def find(self, probe: Probe) -> tuple[Found, ...]:
        """The tools of a kind, not yet identified: shims resolved, each once, the preferred first."""
        found: list[Found] = []
        for program in dict.fromkeys(self._programs(probe)):
            try:
                said = self._remembered(probe, program) or self._asked(probe, program)
            except MachineError as error:
                self.lacks.append(Lack(candidate=program, reason=error.message))
            else:
                found.append(self._found(probe, program, said))
        return tuple(found)

    def identify(self, probe: Probe, found: Found, items: Mapping[str, Iterable[str]] | None = None) -> Found:
        """``found`` with its digest, and those of the parts that ``items`` names (list to items; all).

        Reads what changed since the last time: some 0.5 s for a compiler that was never seen.
        """
        parts = tuple(
            (name, item, self.content_of(found, patterns, {name: item}))
            for name, patterns in probe.parts
            for item in (found.listed(name) if items is None else items.get(name, ()))
        )
        digest = self.content_of(found, (*probe.content, *found.libraries))
        if _delegates(probe, found.program):
            digest = hashlib.sha256(f"{digest}\n{found.version}".encode()).hexdigest()
        return replace(found, digest=digest, parts=parts)

    def content_of(
        self, found: Found, patterns: Iterable[str], values: Mapping[str, str] | None = None
    ) -> str:
        """Hex SHA-256 of the files that match, by (path below the tool's prefix, bytes).

        ``values`` fill holes of the patterns besides those of the tool itself.
        """
        known = _values(found) | dict(values or {})
        rows = self._index.rows(self._files(patterns, known))
        prefix = known["prefix"].replace("\\", "/").rstrip("/")
        lines = sorted({f"{_below(path, prefix)}\0{row[1]}\n" for path, row in rows.items()})
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def save(self) -> None:
        """Keeps what was learnt; a cache that cannot be written only costs the time of asking again."""
        with suppress(MachineError):
            self._index.save()
            if self._dirty:
                save_rows(self._file, self._said)

    def _programs(self, probe: Probe) -> Iterator[str]:
        for pattern in probe.programs:
            for hit in self._hits(pattern):
                program = behind(hit, self._environ)
                if program and is_program(program):
                    yield str(program)

    def _hits(self, pattern: str) -> tuple[Path, ...]:
        if "/" not in pattern:
            return which(pattern, self._environ.get("PATH", ""))
        if pattern.startswith("~/"):
            pattern = f"{self._environ.get('HOME') or self._environ.get('USERPROFILE', '')}{pattern[1:]}"
        return tuple(Path(hit) for hit in matching(_program_name(pattern)))

    def _remembered(self, probe: Probe, program: str) -> Said | None:
        """What it said the last time, when all that it consists of is as it was then."""
        said, state = self._said.get(_key(probe, program), (None, ()))
        if said is None or _delegates(probe, program) or self._state(probe, program, said) != state:
            return None
        return said

    def _asked(self, probe: Probe, program: str) -> Said:
        started = self._clock()
        answers = tuple((name, self._answer(program, argv)) for name, argv in probe.answers)
        said = (self._answer(program, probe.version), answers, self._loaded(probe, program))
        state = self._state(probe, program, said)
        if all(each and newest(each) < started - GRANULARITY_NS for _, each in state):
            self._said[_key(probe, program)] = said, state
            self._dirty = True
        return said

    def _answer(self, program: str, argv: tuple[str, ...], **environ: str) -> str:
        from piot.effects.process import run

        env = {name: self._environ[name] for name in _KEPT if name in self._environ} | _SET | environ
        done = run((program, *argv), cwd=Path(program).parent, env=env, timeout=_PATIENCE)
        if done.code != 0:
            raise MachineError(f"`{' '.join((program, *argv))}` failed: {done.complaint}")
        return done.stdout.decode("utf-8", "replace").strip()

    def _loaded(self, probe: Probe, program: str) -> tuple[str, ...]:
        """The libraries of ``probe.libraries`` as glibc's loader finds them.

        By LD_TRACE_LOADED_OBJECTS of ld.so(8), which is what ldd(1) sets. Other loaders do not know the
        variable: the program then tells its version, which lists nothing.
        """
        if not probe.libraries or sys.platform != "linux":
            return ()
        from fnmatch import fnmatchcase

        said = self._answer(program, probe.version, LD_TRACE_LOADED_OBJECTS="1")
        return tuple(
            os.path.normpath(path)
            for name, path in _LOADED.findall(said)
            if any(fnmatchcase(name, glob) for glob in probe.libraries)
        )

    def _state(self, probe: Probe, program: str, said: Said) -> State:
        values = _values_of(program, said[1])
        files = {program, *self._files((*probe.content, *said[2]), values)}
        folders = {file.rpartition("/")[0] or "/" for file in files}
        return tuple(signatures(None, sorted(files | folders), follow=True).items())

    def _found(self, probe: Probe, program: str, said: Said) -> Found:
        values = _values_of(program, said[1])
        beside = ((name, Path(program).with_name(_program_name(name))) for name in probe.siblings)
        return Found(
            probe=probe.name,
            program=program,
            version=said[0],
            answers=said[1],
            libraries=said[2],
            lists=tuple((name, _names(_filled(pattern, values))) for name, pattern in probe.lists),
            siblings=tuple((name, str(path)) for name, path in beside if is_program(path)),
            roots=tuple(root for pattern in probe.roots if (root := _filled(pattern, values))),
        )

    def _files(self, patterns: Iterable[str], values: Mapping[str, str]) -> list[str]:
        found: list[str] = []
        for pattern in patterns:
            path = _filled(pattern, values)
            if path and not Path(path).is_absolute():
                found += [str(hit) for hit in which(path, self._environ.get("PATH", ""))[:1]]
            elif path:
                found += matching(os.path.normpath(path).replace("\\", "/"))
        return list(dict.fromkeys(found))


def _delegates(probe: Probe, program: str) -> bool:
    """Whether something else may decide what the program does."""
    return not probe.whole and is_script(Path(program))


def _key(probe: Probe, program: str) -> str:
    return f"{probe!r}\n{program}"


def _values(found: Found) -> dict[str, str]:
    return _values_of(found.program, found.answers)


def _values_of(program: str, answers: Iterable[tuple[str, str]]) -> dict[str, str]:
    folder = Path(program).parent
    prefix = folder.parent if folder.name == "bin" else folder
    return {"program": program, "prefix": str(prefix), **dict(answers)}


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    """The pattern with its holes filled, empty when a value is missing or empty."""
    if not all(values.get(name) for name in _HOLE.findall(pattern)):
        return ""
    return _HOLE.sub(lambda hole: values[hole[1]], pattern)


def _names(pattern: str) -> tuple[str, ...]:
    """What the first part of ``pattern`` with a ``*`` stands for in the paths that match."""
    pattern = pattern.replace(os.sep, "/")
    depth = next((at for at, part in enumerate(pattern.split("/")) if "*" in part), None)
    if depth is None:
        return ()
    return tuple(sorted({path.split("/")[depth] for path in matching(pattern)}))


def _below(path: str, prefix: str) -> str:
    """``path`` below ``prefix``; only the name of what stands elsewhere, whose folder says nothing."""
    inside = path.startswith(f"{prefix}/")
    return path[len(prefix) + 1 :] if inside else path.rpartition("/")[2]


def _program_name(path: str) -> str:
    return f"{path}.exe" if sys.platform == "win32" and not path.endswith(".exe") else path
