"""Reading registries: what each state looks like on the wire, and what is said when there is no answer."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from piot.model.package import Kind
from piot.model.release.artifact import Artifact, ArtifactKind, Observed
from piot.model.release.registry import Place
from piot.release.observe.asking import Unreadable
from piot.release.registries import Patience, Registries
from tests.support.cargo_registry import TOKEN, CargoRegistry
from tests.support.loopback import Fault, Loopback, Plain, Reply, Request
from tests.support.python_index import PyPI

DATA = b"what was built"
INTEGRITY = f"sha512-{base64.b64encode(hashlib.sha512(DATA).digest()).decode()}"


def artifact(kind: ArtifactKind, file: str, version: str = "1.0.0", name: str = "demo") -> Artifact:
    return Artifact(
        package="demo",
        kind=kind,
        registry_name=name,
        version=version,
        file=file,
        sha256=hashlib.sha256(DATA).hexdigest(),
        integrity=INTEGRITY,
    )


CRATE = artifact("crate", "demo-1.0.0.crate")
WHEEL = artifact("wheel", "demo-1.0.0-py3-none-any.whl")
TARBALL = artifact("npm-package", "demo-1.0.0.tgz", name="@x/demo")


@pytest.fixture
def waited() -> list[float]:
    """The pauses between requests, which are left out."""
    return []


@pytest.fixture
def registries(tmp_path: Path, waited: list[float]) -> Generator[Registries, None, None]:
    made = Registries(tmp_path, {"CARGO_HOME": str(tmp_path)}, sleep=waited.append)
    yield made
    made.close()


@pytest.fixture
def plain() -> Generator[Callable[[Callable[[Request], Reply]], str], None, None]:
    """Starts a server that answers what a function says."""
    with ExitStack() as stack:

        def start(answer: Callable[[Request], Reply]) -> str:
            server = Plain(answer)
            stack.enter_context(server.running())
            return server.url

        yield start


def place(kind: Kind, index: str, name: str = "somewhere") -> Place:
    return Place(name=name, kind=kind, index=index)


def seen(registries: Registries, where: Place, what: Artifact) -> tuple[str, str]:
    (found,) = registries.observe(where, (what,))
    assert found == Observed(artifact=what, state=found.state, detail=found.detail)
    return found.state, found.detail


def test_a_crate_is_known_by_the_sum_in_the_index(crates: CargoRegistry, registries: Registries) -> None:
    where = place("crates", crates.index)
    assert seen(registries, where, CRATE) == ("unknown name", "")
    crates.add("demo", "0.9.0", b"other")
    assert seen(registries, where, CRATE) == ("absent", "")
    crates.add("demo", "1.0.0", DATA)
    assert seen(registries, where, CRATE) == ("same", "")
    crates.crates["demo"][-1].line["yanked"] = True
    assert seen(registries, where, CRATE) == ("yanked", "")
    crates.crates["demo"][-1].line["cksum"] = "00"
    assert seen(registries, where, CRATE)[0] == "different"


def test_a_version_that_the_index_does_not_have_yet_is_asked_of_the_api(
    crates: CargoRegistry, registries: Registries
) -> None:
    crates.add("demo", "0.9.0", b"other")
    crates.add("demo", "1.0.0", DATA)
    crates.crates["demo"][-1].visible = float("inf")
    where = place("crates", crates.index)
    assert seen(registries, where, CRATE) == ("same", "")
    listing = registries.listing(where, "demo")
    assert listing is not None
    assert listing.versions == ("0.9.0",), "dependents are resolved by the index alone"


def test_a_private_registry_is_shown_cargos_token_and_no_other_is(
    tmp_path: Path, registries: Registries
) -> None:
    private, public = CargoRegistry(private=True), CargoRegistry()
    with private.running(), public.running():
        private.add("demo", "1.0.0", DATA)
        where = place("crates", private.index, "corp")
        assert seen(registries, where, CRATE) == (
            "unreachable",
            f"{private.url}/index/de/mo/demo answered 401: reading it needs credentials",
        )
        knowing = Registries(tmp_path, {"CARGO_HOME": str(tmp_path), "CARGO_REGISTRIES_CORP_TOKEN": TOKEN})
        assert seen(knowing, where, CRATE) == ("same", "")
        seen(knowing, place("crates", public.index, "corp"), CRATE)
        assert all("authorization" not in each.headers for each in public.requests)
        knowing.close()


def test_a_git_index_is_said_to_be_one(registries: Registries) -> None:
    where = place("crates", "https://user:pw@git.example/index.git")
    assert seen(registries, where, CRATE) == (
        "unreachable",
        "https://git.example/index.git is a git index; only sparse ones are read",
    )


@pytest.mark.parametrize("html", [False, True])
def test_a_file_of_a_python_project_is_known_by_its_hash(
    pypi: PyPI, registries: Registries, html: bool
) -> None:
    pypi.html = html
    where = place("pypi", pypi.index.simple)
    named = artifact("wheel", "my_demo-1.0.0-py3-none-any.whl", name="My.Demo")
    assert seen(registries, where, named) == ("unknown name", "")
    pypi.add("my-demo", "my_demo-1.0.0.tar.gz", b"source")
    assert seen(registries, where, named) == ("absent", "")
    pypi.add("my-demo", named.file, DATA)
    assert seen(registries, where, named) == ("same", "")
    pypi.add("my-demo", named.file, DATA, yanked=True)
    assert seen(registries, where, named) == ("yanked", "")
    pypi.add("my-demo", named.file, b"other bytes")
    assert seen(registries, where, named)[0] == "different"
    listing = registries.listing(where, "My.Demo")
    assert listing is not None
    assert listing.versions == ("1.0.0",)


def test_where_an_index_tells_no_hash_the_file_itself_does(
    plain: Callable[[Callable[[Request], Reply]], str], registries: Registries
) -> None:
    def answer(request: Request) -> Reply:
        if request.path == "/simple/demo/":
            link = f'<a href="../../files/{WHEEL.file}">{WHEEL.file}</a>'
            return Reply(headers={"Content-Type": "text/html"}, body=link.encode())
        return Reply(body=DATA) if request.path == f"/files/{WHEEL.file}" else Reply(status=404)

    assert seen(registries, place("pypi", f"{plain(answer)}/simple"), WHEEL) == ("same", "")


def test_a_project_without_files_is_known(pypi: PyPI, registries: Registries) -> None:
    pypi.projects["demo"] = {}
    assert seen(registries, place("pypi", pypi.index.simple), WHEEL) == ("absent", "")


def packument(integrity: str = INTEGRITY, version: str = "1.0.0") -> Reply:
    return Reply.of({"versions": {version: {"dist": {"integrity": integrity}}}})


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(status=404), ("unknown name", "")),
        (packument(version="0.9.0"), ("absent", "")),
        (packument(), ("same", "")),
        (packument("sha512-x"), ("different", f"ours {INTEGRITY}, the registry's sha512-x")),
        (
            Reply(status=403),
            ("unreachable", "{url}/@x%2fdemo answered 403: reading it needs credentials"),
        ),
        (
            Reply(body=b'{"versions": {"1.0.0"'),
            ("unreachable", "{url}/@x%2fdemo is no answer of a registry of npm"),
        ),
    ],
)
def test_a_tarball_of_npm_is_known_by_its_integrity(
    plain: Callable[[Callable[[Request], Reply]], str],
    registries: Registries,
    reply: Reply,
    expected: tuple[str, str],
) -> None:
    url = plain(lambda _: reply)
    state, detail = expected
    assert seen(registries, place("npm", url), TARBALL) == (state, detail.replace("{url}", url))


def test_npm_is_asked_past_every_cache(
    plain: Callable[[Callable[[Request], Reply]], str], registries: Registries
) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Reply:
        asked.append(request)
        return packument()

    seen(registries, place("npm", plain(answer)), TARBALL)
    (request,) = asked
    assert (request.path, request.query) == ("/@x%2fdemo", "write=true")
    assert request.headers["cache-control"] == "no-cache"


def break_it(server: Loopback, fault: Fault) -> None:
    server.faults.append(fault)


TRUNCATED = Fault(what="truncate", method="GET", path="/simple/")
REFUSED = Fault(what="refuse", method="GET", path="/simple/")
BUSY = Fault(
    what="status", method="GET", path="/simple/", reply=Reply(status=429, headers={"Retry-After": "7"})
)
DOWN = Fault(what="status", method="GET", path="/simple/", reply=Reply(status=503))


@pytest.mark.parametrize("fault", [TRUNCATED, REFUSED, BUSY, DOWN], ids=lambda fault: fault.what)
def test_s15_what_passes_is_asked_again(
    pypi: PyPI, registries: Registries, waited: list[float], fault: Fault
) -> None:
    pypi.add("demo", WHEEL.file, DATA)
    pypi.faults.append(Fault(what=fault.what, method="GET", path="/simple/", reply=fault.reply))
    assert seen(registries, place("pypi", pypi.index.simple), WHEEL) == ("same", "")
    assert waited == ([7.0] if fault is BUSY else [0.5])
    assert pypi.count("GET", "/simple/") == 2


def test_a_registry_that_stays_away_is_unreachable_with_the_reason(
    pypi: PyPI, registries: Registries
) -> None:
    pypi.faults.append(Fault(what="status", method="GET", path="/simple/", times=99))
    assert seen(registries, place("pypi", pypi.index.simple), WHEEL) == (
        "unreachable",
        f"cannot fetch {pypi.url}/simple/demo/: the server answered 503",
    )


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(what="slow", method="GET", path="/simple/", seconds=1.0), "no answer within 0.2 seconds"),
        (BUSY, "cannot fetch {url}/simple/demo/: the server answered 429 and asks to come back in 7 seconds"),
    ],
    ids=["slow", "busy"],
)
def test_answers_that_are_only_good_to_have_are_not_waited_for(
    pypi: PyPI, tmp_path: Path, fault: Fault, why: str
) -> None:
    pypi.faults.append(replace(fault))
    brief = Patience(silence=3.0, attempts=2, pause=2.0, all=0.2 if fault.seconds else None)
    question = (place("pypi", pypi.index.simple), "demo")
    with closing(Registries(tmp_path, {}, patience=brief)) as registries:
        answer = registries.listings([question])[question]
    assert isinstance(answer, Unreadable)
    assert answer.reason == why.format(url=pypi.url)


def test_s16_a_refusal_is_said_and_not_tried_again(pypi: PyPI, registries: Registries) -> None:
    pypi.faults.append(Fault(what="status", method="GET", path="/simple/", times=99, reply=Reply(status=403)))
    with pytest.raises(Unreadable) as caught:
        registries.listing(place("pypi", pypi.index.simple), "demo")
    assert str(caught.value) == (
        f"cannot read the registry: {pypi.url}/simple/demo/ answered 403: reading it needs credentials"
        "\n\nhint: run it again, or see `piot status`"
    )
    assert pypi.count("GET", "/simple/") == 1


def test_many_names_are_asked_for_side_by_side(
    crates: CargoRegistry, pypi: PyPI, registries: Registries
) -> None:
    crates.add("demo", "1.0.0", DATA)
    pypi.faults.append(Fault(what="status", method="GET", path="/simple/", times=99))
    one, other = place("crates", crates.index), place("pypi", pypi.index.simple)
    found = registries.listings([(one, "demo"), (one, "none"), (other, "demo")])
    first = found[one, "demo"]
    assert first is not None
    assert not isinstance(first, Unreadable)
    assert first.versions == ("1.0.0",)
    assert found[one, "none"] is None
    assert isinstance(found[other, "demo"], Unreadable)


def test_an_address_is_shown_without_its_password(
    plain: Callable[[Callable[[Request], Reply]], str], registries: Registries
) -> None:
    url = plain(lambda _: Reply(status=404, body=json.dumps({}).encode()))
    secret = url.replace("http://", "http://me:hunter2@")
    where = place("pypi", f"{secret}/simple")
    assert "hunter2" not in repr(where)
    assert seen(registries, where, WHEEL) == ("unknown name", "")
