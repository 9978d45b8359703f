"""Packages of npm: from its cache by hash, from the registry that it is set to, and through npm itself."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.effects.http import Http
from piot.errors import InputError, MachineError
from piot.model.fetch import NpmFetch
from piot.run.fetch.fetcher import BlobStore, Fetcher, Reach

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")

Reply = tuple[int, dict[str, str], bytes]
Serve = Callable[[Callable[[str, dict[str, str]], Reply]], str]


def tarball(name: str, version: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        data = json.dumps({"name": name, "version": version}).encode()
        info = tarfile.TarInfo("package/package.json")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def integrity(data: bytes) -> str:
    return f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"


DATA = tarball("@x/demo", "1.0.0")


def spec(data: bytes = DATA, address: str = "") -> NpmFetch:
    return NpmFetch(name="@x/demo", version="1.0.0", integrity=integrity(data), address=address)


class Case:
    """A fetcher whose npm has a home of its own; ``lines`` is what it reported."""

    def __init__(self, store: BlobStore, folder: Path) -> None:
        self.store = store
        self.root, self.home = folder / "repo", folder / "home"
        self.lines: list[str] = []
        self.env = {
            "HOME": str(self.home),
            "PATH": ":".join(str(Path(shutil.which(name) or "").parent) for name in ("npm", "node")),
            "npm_config_fetch_retries": "0",
        }
        self.root.mkdir()
        self.home.mkdir()

    def settings(self, text: str) -> None:
        (self.root / "package.json").write_text("{}")
        (self.root / ".npmrc").write_text(text)

    def fetch(self, wanted: NpmFetch, *, offline: bool = False) -> bytes:
        fetcher = Fetcher(
            self.store, root=self.root, offline=offline, report=self.lines.append, env=self.env, http=client
        )
        try:
            return self.store.read(fetcher.fetch(wanted))
        finally:
            fetcher.close()


def client(config: Reach) -> Http:
    return Http(proxy=config.proxy, cainfo=config.cainfo, sleep=lambda _: None)


@pytest.fixture
def case(store: BlobStore, tmp_path: Path) -> Case:
    return Case(store, tmp_path)


def files(content: dict[str, bytes], asked: list[str]) -> Callable[[str, dict[str, str]], Reply]:
    def answer(path: str, _headers: dict[str, str]) -> Reply:
        asked.append(path)
        return (200, {}, content[path]) if path in content else (404, {}, b"{}")

    return answer


def test_what_is_in_npms_cache_is_taken_from_there_by_its_hash(case: Case) -> None:
    place = case.home / ".npm/_cacache" / spec().content_path
    place.parent.mkdir(parents=True)
    place.write_bytes(DATA)
    assert case.fetch(spec(), offline=True) == DATA
    shutil.rmtree(case.home)
    assert case.fetch(spec(), offline=True) == DATA
    assert case.lines == []


def test_a_damaged_cache_is_passed_over(case: Case) -> None:
    place = case.home / ".npm/_cacache" / spec().content_path
    place.parent.mkdir(parents=True)
    place.write_bytes(DATA[:-1])
    with pytest.raises(MachineError) as caught:
        case.fetch(spec(), offline=True)
    assert str(caught.value) == (
        "npm package @x/demo 1.0.0 is not on this machine, and --offline forbids to fetch it\n\n"
        "hint: run `piot fetch` (or `piot build` without --offline) once with network"
    )


@pytest.mark.parametrize("key", ["registry", "@x:registry"])
def test_the_registry_is_the_one_that_npm_is_set_to(case: Case, serve: Serve, key: str) -> None:
    asked: list[str] = []
    address = serve(files({"/npm/@x/demo/-/demo-1.0.0.tgz": DATA}, asked))
    case.settings(f"{key}={address}/npm/\n")
    assert case.fetch(spec()) == DATA
    assert asked == ["/npm/@x/demo/-/demo-1.0.0.tgz"]
    assert case.lines == ["fetching npm package @x/demo 1.0.0"]


def test_a_lock_file_may_name_another_address(case: Case, serve: Serve) -> None:
    asked: list[str] = []
    address = serve(files({"/elsewhere/d.tgz": DATA}, asked))
    assert case.fetch(spec(address=f"{address}/elsewhere/d.tgz")) == DATA
    assert asked == ["/elsewhere/d.tgz"]


def test_other_bytes_than_those_that_were_pinned_are_refused(case: Case, serve: Serve) -> None:
    other = tarball("@x/demo", "6.6.6")
    address = serve(files({"/@x/demo/-/demo-1.0.0.tgz": other}, []))
    case.settings(f"registry={address}\n")
    with pytest.raises(InputError) as caught:
        case.fetch(spec())
    assert str(caught.value).startswith(
        f"npm package @x/demo 1.0.0 from {address}/@x/demo/-/demo-1.0.0.tgz is not what was pinned:\n"
        f"  pinned {integrity(DATA)}\n  came   {integrity(other)}\n"
    )


def test_a_registry_that_wants_a_token_or_has_other_addresses_is_left_to_npm(
    case: Case, serve: Serve
) -> None:
    where: list[str] = []

    def answer(path: str, headers: dict[str, str]) -> Reply:
        if headers.get("authorization") != "Bearer secret":
            return 401, {}, b"{}"
        if path == "/hidden/demo.tgz":
            return 200, {}, DATA
        dist = {"tarball": f"{where[0]}/hidden/demo.tgz", "integrity": integrity(DATA)}
        version = {"name": "@x/demo", "version": "1.0.0", "dist": dist}
        document = {"name": "@x/demo", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
        return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()

    where.append(serve(answer))
    case.settings(f"registry={where[0]}/\n{where[0].removeprefix('http:')}/:_authToken=${{TOKEN}}\n")
    case.env["TOKEN"] = "secret"
    assert case.fetch(spec()) == DATA


def test_what_nobody_has_is_one_clear_error(case: Case, serve: Serve) -> None:
    case.settings(f"registry={serve(files({}, []))}/\n")
    with pytest.raises(MachineError) as caught:
        case.fetch(spec())
    expected = "the registry answered 404, and npm could not get it either:\n"
    assert caught.value.message.startswith(f"cannot fetch npm package @x/demo 1.0.0: {expected}")
    assert "E404" in caught.value.message
    assert caught.value.hint == "see `npm config get registry` and `npm whoami`"


def test_without_npm_there_is_nobody_to_ask(case: Case) -> None:
    case.env["PATH"] = str(case.root)
    with pytest.raises(MachineError) as caught:
        case.fetch(spec())
    assert str(caught.value) == "npm is not on PATH\n\nhint: install Node.js with npm"
