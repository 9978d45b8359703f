"""The order of a release."""

from __future__ import annotations

from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from piot.model.package import CratesSettings, Package
from piot.model.release.artifact import Artifact, ArtifactKind, Observed, State
from piot.model.release.steps import (
    Outcome,
    Step,
    Tag,
    Upload,
    blockers,
    concerns,
    steps,
    with_dependencies,
)
from tests.support.plans import first_release


def package(name: str, *depends_on: str) -> Package:
    settings = CratesSettings(crate=name)
    return Package(
        name=name, kind="crates", path=name, paths=(name,), settings=settings, depends_on=depends_on
    )


def seen(name: str, file: str = "", kind: ArtifactKind = "crate", state: State = "absent") -> Observed:
    artifact = Artifact(
        package=name, kind=kind, registry_name=name, version="1.0.0", file=file or f"{name}.crate"
    )
    return Observed(artifact=artifact, state=state)


def after(found: tuple[Step, ...]) -> dict[str, set[str]]:
    return {step.name: set(step.after) for step in found}


def test_dependencies_go_first_and_a_tag_needs_only_its_own_files() -> None:
    packages = {"a": package("a"), "b": package("b", "a"), "c": package("c", "b")}
    found = steps(first_release("a", "b", "c"), packages, [seen("a"), seen("b"), seen("c")])
    assert after(found) == {
        "a a.crate": set(),
        "tag a-v1.0.0": {"a a.crate"},
        "b b.crate": {"a a.crate"},
        "tag b-v1.0.0": {"b b.crate"},
        "c c.crate": {"a a.crate", "b b.crate"},
        "tag c-v1.0.0": {"c c.crate"},
    }


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_a_plan_lets_no_dependent_go_first(names: list[str]) -> None:
    packages = {"a": package("a"), "b": package("b", "a"), "c": package("c", "b"), "d": package("d", "a")}
    found = steps(first_release(*names), packages, [seen(name) for name in names], tags=False)
    known = set[str]()
    for step in found:
        assert known.issuperset(step.after)
        known.add(step.name)
    assert after(found)["c c.crate"] == {"a a.crate", "b b.crate"}
    assert after(found)["d d.crate"] == {"a a.crate"}


def test_a_package_that_is_not_released_still_stands_between_two_that_are() -> None:
    packages = {"a": package("a"), "b": package("b", "a"), "c": package("c", "b")}
    found = steps(first_release("a", "c"), packages, [seen("a"), seen("c")], tags=False)
    assert after(found) == {"a a.crate": set(), "c c.crate": {"a a.crate"}}


def test_platform_packages_go_before_their_umbrella_and_wheels_before_the_sdist() -> None:
    observed = [
        seen("n", "n.tgz", "npm-package"),
        seen("n", "n-linux.tgz", "npm-platform"),
        seen("n", "n-mac.tgz", "npm-platform"),
    ]
    found = steps(first_release("n"), {"n": package("n")}, observed, tags=False)
    assert after(found)["n n.tgz"] == {"n n-linux.tgz", "n n-mac.tgz"}
    files = [seen("p", "p.tar.gz", "sdist"), seen("p", "p.whl", "wheel")]
    assert after(steps(first_release("p"), {"p": package("p")}, files, tags=False))["p p.tar.gz"] == {
        "p p.whl"
    }


def test_what_is_there_is_settled() -> None:
    states: tuple[State, ...] = ("absent", "same", "yanked", "unknown name")
    observed = [seen("p", f"{state}.whl", "wheel", state) for state in states]
    found = steps(first_release("p"), {"p": package("p")}, observed, tags=False)
    assert [isinstance(each, Upload) and each.settled for each in found] == [False, True, True, False]


def test_other_bytes_and_silence_forbid_to_send_anything() -> None:
    states: tuple[State, ...] = ("absent", "same", "different", "unreachable", "unknown name")
    observed = [seen("p", f"{state}.whl", "wheel", state) for state in states]
    assert [each.state for each in blockers(observed)] == ["different", "unreachable"]


@given(st.data())
def test_every_step_stands_behind_what_it_comes_after(data: st.DataObject) -> None:
    names = [f"p{number}" for number in range(data.draw(st.integers(1, 7)))]
    packages: dict[str, Package] = {}
    for index, name in enumerate(names):
        needed = data.draw(st.sets(st.sampled_from(names[:index]))) if index else set[str]()
        packages[name] = package(name, *sorted(needed))
    released = [name for name in names if data.draw(st.booleans())]
    found = steps(first_release(*released), packages, [seen(name) for name in released])
    done: set[str] = set()
    for step in found:
        assert set(step.after) <= done
        done.add(step.name)
    order = TopologicalSorter({name: each.depends_on for name, each in packages.items()})
    reach: dict[str, set[str]] = {}
    for name in order.static_order():
        reach[name] = {other for each in packages[name].depends_on for other in (each, *reach[each])}
    uploads = {each.package: each for each in found if isinstance(each, Upload)}
    for name, upload in uploads.items():
        assert set(upload.after) == {f"{each} {each}.crate" for each in reach[name] if each in uploads}
    assert sum(isinstance(each, Tag) for each in found) == len(released)


def test_what_a_package_needs_is_looked_at_with_it() -> None:
    packages = {"a": package("a"), "b": package("b", "a"), "c": package("c", "b"), "d": package("d")}
    assert with_dependencies(frozenset({"c"}), packages) == {"a", "b", "c"}


def test_a_run_for_some_packages_does_not_miss_a_shared_tag_that_waits_for_others() -> None:
    mine = Upload(artifact=seen("a").artifact)
    other = Upload(artifact=seen("b").artifact)
    shared = Tag(packages=("a", "b"), tag="v1.0.0", after=(mine.name, other.name))
    done, left = Outcome(step=mine, fate="done"), Outcome(step=shared, fate="left")
    asked = frozenset({"a"})
    assert concerns(done, asked, ())
    assert not concerns(Outcome(step=other, fate="failed"), asked, ())
    assert not concerns(left, asked, (done,))
    assert concerns(left, asked, (Outcome(step=mine, fate="failed"),)), "it waits for our own"
    assert concerns(left, frozenset({"a", "b"}), (done,))
    assert concerns(Outcome(step=shared, fate="done"), asked, (done,))
