"""The git repository: what plans and tags need of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from piot.errors import listed
from piot.model.diagnosis import Topic, facts
from piot.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class GitView:
    """The state of the work tree.

    ``tags`` are those reachable from HEAD, ``elsewhere`` those of packages that are not. ``untagged`` are
    the packages without a reachable tag. ``dirty`` are paths that differ from HEAD. ``identity`` is
    ``Name <mail>`` of who makes tags, empty when git knows nobody. ``remotes`` are (name, address without
    secrets).
    """

    version: str
    root: str
    commit: str
    branch: str
    shallow: bool
    tags: int
    elsewhere: tuple[str, ...] = ()
    untagged: tuple[str, ...] = ()
    dirty: tuple[str, ...] = ()
    identity: str = ""
    remotes: tuple[tuple[str, str], ...] = ()


def git(view: GitView | None, *, in_job: bool = False) -> Topic:
    """``view`` is None where git keeps nothing, or is not installed."""
    if view is None:
        nothing = _found(
            "PIOT_GIT_NONE",
            "error",
            "this folder is in no git repository, or git is not installed: nothing can be planned",
            "clone the repository with git, or install git",
        )
        return Topic(name="git", findings=(nothing,))
    state = "clean" if not view.dirty else f"{_files(len(view.dirty))} not committed"
    rows = (
        ("version", view.version),
        ("root", view.root),
        ("HEAD", f"{view.commit[:12]} on {view.branch}" if view.branch else f"{view.commit[:12]}, detached"),
        ("history", "cut off (a shallow clone)" if view.shallow else "whole"),
        ("tags", f"{view.tags} reachable from HEAD"),
        ("work tree", state),
        ("identity", view.identity or "none"),
        *((f"remote {name}", address) for name, address in view.remotes),
    )
    return Topic(name="git", facts=facts(rows), findings=tuple(_findings(view, in_job=in_job)))


def _findings(view: GitView, *, in_job: bool) -> Iterable[Finding]:
    if not view.commit:
        yield _found("PIOT_GIT_EMPTY", "error", "the repository has no commit yet", "commit its files")
    if view.shallow:
        yield _found(
            "PIOT_SHALLOW",
            "error",
            "the clone is shallow: tags and commits since the last release are not in it",
            "`git fetch --unshallow --tags`; fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 on GitLab",
        )
    if view.elsewhere:
        yield _found(
            "PIOT_GIT_TAGS",
            "warning",
            f"HEAD does not come after {listed(view.elsewhere, limit=4)}: releases elsewhere do not count",
            "merge them, or release from the branch that has them",
        )
    if view.untagged and not view.tags and not view.shallow:
        yield _found(
            "PIOT_GIT_TAGS",
            "note",
            f"no release of {listed(view.untagged, limit=4)} is tagged here: each would be a first release",
            "where there were releases: `git fetch --tags`",
        )
    yield from _of_the_place(view, in_job=in_job)


def _of_the_place(view: GitView, *, in_job: bool) -> Iterable[Finding]:
    """What has nothing to do with history: files, who tags, and where to."""
    if view.dirty:
        yield _found(
            "PIOT_UNCOMMITTED",
            "warning" if in_job else "note",
            f"not committed: {listed(view.dirty, limit=4)}; a release is of what is committed",
            "commit, stash or remove them",
        )
    if not view.identity:
        yield _found(
            "PIOT_GIT_IDENTITY",
            "error" if in_job else "warning",
            "git knows nobody here who could make an annotated tag",
            "git config user.name NAME && git config user.email MAIL",
        )
    if not view.remotes:
        yield _found(
            "PIOT_GIT_REMOTE",
            "error" if in_job else "warning",
            "there is no remote to push tags to",
            "git remote add origin ADDRESS",
        )


def _found(code: str, severity: Severity, message: str, fix: str) -> Finding:
    return Finding(code=code, severity=severity, message=message, fix=fix)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
