"""Status: the cases S01 to S07, S15 and S16, in which tags and registries agree or drift apart.

Where the original compares the newest tag with the newest version of a registry, the question here is
whether the registry has the version of the tag: a backport or a dist-tag of its own is no drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from piot.app.releasing.publish_refusals import refuse_blocked
from piot.cli import status as verb
from piot.cli.main import main
from piot.errors import MachineError
from piot.model.package import CratesSettings, Package
from piot.model.release.artifact import Artifact
from piot.model.release.listing import Held, Listing
from piot.model.release.registry import Place
from piot.model.release.registry_state import silent
from piot.model.release.state import PackageState, judged, tagged_versions, unreachable
from piot.release.observe.asking import Unreadable
from piot.release.registries import Registries
from tests.conformance.cases import Case
from tests.support.cargo_registry import CargoRegistry
from tests.support.loopback import Fault, Reply

CASES = tuple(Case(f"S{number:02}") for number in (*range(1, 8), 15, 16))

PACKAGE = Package(name="x", kind="crates", path="x", paths=("x/**",), settings=CratesSettings(crate="x"))


def state(tag: str | None, *registry: str) -> PackageState:
    """The state with one tag, or none, and these versions on the registry; none means an unknown name."""
    tags = tagged_versions(PACKAGE, () if tag is None else (f"x-v{tag}",))
    files = tuple(Held(file=f"x-{each}.crate", version=each, sha256="0") for each in registry)
    listing = Listing(name="x", files=files) if registry else None
    return judged(PACKAGE, "crates-io", tags, tags.values(), {"x": listing})


@pytest.mark.parametrize(
    ("case", "tag", "registry", "expected", "drift"),
    [
        ("S01", None, (), "unreleased", False),
        ("S02", "1.0.0", (), "tagged, unpublished", True),
        ("S03", None, ("1.0.0",), "published, untagged", True),
        ("S04", "1.0.0", ("1.0.0",), "in sync", False),
        ("S05", "1.1.0", ("1.0.0",), "version mismatch", True),
        ("S05", "1.0.0", ("1.0.0", "1.1.0"), "version mismatch", True),
        ("S05", "1.0.0", ("1.1.0",), "version mismatch", True),
    ],
)
def test_tag_and_registry(
    case: str, tag: str | None, registry: tuple[str, ...], expected: str, drift: bool
) -> None:
    found = state(tag, *registry)
    assert (case, found.state, found.drift) == (case, expected, drift)


def test_s06_a_registry_that_does_not_answer_is_no_drift() -> None:
    found = unreachable(PACKAGE, "crates-io", tagged_versions(PACKAGE, ("x-v1.0.0",)), "no answer")
    assert (found.state, found.drift, found.tag_version) == ("registry unreachable", False, "1.0.0")


def test_s07_a_registry_that_does_not_answer_is_exit_0(monkeypatch: pytest.MonkeyPatch) -> None:
    found = unreachable(PACKAGE, "crates-io", tagged_versions(PACKAGE, ("x-v1.0.0",)), "no answer")

    def status(*_: object, **__: object) -> tuple[PackageState]:
        return (found,)

    monkeypatch.setattr(verb, "status", status)
    assert main(("status", "--check")) == 0


@pytest.fixture
def crates(monkeypatch: pytest.MonkeyPatch) -> Iterator[CargoRegistry]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    registry = CargoRegistry()
    with registry.running():
        registry.add("x", "1.0.0", b"bytes")
        yield registry


def refused(status: int, times: int) -> Fault:
    return Fault(what="status", method="GET", path="/index/1/x", times=times, reply=Reply(status=status))


def test_s15_a_question_that_is_too_much_is_asked_again(crates: CargoRegistry, tmp_path: Path) -> None:
    waited: list[float] = []
    crates.faults.append(refused(429, times=1))
    with closing(Registries(tmp_path, {"CARGO_HOME": str(tmp_path)}, sleep=waited.append)) as registries:
        found = registries.listing(Place(name="crates-io", kind="crates", index=crates.index), "x")
    assert (found and found.versions, len(waited)) == (("1.0.0",), 1)


def test_s16_a_registry_that_refuses_stops_a_release_and_leaves_a_plan(
    crates: CargoRegistry, tmp_path: Path
) -> None:
    crates.faults.append(refused(403, times=9))
    place = Place(name="crates-io", kind="crates", index=crates.index)
    file = Artifact(package="x", kind="crate", registry_name="x", version="1.0.0", file="x-1.0.0.crate")
    with closing(Registries(tmp_path, {"CARGO_HOME": str(tmp_path)})) as registries:
        (answer,) = registries.listings([(place, "x")]).values()
        with pytest.raises(MachineError, match="registries do not tell, so nothing was sent"):
            refuse_blocked(registries.observe(place, [file]))
    assert isinstance(answer, Unreadable)
    assert silent(PACKAGE, "1.0.0", answer.reason).verdict == "unknown"
