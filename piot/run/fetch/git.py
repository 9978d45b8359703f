"""Git sources by revision: the files of a commit and of its submodules, through the git program."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path

from piot.effects.http import without_secrets
from piot.effects.peek import scratch_folder
from piot.effects.process import Completed, run
from piot.errors import MachineError
from piot.model.history import EXECUTABLE, SUBMODULE, SYMLINK
from piot.run.fetch.tars import Entry

_DEEPEST = 8
"""Submodules in submodules; deeper is taken for a circle."""


def repository(url: str, revision: str, *, env: Mapping[str, str]) -> dict[str, Entry]:
    """All files of the commit ``revision``, submodules included, without ``.git``.

    Content is what the commit holds: no line-end conversion, no ``export-ignore``. Raises MachineError when
    git is missing or the repository does not give the commit.
    """
    return _repository(url, revision, env=_quiet(env), depth=0)


def head_file(url: str, path: str, *, env: Mapping[str, str]) -> bytes | None:
    """One file at the HEAD of a repository, None when it has no such file; raises MachineError."""
    quiet = _quiet(env)
    with scratch_folder() as folder:
        _fetch(folder, url, "HEAD", env=quiet)
        shown = _git(folder, "show", f"FETCH_HEAD:{path}", env=quiet)
        return shown.stdout if shown.code == 0 else None


def _repository(url: str, revision: str, *, env: Mapping[str, str], depth: int) -> dict[str, Entry]:
    if depth > _DEEPEST:
        raise MachineError(f"the submodules of {_shown(url)} are nested too deep")
    with scratch_folder() as folder:
        _fetch(folder, url, revision, env=env)
        listing = _listing(folder, revision, env=env)
        entries = _files(folder, listing, env=env)
        modules = _submodules(folder, revision, url, env=env)
    for path, (mode, commit) in listing.items():
        # A submodule that .gitmodules does not know is an empty folder for cargo too.
        if mode == SUBMODULE and path in modules:
            for inner, entry in _repository(modules[path], commit, env=env, depth=depth + 1).items():
                entries[f"{path}/{inner}"] = entry
    return entries


def _fetch(folder: Path, url: str, revision: str, *, env: Mapping[str, str]) -> None:
    _must(_git(folder, "init", "--quiet", "--bare", env=env), url)
    answer = _git(folder, "fetch", "--quiet", "--depth=1", "--no-tags", "--", url, revision, env=env)
    if answer.code == 0:
        return
    # Servers without protocol v2 give out only what a ref points to: take all refs then.
    everything = _git(folder, "fetch", "--quiet", "--", url, "+refs/*:refs/*", env=env)
    _must(everything, url)
    if _git(folder, "cat-file", "-e", f"{revision}^{{commit}}", env=env).code != 0:
        raise MachineError(
            f"{_shown(url)} does not have the commit {revision}",
            hint="was the branch rewritten? `cargo update` writes a commit that is there into Cargo.lock",
        )


def _listing(folder: Path, revision: str, *, env: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """``path -> (mode, object id)`` of a commit."""
    listed = _must(_git(folder, "ls-tree", "-r", "-z", "--full-tree", revision, env=env), str(folder))
    result: dict[str, tuple[str, str]] = {}
    for record in listed.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        meta, _, path = record.partition("\t")
        mode, _, identity = meta.split(" ")
        result[path] = (mode, identity)
    return result


def _files(
    folder: Path, listing: Mapping[str, tuple[str, str]], *, env: Mapping[str, str]
) -> dict[str, Entry]:
    wanted = [(path, mode, identity) for path, (mode, identity) in listing.items() if mode != SUBMODULE]
    asked = "".join(f"{identity}\n" for _, _, identity in wanted).encode()
    answer = _must(_git(folder, "cat-file", "--batch", env=env, stdin=asked), str(folder)).stdout
    entries: dict[str, Entry] = {}
    at = 0
    for path, mode, _ in wanted:
        end_of_line = answer.index(b"\n", at)
        size = int(answer[at:end_of_line].rsplit(b" ", 1)[1])
        data = answer[end_of_line + 1 : end_of_line + 1 + size]
        at = end_of_line + size + 2
        if mode == SYMLINK:
            entries[path] = Entry(link=data.decode("utf-8", "surrogateescape"))
        else:
            entries[path] = Entry(data=data, executable=mode == EXECUTABLE)
    return entries


def _submodules(folder: Path, revision: str, url: str, *, env: Mapping[str, str]) -> dict[str, str]:
    """``path -> url`` by ``.gitmodules``; relative addresses start at the repository's (gitmodules(5))."""
    listed = _git(folder, "config", "--blob", f"{revision}:.gitmodules", "--list", "-z", env=env)
    values: dict[str, dict[str, str]] = {}
    for record in listed.stdout.decode("utf-8", "replace").split("\0")[:-1] if listed.code == 0 else ():
        key, _, value = record.partition("\n")
        name, _, what = key.removeprefix("submodule.").rpartition(".")
        values.setdefault(name, {})[what] = value
    return {
        module["path"]: _joined(url, module["url"])
        for module in values.values()
        if "path" in module and "url" in module
    }


def _joined(base: str, url: str) -> str:
    if not url.startswith(("./", "../")):
        return url
    scheme, separator, rest = base.rpartition("://")
    return f"{scheme}{separator}{posixpath.normpath(posixpath.join(rest, url))}"


def _git(folder: Path, *argv: str, env: Mapping[str, str], stdin: bytes | None = None) -> Completed:
    return run(["git", *argv], cwd=folder, env=env, input=stdin)


def _must(done: Completed, url: str) -> Completed:
    if done.code != 0:
        raise MachineError(
            f"git could not fetch {_shown(url)}:\n{done.complaint}",
            hint="try the same with `git ls-remote`; credentials come from git's own configuration",
        )
    return done


def _shown(url: str) -> str:
    return without_secrets(url) if "://" in url else url


def _quiet(env: Mapping[str, str]) -> dict[str, str]:
    """``env`` without what ties git to another repository (hooks set it); git never asks on a terminal."""
    tied = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
    kept = {name: value for name, value in env.items() if name not in tied}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
