"""What waits for an approval, held against the files of a release."""

from __future__ import annotations

import json

import pytest

from piot.model.npm.packument import Packument
from piot.model.npm.stage import StagedVersion, staged
from piot.model.release.artifact import Artifact, Waiting

ITEM = {"id": "f8e7", "packageName": "@x/js", "version": "1.0.0", "tag": "latest", "shasum": "aa"}
ARTIFACT = Artifact(
    package="js",
    kind="npm-package",
    registry_name="@x/js",
    version="1.0.0",
    file="js-1.0.0.tgz",
    shasum="aa",
)


def parsed(*items: object) -> tuple[StagedVersion, ...]:
    return StagedVersion.parse(json.dumps({"items": items, "page": 0, "total": len(items)}).encode())


def test_the_same_bytes_wait_for_an_approval() -> None:
    found = staged(ARTIFACT, parsed({**ITEM, "version": "0.9.0"}, ITEM))
    assert found is not None
    assert (found.state, found.waiting) == ("staged", Waiting(id="f8e7"))


def test_other_bytes_are_a_conflict_that_a_person_can_end() -> None:
    found = staged(ARTIFACT, parsed({**ITEM, "shasum": "bb"}))
    assert found is not None
    assert (found.state, found.detail) == (
        "different",
        "other bytes wait for an approval (ours aa, those bb): `npm stage reject f8e7` frees the version",
    )


@pytest.mark.parametrize("other", [{"version": "1.0.1"}, {"packageName": "@x/other"}])
def test_other_versions_and_packages_are_not_ours(other: dict[str, str]) -> None:
    assert staged(ARTIFACT, parsed({**ITEM, **other})) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"items": 1}', b'{"items": [1]}', b'{"items": [{}]}'])
def test_what_is_no_list_is_no_answer(body: bytes) -> None:
    with pytest.raises(ValueError):
        StagedVersion.parse(body)


def test_the_placeholder_of_a_name_that_waits_for_its_first_approval_is_no_version() -> None:
    """npm shows 0.0.0-stage then; a package that has nothing else was never released."""
    said: dict[str, object] = {
        "versions": {"0.0.0-stage": {}},
        "time": {"0.0.0-stage": "now"},
        "dist-tags": {},
    }
    found = Packument.parse(json.dumps(said).encode())
    assert (found.versions, found.withdrawn) == ((), ())
