"""Where a checkout comes from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.effects.remote import host, main_branch, owner_and_name, top
from tests.support.repository import do

ENVIRON = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    do(tmp_path, "init", "-q", "-b", "trunk")
    return tmp_path


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("git@github.com:me/words.git", ("me", "words")),
        ("https://github.com/me/words", ("me", "words")),
        ("https://user@example.com/a/group/words.git/", ("group", "words")),
        ("ssh://git@example.com:22/me/words.git", ("me", "words")),
        ("/srv/git/words.git", None),
        ("file:///srv/git/words.git", None),
    ],
)
def test_owner_and_name_are_the_end_of_the_address(
    checkout: Path, address: str, expected: tuple[str, str] | None
) -> None:
    do(checkout, "remote", "add", "origin", address)
    assert owner_and_name(checkout, ENVIRON) == expected


def test_without_a_remote_nobody_knows(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert owner_and_name(checkout, ENVIRON) is None
    assert owner_and_name(tmp_path_factory.mktemp("none"), ENVIRON) is None


def test_the_branch_is_the_remotes_first_one_else_the_own(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert main_branch(checkout, ENVIRON) == "trunk"
    do(checkout, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/1.x")
    assert main_branch(checkout, ENVIRON) == "release/1.x"
    assert main_branch(tmp_path_factory.mktemp("none"), ENVIRON) == "main"


def test_the_top_is_that_of_the_repository(checkout: Path) -> None:
    (checkout / "a/b").mkdir(parents=True)
    assert top(checkout / "a/b") == checkout


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("git@github.com:me/words.git", "github.com"),
        ("https://github.com/me/words", "github.com"),
        ("https://user:word@GitHub.com/me/words", "github.com"),
        ("ssh://git@example.com:22/me/words.git", "example.com"),
        ("https://example.com/@github.com/words", "example.com"),
        ("/srv/git/words.git", ""),
        ("file:///srv/git/words.git", ""),
    ],
)
def test_the_host_is_where_the_address_leads(checkout: Path, address: str, expected: str) -> None:
    do(checkout, "remote", "add", "origin", address)
    assert host(checkout, ENVIRON) == expected
