"""What plans and tags need of git."""

from __future__ import annotations

from dataclasses import replace

import pytest

from piot.inspect.doctor.git import GitView, git

HEALTHY = GitView(
    version="2.39.5",
    root="/r",
    commit="0123456789abcdef",
    branch="main",
    shallow=False,
    tags=2,
    identity="A <a@example.invalid>",
    remotes=(("origin", "https://example.invalid/r.git"),),
)


@pytest.mark.parametrize("in_job", [False, True])
def test_a_healthy_repository_has_facts_only(in_job: bool) -> None:
    topic = git(HEALTHY, in_job=in_job)
    assert [(each.name, each.value) for each in topic.facts] == [
        ("version", "2.39.5"),
        ("root", "/r"),
        ("HEAD", "0123456789ab on main"),
        ("history", "whole"),
        ("tags", "2 reachable from HEAD"),
        ("work tree", "clean"),
        ("identity", "A <a@example.invalid>"),
        ("remote origin", "https://example.invalid/r.git"),
    ]
    assert topic.findings == ()


@pytest.mark.parametrize(
    ("change", "code", "here", "in_job", "message"),
    [
        (
            {"shallow": True},
            "PIOT_SHALLOW",
            "error",
            "error",
            "the clone is shallow: tags and commits since the last release are not in it",
        ),
        (
            {"elsewhere": ("core-v2.0.0",)},
            "PIOT_GIT_TAGS",
            "warning",
            "warning",
            "HEAD does not come after core-v2.0.0: releases elsewhere do not count",
        ),
        (
            {"tags": 0, "untagged": ("core", "py")},
            "PIOT_GIT_TAGS",
            "note",
            "note",
            "no release of core and py is tagged here: each would be a first release",
        ),
        (
            {"dirty": ("a", "b")},
            "PIOT_UNCOMMITTED",
            "note",
            "warning",
            "not committed: a and b; a release is of what is committed",
        ),
        (
            {"identity": ""},
            "PIOT_GIT_IDENTITY",
            "warning",
            "error",
            "git knows nobody here who could make an annotated tag",
        ),
        ({"remotes": ()}, "PIOT_GIT_REMOTE", "warning", "error", "there is no remote to push tags to"),
        ({"commit": ""}, "PIOT_GIT_EMPTY", "error", "error", "the repository has no commit yet"),
    ],
)
def test_what_is_missing_is_said(
    change: dict[str, object], code: str, here: str, in_job: str, message: str
) -> None:
    view = replace(HEALTHY, **change)  # type: ignore[arg-type]
    (found,) = git(view).findings
    assert (found.code, found.severity, found.message) == (code, here, message)
    assert found.fix
    assert git(view, in_job=True).findings == (replace(found, severity=in_job),)  # type: ignore[arg-type]


def test_without_a_repository_nothing_can_be_planned() -> None:
    (found,) = git(None).findings
    assert (found.code, found.severity) == ("PIOT_GIT_NONE", "error")
