"""What a workspace calls its own packages and versions is written out for everybody else."""

from __future__ import annotations

from typing import Any

import pytest

from piot.errors import Problems
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.npm.release import released

B: dict[str, Any] = {"name": "b", "version": "2.1.0"}


def project(wanted: str, name: str = "b", table: str = "dependencies", **more: Any) -> NpmProject:
    values: dict[str, Any] = {"name": "a", "version": "1.0.0", table: {"x": "^1.0.0", name: wanted}}
    members = {"a": NpmManifest(directory="a", values=values), "b": NpmManifest(directory="b", values=B)}
    return NpmProject(directory="a", root=".", members=members, **more)


@pytest.mark.parametrize(
    "table", ["dependencies", "peerDependencies", "optionalDependencies", "devDependencies"]
)
@pytest.mark.parametrize(
    ("wanted", "name", "said"),
    [
        ("workspace:*", "b", "2.1.0"),
        ("workspace:", "b", "2.1.0"),
        ("workspace:^", "b", "^2.1.0"),
        ("workspace:~", "b", "~2.1.0"),
        ("workspace:>=2 <4", "b", ">=2 <4"),
        ("workspace:b@^", "other", "npm:b@^2.1.0"),
        ("catalog:", "y", "^9.0.0"),
        ("catalog:default", "y", "^9.0.0"),
        ("catalog:old", "y", "~8.0.0"),
        ("^1.0.0", "b", "^1.0.0"),
        ("npm:b@^1.0.0", "c", "npm:b@^1.0.0"),
    ],
)
def test_words_of_a_workspace_become_those_of_a_registry(
    wanted: str, name: str, said: str, table: str
) -> None:
    workspace = {"catalog": {"y": "^9.0.0"}, "catalogs": {"old": {"y": "~8.0.0"}}}
    found = released(project(wanted, name, table, workspace=workspace))
    assert found.values == {"name": "a", "version": "1.0.0", table: {"x": "^1.0.0", name: said}}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("workspace:*", "it asks for c workspace:*, and its workspace has no such package"),
        ("catalog:", "it asks for c catalog:, and no catalog has it"),
    ],
)
def test_what_nobody_knows_is_refused_where_people_would_get_it(wanted: str, message: str) -> None:
    with pytest.raises(Problems) as caught:
        released(project(wanted, "c"))
    assert [(each.path, each.message) for each in caught.value.problems] == [("a/package.json", message)]
    unused = project(wanted, "c", "devDependencies")
    assert released(unused) == unused.manifest


def test_a_manifest_without_such_words_stays_as_it_is() -> None:
    plain = project("^1.0.0")
    assert released(plain) == plain.manifest
