"""The real cargo publishes to a registry with crates.io's words, limits and lag."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.model.package import CratesSettings, Package
from piot.model.release.registry import Place
from piot.release.artifacts import Found, find
from piot.release.publish.crates import CargoPublisher, StagedCrate
from piot.release.publish.deliver import Deliverer
from piot.release.publish.refusal import Refused, asked_wait
from piot.release.registries import Registries
from tests.support.cargo_registry import TOKEN, CargoRegistry
from tests.support.delivered import ended
from tests.support.loopback import Fault, Reply
from tests.support.three_files import with_rust

pytestmark = pytest.mark.e2e

MANIFEST = """\
[package]
name = "{name}"
version = "1.0.0"
edition = "2021"
license = "MIT"
description = "small"
"""


@dataclass(kw_only=True)
class Case:
    """One crate on its way to a registry; ``waited`` are the pauses, of which the longest is left out."""

    registries: Registries
    place: Place
    publisher: CargoPublisher
    found: Found
    staged: StagedCrate
    waited: list[float] = field(default_factory=list[float])
    said: list[str] = field(default_factory=list[str])

    def deliver(self, token: str | None = TOKEN) -> str:
        deliverer = Deliverer(registries=self.registries, place=self.place, say=self.said.append)
        said = deliverer.deliver(
            self.found.artifact, lambda: self.publisher.publish(self.found, self.staged, token)
        )
        return ended(said)


def packed(folder: Path, server: CargoRegistry, name: str, dependencies: str = "") -> Case:
    """A crate that was packed where piot is not looking, and what it was packed from."""
    root = folder / name
    (root / "src").mkdir(parents=True)
    (root / "src/lib.rs").write_text("pub fn one() -> u8 { 1 }\n")
    (root / "Cargo.toml").write_text(MANIFEST.format(name=name) + dependencies)
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        time.sleep(min(seconds, 0.5))

    env = with_rust({"PATH": os.environ["PATH"], "HOME": str(folder), "CARGO_HOME": str(folder / "cargo")})
    env = {**env, "NO_PROXY": "127.0.0.1", "NPM_TOKEN": "of another registry"}
    place = Place(name="crates-io", kind="crates", index=server.index)
    publisher = CargoPublisher(place=place, env=env)
    pack = [
        *("cargo", "package", "--no-verify", "--allow-dirty", "--target-dir", str(folder / "target")),
        *("--config", 'source.crates-io.replace-with="loop"'),
        *("--config", f'source.loop.registry="{server.index}"'),
    ]
    done = subprocess.run(pack, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    package = Package(name=name, kind="crates", path=name, paths=(), settings=CratesSettings(crate=name))
    (found,) = find(folder / "target/package", (package,))
    files = {
        "Cargo.toml": (root / "Cargo.toml").read_bytes(),
        "src/lib.rs": (root / "src/lib.rs").read_bytes(),
    }
    if (root / "Cargo.lock").exists():
        files["Cargo.lock"] = (root / "Cargo.lock").read_bytes()
    return Case(
        registries=Registries(folder, env, sleep=sleep),
        place=place,
        publisher=publisher,
        found=found,
        staged=StagedCrate(
            files={path: (data, False) for path, data in files.items()}, manifest="Cargo.toml", cargo="cargo"
        ),
        waited=waited,
    )


@pytest.fixture
def demo(crates: CargoRegistry, tmp_path: Path) -> Generator[Case, None, None]:
    made = packed(tmp_path, crates, "demo")
    yield made
    made.registries.close()


def test_what_is_sent_is_what_was_verified(crates: CargoRegistry, demo: Case) -> None:
    assert demo.deliver() == ""
    assert crates.crates["demo"][0].data == demo.found.path.read_bytes()
    assert crates.uploads == ["demo@1.0.0"]


def test_other_bytes_than_the_verified_ones_are_not_sent(crates: CargoRegistry, demo: Case) -> None:
    demo.staged = replace(demo.staged, files={**demo.staged.files, "src/lib.rs": (b"// other\n", False)})
    with pytest.raises(InputError) as caught:
        demo.deliver()
    assert str(caught.value).startswith(
        "cargo packs other bytes than the verified demo-1.0.0.crate:\n  verif"
    )
    assert crates.uploads == []


def test_a_dependent_finds_what_the_index_shows_late(tmp_path: Path) -> None:
    server = CargoRegistry(lag=2.0)
    with server.running():
        demo = packed(tmp_path, server, "demo")
        demo.deliver()
        wrap = packed(tmp_path / "wrap", server, "wrap", '[dependencies]\ndemo = "1"\n')
        assert wrap.deliver() == ""
        (line,) = (each.line for each in server.crates["wrap"])
        assert [each["name"] for each in line["deps"]] == ["demo"]
        for case in (demo, wrap):
            case.registries.close()


def test_an_answer_that_is_lost_is_looked_up_and_nothing_is_sent_twice(
    crates: CargoRegistry, demo: Case
) -> None:
    crates.faults.append(Fault(what="lose", method="PUT", path="/api/v1/crates/new"))
    assert demo.deliver() == "it was there in spite of an error"
    assert crates.uploads == ["demo@1.0.0"]


def test_somebody_elses_upload_of_the_same_bytes_is_as_good(crates: CargoRegistry, demo: Case) -> None:
    crates.add("demo", "1.0.0", demo.found.path.read_bytes())
    assert demo.deliver() == "it was there in spite of an error"
    assert crates.uploads == []


def test_the_date_that_the_registry_names_is_waited_for(crates: CargoRegistry, demo: Case) -> None:
    def wait(seconds: float) -> None:
        """Whoever waits long enough is let in; the clock of the test does not."""
        demo.waited.append(seconds)
        crates.new_crates.again = 0.0 if seconds > 60 else crates.new_crates.again

    crates.new_crates.left = 0
    crates.new_crates.again = time.time() + 90
    demo.registries.sleep = wait
    assert demo.deliver() == ""
    assert crates.uploads == ["demo@1.0.0"]
    assert any(60 < each <= 92 for each in demo.waited)
    assert demo.said[0].startswith("waiting ")


@pytest.mark.parametrize("status", [500, 503])
def test_a_registry_that_stumbles_is_tried_again(crates: CargoRegistry, demo: Case, status: int) -> None:
    broken = Reply(status=status)
    crates.faults.append(Fault(what="status", method="PUT", path="/api/v1/crates/new", times=1, reply=broken))
    assert demo.deliver() == ""
    assert crates.uploads == ["demo@1.0.0"]


def test_a_connection_that_breaks_is_tried_again(crates: CargoRegistry, demo: Case) -> None:
    """cargo itself tries no upload twice."""
    crates.faults.append(Fault(what="refuse", method="PUT", path="/api/v1/crates/new", times=2))
    assert demo.deliver() == ""
    assert crates.uploads == ["demo@1.0.0"]
    assert [each.partition(":")[0] for each in demo.said[:2]] == ["waiting 2 s", "waiting 5 s"]


def test_a_refusal_has_cargos_words_and_the_next_step(crates: CargoRegistry, demo: Case) -> None:
    crates.trusted_only.add("demo")
    crates.add("demo", "0.9.0", b"")
    with pytest.raises(Refused) as caught:
        demo.deliver()
    assert "can only be published using Trusted Publishing" in caught.value.message
    assert caught.value.hint == "run it in CI, with a trusted publisher"
    assert crates.count("PUT", "/api/v1/crates/new") == 1


def test_the_token_is_no_word_of_a_command_and_no_other_secret_reaches_cargo(
    demo: Case, tmp_path: Path
) -> None:
    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/words\nenv >> {tmp_path}/env\nexec cargo "$@"\n')
    spy.chmod(0o755)
    demo.staged = replace(demo.staged, cargo=str(spy))
    demo.deliver()
    assert TOKEN not in (tmp_path / "words").read_text()
    seen = (tmp_path / "env").read_text()
    assert TOKEN in seen
    assert "of another registry" not in seen


def test_a_date_in_a_message_is_seconds_from_now() -> None:
    text = "Please try again after Thu, 01 Jan 1970 00:10:00 GMT and see the documentation"
    assert asked_wait(text, now=540.0) == 60.0
    assert asked_wait("try again after lunch", now=0.0) is None
    assert asked_wait("no", now=0.0) is None
