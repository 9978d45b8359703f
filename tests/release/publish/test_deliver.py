"""Uploads under every fault: what counts is what the registry has afterwards, and nothing is stored twice."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

import pytest

from piot.errors import InputError, MachineError, PiotError
from piot.model.package import Package, PypiSettings
from piot.model.release.registry import Place
from piot.release.artifacts import Found, find
from piot.release.publish import pypi as publisher
from piot.release.publish.deliver import Deliverer
from piot.release.publish.pypi import Login
from piot.release.publish.refusal import Refused
from piot.release.registries import Registries
from tests.support.delivered import ended
from tests.support.loopback import Fault, Reply
from tests.support.python_index import TOKEN, Index, PyPI
from tests.support.small_files import sdist, wheel

PACKAGE = Package(name="p", kind="pypi", path=".", paths=("**",), settings=PypiSettings(pypi="demo"))


@dataclass(kw_only=True)
class Case:
    """One wheel on its way to an index; ``waited`` are the pauses, which are left out."""

    registries: Registries
    place: Place
    found: Found
    login: Login
    waited: list[float] = field(default_factory=list[float])
    said: list[str] = field(default_factory=list[str])

    def deliver(self) -> str:
        http = self.registries.client(self.place)
        deliverer = Deliverer(registries=self.registries, place=self.place, say=self.said.append)
        said = deliverer.deliver(
            self.found.artifact, lambda: publisher.upload(http, self.place, self.found, self.login)
        )
        return ended(said)

    @property
    def state(self) -> str:
        return self.registries.observe(self.place, (self.found.artifact,))[0].state


def case(folder: Path, index: Index, filename: str, data: bytes) -> Case:
    (folder / "files").mkdir(exist_ok=True)
    (folder / "files" / filename).write_bytes(data)
    (found,) = find(folder / "files", (PACKAGE,))
    waited: list[float] = []
    return Case(
        registries=Registries(folder, {}, sleep=waited.append),
        place=Place(name="pypi", kind="pypi", index=index.simple, upload=index.upload),
        found=found,
        login=Login(user=index.user, password=index.password),
        waited=waited,
    )


@pytest.fixture
def wheel_case(pypi: PyPI, tmp_path: Path) -> Generator[Case, None, None]:
    made = case(tmp_path, pypi.index, *wheel("demo", "1.0.0"))
    yield made
    made.registries.close()


def test_a_file_is_sent_once(pypi: PyPI, wheel_case: Case) -> None:
    assert wheel_case.deliver() == ""
    assert (wheel_case.state, pypi.uploads, wheel_case.waited) == (
        "same",
        [wheel_case.found.artifact.file],
        [],
    )


DATE = "at a date"
PASSING: list[tuple[str, Reply, str, list[float]]] = [
    ("refuse", Reply(), "", [2.0]),
    ("status", Reply(status=500), "", [2.0]),
    ("status", Reply(status=503, headers={"Retry-After": "7"}), "", [8.0]),
    ("status", Reply(status=429, headers={"Retry-After": DATE}), "", [31.0]),
    ("lose", Reply(), "it was there in spite of an error", []),
    ("truncate", Reply(), "it was there in spite of an error", []),
]


@pytest.mark.parametrize(("what", "reply", "detail", "waited"), PASSING)
def test_what_passes_is_tried_again_and_what_was_stored_is_not(
    pypi: PyPI, wheel_case: Case, what: str, reply: Reply, detail: str, waited: list[float]
) -> None:
    if reply.headers.get("Retry-After") == DATE:
        reply.headers["Retry-After"] = formatdate(time.time() + 30, usegmt=True)
    pypi.faults.append(Fault(what=what, method="POST", path="/legacy/", reply=reply))  # type: ignore[arg-type]
    assert wheel_case.deliver() == detail
    assert wheel_case.state == "same"
    assert pypi.uploads == [wheel_case.found.artifact.file], "stored once"
    assert wheel_case.waited == pytest.approx(waited, abs=1.5)


def test_an_index_that_stays_broken_is_left_after_four_tries(pypi: PyPI, wheel_case: Case) -> None:
    pypi.faults.append(Fault(what="status", method="POST", path="/legacy/", times=99))
    with pytest.raises(Refused) as caught:
        wheel_case.deliver()
    assert str(caught.value) == (
        f"the index refuses {wheel_case.found.artifact.file} (503): it gives no reason"
    )
    assert (pypi.count("POST", "/legacy/"), wheel_case.waited) == (4, [2.0, 5.0, 15.0])


def test_a_file_is_not_sent_again_while_nobody_knows_whether_it_is_there(
    pypi: PyPI, wheel_case: Case
) -> None:
    """The answer is lost, and then the index does not say either that it has stored the file."""
    pypi.faults.append(Fault(what="lose", method="POST", path="/legacy/"))
    pypi.faults.append(Fault(what="status", method="GET", path="/simple/", times=99))
    with pytest.raises(MachineError) as caught:
        wheel_case.deliver()
    assert caught.value.message.splitlines()[1].startswith(
        "whether the registry has demo-1.0.0-py3-none-any.whl now cannot be told: cannot fetch http://127.0.0.1"
    )
    assert caught.value.hint == "run it again: what is there is not sent twice"
    assert (pypi.count("POST", "/legacy/"), pypi.uploads) == (1, [wheel_case.found.artifact.file])


def test_a_wait_that_is_too_long_is_left_at_once(pypi: PyPI, wheel_case: Case) -> None:
    reply = Reply(status=429, headers={"Retry-After": "86400"})
    pypi.faults.append(Fault(what="status", method="POST", path="/legacy/", times=99, reply=reply))
    with pytest.raises(Refused):
        wheel_case.deliver()
    assert pypi.count("POST", "/legacy/") == 1


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (
            "deleted",
            "the index refuses demo-1.0.0-py3-none-any.whl (400): This filename was previously used by a "
            "file that has since been deleted. Use a different version."
            "\n\nhint: release another version: the name is burnt",
        ),
        (
            "closed",
            "the index refuses demo-1.0.0-py3-none-any.whl (400): Uploading new files to releases older "
            "than 14 days is not allowed.\n\nhint: release another version: this one takes no more files",
        ),
        (
            "token",
            "the index refuses demo-1.0.0-py3-none-any.whl (403): Invalid or non-existent authentication "
            "information.\n\nhint: the token is wrong, or was revoked",
        ),
    ],
)
def test_what_will_not_pass_is_said_in_the_indexs_words(
    pypi: PyPI, wheel_case: Case, prepare: str, message: str
) -> None:
    if prepare == "deleted":
        pypi.deleted.add(wheel_case.found.artifact.file)
    elif prepare == "closed":
        pypi.closed.add(("demo", "1.0.0"))
    else:
        pypi.tokens.clear()
    with pytest.raises(Refused) as caught:
        wheel_case.deliver()
    assert str(caught.value) == message
    assert (pypi.count("POST", "/legacy/"), wheel_case.waited) == (1, [])


def test_somebody_elses_file_that_comes_first_is_a_conflict(pypi: PyPI, wheel_case: Case) -> None:
    """Between reading and sending, another run has published other bytes."""
    pypi.add("demo", wheel_case.found.artifact.file, b"of another run")
    with pytest.raises(InputError) as caught:
        wheel_case.deliver()
    assert str(caught.value).startswith(
        "the registry has other bytes under the name demo-1.0.0-py3-none-any.whl: ours "
    )
    assert pypi.uploads == []


def test_an_index_that_shows_a_file_late_is_waited_for(pypi: PyPI, wheel_case: Case) -> None:
    late = Reply(status=404)
    pypi.faults.append(Fault(what="status", method="GET", path="/simple/", times=3, reply=late))
    assert wheel_case.deliver() == ""
    assert wheel_case.waited == [0.5, 1.0]
    (said,) = wheel_case.said
    assert said == "waiting until the registry shows demo-1.0.0-py3-none-any.whl"


def test_a_file_that_was_changed_since_it_was_proven_is_not_sent(pypi: PyPI, wheel_case: Case) -> None:
    wheel_case.found.path.write_bytes(wheel("demo", "1.0.0", "other")[1])
    with pytest.raises(InputError) as caught:
        wheel_case.deliver()
    assert caught.value.message == f"{wheel_case.found.path} was changed while piot was at work"
    assert pypi.count("POST", "/legacy/") == 0


def test_a_file_that_never_appears_is_an_error(
    pypi: PyPI, wheel_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piot.release.publish.deliver.VISIBLE", 0.0)
    pypi.faults.append(Fault(what="status", method="GET", path="/simple/", times=99, reply=Reply(status=404)))
    with pytest.raises(MachineError) as caught:
        wheel_case.deliver()
    assert "took demo-1.0.0-py3-none-any.whl, but does not have it 0 seconds later" in str(caught.value)


def upload_twice(folder: Path, index: Index, other: bytes) -> tuple[str, str]:
    """The state after a wheel was sent twice, and the class of error of other bytes under its name."""
    filename, data = wheel("demo", "1.0.0")
    first = case(folder, index, filename, data)
    assert (first.deliver(), first.deliver()) == ("", "") or first.state == "same"
    second = case(folder / "other", index, filename, other)
    try:
        second.deliver()
    except PiotError as error:
        return first.state, type(error).__name__
    finally:
        first.registries.close()
        second.registries.close()
    return first.state, "none"


@pytest.mark.e2e
def test_pypiserver_takes_the_form_once(pypiserver_server: Index, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert upload_twice(tmp_path, pypiserver_server, wheel("demo", "1.0.0", "other")[1]) == (
        "same",
        "InputError",
    )


@pytest.mark.e2e
def test_devpi_takes_the_form_once(devpi_server: Index, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert upload_twice(tmp_path, devpi_server, wheel("demo", "1.0.0", "other")[1]) == ("same", "InputError")


def test_the_form_has_what_the_metadata_says(pypi: PyPI, tmp_path: Path) -> None:
    made = case(tmp_path, pypi.index, "demo-1.0.0.tar.gz", sdist("demo", "1.0.0"))
    made.deliver()
    (request,) = (each for each in pypi.requests if each.method == "POST")
    text = request.body.decode("latin-1")
    for line in (
        'name="filetype"\r\n\r\nsdist\r\n',
        'name="pyversion"\r\n\r\nsource\r\n',
        'name="classifiers"\r\n\r\nTopic :: Software Development\r\n',
        'name="classifiers"\r\n\r\nTyping :: Typed\r\n',
        'name="requires_python"\r\n\r\n>=3.9\r\n',
        'name="description"\r\n\r\nAbout it.\n\r\n',
        'name="metadata_version"\r\n\r\n2.1\r\n',
    ):
        assert line in text
    assert TOKEN not in text
    made.registries.close()
