"""Tags, registries and built files held against each other."""

from __future__ import annotations

import pytest

from piot.model.npm.stage import StagedVersion
from piot.model.package import CratesSettings, NpmBuild, NpmSettings, Package, PypiSettings, TargetSpec
from piot.model.release.artifact import Artifact, Observed
from piot.model.release.artifact import State as ArtifactState
from piot.model.release.listing import Held, Listing
from piot.model.release.state import PackageState, judged, newest, tagged_versions
from piot.model.triple import Triple

LINUX = TargetSpec(triple=Triple.parse("x86_64-unknown-linux-gnu"), written="linux-x64-gnu")
CRATE = Package(name="x", kind="crates", path="x", paths=("x/**",), settings=CratesSettings(crate="x"))
PYPI = Package(name="p", kind="pypi", path="p", paths=("p/**",), settings=PypiSettings(pypi="My.Py"))
NPM = Package(
    name="n",
    kind="npm",
    path="n",
    paths=("n/**",),
    settings=NpmSettings(npm="@x/n", build=(NpmBuild(mode="napi"),), targets=(LINUX,)),
)


def listing(name: str, *versions: str, yanked: bool = False) -> Listing:
    files = tuple(Held(file=f"{name}-{each}", version=each, yanked=yanked) for each in versions)
    return Listing(name=name, files=files)


def state(
    package: Package,
    tags: tuple[str, ...],
    *listings: Listing,
    artifacts: tuple[Observed, ...] = (),
    elsewhere: tuple[str, ...] = (),
    waiting: tuple[StagedVersion, ...] | None = (),
) -> PackageState:
    mine = tagged_versions(package, tags)
    known = {each.name: each for each in listings}
    answers = {name: known.get(name) for name in package.registry_names}
    everywhere = tagged_versions(package, (*tags, *elsewhere)).values()
    return judged(package, "place", mine, everywhere, answers, artifacts, waiting)


def test_only_tags_of_the_package_with_a_version_that_its_registry_can_have_count() -> None:
    tags = ("x-v1.0.0", "x-v1.0.0-rc.1", "y-v9.0.0", "x-vnext", "v2.0.0", "x-v1.0.0-foo")
    assert sorted(tagged_versions(CRATE, tags)) == ["x-v1.0.0", "x-v1.0.0-foo", "x-v1.0.0-rc.1"]
    assert sorted(tagged_versions(PYPI, ("p-v1.0.0-foo", "p-v1.0.0-rc.1"))) == ["p-v1.0.0-rc.1"]


def test_the_newest_tag_is_the_one_of_highest_precedence() -> None:
    tags = tagged_versions(CRATE, ("x-v1.9.0", "x-v1.10.0-rc.1", "x-v1.10.0-rc.2"))
    assert newest(tags) == "x-v1.10.0-rc.2"
    assert newest({}) is None


def test_versions_of_python_are_compared_as_the_index_spells_them() -> None:
    found = state(PYPI, ("p-v1.3.0-rc.1",), listing("My.Py", "1.3.0rc1"))
    assert (found.state, found.registry) == ("in sync", "1.3.0rc1")


def test_a_backport_and_a_release_of_another_branch_are_no_drift() -> None:
    registry = listing("x", "2.0.0", "1.0.1")
    assert state(CRATE, ("x-v1.0.1",), registry, elsewhere=("x-v2.0.0",)).state == "in sync"
    found = state(CRATE, ("x-v1.0.1",), registry)
    assert (found.state, found.detail) == (
        "version mismatch",
        "2.0.0 is on the registry, and no tag names it",
    )


def test_a_family_of_npm_is_published_when_all_of_it_is() -> None:
    umbrella, platform = listing("@x/n", "1.0.0"), listing("@x/n-linux-x64-gnu", "1.0.0")
    assert state(NPM, ("n-v1.0.0",), umbrella, platform).state == "in sync"
    found = state(NPM, ("n-v1.0.0",), umbrella)
    assert (found.state, found.detail) == ("published in part", "1.0.0 of @x/n-linux-x64-gnu is not there")
    assert found.drift


@pytest.mark.parametrize(
    ("seen", "expected", "detail"),
    [
        ("same", "in sync", ""),
        ("yanked", "in sync", ""),
        ("unreachable", "in sync", ""),
        ("absent", "published in part", "the registry lacks my_py-1.0.0.whl"),
        ("different", "different bytes", "my_py-1.0.0.whl as built here is not what the registry has"),
    ],
)
def test_built_files_count_by_their_digest(seen: ArtifactState, expected: str, detail: str) -> None:
    artifact = Artifact(
        package="p", kind="wheel", registry_name="My.Py", version="1.0.0", file="my_py-1.0.0.whl"
    )
    observed = Observed(artifact=artifact, state=seen)
    found = state(PYPI, ("p-v1.0.0",), listing("My.Py", "1.0.0"), artifacts=(observed,))
    assert (found.state, found.detail) == (expected, detail)


def test_a_yanked_version_is_there_and_said() -> None:
    found = state(CRATE, ("x-v1.0.0",), listing("x", "1.0.0", yanked=True))
    assert (found.state, found.detail, found.drift) == ("in sync", "yanked", False)


def test_build_metadata_makes_no_other_version_for_cargo() -> None:
    assert state(CRATE, ("x-v1.0.0",), listing("x", "1.0.0+1")).state == "in sync"


UMBRELLA, PLATFORM = (
    StagedVersion(id=name, name=name, version="1.1.0") for name in ("@x/n", "@x/n-linux-x64-gnu")
)
UNSEEN = "what waits for an approval is shown to tokens of persons alone: `npm stage list @x/n`"


def test_what_waits_for_an_approval_is_a_state_until_it_is_approved() -> None:
    old = listing("@x/n", "1.0.0"), listing("@x/n-linux-x64-gnu", "1.0.0")
    found = state(NPM, ("n-v1.0.0",), *old, waiting=(UMBRELLA, PLATFORM))
    assert (found.state, found.detail, found.drift) == (
        *("waits for approval", "@x/n-linux-x64-gnu 1.1.0 and @x/n 1.1.0", True),
    )
    assert found.staged == (PLATFORM, UMBRELLA), "in the order in which they are to be approved"
    half = old[0], listing("@x/n-linux-x64-gnu", "1.0.0", "1.1.0")
    assert state(NPM, ("n-v1.0.0",), *half, waiting=(UMBRELLA, PLATFORM)).staged == (UMBRELLA,)
    assert state(NPM, ("n-v1.0.0",), *old, waiting=()).state == "in sync"


def test_what_waits_is_not_known_where_the_registry_does_not_tell() -> None:
    old = listing("@x/n", "1.0.0"), listing("@x/n-linux-x64-gnu", "1.0.0")
    found = state(NPM, ("n-v1.0.0",), *old, waiting=None)
    assert (found.state, found.detail, found.staged, found.drift) == ("in sync", UNSEEN, None, False)
    new = Listing(name="@x/n-linux-x64-gnu", files=(), reserved=True)
    found = state(NPM, (), new, waiting=None)
    assert (found.state, found.detail, found.drift) == (
        *("waits for approval", f"a first version of @x/n-linux-x64-gnu; {UNSEEN}", True),
    )
