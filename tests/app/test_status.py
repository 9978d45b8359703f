"""`piot status` of a checkout with tags, whose registries are on the loopback interface."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from piot.app.session.where import Where
from piot.app.status import status
from piot.model.release.state import PackageState
from tests.support.loopback import Fault, Reply
from tests.support.released import Released, released
from tests.support.repository import do
from tests.support.small_files import crate, wheel

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Released, None, None]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with released(tmp_path) as made:
        yield made


def states(
    checkout: Released, *, offline: bool = False, chosen: str | None = None
) -> dict[str, PackageState]:
    where = Where(directory=checkout.root, environ=checkout.environ, offline=offline)
    return {each.package: each for each in status(where, lambda _: None, chosen=chosen)}


def words(found: dict[str, PackageState]) -> dict[str, str]:
    return {name: each.state for name, each in found.items()}


def test_nothing_released_yet(checkout: Released) -> None:
    found = states(checkout)
    assert words(found) == {"core": "unreleased", "my-py": "unreleased", "js": "unreleased"}
    assert {each.place for each in found.values()} == {"crates-io", "pypi", "npm"}


def test_released_and_tagged(checkout: Released) -> None:
    checkout.tag("core-v1.0.0", "my-py-v1.0.0", "js-v1.0.0")
    checkout.crates.add("core", "1.0.0", crate("core", "1.0.0"))
    checkout.pypi.add("my-py", *wheel("my_py", "1.0.0"))
    checkout.packuments["/@x%2fjs"] = Reply.of({"versions": {"1.0.0": {}}})
    found = states(checkout)
    assert words(found) == {"core": "in sync", "my-py": "in sync", "js": "in sync"}
    assert (found["my-py"].tag, found["my-py"].registry) == ("my-py-v1.0.0", "1.0.0")


def test_a_tag_of_another_branch_is_no_last_release_but_known(checkout: Released) -> None:
    checkout.tag("core-v1.0.0")
    do(checkout.root, "checkout", "--quiet", "-b", "other")
    do(checkout.root, "commit", "--quiet", "--allow-empty", "--message=later")
    checkout.tag("core-v2.0.0")
    do(checkout.root, "checkout", "--quiet", "main")
    for version in ("1.0.0", "2.0.0"):
        checkout.crates.add("core", version, crate("core", version))
    found = states(checkout)["core"]
    assert (found.tag, found.registry, found.state) == ("core-v1.0.0", "2.0.0", "in sync")


def test_built_files_are_compared_by_digest(checkout: Released) -> None:
    checkout.tag("core-v1.0.0", "my-py-v1.0.0")
    filename, data = wheel("my_py", "1.0.0", "ours")
    checkout.write(f"dist/{filename}", data)
    checkout.write("dist/core-1.0.0.crate", crate("core", "1.0.0"))
    checkout.write("dist/core-1.1.0.crate", crate("core", "1.1.0"))
    checkout.crates.add("core", "1.0.0", crate("core", "1.0.0"))
    checkout.pypi.add("my-py", *wheel("my_py", "1.0.0", "theirs"))
    found = states(checkout)
    assert [(each.artifact.file, each.state) for each in found["core"].artifacts] == [
        ("core-1.0.0.crate", "same")
    ]
    assert (found["my-py"].state, found["my-py"].drift) == ("different bytes", True)


def test_a_registry_that_is_away_and_a_client_that_is_missing_are_said(checkout: Released) -> None:
    checkout.tag("core-v1.0.0")
    checkout.crates.faults.append(
        Fault(what="status", method="GET", path="/index/", times=9, reply=Reply(status=403))
    )
    without_npm = {**checkout.environ, "PATH": ""}
    found = states(replace(checkout, environ=without_npm))
    assert (found["core"].state, found["core"].drift) == ("registry unreachable", False)
    assert found["core"].detail.endswith("/index/co/re/core answered 403: reading it needs credentials")
    assert (found["js"].state, found["js"].detail) == ("registry unreachable", "npm is not on PATH")


def test_offline_no_registry_is_asked(checkout: Released) -> None:
    found = states(checkout, offline=True)
    assert {each.detail for each in found.values()} == {"--offline forbids to ask it"}
    assert checkout.crates.seen == checkout.pypi.seen == checkout.npm.seen == []


def test_with_another_registry_only_packages_of_its_kind_are_shown(checkout: Released) -> None:
    assert list(states(checkout, chosen="pypi")) == ["my-py"]
