"""yarn.lock of Yarn 2 and later: resolutions, patches, catalogs, and what no registry has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from piot.model.npm.graph import NpmGraph
from piot.model.npm.locks import read_lock
from piot.model.triple import Triple
from tests.model.npm.test_graphs import BERRY, HASHES, HOST, got, graph, messages, project
from tests.model.npm.test_package_lock import hashed

PEER_2 = """
"peer@npm:2.0.0":
  version: 2.0.0
  resolution: "peer@npm:2.0.0"
"""


@pytest.mark.parametrize(
    ("key", "version"),
    [("peer@npm:>=0 <3", "2.0.0"), ("peer@npm:^7", "1.0.0"), ("x@npm:1.0.0/peer", "2.0.0")],
)
def test_resolutions_of_yarn_4_may_be_for_one_range(key: str, version: str) -> None:
    of = project("yarn.lock", BERRY + PEER_2, root={"resolutions": {key: "npm:2.0.0"}})
    found = read_lock(replace(of, hashes={**HASHES, ("peer", "2.0.0"): hashed("peer2")}), HOST)
    assert isinstance(found, NpmGraph)
    assert got(found, found.packages["x@^1.0.0"].needs) == {"peer": f"peer {version}"}


def test_what_a_project_adds_to_a_package_of_yarn_4_is_found_where_it_is_locked() -> None:
    """One added dependency is locked, one is for a version that nobody has, one is the package's own."""
    added = {"peer": "^2.0.0", "gone": "1.0.0"}
    said = {"mac@*": {"dependencies": added}, "x@^9": {"dependencies": {"peer": "^2.0.0"}}}
    locked = PEER_2.replace('"peer@npm:2.0.0":', '"peer@npm:^2.0.0":')
    of = replace(
        project("yarn.lock", BERRY + locked),
        hashes={**HASHES, ("peer", "2.0.0"): hashed("peer2")},
        workspace={"packageExtensions": said},
    )
    found = read_lock(of, Triple.parse("x86_64-apple-darwin"))
    assert isinstance(found, NpmGraph)
    assert got(found, found.packages["mac@1.0.0"].needs) == {"peer": "peer 2.0.0"}


ELSEWHERE = """
"peer@portal:./peer::locator=root%40workspace%3A.":
  version: 0.0.0-use.local
  resolution: "peer@portal:./peer::locator=root%40workspace%3A."

"git@https://h.example/x.git":
  version: 1.0.0
  resolution: "git@https://h.example/x.git#commit=0123"
"""


def test_of_yarn_2_and_later_what_no_registry_has_and_what_nothing_pins_is_refused() -> None:
    of = replace(project("yarn.lock", BERRY + ELSEWHERE), hashes={("x", "1.0.0"): hashed("x1")})
    assert messages(of) == [
        "peer@portal:./peer is portal:./peer",
        "git@https://h.example/x.git is https://h.example/x.git#commit=0123",
        "neither it nor piot.lock has the integrity that a registry tells of "
        "mac 1.0.0, peer 1.0.0 and x 2.0.0",
    ]


def test_yarn_4_tells_what_a_package_is_for_and_where_it_is_from() -> None:
    text = BERRY.replace('"peer@npm:1.0.0"', '"peer@npm:1.0.0::__archiveUrl=https%3A%2F%2Fh.example%2Fp"')
    found = read_lock(project("yarn.lock", text), Triple.parse("aarch64-apple-darwin"))
    assert isinstance(found, NpmGraph)
    assert found.packages["mac@1.0.0"].limits == {"os": ["darwin"], "cpu": ["x64", "arm64"]}
    assert found.packages["peer@>=0 <3"].fetch.address == "https://h.example/p"


YARN_PATCH = """
"x@patch:x@npm%3A1.0.0#PLACE::version=1.0.0&hash=0&locator=a%40workspace%3Apackages%2Fa":
  version: 1.0.0
  resolution: "x@patch:x@npm%3A1.0.0#PLACE::version=1.0.0&hash=0&locator=a%40workspace%3Apackages%2Fa"
"""


@pytest.mark.parametrize(
    ("place", "path"), [("~/.yarn/x.patch", "js/.yarn/x.patch"), ("./x.patch", "js/packages/a/x.patch")]
)
def test_a_patch_of_yarn_4_is_found_where_it_says(place: str, path: str) -> None:
    asked = {"resolutions": {"x@npm:^1.0.0": f"patch:x@npm%3A1.0.0#{place}"}}
    found = graph("yarn.lock", BERRY + YARN_PATCH.replace("PLACE", place), root=asked)
    patched = found.packages[found.importers[""].packages["x"]]
    assert (patched.patch, patched.fetch.integrity) == (path, hashed("x1"))
    assert [each.patch for each in found.packages.values() if each.patch] == [path]


def test_a_catalog_of_yarn_counts() -> None:
    of = project("yarn.lock", BERRY, root={"devDependencies": {"x": "catalog:", "y": "catalog:new"}})
    catalogs = {"catalog": {"x": "^1.0.0"}, "catalogs": {"new": {"y": "npm:x@^2.0.0"}}}
    found = read_lock(replace(of, workspace=catalogs), HOST)
    assert isinstance(found, NpmGraph)
    assert got(found, found.importers[""]) == {"x": "x 1.0.0", "y": "x 2.0.0"}
