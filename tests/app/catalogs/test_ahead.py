"""What git is asked before a query is answered: only what the query will need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.app.catalogs.ahead import begin
from piot.app.query import query
from piot.app.session.where import Where
from tests.support.released import CONFIG, FILES
from tests.support.repository import do


@pytest.fixture
def where(tmp_path: Path) -> Where:
    for path, text in {**FILES, "putitoutthere.toml": CONFIG.partition("[piot")[0]}.items():
        (tmp_path / "checkout" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkout" / path).write_text(text, encoding="utf-8")
    do(tmp_path / "checkout", "init", "--quiet", "--initial-branch=main")
    do(tmp_path / "checkout", "add", "--all")
    do(tmp_path / "checkout", "commit", "--quiet", "--message=all")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return Where(directory=tmp_path / "checkout", environ=environ)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("affected(HEAD)", ["HEAD"]),
        ("affected HEAD", ["HEAD"]),
        ("kind(x, affected( HEAD )) - set(my-py)", ["HEAD"]),
        ("affected(HEAD, main)", []),
        ('affected("a b")', []),
        ("affected(--output=x)", []),
        ("let base = HEAD in affected($base)", []),
        ("rdeps(//..., //core:crate)", []),
    ],
)
def test_git_is_asked_of_the_revision_that_the_work_tree_is_compared_with(
    where: Where, text: str, asked: list[str]
) -> None:
    assert list(begin(text, where)) == asked


def test_the_answer_is_the_same_as_without(where: Where) -> None:
    (where.directory / "core/src/lib.rs").write_text("pub fn two() -> u8 { 2 }\n", encoding="utf-8")
    for text in ("affected(HEAD)", "affected(HEAD) + affected(HEAD)", "affected HEAD"):
        found = query([text], where, "label", begin(text, where))
        assert found == query([text], where, "label")
        assert "//core:crate\n" in found
