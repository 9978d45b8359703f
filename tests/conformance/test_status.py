"""Status: the cases S01 to S07, S15 and S16, in which tags and registries agree or drift apart.

Where the original compares the newest tag with the newest version of a registry, the question here is
whether the registry has the version of the tag: a backport or a dist-tag of its own is no drift.
"""

from __future__ import annotations

import pytest

from piot.model.listing import Held, Listing
from piot.model.package import CratesSettings, Package
from piot.model.release_state import PackageState, judged, tagged_versions, unreachable
from tests.conformance.cases import Case

CASES = tuple(Case(f"S{number:02}") for number in range(1, 7))

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
