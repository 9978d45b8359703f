"""Copies of ``tests/projects/tiny`` and the installed piot in them, for tests that break things."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.conftest import PATIENCE, Result, run

TEMPLATE = Path(__file__).parents[1] / "projects/tiny"
HOST = f"{platform.machine()}-unknown-linux-gnu"
SAID = f"dist/{HOST}/said.txt"

GLIBC = platform.libc_ver()[1] or "2.17"
"""The machine's own: gcc links then, and no test has to wait for zig."""

_VARIABLE = (
    (re.compile(r"\b\d+(?:\.\d+)?(?:ms|s)\b"), "TIME"),
    (re.compile(r"\b[0-9a-f]{16}\.log\b"), "KEY.log"),
    (re.compile(r"rustc \S+ \(/[^)]+\)"), "rustc VERSION (PATH)"),
)


@dataclass(frozen=True, kw_only=True)
class Tiny:
    """A copy at ``root``; the installed ``program`` runs in it, with ``store`` as its cache folder."""

    root: Path
    program: Path
    store: Path
    environment: Mapping[str, str]

    def __call__(self, *words: str, ok: bool | None = None, **variables: str) -> Result:
        """Runs piot in the copy; with ``ok`` it must end well, or must not."""
        env = {**self.environment, **variables}
        result = run(self.program, *words, cwd=self.root, env=env, ok=ok is True)
        assert ok is not False or result.code != 0, result.text
        assert "Traceback" not in result.stderr, result.text
        assert result.code != 70, result.text
        return result

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Starts piot and does not wait for it; both its streams are pipes."""
        return subprocess.Popen(
            [str(self.program), *words],
            cwd=self.root,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces a text that must be there."""
        before = self.read(path)
        assert old in before
        self.write(path, before.replace(old, new))

    def plain(self, text: str) -> str:
        """Without what differs from run to run: ROOT, STORE, HOST, TIME and KEY instead."""
        for place, name in ((self.root, "ROOT"), (self.store, "STORE")):
            text = text.replace(str(place), name)
        for pattern, name in _VARIABLE:
            text = pattern.sub(name, text)
        return text.replace(HOST, "HOST")

    def summary(self, result: Result) -> str:
        """What is said at the end, ``plain``: from the first failed target on."""
        lines = self.plain(result.stderr).splitlines(keepends=True)
        starts = [
            number for number, line in enumerate(lines) if " failed: " in line or "TIME; actions" in line
        ]
        assert starts, result.text
        return "".join(lines[starts[0] :])

    def processes(self) -> list[str]:
        """Command lines of running processes that have to do with the store, piot itself among them."""
        found: list[str] = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes()
                about = words + (folder / "environ").read_bytes() + os.fsencode((folder / "cwd").readlink())
            except OSError:
                continue
            if os.fsencode(self.store) in about:
                found.append(words.replace(b"\0", b" ").decode("utf-8", "replace"))
        return found


def tiny_at(folder: Path, program: Path, environment: Mapping[str, str], **variables: str) -> Tiny:
    """A fresh copy in ``folder``, with a store of its own: nothing there depends on other tests."""
    shutil.copytree(TEMPLATE, folder / "tiny")
    own = {"PIOT_CACHE_DIR": str(folder / "cache"), "PIOT_GLIBC": GLIBC, "TERM": "xterm"}
    return Tiny(
        root=folder / "tiny",
        program=program,
        store=folder / "cache",
        environment={**environment, **own, **variables},
    )


def ended(process: subprocess.Popen[str]) -> Result:
    """Waits for what ``start`` started."""
    stdout, stderr = process.communicate(timeout=PATIENCE)
    return Result(code=process.returncode, stdout=stdout, stderr=stderr)
