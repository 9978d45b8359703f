"""Releases on GitHub: what is there after runs that are undisturbed, broken off, refused or overtaken."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from piot.effects.http import Answer, Http
from piot.errors import InputError, PiotError
from piot.model.release.forge import MARK, Asset, Wanted
from piot.release.forge.client import GitHub
from piot.release.forge.releases import OtherFiles, Releases
from piot.release.steps import There
from tests.support.github_api import TOKEN, GitHubApi, StoredAsset, limited
from tests.support.loopback import Fault, Reply

TAG = "core-v1.0.0"
FILES = {"core-1.0.0-linux.tar.gz": b"archive", "core-1.0.0-linux.tar.gz.sha256": b"sum"}


@pytest.fixture
def pushed() -> set[str]:
    return {TAG}


@pytest.fixture
def github(pushed: set[str]) -> Generator[GitHubApi, None, None]:
    api = GitHubApi(lambda tag: tag in pushed)
    with api.serving():
        yield api


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture(scope="module")
def http() -> Generator[Http, None, None]:
    with closing(Http(timeout=5.0)) as made:
        yield made


@pytest.fixture
def releases(github: GitHubApi, http: Http, pauses: list[float]) -> Releases:
    client = GitHub(http=http, api=github.url, repository="me/lib", token=TOKEN)
    return Releases(github=client, sleep=pauses.append, say=lambda _: None)


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    assets: list[Asset] = []
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        assets.append(Asset(name=name, path=tmp_path / name, sha256=digest))
    return Wanted(tag=TAG, notes="### Added\n\n- One\n", prerelease=False, assets=tuple(assets))


def changed(github: GitHubApi) -> list[tuple[str, str, int]]:
    return [each for each in (*github.seen, *github.uploads.seen) if each[0] != "GET"]


def test_files_go_to_the_draft_and_the_release_is_published_last(
    github: GitHubApi, releases: Releases, wanted: Wanted
) -> None:
    github.immutable = True
    releases.draft(wanted)
    (draft,) = github.releases
    assert (draft.draft, [each.name for each in draft.assets]) == (True, list(FILES))
    assert releases.publish(wanted) == ""
    assert github.files(TAG) == FILES
    assert (draft.body, draft.latest) == (f"### Added\n\n- One\n\n{MARK} -->\n", "legacy")


def test_a_second_run_reads_only(github: GitHubApi, releases: Releases, wanted: Wanted) -> None:
    github.immutable = True
    releases.publish(wanted)
    before = changed(github)
    assert releases.publish(wanted) == There()
    assert changed(github) == before


STEPS = [
    *(("POST", "/repos/me/lib/releases", what) for what in ("refuse", "lose")),
    *(("PATCH", "/repos/me/lib/releases/", what) for what in ("refuse", "lose")),
]


@pytest.mark.parametrize(("method", "path", "what"), STEPS)
def test_a_lost_request_or_answer_is_made_up_for_by_reading(
    github: GitHubApi, releases: Releases, wanted: Wanted, method: str, path: str, what: str
) -> None:
    github.faults.append(Fault(what="refuse" if what == "refuse" else "lose", method=method, path=path))
    releases.publish(wanted)
    assert (len(github.releases), github.files(TAG)) == (1, FILES)


@pytest.mark.parametrize("what", ["refuse", "lose"])
@pytest.mark.parametrize("skip", [0, 1])
def test_an_upload_that_was_lost_is_sent_once(
    github: GitHubApi, releases: Releases, wanted: Wanted, what: str, skip: int
) -> None:
    github.uploads.faults.append(
        Fault(what="refuse" if what == "refuse" else "lose", method="POST", path="/", skip=skip)
    )
    releases.publish(wanted)
    assert github.files(TAG) == FILES
    assert github.uploads.count("POST", "/", 201) == 2


@pytest.mark.parametrize("requests", range(9))
def test_a_run_killed_after_any_request_is_finished_by_the_next(
    github: GitHubApi, releases: Releases, wanted: Wanted, monkeypatch: pytest.MonkeyPatch, requests: int
) -> None:
    class Killed(BaseException):
        pass

    real, left = releases.github.http.send, [requests]

    def dying(method: str, url: str, *, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        answer = real(method, url, headers=headers, content=content)
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(releases.github.http, "send", dying)
        with pytest.raises(Killed):
            releases.draft(wanted)
            releases.publish(wanted)
    releases.draft(wanted)
    releases.publish(wanted)
    assert (len(github.releases), github.files(TAG), github.made_tags) == (1, FILES, [])
    assert github.uploads.count("POST", "/", 201) == 2


def test_files_of_another_tool_are_kept(github: GitHubApi, releases: Releases, wanted: Wanted) -> None:
    other = github.add(TAG, files={"installer.sh": b"of cargo-dist"})
    said = releases.publish(wanted)
    assert said == "another tool made it: archives are added, the rest is kept"
    assert github.files(TAG) == {"installer.sh": b"of cargo-dist", **FILES}
    assert other.body == "of another tool"


def test_a_draft_of_another_tool_is_not_published(
    github: GitHubApi, releases: Releases, wanted: Wanted
) -> None:
    other = github.add(TAG, draft=True)
    said = releases.publish(wanted)
    assert said == "another tool made the draft: archives are added, and it publishes it"
    assert (other.draft, len(other.assets), len(github.releases)) == (True, 2, 1)


@pytest.mark.parametrize("digests", [True, False])
def test_the_same_bytes_are_done_and_others_are_a_conflict(
    github: GitHubApi, releases: Releases, wanted: Wanted, digests: bool
) -> None:
    github.digests = digests
    first, second = FILES
    github.add(TAG, files={first: FILES[first], second: b"other"})
    with pytest.raises(InputError) as raised:
        releases.publish(wanted)
    ours, there = (hashlib.sha256(each).hexdigest() for each in (FILES[second], b"other"))
    assert raised.value.message == (
        f"the release {TAG} has other files under these names:\n  {second}: ours {ours}, there {there}"
    )
    assert changed(github) == []


def test_an_immutable_release_that_lacks_files_is_said(
    github: GitHubApi, releases: Releases, wanted: Wanted
) -> None:
    github.immutable = True
    github.add(TAG, files={"core-1.0.0-linux.tar.gz": b"archive"})
    with pytest.raises(InputError) as raised:
        releases.publish(wanted)
    assert raised.value.message == (
        f"the release {TAG} is immutable and lacks core-1.0.0-linux.tar.gz.sha256"
    )


def test_what_an_upload_left_that_broke_off_is_sent_again(
    github: GitHubApi, releases: Releases, wanted: Wanted
) -> None:
    releases.draft(wanted)
    (draft,) = github.releases
    draft.assets[0] = StoredAsset(id=99, name=draft.assets[0].name, data=b"", state="starter")
    releases.publish(wanted)
    assert github.files(TAG) == FILES


def test_nothing_is_published_before_its_tag_is_there(
    github: GitHubApi, releases: Releases, wanted: Wanted, pushed: set[str]
) -> None:
    pushed.clear()
    with pytest.raises(PiotError) as raised:
        releases.publish(wanted)
    assert raised.value.message == f"GitHub does not show the tag {TAG} yet"
    assert (changed(github), github.made_tags) == ([], [])


def test_a_draft_whose_tag_is_there_was_left_and_is_finished(
    github: GitHubApi, releases: Releases, wanted: Wanted, pushed: set[str]
) -> None:
    github.add("theirs-v1", draft=True)
    pushed |= {"theirs-v1"}
    releases.draft(wanted)
    assert releases.left() == (TAG,)
    assert releases.publish_left(TAG) == ""
    assert (github.files(TAG), releases.left()) == (FILES, ())


def test_a_draft_is_found_behind_many_releases(github: GitHubApi, releases: Releases, wanted: Wanted) -> None:
    releases.draft(wanted)
    for number in range(250):
        github.add(f"other-v{number}")
    releases.publish(wanted)
    assert (len(github.releases), github.files(TAG)) == (251, FILES)


def test_rate_limits_are_waited_for(
    github: GitHubApi, releases: Releases, wanted: Wanted, pauses: list[float]
) -> None:
    github.faults += [
        Fault(what="status", method="POST", path="/", reply=limited(reset=time.time() + 90)),
        Fault(what="status", method="PATCH", path="/", reply=limited(after=7)),
    ]
    releases.publish(wanted)
    assert [round(each, -1) for each in pauses] == [90.0, 10.0]
    assert github.files(TAG) == FILES


def test_a_limit_that_lasts_too_long_ends_the_try(
    github: GitHubApi, releases: Releases, wanted: Wanted, pauses: list[float]
) -> None:
    github.faults.append(
        Fault(what="status", method="POST", path="/", reply=limited(reset=time.time() + 3000))
    )
    with pytest.raises(PiotError, match="API rate limit exceeded"):
        releases.publish(wanted)
    assert pauses == []


def test_a_token_without_rights_is_told_what_it_lacks(
    github: GitHubApi, releases: Releases, wanted: Wanted
) -> None:
    words = {"message": "Resource not accessible by integration"}
    github.faults.append(Fault(what="status", method="POST", path="/", reply=Reply.of(words, 403)))
    with pytest.raises(PiotError) as raised:
        releases.publish(wanted)
    assert str(raised.value) == (
        f"GitHub refuses {github.url}/repos/me/lib/releases (403): Resource not accessible by integration\n\n"
        "hint: the token needs to write contents (in a job: permissions: contents: write)"
    )


def test_a_release_tells_the_run_that_has_its_files(
    github: GitHubApi, releases: Releases, wanted: Wanted
) -> None:
    assert releases.run(TAG) is None
    releases.draft(replace(wanted, run="4711"))
    releases.draft(replace(wanted, run="4712"))
    assert releases.run(TAG) == "4711", "the first one: what it sent is there"
    github.add("theirs-v1")
    assert releases.run("theirs-v1") is None


def changed_bytes(wanted: Wanted, tmp_path: Path) -> Wanted:
    """The same names with the bytes of another build."""
    assets: list[Asset] = []
    for each in wanted.assets:
        path = tmp_path / f"again-{each.name}"
        path.write_bytes(b"again")
        assets.append(replace(each, path=path, sha256=hashlib.sha256(b"again").hexdigest()))
    return replace(wanted, assets=tuple(assets))


def test_what_is_kept_is_replaced_as_long_as_nothing_of_it_is_published(
    github: GitHubApi, releases: Releases, wanted: Wanted, tmp_path: Path
) -> None:
    other = changed_bytes(wanted, tmp_path)
    releases.keep(wanted, begun=False)
    releases.keep(wanted, begun=True)
    with pytest.raises(OtherFiles):
        releases.keep(other, begun=True)
    (draft,) = github.releases
    assert {each.name: each.data for each in draft.assets} == FILES
    releases.keep(other, begun=False)
    (draft,) = github.releases
    assert {each.data for each in draft.assets} == {b"again"}


def test_only_a_draft_that_piot_made_is_ever_removed(
    github: GitHubApi, releases: Releases, wanted: Wanted
) -> None:
    github.add(TAG)
    releases.drop(TAG)
    github.add("of-others", draft=True)
    releases.drop("of-others")
    releases.drop("not-there")
    assert len(github.releases) == 2
    releases.keep(replace(wanted, tag="kept"), begun=False)
    assert releases.has("kept")
    releases.drop("kept")
    assert (len(github.releases), releases.has("kept")) == (2, False)
