"""The installed piot, asked again: what it answers at once rests on everything that it looked at."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from piot.run.index import load_rows
from tests.e2e.conftest import run
from tests.e2e.tiny import Tiny, tiny_at

pytestmark = pytest.mark.e2e

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.invalid")
SETTLED = 2.2
"""Seconds after which a changed file can be relied on."""

LOADER = (
    *("/etc/ld.so.", "/lib/", "/lib64/", "/usr/lib/locale/", "/usr/share/locale/", "/usr/lib/ssl/"),
    *("/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/", "/etc/localtime"),
    *("/proc/", "/sys/", "/dev/"),
)
"""What Python's start and the system's loader look at, and the kernel's own folders."""

CALL = re.compile(r'^(\d+) +(\w+)\((?:AT_FDCWD, )?"([^"]*)"')


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    """A repository of git whose files were not just written, built once."""
    made = tiny_at(tmp_path, installed_piot, environment)
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "x")):
        run(*GIT, *words, cwd=made.root, env=made.environment)
    time.sleep(SETTLED)
    made("build", "//...", ok=True)
    return made


def kept(tiny: Tiny) -> list[dict[str, Any]]:
    """The answers that are kept."""
    return [load_rows(path) for path in (tiny.root / ".piot/repeat").glob("[0-9a-f]" * 16)]


def test_the_first_answer_is_kept_though_all_that_was_fetched_and_mounted_for_it_is_new(tiny: Tiny) -> None:
    (first,) = (tiny.root / ".piot/builds").iterdir()
    again = tiny("build", "//...", ok=True)
    assert re.fullmatch(r"cached \d+ in TIME; actions: \d+ from the store\n", tiny.plain(again.stderr))
    assert list((tiny.root / ".piot/builds").iterdir()) == [first]


def test_asked_again_the_answer_is_the_same_and_nothing_is_recorded(tiny: Tiny) -> None:
    built = tiny("build", "--json", "//...", ok=True)
    before = sorted(path.name for path in (tiny.root / ".piot/builds").iterdir())
    again = tiny("build", "--json", "//...", ok=True)
    assert {key: each["outputs"] for key, each in again.targets.items()} == {
        key: each["outputs"] for key, each in built.targets.items()
    }
    assert {each["status"] for each in again.targets.values()} == {"cached"}
    assert sorted(path.name for path in (tiny.root / ".piot/builds").iterdir()) == before
    words = tiny("build", "//...", ok=True)
    assert words.stdout == tiny("build", "//...", "-v", ok=True).stdout
    assert tiny.plain(words.stderr) == f"cached {len(again.targets)} in TIME; actions: 5 from the store\n"


def test_one_changed_file_is_built_and_what_was_built_before_too(tiny: Tiny) -> None:
    tiny.edit("crates/text/src/lib.rs", "What", "All that")
    assert "//crates/text:crate cargo package" in tiny("build", "//crates/text:crate", ok=True).ran
    tiny.edit("crates/text/src/lib.rs", "All that", "What")
    assert tiny("build", "//crates/text:crate", ok=True).ran == []


def looked_at(trace: str) -> Iterator[str]:
    """The absolute paths that the process itself asked the system for; git, which it starts, is left out."""
    calls: list[tuple[str, ...]] = [
        found.groups() for line in trace.splitlines() if (found := CALL.match(line))
    ]
    programs: dict[str, str] = {}
    for process, call, path in calls:
        if call == "execve":
            programs[process] = path
        if "git" not in Path(programs.get(process, "")).name and path.startswith("/"):
            yield os.path.normpath(path)


def way_to(path: str) -> Iterator[str]:
    """A path and the links that it leads through; where they end is part of what is noted."""
    while True:
        yield path
        folder = os.path.realpath(os.path.dirname(path))  # noqa: PTH120
        yield (path := os.path.join(folder, os.path.basename(path)))  # noqa: PTH118, PTH119
        if not os.path.islink(path):  # noqa: PTH114
            return
        path = os.path.normpath(os.path.join(folder, os.readlink(path)))  # noqa: PTH115, PTH118


@pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")
def test_everything_that_a_build_looks_at_is_compared_by_the_next(tiny: Tiny, tmp_path: Path) -> None:
    """The witness is complete: strace sees no place on this machine that it has not noted."""
    trace = tmp_path / "trace"
    strace = shutil.which("strace")
    assert strace is not None, "strace is needed: scripts/lib.sh installs it"
    for path in (tiny.root / ".piot/repeat").iterdir():
        path.unlink()
    command = [strace, "-f", "-e", "trace=%file", "-o", str(trace), str(tiny.program), "build", "//..."]
    subprocess.run(command, cwd=tiny.root, env=dict(tiny.environment), check=True, capture_output=True)
    (row,) = kept(tiny)
    facts: set[str] = {step for key in row["facts"] for step in way_to(key.rstrip("/"))}
    above = {str(parent) for fact in (*facts, str(tiny.root)) for parent in Path(fact).parents}
    own = (str(tiny.root), str(tiny.store), str(tiny.program.parents[1]), sys.base_prefix, *LOADER)
    found = {path for path in looked_at(trace.read_text()) if not f"{path}/".startswith(own)}
    places = {path for path in found if not re.search(r"/python\d+\.zip$", path)}  # Python looks for its own
    assert sorted(places - facts - above) == []
