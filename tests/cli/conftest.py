"""A tiny checkout, and piot run in it as a person would, in this process."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from piot.cli.main import main
from tests.support.checkout import make_checkout, probes

__all__ = ["checkout", "make_checkout", "outside", "piot", "probes"]

Piot: TypeAlias = Callable[..., tuple[int, str, str]]
"""Words of a command line to exit code, stdout and stderr."""

CONFIGURATION = """\
[putitoutthere]
version = 1

[[package]]
name = "core"
kind = "crates"
path = "core"
paths = ["core/**"]

[[package]]
name = "my-py"
kind = "pypi"
pypi = "my-py"
path = "py"
paths = ["py/**"]
depends_on = ["core"]
build = "maturin"
targets = ["x86_64-unknown-linux-gnu", "linux-arm64-gnu", "aarch64-apple-darwin"]
"""

BUILD = """\
load("//tools:greet.py", "greet")

greet(name = "hello", who = "you")
command(name = "docs", argv = ["make"], outputs = ["docs.txt"], deps = ["//core:crate", ":hello"])
"""

RULE = """\
from collections.abc import Mapping
from dataclasses import dataclass
from piot.api import Context, Files, Label, Sources, StringMap, rule

raise SystemExit("rule files are not run")

@dataclass(frozen=True)
class Greet:
    \"\"\"Writes a greeting.

    who: who is greeted
    loudly: whether in capitals, as in ``HELLO``
    \"\"\"

    who: str
    loudly: bool = False
    times: int = 2
    words: tuple[str, ...] = ("good", "day")
    srcs: Sources = Sources()
    env: Mapping[str, str] = StringMap()
    other: Label | None = None

@rule
def greet(ctx: Context, attrs: Greet) -> tuple[Files]: ...
"""


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that piot is started in, with a cache and a home of its own."""
    folder = tmp_path / "outside"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIOT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIOT_CONFIG", str(tmp_path / "none.toml"))
    ours = ("PIOT_CACHE_MAX_SIZE", "PIOT_GLIBC", "PIOT_JOBS", "PIOT_SANDBOX")
    for name in (*ours, "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def checkout(outside: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a checkout without git; piot is started there."""
    root = outside.parent / "checkout"
    texts = {
        "putitoutthere.toml": CONFIGURATION,
        "BUILD": BUILD,
        "tools/greet.py": RULE,
        "core/Cargo.toml": '[package]\nname = "core"\nversion = "0.1.0"\n',
        "py/Cargo.toml": '[package]\nname = "my-py"\nversion = "0.1.0"\n',
        "py/pyproject.toml": (
            '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
            '[project]\nname = "my-py"\nversion = "0.1.0"\n'
        ),
    }
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def piot(capsys: pytest.CaptureFixture[str]) -> Iterator[Piot]:
    """Runs one command line."""
    before = signal.getsignal(signal.SIGTERM)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    yield run
    signal.signal(signal.SIGTERM, before)
