"""A whole release with marked secrets, of which nothing that piot writes, says or starts has any."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.test_publish import ALL, TAGS, Release, release, trusted
from tests.support import cargo_registry, python_index
from tests.support.loopback import Fault, Reply
from tests.support.oidc import REQUEST_TOKEN, TrustedCargoRegistry, TrustedPyPI

__all__ = ["release", "trusted"]

pytestmark = pytest.mark.e2e

OTHERS = {
    "AWS_SECRET_ACCESS_KEY": "aws+marked/secret",
    "MY_PAT": "pat-marked-secret",
    "DB_PASSWORD": "db marked&secret",
    "GH_TOKEN": "gh-marked-secret",
}
"""Secrets of a job that are no business of any registry."""
HOOK = '#!/bin/sh\necho "refused: $GH_TOKEN $MY_PAT" >&2\nexit 1\n'
"""Shows what it has, as hooks and credential helpers do that somebody debugs."""


@dataclass(kw_only=True)
class Watched:
    """What one run wrote to its streams, and every program that it started, as the system shows them."""

    stdout: str = ""
    stderr: str = ""
    code: int = -1
    children: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    @property
    def masked(self) -> set[str]:
        return {line[12:] for line in self.stderr.splitlines() if line.startswith("::add-mask::")}

    @property
    def said(self) -> str:
        """All that is shown: GitHub shows no line that hides something."""
        lines = (line for line in self.stderr.splitlines() if not line.startswith("::add-mask::"))
        return self.stdout + "\n".join(lines)


def watch(argv: list[str], cwd: Path, env: Mapping[str, str]) -> Watched:
    seen, over = Watched(), threading.Event()
    process = subprocess.Popen(
        argv, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )

    def look() -> None:
        while not over.wait(0.005):
            for words, environ in started_by(process.pid):
                seen.children[words] = environ

    watcher = threading.Thread(target=look)
    watcher.start()
    out, err = process.communicate(timeout=300)
    over.set()
    watcher.join()
    seen.code, seen.stdout, seen.stderr = process.returncode, out.decode(), err.decode()
    return seen


def started_by(first: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Words and environment of all that a process started, itself left out (proc(5))."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(stat[1])
    mine, before = {first}, 0
    while len(mine) != before:
        before = len(mine)
        mine |= {child for child, parent in parents.items() if parent in mine}
    for process in mine - {first}:
        with suppress(OSError):
            folder = Path(f"/proc/{process}")
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            pairs = (folder / "environ").read_bytes().decode("utf-8", "replace").split("\0")
            rows = (pair.partition("=") for pair in pairs if pair)
            yield words, {name: value for name, _, value in rows}


def forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    for before in range(3):
        yield base64.b64encode(b"." * before + secret.encode())[4:-4].decode()


def found(secrets: Mapping[str, str], text: str) -> list[str]:
    return sorted(name for name, secret in secrets.items() if any(form in text for form in forms(secret)))


def written(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything below a folder; names are looked through too."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path, f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}"


def everywhere(secrets: Mapping[str, str], folder: Path) -> list[str]:
    """Where a secret is: in the checkout, git's folder, stores, homes, and files of the run."""
    places = [folder / name for name in ("checkout", "cache", "home", "tmp", "out", "files", "remote.git")]
    rows = [(path, text) for place in places for path, text in written(place)]
    assert len(rows) > 50, "it was looked through"
    return [f"{path}: {', '.join(names)}" for path, text in rows if (names := found(secrets, text))]


@pytest.fixture
def environ(
    installed_piot: Path, environment: Mapping[str, str], tmp_path: Path
) -> tuple[str, dict[str, str]]:
    for name in ("tmp", "out"):
        (tmp_path / name).mkdir()
    return str(installed_piot), {**environment, **OTHERS, "TMPDIR": str(tmp_path / "tmp")}


def echo(release: Release, secret: str) -> None:
    """A registry that repeats what it was sent, plain and as it travels."""
    login = base64.b64encode(f"__token__:{secret}".encode()).decode()
    said = json.dumps({"message": f"bad login {secret} ({quote(secret, safe='')}, Basic {login})"})
    release.checkout.pypi.faults.append(
        Fault(what="status", method="POST", path="/legacy/", reply=Reply(status=400, body=said.encode()))
    )


def test_stored_tokens_are_nowhere_but_where_they_are_needed(
    release: Release, environ: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    piot, base = environ
    env = {name: text for name, text in {**base, **release.env}.items() if text is not None}
    tokens = {
        "pypi": python_index.TOKEN,
        "crates": cargo_registry.TOKEN,
        "npm": str(release.env["NPM_TOKEN"]),
    }
    secrets = {**OTHERS, **tokens}
    built = ["build", "js", "--events", "../out/events", "--trace", "../out/trace"]
    first = watch([piot, *built], release.checkout.root, env)
    assert first.code == 0, first.stderr
    hook = release.checkout.root / ".git/hooks/pre-push"
    hook.write_text(HOOK)
    hook.chmod(0o755)
    echo(release, python_index.TOKEN)
    second = watch([piot, "publish", *release.words, "--json"], release.checkout.root, env)
    assert second.code == 6, second.stderr
    assert second.stdout.count("[REDACTED:") >= 4
    assert "refused: [REDACTED:" in second.stdout, "the hook has the forge's token, and no other"
    hook.unlink()
    third = watch([piot, "publish", *release.words], release.checkout.root, env)
    assert (third.code, sorted(release.sent), release.tags) == (0, sorted(ALL), TAGS)
    for run in (first, second, third):
        assert found(secrets, run.said) == []
        assert [found(secrets, words) for words in run.children if found(secrets, words)] == []
        assert run.masked == set(), "no job of GitHub reads it"
    sending = {**second.children, **third.children}
    assert given(sending, secrets, "npm publish ", "/npm ") == {"npm"}
    assert given(sending, secrets, "cargo publish ") == {"crates"}
    assert given(sending, secrets, "cargo package ") == set()
    assert given(sending, secrets, " push --quiet") <= {"GH_TOKEN"}
    assert given(first.children, secrets, "npm") == set()
    assert everywhere(secrets, tmp_path) == []


def given(children: Mapping[str, Mapping[str, str]], secrets: Mapping[str, str], *words: str) -> set[str]:
    """The secrets in the environments of the programs that were started with some of these words."""
    mine = {line: env for line, env in children.items() if any(word in line for word in words)}
    assert mine, f"none of {sorted(children)} is {words}"
    has = {line: found(secrets, "\n".join(env.values())) for line, env in mine.items()}
    return {name for names in has.values() for name in names}


def test_a_job_of_github_hides_its_tokens_and_leaves_them_nowhere(
    trusted: Release, environ: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    piot, base = environ
    crates, pypi = trusted.checkout.crates, trusted.checkout.pypi
    assert isinstance(crates, TrustedCargoRegistry)
    assert isinstance(pypi, TrustedPyPI)
    (tmp_path / "npmrc").unlink()
    env = {name: text for name, text in {**base, **trusted.env}.items() if text is not None}
    without = {name: text for name, text in env.items() if name != "GH_TOKEN"}
    run = watch([piot, "publish", *trusted.words], trusted.checkout.root, without)
    assert (run.code, trusted.sent) == (0, ALL), run.stderr
    tokens = [*trusted.issuer.made, *pypi.burnt, *crates.revoked, *trusted.npm.minted]
    assert len(tokens) == 7, "four identities, one of them for npm's provenance, and three tokens"
    assert run.masked == {REQUEST_TOKEN, *tokens}
    secrets = {**OTHERS, **{f"token {number}": token for number, token in enumerate(tokens)}}
    assert found({**secrets, "request": REQUEST_TOKEN}, run.said) == []
    assert [words for words in run.children if found(secrets, words)] == []
    assert everywhere(secrets, tmp_path) == []
    assert list((tmp_path / "tmp").iterdir()) == []
