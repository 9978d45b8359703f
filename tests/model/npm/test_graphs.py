"""Lock files of pnpm, Yarn and Bun: who gets what, what is fetched, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from piot.errors import Problems
from piot.model.npm.graph import Needs, NpmGraph
from piot.model.npm.locks import read_lock
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.npm.yarn_entries import is_berry
from piot.model.triple import Triple
from tests.model.npm.test_package_lock import hashed

HOST = Triple.parse("x86_64-unknown-linux-gnu")
ROOT: dict[str, Any] = {"name": "root", "devDependencies": {"x": "^1.0.0"}}
A: dict[str, Any] = {
    "name": "a",
    "version": "0.1.0",
    "dependencies": {"b": "^0.2.0", "y": "npm:x@^2.0.0"},
    "optionalDependencies": {"mac": "1.0.0"},
}
B: dict[str, Any] = {"name": "b", "version": "0.2.0"}

PNPM = f"""\
lockfileVersion: '9.0'
settings: {{autoInstallPeers: true}}
importers:
  .:
    devDependencies:
      x: {{specifier: ^1.0.0, version: 1.0.0(peer@1.0.0)}}
  packages/a:
    dependencies:
      b: {{specifier: ^0.2.0, version: link:../b}}
      y: {{specifier: 'npm:x@^2.0.0', version: x@2.0.0}}
    optionalDependencies:
      mac: {{specifier: 1.0.0, version: 1.0.0}}
  packages/b: {{}}
packages:
  mac@1.0.0:
    resolution: {{integrity: {hashed("mac")}}}
    os: [darwin]
  peer@1.0.0:
    resolution: {{integrity: {hashed("peer")}}}
  x@1.0.0:
    resolution: {{integrity: {hashed("x1")}}}
  x@2.0.0:
    resolution: {{integrity: {hashed("x2")}}}
snapshots:
  mac@1.0.0: {{optional: true}}
  peer@1.0.0: {{}}
  x@1.0.0(peer@1.0.0):
    dependencies: {{peer: 1.0.0}}
  x@2.0.0: {{}}
"""
PNPM_6 = f"""\
lockfileVersion: '6.0'
importers:
  .:
    devDependencies:
      x: {{specifier: ^1.0.0, version: 1.0.0(peer@1.0.0)}}
  packages/a:
    dependencies:
      b: {{specifier: ^0.2.0, version: link:../b}}
      y: {{specifier: 'npm:x@^2.0.0', version: /x@2.0.0}}
    optionalDependencies:
      mac: {{specifier: 1.0.0, version: 1.0.0}}
  packages/b: {{}}
packages:
  /mac@1.0.0:
    resolution: {{integrity: {hashed("mac")}}}
    os: [darwin]
  /peer@1.0.0:
    resolution: {{integrity: {hashed("peer")}}}
  /x@1.0.0(peer@1.0.0):
    resolution: {{integrity: {hashed("x1")}}}
    dependencies: {{peer: 1.0.0}}
  /x@2.0.0:
    resolution: {{integrity: {hashed("x2")}}}
"""
YARN = f"""\
# yarn lockfile v1


mac@1.0.0:
  version "1.0.0"
  integrity {hashed("mac")}

peer@^1.0.0, "peer@>=0 <3":
  version "1.0.0"
  resolved "https://registry.example/peer/-/peer-1.0.0.tgz#0123"
  integrity {hashed("peer")}

x@^1.0.0:
  version "1.0.0"
  integrity {hashed("x1")}
  dependencies:
    peer ">=0 <3"

"y@npm:x@^2.0.0":
  version "2.0.0"
  integrity {hashed("x2")}
"""
BERRY = """\
__metadata:
  version: 8
  cacheKey: 10c0

"a@workspace:packages/a":
  version: 0.0.0-use.local
  resolution: "a@workspace:packages/a"
  dependencies:
    b: "npm:^0.2.0"
    mac: "npm:1.0.0"
    y: "npm:x@^2.0.0"
  dependenciesMeta:
    mac:
      optional: true

"b@npm:^0.2.0, b@workspace:packages/b":
  version: 0.0.0-use.local
  resolution: "b@workspace:packages/b"

"mac@npm:1.0.0":
  version: 1.0.0
  resolution: "mac@npm:1.0.0"
  conditions: os=darwin & (cpu=x64 | cpu=arm64)

"mac@patch:mac@npm%3A1.0.0#optional!builtin<compat/mac>":
  version: 1.0.0
  resolution: "mac@patch:mac@npm%3A1.0.0#optional!builtin<compat/mac>::version=1.0.0&hash=df0bf1"
  conditions: os=darwin & (cpu=x64 | cpu=arm64)

"peer@npm:>=0 <3, peer@npm:^1.0.0":
  version: 1.0.0
  resolution: "peer@npm:1.0.0"
  checksum: 10c0/0123

"x@npm:^1.0.0":
  version: 1.0.0
  resolution: "x@npm:1.0.0"
  dependencies:
    peer: "npm:>=0 <3"
  peerDependencies:
    elsewhere: "*"

"y@npm:x@^2.0.0":
  version: 2.0.0
  resolution: "x@npm:2.0.0"
"""
"""Of Yarn 4; Yarn 2 and 3 leave out ``npm:`` where it says nothing."""
YARN_3 = BERRY.replace(': "npm:x@', ': "NPM:x@').replace(': "npm:', ': "').replace("NPM:", "npm:")
HASHES = {
    ("mac", "1.0.0"): hashed("mac"),
    ("peer", "1.0.0"): hashed("peer"),
    ("x", "1.0.0"): hashed("x1"),
    ("x", "2.0.0"): hashed("x2"),
}
BUN = f"""\
{{
  "lockfileVersion": 1,
  "workspaces": {{
    "": {json.dumps(ROOT)},
    "packages/a": {json.dumps(A)},
    "packages/b": {json.dumps(B)},
  }},
  "packages": {{
    "a": ["a@workspace:packages/a"],
    "b": ["b@workspace:packages/b"],
    "mac": ["mac@1.0.0", "", {{ "os": "darwin" }}, "{hashed("mac")}"],
    "peer": ["peer@1.0.0", "", {{}}, "{hashed("peer")}"],
    "x": ["x@1.0.0", "", {{ "peerDependencies": {{ "peer": ">=0 <3,}}" }} }}, "{hashed("x1")}"],
    "y": ["x@2.0.0", "", {{}}, "{hashed("x2")}"],
  }},
}}
"""
FILES = {"pnpm-lock.yaml": PNPM, "yarn.lock": YARN, "bun.lock": BUN}
NO_JSON = "not JSON: Expecting property name enclosed in double quotes: line 2 column 3 (char 4)"
NO_PEER = "it is out of date: js/yarn.lock: x@^1.0.0 asks for peer >=9, which is not in it"
BOTH = pytest.mark.parametrize(
    ("name", "text"),
    [*FILES.items(), ("pnpm-lock.yaml", PNPM_6), ("yarn.lock", BERRY), ("yarn.lock", YARN_3)],
    ids=["9", "yarn", "bun", "6", "yarn4", "yarn3"],
)


def project(name: str, text: str, **values: Any) -> NpmProject:
    """A workspace in ``js``; ``values`` are laid over its manifests by the name of the package."""
    places = {"js": ROOT, "js/packages/a": A, "js/packages/b": B}
    members = {
        place: NpmManifest(directory=place, values={**table, **values.get(str(table["name"]), {})})
        for place, table in places.items()
    }
    return NpmProject(
        directory="js/packages/a",
        root="js",
        members=members,
        lock=f"js/{name}",
        lock_text=text,
        hashes=HASHES if is_berry(text) else {},
    )


def graph(name: str, text: str, **values: Any) -> NpmGraph:
    found = read_lock(project(name, text, **values), HOST)
    assert isinstance(found, NpmGraph)
    return found


def messages(of: NpmProject) -> list[str]:
    with pytest.raises(Problems) as caught:
        read_lock(of, HOST)
    assert {each.code for each in caught.value.problems} == {"PIOT_NPM_LOCK"}
    return [each.message for each in caught.value.problems]


def got(found: NpmGraph, needs: Needs) -> dict[str, str]:
    """Name and version of what somebody gets, by the name that it is called."""
    fetches = {name: found.packages[key].fetch for name, key in needs.packages.items()}
    return {name: f"{each.name} {each.version}" for name, each in fetches.items()}


@BOTH
def test_everybody_gets_what_was_locked(name: str, text: str) -> None:
    found = graph(name, text)
    mac = {"mac": "mac 1.0.0"} if text == YARN else {}  # it does not tell what it is for
    assert got(found, found.importers[""]) == {"x": "x 1.0.0"}
    assert got(found, found.importers["packages/a"]) == {"y": "x 2.0.0", **mac}
    assert found.linked("packages/a", "b") == "packages/b"
    assert found.linked("packages/a", "x") is None and found.linked("packages/c", "b") is None
    (one,) = (each for each in found.packages.values() if each.fetch.integrity == hashed("x1"))
    assert got(found, one.needs) == {"peer": "peer 1.0.0"}
    assert {each.fetch.directory for each in found.packages.values()} == {"js"}
    assert {each.fetch.address for each in found.packages.values()} == {""}
    assert found.doubtful() == ({"mac@1.0.0"} if mac else set())


def test_peers_make_different_packages_of_one() -> None:
    found = graph("pnpm-lock.yaml", PNPM)
    assert [*found.packages] == ["peer@1.0.0", "x@1.0.0(peer@1.0.0)", "x@2.0.0"]
    assert not found.flat and graph("yarn.lock", YARN).flat and graph("bun.lock", BUN).flat


def test_a_tool_is_had_with_all_that_it_needs() -> None:
    found = graph("pnpm-lock.yaml", PNPM).only("packages/a", "x").on(HOST)
    assert [*found.packages] == ["peer@1.0.0", "x@1.0.0(peer@1.0.0)"]


@BOTH
def test_planned_versions_of_the_workspace_do_not_matter(name: str, text: str) -> None:
    later = {"dependencies": {**A["dependencies"], "b": "^5.0.0"}, "version": "3.0.0"}
    assert graph(name, text, a=later, b={"version": "5.0.0"}) == graph(name, text)


@BOTH
def test_a_lock_file_that_is_out_of_date_says_where(name: str, text: str) -> None:
    other = {"dependencies": {**A["dependencies"], "y": "npm:x@^3.0.0", "z": "1.0.0"}}
    begin = "it is out of date: js/packages/a/package.json asks for"
    found = messages(project(name, text, a=other))
    if name == "yarn.lock":
        assert found == [f"{begin} {each}, which is not in it" for each in ("y npm:x@^3.0.0", "z 1.0.0")]
    else:
        y = f"{begin} y npm:x@^3.0.0, locked is npm:x@^2.0.0"
        assert found == [y, f"{begin} z 1.0.0, locked is nothing"]


@pytest.mark.parametrize("name", ["pnpm-lock.yaml", "bun.lock"])
def test_a_package_that_nobody_asks_for_any_more_and_a_new_workspace_are_told(name: str) -> None:
    of = project(name, FILES[name], root={"devDependencies": {}})
    new = NpmManifest(directory="js/packages/c", values={"name": "c"})
    found = messages(replace(of, members={**of.members, new.directory: new}))
    assert found == [
        "it is out of date: js/package.json asks for x nothing, locked is ^1.0.0",
        "it does not know the workspace js/packages/c",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("pnpm-lock.yaml", "'9.0'", "5.4", "lockfileVersion is 5.4, and 6.0 or 9.0 is needed"),
        ("pnpm-lock.yaml", hashed("x2"), "sha1-abc", "x@2.0.0 is not pinned by a sha512 integrity"),
        ("pnpm-lock.yaml", "link:../b", "link:../../../b", "b is a link to ../b, outside of the workspace"),
        (
            "pnpm-lock.yaml",
            "snapshots:",
            "patchedDependencies: {x: {}}\nsnapshots:",
            "it is out of date: the patches are not those that were locked",
        ),
        ("pnpm-lock.yaml", "  x@2.0.0: {}\n", "", "packages/a gets x@2.0.0, which is not in it"),
        (
            "pnpm-lock.yaml",
            "importers:",
            "overrides: {x: 1.0.0}\nimporters:",
            "it is out of date: the overrides are not those that were locked",
        ),
        (
            "pnpm-lock.yaml",
            "importers:",
            "catalogs: {default: {x: {specifier: ^9}}}\nimporters:",
            "it is out of date: the catalog has x not, locked is ^9",
        ),
        ("yarn.lock", "mac@1.0.0:", "mac@1.0.0", "not a lock file of Yarn 1: mac@1.0.0"),
        (
            "yarn.lock",
            f"  integrity {hashed('x2')}",
            "",
            "y@npm:x@^2.0.0 is not pinned by a sha512 integrity",
        ),
        ("yarn.lock", '>=0 <3"\n\n', '>=9"\n\n', NO_PEER),
        ("yarn.lock", '"y@npm:x@^2.0.0"', '"y@github:h/x", "y@npm:x@^2.0.0"', "y@github:h/x is github:h/x"),
        ("bun.lock", '"lockfileVersion"', "lockfileVersion", NO_JSON),
        (
            "bun.lock",
            '["x@2.0.0", "", {}, ',
            '["x@git+ssh://h.example/x", {}, ',
            "y is git+ssh://h.example/x",
        ),
        (
            "bun.lock",
            '"packages": {',
            '"catalog": {"x": "1"}, "packages": {',
            "it is out of date: the catalogs are not those that were locked",
        ),
    ],
)
def test_what_cannot_be_installed_is_refused(name: str, old: str, new: str, message: str) -> None:
    assert old in FILES[name]
    assert messages(project(name, FILES[name].replace(old, new, 1))) == [message]


def test_overrides_that_were_locked_may_stand_where_pnpm_reads_them() -> None:
    text = PNPM.replace("importers:", "overrides: {x: 1.0.0}\nimporters:").replace(
        "{specifier: ^1.0.0", "{specifier: 1.0.0"
    )
    of = project("pnpm-lock.yaml", text, root={"pnpm": {"overrides": {"x": "1.0.0"}}})
    assert isinstance(read_lock(of, HOST), NpmGraph)
    of = replace(project("pnpm-lock.yaml", text), workspace={"overrides": {"x": "$x"}})
    assert isinstance(read_lock(of, HOST), NpmGraph)


def test_resolutions_of_yarn_count_where_they_are_for() -> None:
    text = YARN + f'\npeer@2.0.0:\n  version "2.0.0"\n  integrity {hashed("peer2")}\n'
    for key, version in (("x/peer", "2.0.0"), ("**/peer", "2.0.0"), ("peer", "2.0.0"), ("y/peer", "1.0.0")):
        found = graph("yarn.lock", text, root={"resolutions": {key: "2.0.0"}})
        assert got(found, found.packages["x@^1.0.0"].needs) == {"peer": f"peer {version}"}


def test_of_a_family_its_own_platform_packages_are_not_looked_for() -> None:
    own = {"optionalDependencies": {"mac": "1.0.0"}}
    of = project("pnpm-lock.yaml", PNPM, a={"optionalDependencies": {}})
    assert isinstance(read_lock(replace(of, absent=frozenset({"mac"})), HOST), NpmGraph)
    assert messages(of) == [
        "it is out of date: js/packages/a/package.json asks for mac nothing, locked is 1.0.0"
    ]
    assert isinstance(read_lock(project("pnpm-lock.yaml", PNPM, a=own), HOST), NpmGraph)


def test_optional_packages_that_pnpm_is_told_to_ignore_are_not_missing() -> None:
    more = {"optionalDependencies": {"mac": "1.0.0", "@big/one": "*"}}
    ignoring = PNPM.replace("importers:", "ignoredOptionalDependencies: ['@big/*']\nimporters:")
    assert graph("pnpm-lock.yaml", ignoring, a=more) == graph("pnpm-lock.yaml", PNPM)
    assert len(messages(project("pnpm-lock.yaml", PNPM, a=more))) == 1


@BOTH
def test_platform_packages_that_were_never_released_may_lack(name: str, text: str) -> None:
    optional = {"mac": "1.0.0", "@x/a-linux-x64-gnu": "0.1.0", "a-cli-aarch64-apple-darwin": "0.1.0"}
    assert graph(name, text, a={"optionalDependencies": optional}) == graph(name, text)


def test_several_tools_and_none() -> None:
    of = project("pnpm-lock.yaml", PNPM)
    rivals = replace(of, lock=None, rivals=("js/pnpm-lock.yaml", "js/yarn.lock"))
    assert messages(rivals) == [
        "js/pnpm-lock.yaml and js/yarn.lock stand beside each other, and nothing says which counts"
    ]
    assert messages(replace(of, lock=None)) == ["it has dependencies and scripts, but no lock file pins them"]
    of = replace(of, lock=None, workspace={"packages": ["x"]})
    with pytest.raises(Problems) as caught:
        read_lock(of, HOST)
    assert caught.value.problems[0].hint == "run `pnpm install` in js and commit pnpm-lock.yaml"


@pytest.mark.parametrize(
    "settings",
    [{"workspace": {"sharedWorkspaceLockfile": "false"}}, {"settings": "shared-workspace-lockfile=false\n"}],
)
def test_a_lock_file_for_each_package_is_told_to_be_one_for_all(settings: dict[str, Any]) -> None:
    of = replace(project("pnpm-lock.yaml", PNPM), lock=None, **settings)
    assert messages(of) == [
        "one lock file for all of the workspace is needed, and sharedWorkspaceLockfile is false"
    ]
