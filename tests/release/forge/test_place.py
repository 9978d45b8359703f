"""Where releases go, and that no other server is shown a token for GitHub."""

from __future__ import annotations

import pytest

from piot.release.forge.place import ForgePlace, forge_place, token_of

JOB = {"GITHUB_API_URL": "https://git.example/api/v3/", "GITHUB_REPOSITORY": "me/lib"}


@pytest.mark.parametrize(
    ("env", "host", "repository", "expected"),
    [
        (JOB, "", "", ("https://git.example/api/v3", "me/lib")),
        ({}, "github.com", "me/lib", ("https://api.github.com", "me/lib")),
        ({}, "acme.ghe.com", "me/lib", ("https://api.acme.ghe.com", "me/lib")),
        ({}, "gitlab.example", "me/lib", None),
        ({}, "github.com.example", "me/lib", None),
        ({}, "", "", None),
        ({"GITHUB_API_URL": "https://git.example"}, "", "", None),
    ],
)
def test_the_job_goes_before_the_address_of_origin(
    env: dict[str, str], host: str, repository: str, expected: tuple[str, str] | None
) -> None:
    found = forge_place(env, host, repository)
    assert found == (None if expected is None else ForgePlace(api=expected[0], repository=expected[1]))


def test_the_first_token_that_is_set_holds() -> None:
    assert token_of({"GITHUB_TOKEN": "", "GH_TOKEN": "b"}) == "b"
    assert token_of({"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}) == "a"
    assert token_of({}) is None
