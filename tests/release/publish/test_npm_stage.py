"""The real npm stages at a registry that keeps versions back, and refuses as npm's own does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.model.package import NpmSettings, Package
from piot.model.release.artifact import Observed, Waiting
from piot.model.release.registry import Place
from piot.release.artifacts import Found, find
from piot.release.publish import deliver
from piot.release.publish.deliver import Deliverer
from piot.release.publish.npm import NpmPublisher
from piot.release.publish.refusal import Refused
from piot.release.registries import Registries
from tests.support.delivered import ended
from tests.support.loopback import Fault, Reply
from tests.support.npm_registry import Npm
from tests.support.npm_stage import OTP, StagingNpm
from tests.support.oidc import Issuer
from tests.support.small_files import tgz

pytestmark = pytest.mark.e2e


@dataclass(kw_only=True)
class World:
    """A registry that keeps back, the token of a person, and what runs there."""

    npm: StagingNpm
    token: str
    place: Place
    registries: Registries
    folder: Path

    def found(self, name: str, version: str, text: str = "") -> Found:
        package = Package(name=name, kind="npm", path=".", paths=(), settings=NpmSettings(npm=name))
        folder = self.folder / name.replace("/", "-") / version / (text or "plain")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "any.tgz").write_bytes(tgz(name, version, text))
        (found,) = find(folder, (package,))
        return found

    def stage(self, found: Found, token: str | None = None, tag: str = "latest") -> str | Waiting:
        publisher = NpmPublisher(place=self.place, env={"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"})
        deliverer = Deliverer(registries=self.registries, place=self.place, say=lambda _: None)
        way = deliverer.stage if self.place.stage else deliverer.deliver
        return ended(
            way(
                found.artifact,
                lambda: publisher.publish(found, token=token or self.token, access="public", tag=tag),
            )
        )

    def state(self, found: Found) -> Observed:
        (seen,) = self.registries.observe(self.place, (found.artifact,))
        return seen

    def person(self, *words: str) -> str:
        rc = self.folder / "npmrc"
        rc.write_text(f"{self.npm.url.removeprefix('http:')}/:_authToken={self.token}\n")
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "npm_config_userconfig": str(rc)}
        argv = ["npm", "stage", *words, "--registry", self.npm.url]
        done = subprocess.run(argv, env=env, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def world(npm_server: Npm, tmp_path: Path) -> Generator[World, None, None]:
    issuer = Issuer()
    npm = StagingNpm(issuer, npm_server.url, npm_server.token)
    with issuer.running(), npm.running():
        place = Place(name="npm", kind="npm", index=npm.url, standard=True, stage=True)
        env = {"HOME": str(tmp_path), "NPM_TOKEN": npm_server.token}
        registries = Registries(tmp_path, env, sleep=lambda _: None)
        yield World(npm=npm, token=npm_server.token, place=place, registries=registries, folder=tmp_path)
        registries.close()


def test_what_is_staged_is_known_by_its_bytes_until_it_is_approved(world: World) -> None:
    found = world.found("@s/known", "1.0.0")
    assert world.state(found).state == "unknown name"
    said = world.stage(found, tag="next")
    assert isinstance(said, Waiting)
    assert (world.state(found).state, world.state(found).waiting) == ("staged", said)
    (item,) = json.loads(world.person("list", "@s/known", "--json"))
    assert (item["id"], item["tag"], item["shasum"]) == (said.id, "next", found.artifact.shasum)
    world.person("download", str(said.id))
    (taken,) = world.folder.glob("s-known-1.0.0-*.tgz")
    assert taken.read_bytes() == found.path.read_bytes()
    world.person("approve", str(said.id), "--otp", OTP)
    assert world.state(found).state == "same"
    assert world.stage(found) == "it was there in spite of an error"


def test_the_same_version_is_kept_once_and_other_bytes_are_a_conflict(world: World) -> None:
    said = world.stage(world.found("@s/twice", "1.0.0"))
    assert world.stage(world.found("@s/twice", "1.0.0")) == said
    assert len(world.npm.staged) == 1
    with pytest.raises(InputError, match="other bytes wait for an approval"):
        world.stage(world.found("@s/twice", "1.0.0", "other"))
    world.person("reject", str(world.npm.staged[0].id), "--otp", OTP)
    assert isinstance(world.stage(world.found("@s/twice", "1.0.0", "other")), Waiting)


def test_who_may_not_ask_what_waits_hears_it_when_the_version_is_staged_again(
    world: World, tmp_path: Path
) -> None:
    """Short-lived tokens may stage, and nothing else (npm docs, *stage*)."""
    found = world.found("@s/short", "1.0.0")
    world.npm.minted["short"] = "@s%2fshort"
    with closing(Registries(tmp_path, {"NPM_TOKEN": "short"}, sleep=lambda _: None)) as blind:
        world.registries = blind
        assert isinstance(world.stage(found, "short"), Waiting)
        assert world.state(found).state == "absent", "a placeholder makes the name known"
        assert world.stage(found, "short") == Waiting(registry=world.npm.url)
    assert [each.name for each in world.npm.staged] == ["@s/short"]


def test_an_answer_that_is_lost_is_looked_up(world: World) -> None:
    world.npm.faults.append(Fault(what="lose", method="POST", path="/-/stage/package/@s%2flost"))
    said = world.stage(world.found("@s/lost", "1.0.0"))
    assert said == Waiting(id=world.npm.staged[0].id, registry=world.npm.url)
    assert world.npm.count("POST", "/-/stage/package") == 1


def test_what_passes_is_tried_again(world: World) -> None:
    busy = Fault(what="status", method="POST", path="/-/stage/package", reply=Reply(status=503))
    world.npm.faults.append(busy)
    assert isinstance(world.stage(world.found("@s/busy", "1.0.0")), Waiting)


def test_a_registry_that_keeps_nothing_back_says_so(world: World, npm_server: Npm) -> None:
    """verdaccio 6 knows no such route."""
    world.place = replace(world.place, index=npm_server.url)
    with pytest.raises(Refused) as caught:
        world.stage(world.found("@s/nowhere", "1.0.0"))
    assert "npm cannot stage @s/nowhere 1.0.0: Not Found - POST " in caught.value.message
    assert caught.value.hint == (
        "the registry keeps nothing back for an approval, or this token may not publish this name"
    )


def test_an_npm_that_cannot_stage_is_named(world: World, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "npm").write_text("#!/bin/sh\necho 'Unknown command: \"stage\"' >&2\nexit 1\n")
    (old / "npm").chmod(0o755)
    publisher = NpmPublisher(place=world.place, env={"PATH": f"{old}:{os.environ['PATH']}"})
    with pytest.raises(Refused) as caught:
        publisher.publish(world.found("@s/old", "1.0.0"), token="t", access="public", tag="latest")
    assert caught.value.hint == "staged publishing needs npm 11.15 or later"


def test_a_trusted_publisher_that_may_only_stage_is_explained(world: World) -> None:
    world.npm.direct = False
    world.npm.minted["short"] = "@s%2fonly"
    world.place = replace(world.place, stage=False)
    with pytest.raises(Refused) as caught:
        world.stage(world.found("@s/only", "1.0.0"), "short")
    assert "OIDC permission denied for this action" in caught.value.message
    assert caught.value.hint == (
        "the trusted publisher of this package allows something else: npm has one box for publishing and one "
        "for staging, and `stage = true` in [piot.registry.npm] stages"
    )


def test_a_version_that_waits_is_not_published_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same is said of a version that npm took, and is not done with."""
    monkeypatch.setattr(deliver, "VISIBLE", 0.0)
    found = world.found("@s/over", "1.0.0")
    world.stage(found)
    world.place = replace(world.place, stage=False)
    with pytest.raises(Refused) as caught:
        world.stage(found)
    assert 'Cannot publish over previously staged version "1.0.0"' in caught.value.message
    assert caught.value.hint == (
        "npm has it, and is not done with it, or somebody has to approve it (`npm stage list`): "
        "run it again in a while"
    )
