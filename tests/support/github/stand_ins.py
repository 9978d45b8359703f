"""Local stand-ins for the actions that workflows use: what each does to the machine of a job, in folders."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

With = Mapping[str, Any]


@dataclass(kw_only=True)
class Forge:
    """What outlives a job: the repository, the artifacts of a run, the caches, and piot itself."""

    folder: Path
    repository: Path
    piot: Path

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def caches(self) -> Path:
        return self.folder / "caches"


@dataclass(kw_only=True)
class Machine:
    """The machine of one job; ``path`` goes before PATH, ``afterwards`` is done when all steps went well."""

    forge: Forge
    workspace: Path
    temp: Path
    home: Path
    path: list[str] = field(default_factory=list[str])
    afterwards: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def place(self, text: str) -> Path:
        """A path as an action reads it: ``~`` is the home, others start in the workspace."""
        if text.startswith("~"):
            return self.home / text[2:]
        return self.workspace / text


def checkout(machine: Machine, given: With) -> None:
    """A clone, of one commit unless all are asked for."""
    assert set(given) <= {"persist-credentials", "ref", "fetch-depth"}
    deep = str(given.get("fetch-depth", 1)) == "0"
    ref = given.get("ref") or git(machine.forge.repository, "rev-parse", "HEAD")
    git(machine.workspace, "init", "--quiet")
    source = machine.forge.repository.as_uri()
    git(machine.workspace, "remote", "add", "origin", source)
    depth = ["--tags", "+refs/heads/*:refs/remotes/origin/*"] if deep else ["--depth=1", "--no-tags"]
    git(machine.workspace, "fetch", "--quiet", "origin", *depth, *([] if deep else [ref]))
    named = git(machine.forge.repository, "rev-parse", "--verify", f"{ref}^{{commit}}")
    git(machine.workspace, "checkout", "--quiet", "--detach", named if deep else "FETCH_HEAD")


def upload(machine: Machine, given: With) -> None:
    """Keeps files; hidden ones only when asked to, and never nothing."""
    assert set(given) <= {"name", "path", "if-no-files-found", "include-hidden-files", "overwrite"}
    assert given["if-no-files-found"] == "error"
    source = Path(machine.place(given["path"]))
    target = machine.forge.artifacts / given["name"]
    assert not set(given["name"]) & set('":<>|*?\r\n\\/'), given["name"]
    assert given.get("overwrite") or not target.exists(), given["name"]
    shutil.rmtree(target, ignore_errors=True)
    base = source if source.is_dir() else source.parent
    found = sorted(source.rglob("*")) if source.is_dir() else [source]
    for file in found:
        inside = file.relative_to(base)
        hidden = any(part.startswith(".") for part in inside.parts)
        if file.is_file() and (given.get("include-hidden-files") or not hidden):
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / inside)  # modes are lost, as they are there
    assert target.exists(), f"no files in {source}"


def download(machine: Machine, given: With) -> None:
    """One artifact into a folder, or each into one of its own."""
    assert set(given) <= {"name", "path"}
    source = machine.forge.artifacts / given.get("name", "")
    assert source.is_dir(), f"no artifact {given.get('name')}"
    shutil.copytree(source, machine.place(given["path"]), dirs_exist_ok=True)


def cache(machine: Machine, given: With) -> None:
    """The entry of that key, else the newest that begins as said; saved at the end under a new key."""
    assert set(given) == {"path", "key", "restore-keys"}
    assert len(given["key"]) <= 512 and "," not in given["key"]
    place = machine.place(given["path"])
    entry = machine.forge.caches / _name(given["key"])
    found = next((each for each in _candidates(machine, entry, given) if each.exists()), None)
    if found is not None:
        shutil.copytree(found / "content", place, symlinks=True, copy_function=_linked, dirs_exist_ok=True)
    if found != entry:
        machine.afterwards.append(lambda: _save(place, entry, given["key"]))


def _candidates(machine: Machine, entry: Path, given: With) -> Iterator[Path]:
    yield entry
    entries = [each for each in machine.forge.caches.glob("*") if (each / "key").exists()]
    newest = sorted(entries, key=lambda each: each.stat().st_mtime_ns, reverse=True)
    for start in given["restore-keys"].split():
        yield from (each for each in newest if (each / "key").read_text().startswith(start))


def _save(place: Path, entry: Path, key: str) -> None:
    if place.is_dir() and not entry.exists():
        entry.mkdir(parents=True)
        place.rename(entry / "content")  # the job is over: nobody misses it
        (entry / "key").write_text(key)


def _linked(source: str, target: str, *, follow_symlinks: bool = True) -> str:
    """As good as a copy for files that are replaced and never written to, and much faster."""
    os.link(source, target, follow_symlinks=follow_symlinks)
    return target


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def own(machine: Machine, given: With) -> None:
    """piot's own action puts piot on PATH."""
    assert not given
    machine.path.insert(0, str(machine.forge.piot.parent))


def nothing(_machine: Machine, given: With) -> None:
    """Python and Node.js are there already."""
    assert set(given) <= {"python-version", "node-version"}


def git(folder: Path, *words: str) -> str:
    """What git says in a folder."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


STAND_INS: dict[str, Callable[[Machine, With], None]] = {
    "actions/cache": cache,
    "actions/checkout": checkout,
    "actions/download-artifact": download,
    "actions/setup-node": nothing,
    "actions/setup-python": nothing,
    "actions/upload-artifact": upload,
}
