"""What Tab offers, as piot answers it and as bash, zsh and fish show it."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot.cli.complete import split
from piot.cli.flags import GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG
from piot.cli.verbs import VERBS
from tests.cli.conftest import Piot

ROOT = Path(__file__).parents[2]
PATIENCE = 60

TARGETS = ["//:docs", "//:hello", "//core:crate", "//py:sdist", "//py:smoke", "//py:wheel"]
PACKAGES = ["core", "my-py"]
TRIPLES = ["host", "all", "aarch64-apple-darwin", "aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"]


def offered(piot: Piot, *words: str) -> list[str]:
    """The candidates for a line whose last word is the last of ``words``."""
    code, out, err = piot("__complete", "fish", *words)
    assert (code, err) == (0, "")
    return [line.partition("\t")[0] for line in out.splitlines()[1:]]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ex", ["explain"]),
        ("-q cle", ["clean"]),
        ("build ", [*PACKAGES, *TARGETS]),
        ("build //core", ["//core:crate"]),
        ("build //", [*TARGETS, "//..."]),
        ("build //py/", ["//py/..."]),
        ("build -//py", ["-//py:sdist", "-//py:smoke", "-//py:wheel"]),
        ("build :", [":docs", ":hello"]),
        ("build py:", ["py:sdist", "py:smoke", "py:wheel"]),
        ("build -C py :", [":sdist", ":smoke", ":wheel"]),
        ("build -C py :w", [":wheel"]),
        ("build -- -m", ["-my-py"]),
        ("build //core:crate my", ["my-py"]),
        ("explain //py:w", ["//py:wheel"]),
        ("explain //py:wheel //", []),
        ("query rdeps //c", ["//core:crate"]),
        ("run //", []),
        ("test //", ["//py:smoke", "//..."]),
        ("develop //", ["//py:wheel", "//..."]),
        ("build --target ", TRIPLES),
        ("build --target AARCH64-u", ["aarch64-unknown-linux-gnu"]),
        ("build --platform=x86", ["--platform=x86_64-unknown-linux-gnu"]),
        ("build --sandbox ", ["none", "dir", "bwrap"]),
        ("build --sandbox=b", ["--sandbox=bwrap"]),
        ("--color n", ["never"]),
        ("build --profile ", ["dev", "release", "test", "bench"]),
        ("build --set-version ", ["core=", "my-py="]),
        ("build -j ", []),
        ("build --keep", ["--keep-going", "--keep-sandbox"]),
        ("build --force --force", []),
        ("build --target host --tar", ["--target"]),
        ("build -kj2 --job", []),
        ("cache ", ["info", "gc", "verify", "rm"]),
        ("rules gr", ["greet"]),
        ("help comp", ["completion"]),
        ("completion ", ["bash", "zsh", "fish"]),
        ("clean ", []),
        ("nonsense ", [verb.name for verb in VERBS]),
        ("build --out=", []),
    ],
)
@pytest.mark.usefixtures("checkout")
def test_tab_offers_what_the_parser_takes(piot: Piot, line: str, found: list[str]) -> None:
    assert offered(piot, *line.split(" ")) == found


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
@pytest.mark.usefixtures("outside")
def test_every_flag_of_every_verb_is_offered(piot: Piot, verb: object) -> None:
    (found,) = (each for each in VERBS if each is verb)
    flags = (*found.flags, *GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG)
    assert offered(piot, found.name, "-") == [name for flag in flags for name in flag.names]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["--config", "x"], "files"),
        (["build", "--out="], "folders"),
        (["-C", ""], "folders"),
        (["run", "//:x", "--", ""], "files"),
        (["build", "--set-version", ""], "stems"),
        (["build", ""], "words"),
    ],
)
@pytest.mark.usefixtures("checkout")
def test_files_are_left_to_the_shell(piot: Piot, words: list[str], kind: str) -> None:
    assert piot("__complete", "zsh", *words)[1].splitlines()[0] == kind


@pytest.mark.parametrize(
    "words",
    [[], ["fish"], ["bash"], ["bash", "piot build "], ["fish", "build", ""], ["fish", "-C", "no", ""]],
)
@pytest.mark.usefixtures("outside")
def test_no_question_is_answered_with_an_error(piot: Piot, words: list[str]) -> None:
    code, _, err = piot("__complete", *words)
    assert (code, err) == (0, "")


def test_a_broken_configuration_is_no_matter_of_completion(piot: Piot, checkout: Path) -> None:
    (checkout / "putitoutthere.toml").write_text("[[[")
    assert piot("__complete", "fish", "build", "//") == (0, "", "")


@pytest.mark.parametrize(
    ("line", "words", "quoted"),
    [
        ("piot ", [""], False),
        ("piot bui", ["bui"], False),
        ("piot build  //a:b -", ["build", "//a:b", "-"], False),
        ('piot build "//a', ["build", "//a"], True),
        ("piot query 'deps(//a", ["query", "deps(//a"], True),
        ("piot build 'a b' ", ["build", "a b", ""], False),
    ],
)
def test_a_line_of_bash_is_split_as_bash_does(line: str, words: list[str], quoted: bool) -> None:
    assert split(line) == (words, quoted)


LINES = [
    ("piot expl", ["piot", "explain"]),
    ("piot build //core:c", ["piot", "build", "//core:crate"]),
    ('piot build "//core:c', ["piot", "build", "//core:crate"]),
    ("piot build -//core:c", ["piot", "build", "-//core:crate"]),
    ("piot build --target=aarch64-u", ["piot", "build", "--target=aarch64-unknown-linux-gnu"]),
    ("piot build --sandbox bw", ["piot", "build", "--sandbox", "bwrap"]),
    ("piot build --set-version my", ["piot", "build", "--set-version", "my-py="]),
    ("piot --config putit", ["piot", "--config", "putitoutthere.toml"]),
    ("piot build --out cor", ["piot", "build", "--out", "core/"]),
    ("piot build --out=cor", ["piot", "build", "--out=core/"]),
    ("putitoutthere build my", ["putitoutthere", "build", "my-py"]),
]

SETUP = {
    "bash": 'PS1="> "; bind "set enable-bracketed-paste off"; eval "$(piot completion bash)"',
    "zsh": (
        'PS1="> "; setopt no_auto_remove_slash; autoload -Uz compinit; compinit -u -D; '
        'eval "$(piot completion zsh)"'
    ),
}
SHELLS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}


@pytest.fixture
def environment(outside: Path, tmp_path: Path) -> Mapping[str, str]:
    """With ``piot`` and ``putitoutthere`` of this checkout on PATH."""
    assert outside.is_dir()
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name in ("piot", "putitoutthere"):
        (bin_folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m piot "$@"\n')
        (bin_folder / name).chmod(0o755)
    (tmp_path / "home").mkdir()
    kept = {name: os.environ[name] for name in ("HOME", "PIOT_CACHE_DIR", "PIOT_CONFIG")}
    path = os.pathsep.join((str(bin_folder), os.environ["PATH"]))
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), "TERM": "xterm", "LC_ALL": "C.UTF-8"}


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_shell_writes_what_is_unique(shell: str, environment: Mapping[str, str], checkout: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    with Typing(SHELLS[shell], environment, checkout) as typing:
        typing.send(f"{SETUP[shell]}; echo re''ady\r")
        typing.until(r"ready\r?\n")
        for line, words in LINES:
            typing.send(f"{line}\t")
            assert typing.words(words[0]) == words, typing.seen


class Typing:
    """A shell on a terminal, and a person at its keyboard."""

    def __init__(self, command: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def __enter__(self) -> Typing:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, pattern: str) -> re.Match[str]:
        """Waits for what the terminal shows since the last match."""
        end = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.seen)):
            ready, _, _ = select.select([self._master], [], [], max(end - time.monotonic(), 0))
            assert ready, f"{pattern} is not in {self.seen!r}"
            self.seen += os.read(self._master, 65536).decode("utf-8", "replace")
        self.seen = self.seen[found.end() :]
        return found

    def words(self, first: str) -> list[str]:
        """The words of the line as it stands: Ctrl-A, and they become arguments of printf."""
        self.send("\x01printf '<%s>' \r")
        found = self.until(rf"((?:<{first}>)(?:<[^>]*>)*)")
        return re.findall(r"<([^>]*)>", found[1])


FISH: list[tuple[str, list[str]]] = [
    ("piot expl", ["explain"]),
    ("piot build //core:", ["//core:crate"]),
    ("piot build -- -//core:", ["-//core:crate"]),
    ("piot build --target=aarch64-u", ["--target=aarch64-unknown-linux-gnu"]),
    ("piot build --sandbox ", ["bwrap", "dir", "none"]),
    ("piot --config putit", ["putitoutthere.toml"]),
    ("piot build --out cor", ["core/"]),
    ("piot build --out=cor", ["--out=core/"]),
    ("piot clean ", []),
    ("putitoutthere build my", ["my-py"]),
]


def test_fish_offers_it(environment: Mapping[str, str], checkout: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    asked = "".join(f"echo ---; complete -C '{line}'\n" for line, _ in FISH)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"piot completion fish | source\n{asked}"],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.stderr == ""
    answers = [part.split("\n")[1:-1] for part in done.stdout.split("---")[1:]]
    assert [sorted(line.partition("\t")[0] for line in answer) for answer in answers] == [
        found for _, found in FISH
    ]
