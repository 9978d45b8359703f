"""What stands against npm's provenance: each is refused by npm when its statement is public already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from piot.model.npm.provenance import Source, asked_for, obstacle, own_obstacle, repository

SOURCE = Source(place="github.com/me/lib", visibility="public", hosted=True)
MANIFEST = {"repository": {"type": "git", "url": "git+https://github.com/me/lib.git"}}


def test_a_public_package_of_the_repository_of_the_job_can_have_it() -> None:
    assert own_obstacle(MANIFEST, "public") is None
    assert obstacle(MANIFEST, SOURCE) is None
    assert obstacle(MANIFEST, replace(SOURCE, visibility=None)) is None


AGAINST = [
    (
        {"repository": "me/Lib"},
        SOURCE,
        '"repository" in its package.json is https://github.com/me/Lib, '
        "and this job works for https://github.com/me/lib",
    ),
    (
        MANIFEST,
        replace(SOURCE, visibility="internal"),
        "https://github.com/me/lib is internal, and only public repositories have it",
    ),
    (
        MANIFEST,
        replace(SOURCE, hosted=False),
        "this machine is not one of the forge's own, which alone have it",
    ),
]


@pytest.mark.parametrize(("manifest", "source", "why"), AGAINST)
def test_what_npm_would_refuse_is_known_before(manifest: dict[str, object], source: Source, why: str) -> None:
    assert obstacle(manifest, source) == why


def test_a_package_that_not_everybody_may_read_has_none() -> None:
    assert own_obstacle(MANIFEST, "restricted") == "only public packages have it"


def test_a_package_has_to_say_where_it_is_from() -> None:
    why = '"repository" in its package.json is missing, and has to name the repository of this job'
    assert own_obstacle({}, "public") == why


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("me/lib", "github.com/me/lib"),
        ("github:me/lib", "github.com/me/lib"),
        ("gitlab:me/lib", "gitlab.com/me/lib"),
        ("git@github.com:me/lib.git", "github.com/me/lib"),
        ("git+ssh://git@github.com/me/lib.git", "github.com/me/lib"),
        ("https://git.example.org/a/b/c/", "git.example.org/a/b/c"),
        ({"url": "git://github.com/me/lib.git"}, "github.com/me/lib"),
        ({"type": "git"}, None),
        (None, None),
    ],
)
def test_a_repository_has_many_spellings(said: object, found: str | None) -> None:
    assert repository({"repository": said}) == found


@pytest.mark.parametrize(
    ("manifest", "env", "found"),
    [
        ({}, {}, None),
        ({}, {"NPM_CONFIG_PROVENANCE": "true"}, True),
        ({}, {"npm_config_provenance": "false"}, False),
        ({"publishConfig": {"provenance": False}}, {"NPM_CONFIG_PROVENANCE": "true"}, False),
        ({"publishConfig": {"provenance": True}}, {}, True),
        ({"publishConfig": {"access": "public"}}, {}, None),
    ],
)
def test_a_package_asks_for_it_as_npm_reads_it(
    manifest: dict[str, object], env: dict[str, str], found: bool | None
) -> None:
    assert asked_for(manifest, env) is found
