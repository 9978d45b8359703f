"""What is pinned: the texts of Cargo.lock, and what is refused."""

from __future__ import annotations

import pytest

from piot.errors import InputError
from piot.model.fetch import CargoGitFetch, CrateFetch, Fetch, NpmFetch, PypiFetch

SHA256 = "ab" * 32
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("source", "url"),
    [
        (f"git+https://git.example/a/b#{COMMIT}", "https://git.example/a/b"),
        (f"git+https://git.example/a/b.git?rev=0123#{COMMIT}", "https://git.example/a/b.git"),
        (f"git+ssh://git@git.example/a?branch=x%2Fy#{COMMIT}", "ssh://git@git.example/a"),
    ],
)
def test_a_git_source_of_cargo_lock_gives_address_and_commit(source: str, url: str) -> None:
    assert CargoGitFetch.parse("x", source) == CargoGitFetch(name="x", url=url, revision=COMMIT)


def test_a_registry_source_is_not_a_git_source() -> None:
    with pytest.raises(InputError) as caught:
        CargoGitFetch.parse("x", "registry+https://index.example")
    assert str(caught.value) == (
        "source of x in Cargo.lock is not a git source: 'registry+https://index.example'"
    )


@pytest.mark.parametrize("revision", ["main", "0123", COMMIT.upper(), "--upload-pack=x"])
def test_a_revision_is_a_full_commit_id(revision: str) -> None:
    with pytest.raises(InputError) as caught:
        CargoGitFetch(name="x", url="https://git.example/a", revision=revision)
    assert str(caught.value) == (f"revision of x is not lower-case hex of the right length: {revision!r}")


def test_a_checksum_is_64_hex_digits() -> None:
    with pytest.raises(InputError, match=r"^checksum of x 1\.0\.0 is not lower-case hex"):
        CrateFetch(name="x", version="1.0.0", sha256="ab", registry="registry+https://index.example")


def test_each_says_what_it_is() -> None:
    crate = CrateFetch(name="x", version="1.0.0", sha256=SHA256, registry="registry+https://index.example")
    wheel = PypiFetch(project="y", version="2", filename="y-2-py3-none-any.whl", sha256=SHA256)
    git = CargoGitFetch(name="z", url="https://git.example/a", revision=COMMIT)
    assert [str(crate), str(wheel), str(git)] == [
        "crate x 1.0.0",
        "y 2 (y-2-py3-none-any.whl)",
        "git crate z at 0123456789ab",
    ]
    specs: set[Fetch] = {crate, wheel, git}
    assert sorted(spec.name for spec in specs) == ["x", "y", "z"]
    assert crate.filename == "x-1.0.0.crate"


TEXT = "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="
"""Of the bytes ``abc`` (NIST's example)."""


def npm(integrity: str = TEXT) -> NpmFetch:
    return NpmFetch(name="@x/a", version="1.0.0", integrity=integrity)


def test_a_package_of_npm_is_known_by_its_integrity() -> None:
    spec = npm()
    assert spec.came(b"abc") == TEXT
    assert spec.content_path == (
        "content-v2/sha512/dd/af/35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    )
    assert str(spec) == "npm package @x/a 1.0.0"


@pytest.mark.parametrize(
    "integrity",
    [
        "",
        "sha512",
        "sha512-",
        "sha512-!!",
        "sha512-YWJj",
        "sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
        f"{TEXT} {TEXT}",
    ],
)
def test_an_integrity_is_one_strong_hash(integrity: str) -> None:
    with pytest.raises(InputError) as caught:
        npm(integrity)
    assert str(caught.value) == f"integrity of @x/a 1.0.0 is no hash: {integrity!r}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT, TEXT),
        (f"sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0= {TEXT}?option", TEXT),
        (f"sha256-a {TEXT}", TEXT),
        ("sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", None),
        ("", None),
    ],
)
def test_of_several_hashes_the_strongest_counts(text: str, found: str | None) -> None:
    assert NpmFetch.strongest(text) == found
