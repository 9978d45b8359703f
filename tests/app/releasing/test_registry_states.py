"""What a plan says of registries on the loopback interface: one of each kind."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from piot.app.plan import MatrixRequest, Planned, planned
from piot.app.releasing.release_plan import PlanRequest
from piot.app.session.where import Where
from tests.support.loopback import Fault, Reply
from tests.support.released import Released, released
from tests.support.small_files import crate

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Released, None, None]:
    """All was released as 0.1.0; then the crate and the npm package changed."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with released(tmp_path) as checkout:
        checkout.tag("core-v0.1.0", "my-py-v0.1.0", "js-v0.1.0")
        checkout.write("core/src/lib.rs", b"pub fn two() -> u8 { 2 }\n")
        checkout.write("js/index.js", b"module.exports = 2\n")
        checkout.commit()
        yield checkout


def plan(checkout: Released, *, offline: bool = False, artifacts: Path | None = None) -> Planned:
    where = Where(directory=checkout.root, environ=checkout.environ, offline=offline)
    return planned(PlanRequest(), MatrixRequest(artifacts=artifacts), where, lambda _: None)


def states(found: Planned) -> dict[str, tuple[str, str, str]]:
    return {name: (each.place, each.version, each.state) for name, each in found.registries.items()}


def noted(found: Planned) -> list[tuple[str, str, str]]:
    return [(each.severity, each.code, each.message) for each in found.findings]


def test_nothing_of_a_new_version_is_there(checkout: Released) -> None:
    checkout.crates.add("core", "0.1.0", crate("core", "0.1.0"))
    found = plan(checkout)
    assert states(found) == {
        "core": ("crates-io", "0.1.1", "absent"),
        "my-py": ("pypi", "0.1.1", "unknown name"),
        "js": ("npm", "0.1.1", "unknown name"),
    }
    assert (found.skew, noted(found)) == ((), [])


def test_what_is_there_already_is_told_to_who_depends_on_it_and_to_the_workflow(checkout: Released) -> None:
    checkout.crates.add("core", "0.1.1", crate("core", "0.1.1"))
    found = plan(checkout)
    assert states(found)["core"] == ("crates-io", "0.1.1", "there")
    assert found.skew == (("my-py", "core"),)
    assert noted(found) == [
        (
            "note",
            "PIOT_SKEW",
            "my-py would be published, and core 0.1.1, which it depends on, is there already",
        )
    ]
    assert 'unpublished_kinds=["pypi","npm"]' in found.github_output.splitlines()


@pytest.mark.parametrize(("ours", "state"), [("one", "same"), ("other", "different")])
def test_built_files_are_compared_by_digest(
    checkout: Released, tmp_path: Path, ours: str, state: str
) -> None:
    theirs = crate("core", "0.1.1", "one")
    checkout.crates.add("core", "0.1.1", theirs)
    built = tmp_path / "built"
    built.mkdir()
    (built / "core-0.1.1.crate").write_bytes(crate("core", "0.1.1", ours))
    assert states(plan(checkout, artifacts=built))["core"] == ("crates-io", "0.1.1", state)


def test_a_registry_that_does_not_answer_is_a_note(checkout: Released) -> None:
    refusing = Reply(status=403)
    checkout.pypi.faults.append(Fault(what="status", method="GET", path="/simple/", times=9, reply=refusing))
    found = plan(checkout)
    index = checkout.environ["PIP_INDEX_URL"]
    assert [each.name for each in found.plan.packages] == ["core", "my-py", "js"]
    assert states(found)["my-py"] == ("pypi", "0.1.1", "unreachable")
    assert noted(found) == [
        (
            "note",
            "PIOT_REGISTRY_SILENT",
            f"what its registry has of my-py is not known: {index.rstrip('/')}/my-py/ answered 403: "
            "reading it needs credentials",
        )
    ]


def test_settings_that_name_no_registry_are_a_note_too(checkout: Released) -> None:
    checkout.write("core/Cargo.toml", b'[package]\nname = "core"\nversion = "0.1.0"\npublish = ["corp"]\n')
    checkout.commit()
    found = plan(checkout)
    assert [each.message for each in found.findings if each.code == "PIOT_REGISTRY_SILENT"] == [
        'what its registry has of core is not known: cargo has no registry "corp"'
    ]


def test_offline_nobody_is_asked_and_that_is_said_once(checkout: Released) -> None:
    found = plan(checkout, offline=True)
    assert (states(found), found.skew, checkout.crates.requests) == ({}, (), [])
    assert noted(found) == [
        (
            "note",
            "PIOT_REGISTRY_UNASKED",
            "offline, no registry was asked what it has of the planned versions",
        )
    ]


def test_nobody_is_asked_for_an_empty_plan(checkout: Released) -> None:
    checkout.tag("core-v0.1.1", "my-py-v0.1.1", "js-v0.1.1")
    found = plan(checkout)
    assert (found.plan.packages, noted(found), checkout.crates.requests) == ((), [], [])
