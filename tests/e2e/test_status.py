"""`piot status`, installed, with the real cargo configuration, pip and npm, and loopback registries."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.conftest import Piot
from tests.support.released import Released, released
from tests.support.small_files import crate, wheel

pytestmark = pytest.mark.e2e


@pytest.fixture
def checkout(tmp_path: Path) -> Generator[Released, None, None]:
    with released(tmp_path) as made:
        yield made


def env(checkout: Released) -> dict[str, str | None]:
    """Nothing of this machine's own settings; the programs are those of the checkout's environment."""
    return {**checkout.environ, "NO_PROXY": "127.0.0.1"}


def test_the_state_of_a_package_on_each_registry(piot: Piot, checkout: Released) -> None:
    checkout.tag("core-v1.0.0", "my-py-v1.0.0")
    checkout.crates.add("core", "1.0.0", crate("core", "1.0.0"))
    said = piot("status", "--check", "--json", cwd=checkout.root, env=env(checkout), ok=False)
    packages = json.loads(said.stdout)["packages"]
    assert said.code == 7, said.text
    assert [(each["package"], each["state"]) for each in packages] == [
        ("core", "in sync"),
        ("my-py", "tagged, unpublished"),
        ("js", "unreleased"),
    ]


def test_built_files_and_another_registry(piot: Piot, checkout: Released, tmp_path: Path) -> None:
    checkout.tag("my-py-v1.0.0")
    filename, data = wheel("my_py", "1.0.0")
    checkout.pypi.add("my-py", filename, data)
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / filename).write_bytes(data + b"changed")
    words = ("status", "--registry", "pypi", "--artifacts", str(tmp_path / "built"))
    said = piot(*words, cwd=checkout.root, env=env(checkout))
    assert [line.split("  ")[0] for line in said.stdout.splitlines()[:2]] == ["package", "my-py"]
    assert "different bytes" in said.stdout
