"""The real npm publishes to verdaccio: tarballs as they are, under a configuration of its own."""

from __future__ import annotations

import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.model.npm.dist_tag import dist_tag
from piot.model.package import NpmSettings, Package
from piot.model.release.listing import Held
from piot.model.release.registry import Place
from piot.release.artifacts import Found, find
from piot.release.observe.npm import packument
from piot.release.publish.deliver import Deliverer
from piot.release.publish.npm import NpmPublisher
from piot.release.publish.refusal import Refused
from piot.release.registries import Registries
from tests.support.delivered import ended
from tests.support.loopback import Fault, Front, Reply, Request
from tests.support.npm_registry import Npm
from tests.support.small_files import tgz

pytestmark = pytest.mark.e2e


class Counting(Front):
    def answer(self, request: Request) -> Reply:
        return self.forward(request)


@dataclass(kw_only=True)
class World:
    """verdaccio behind a server that counts and breaks, and a home with a placeholder of a token."""

    front: Counting
    token: str
    place: Place
    registries: Registries
    publisher: NpmPublisher
    folder: Path

    def found(self, name: str, version: str, text: str = "", **more: object) -> Found:
        settings = NpmSettings(npm=name)
        package = Package(name=name, kind="npm", path=".", paths=(), settings=settings)
        folder = self.folder / name.replace("/", "-") / version / (text or "plain")
        folder.mkdir(parents=True)
        (folder / "any.tgz").write_bytes(tgz(name, version, text, **more))
        (found,) = find(folder, (package,))
        return found

    def deliver(self, found: Found, *, tag: str = "latest", token: str | None = "") -> str:
        given = self.token if token == "" else token
        deliverer = Deliverer(registries=self.registries, place=self.place, say=lambda _: None)
        said = deliverer.deliver(
            found.artifact,
            lambda: self.publisher.publish(found, token=given, access="public", tag=tag),
        )
        return ended(said)

    def tags(self, name: str) -> dict[str, str]:
        known = packument(self.registries.client(self.place), self.place, name)
        return dict(known.tags) if known else {}

    @property
    def puts(self) -> list[int]:
        return [status for method, _, status in self.front.seen if method == "PUT"]


@pytest.fixture
def world(npm_server: Npm, tmp_path: Path) -> Generator[World, None, None]:
    front = Counting(npm_server.url)
    (tmp_path / ".npmrc").write_text("//127.0.0.1/:_authToken=XXXXX-XXXXX\n_auth=placeholder\n")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}
    env |= {"NODE_AUTH_TOKEN": "XXXXX-XXXXX", "CARGO_REGISTRY_TOKEN": "of another registry"}
    with front.running():
        place = Place(name="npm", kind="npm", index=front.url)
        registries = Registries(tmp_path, env, sleep=lambda _: None)
        yield World(
            front=front,
            token=npm_server.token,
            place=place,
            registries=registries,
            publisher=NpmPublisher(place=place, env=env),
            folder=tmp_path,
        )
        registries.close()


def test_a_tarball_is_sent_as_it_is_and_once(world: World) -> None:
    found = world.found("@once/demo", "1.0.0")
    assert world.deliver(found) == ""
    listing = world.registries.listing(world.place, "@once/demo")
    assert listing is not None
    (held,) = listing.files
    assert held == Held(
        file="demo-1.0.0.tgz", version="1.0.0", integrity=found.artifact.integrity, url=held.url
    )
    assert world.puts == [201]
    assert world.deliver(found) == "it was there in spite of an error"
    assert 201 not in world.puts[1:]


def test_an_answer_that_is_lost_is_looked_up(world: World) -> None:
    world.front.faults.append(Fault(what="lose", method="PUT", path="/lost"))
    found = world.found("lost", "1.0.0")
    assert world.deliver(found) in ("", "it was there in spite of an error")
    assert world.puts.count(201) == 1


BACKPORTS = ["1.0.1", "2.1.0-rc.1", "2.1.0-beta2", "2.1.0-0", "2.1.0-v1.0", "2.1.0-x.1", "2.1.0--a"]


@pytest.mark.parametrize("version", BACKPORTS)
def test_npm_takes_the_tag_of_every_version_that_is_not_to_be_latest(world: World, version: str) -> None:
    """npm refuses a tag that it could read as a range of versions, such as v1."""
    name = f"backport{BACKPORTS.index(version)}"
    world.deliver(world.found(name, "2.0.0"))
    tag = dist_tag("latest", version, world.tags(name)["latest"])
    world.deliver(world.found(name, version), tag=tag)
    assert world.tags(name) == {"latest": "2.0.0", tag: version}


def test_a_prerelease_leaves_latest_alone(world: World) -> None:
    world.deliver(world.found("tagged", "1.0.0"))
    world.deliver(world.found("tagged", "1.1.0-rc.1"), tag="rc")
    assert world.tags("tagged") == {"latest": "1.0.0", "rc": "1.1.0-rc.1"}


def test_a_refusal_has_npms_words(world: World) -> None:
    with pytest.raises(Refused) as caught:
        world.deliver(world.found("refused", "1.0.0"), token=None)
    assert "npm cannot publish refused 1.0.0" in caught.value.message
    assert caught.value.hint == "npm has no token: see `piot doctor`"
    with pytest.raises(Refused):
        world.deliver(world.found("refused", "1.0.1"), token="wrong")
    assert 201 not in world.puts


def test_a_package_that_is_being_processed_is_tried_again(world: World) -> None:
    """npm's answer to a publish that comes before it has done with the one of before (npm/cli#7376)."""
    words = (
        "Failed to save packument. A common cause is if you try to publish a new package before the previous"
    )
    busy = Reply.of({"error": f"{words} package has been fully processed."}, 409)
    world.front.faults.append(Fault(what="status", method="PUT", path="/busy", reply=busy))
    assert world.deliver(world.found("busy", "1.0.0")) == ""
    assert world.puts == [409, 201]


def test_what_npm_took_and_does_not_show_yet_is_waited_for_and_not_sent_again(
    world: World,
) -> None:
    """npm publishes behind the scenes since 2026, for minutes, and says so to who publishes again."""
    found = world.found("behind", "1.0.0")
    reading = Fault(what="status", method="GET", path="/behind", skip=0, times=0, reply=Reply(status=404))
    world.front.faults.append(reading)
    world.deliver(found)
    text = 'Cannot publish over previously staged version "1.0.0".'
    busy = Reply.of({"error": text}, 409)
    world.front.faults.append(Fault(what="status", method="PUT", path="/behind", times=9, reply=busy))
    reading.times = 5  # npm itself asks twice before it publishes
    assert world.deliver(found) == "it was there in spite of an error"
    assert world.puts == [201, 409]


ALREADY = [
    (403, "You cannot publish over the previously published versions: 1.0.0."),
    (409, "Cannot publish over existing version"),
    (409, "this package is already present"),
    (409, 'Cannot publish over previously staged version "1.0.0".'),
]


@pytest.mark.parametrize(("status", "words"), ALREADY)
def test_however_a_registry_says_that_it_has_a_version_its_bytes_decide(
    world: World, status: int, words: str
) -> None:
    name = f"already{ALREADY.index((status, words))}"
    found = world.found(name, "1.0.0")
    world.deliver(found)
    reply = Reply.of({"error": words}, status)
    world.front.faults.append(Fault(what="status", method="PUT", path=f"/{name}", times=9, reply=reply))
    hidden = Fault(what="status", method="GET", path=f"/{name}", times=2, reply=Reply(status=404))
    world.front.faults.append(hidden)  # from npm, which would refuse by itself
    assert world.deliver(found) == "it was there in spite of an error"
    hidden.times = 2
    with pytest.raises(InputError, match="the registry has other bytes"):
        world.deliver(world.found(name, "1.0.0", "others"))
    assert world.puts == [201, status, status]


REFUSALS = [
    (
        403,
        "Package name too similar to existing package refusal; try renaming it",
        "publish it in a scope (@you/name), or choose another name",
    ),
    (
        404,
        "Not found",
        "npm says so when the token may not publish this name, or when the name is new and only a "
        "token of a person can publish it first",
    ),
]


@pytest.mark.parametrize(("status", "words", "hint"), REFUSALS)
def test_a_refusal_of_the_registry_keeps_its_words(world: World, status: int, words: str, hint: str) -> None:
    reply = Reply.of({"error": words}, status)
    world.front.faults.append(Fault(what="status", method="PUT", path="/refusal", times=9, reply=reply))
    with pytest.raises(Refused) as caught:
        world.deliver(world.found("refusal", "1.0.0"))
    assert words in caught.value.message
    assert (caught.value.hint, world.puts) == (hint, [status])


def test_who_may_read_it_and_its_tag_are_words_and_without_an_identity_no_provenance(
    world: World, tmp_path: Path
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "npm").write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\n')
    (programs / "npm").chmod(0o755)
    publisher = NpmPublisher(place=world.place, env={"PATH": f"{programs}:{os.environ['PATH']}"})
    publisher.publish(world.found("@x/words", "1.0.0"), token=None, access="restricted", tag="next")
    words = (tmp_path / "words").read_text()
    assert "--access restricted --tag next " in words
    assert "provenance" not in words


def test_a_tarball_that_was_changed_since_it_was_proven_is_not_sent(world: World) -> None:
    found = world.found("changed", "1.0.0")
    found.path.write_bytes(found.path.read_bytes() + b"more")
    with pytest.raises(InputError, match="was changed while piot was at work"):
        world.deliver(found)
    assert world.puts == []


def test_scripts_of_a_tarball_do_not_run(world: World, tmp_path: Path) -> None:
    script = f"touch {tmp_path}/ran"
    scripts = {"prepublishOnly": script, "publish": script, "postpublish": script}
    world.deliver(world.found("scripted", "1.0.0", scripts=scripts))
    assert not (tmp_path / "ran").exists()


def test_the_token_is_no_word_and_in_no_file_and_no_other_secret_reaches_npm(
    world: World, tmp_path: Path
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    spy = programs / "npm"
    seen = (
        f'echo "$@" >> {tmp_path}/words; env >> {tmp_path}/env; cat "$npm_config_userconfig" >> {tmp_path}/rc'
    )
    spy.write_text(f'#!/bin/sh\n{seen}\nPATH="${{PATH#*:}}" exec npm "$@"\n')
    spy.chmod(0o755)
    env = {**world.publisher.env, "PATH": f"{programs}:{os.environ['PATH']}"}
    world.publisher = NpmPublisher(place=world.place, env=env)
    world.deliver(world.found("spied", "1.0.0"))
    assert world.token not in (tmp_path / "words").read_text() + (tmp_path / "rc").read_text()
    said = (tmp_path / "env").read_text()
    assert world.token in said
    assert "of another registry" not in said
    assert "XXXXX-XXXXX" not in said
