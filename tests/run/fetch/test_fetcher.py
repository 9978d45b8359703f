"""Pinned blobs end in the store: from disk, from a registry, once, and never with the wrong bytes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from piot.effects.cargo_config import CRATES_IO_GIT
from piot.effects.http import Http
from piot.errors import InputError, MachineError
from piot.model.fetch import CargoGitFetch, CrateFetch, PypiFetch
from piot.run.fetch import crates
from piot.run.fetch.fetcher import BlobStore, Fetcher, Reach

Reply = tuple[int, dict[str, str], bytes]
Serve = Callable[[Callable[[str, dict[str, str]], Reply]], str]

CRATE = b"the bytes of a crate"
SHA256 = hashlib.sha256(CRATE).hexdigest()
BY_CARGO = "if cargo itself can get it, run `cargo fetch`: Demo-1.0.0.crate is then taken from cargo's cache"


class Case:
    """A fetcher with a CARGO_HOME of its own; ``lines`` is what it reported, ``waits`` how long it slept."""

    def __init__(self, store: BlobStore, folder: Path) -> None:
        self.store = store
        self.root, self.home = folder / "repo", folder / "home"
        self.env = {"CARGO_HOME": str(self.home)}
        self.lines: list[str] = []
        self.waits: list[float] = []
        (self.root / ".cargo").mkdir(parents=True)

    def cached(self, data: bytes, filename: str = "Demo-1.0.0.crate") -> None:
        folder = self.home / "registry" / "cache" / "some-registry"
        folder.mkdir(parents=True)
        (folder / filename).write_bytes(data)

    def replace(self, source: str) -> None:
        text = f'[source.crates-io]\nreplace-with = "corp"\n{source}\n'
        (self.root / ".cargo" / "config.toml").write_text(text, encoding="utf-8")

    def registry(self, url: str) -> None:
        self.replace(f'[registries.corp]\nindex = "sparse+{url}/index/"')

    def fetcher(self, *, offline: bool = False) -> Fetcher:
        return Fetcher(
            self.store,
            root=self.root,
            offline=offline,
            report=self.lines.append,
            env=self.env,
            http=self.client,
        )

    def client(self, config: Reach) -> Http:
        return Http(proxy=config.proxy, cainfo=config.cainfo, sleep=self.waits.append)


@pytest.fixture
def case(store: BlobStore, tmp_path: Path) -> Case:
    return Case(store, tmp_path)


def crate(sha256: str = SHA256) -> CrateFetch:
    return CrateFetch(name="Demo", version="1.0.0", sha256=sha256, registry=CRATES_IO_GIT)


def registry(asked: list[str], **settings: object) -> Callable[[str, dict[str, str]], Reply]:
    """A sparse registry with one crate at ``/files/…`` that does not say where its ``dl`` is hosted."""

    def answer(path: str, headers: dict[str, str]) -> Reply:
        asked.append(path)
        if path == "/index/config.json":
            host = headers["host"]
            dl = f"http://{host}/files/{{lowerprefix}}/{{crate}}-{{version}}.crate"
            return 200, {}, json.dumps({"dl": dl, **settings}).encode()
        if path == "/files/de/mo/Demo-1.0.0.crate":
            return 200, {}, CRATE
        return 404, {}, b""

    return answer


def test_a_crate_in_cargos_cache_is_taken_from_there(case: Case) -> None:
    case.cached(CRATE)
    digest = case.fetcher(offline=True).fetch(crate())
    assert (digest.hash, digest.size) == (SHA256, len(CRATE))
    assert case.store.read(digest) == CRATE
    assert case.lines == []


def test_other_bytes_in_cargos_cache_are_passed_by(case: Case, serve: Serve) -> None:
    case.cached(b"half a crate")
    case.registry(serve(registry([])))
    assert case.store.read(case.fetcher().fetch(crate())) == CRATE
    assert case.lines == ["fetching crate Demo 1.0.0"]


def test_a_second_call_asks_nobody(case: Case, serve: Serve) -> None:
    asked: list[str] = []
    case.registry(serve(registry(asked)))
    first = case.fetcher().fetch(crate())
    assert asked == ["/index/config.json", "/files/de/mo/Demo-1.0.0.crate"]
    assert case.fetcher(offline=True).fetch(crate()) == first
    assert len(asked) == 2


def test_many_threads_fetch_a_blob_once(case: Case, serve: Serve) -> None:
    asked: list[str] = []
    answer = registry(asked)

    def slow(path: str, headers: dict[str, str]) -> Reply:
        time.sleep(0.02)
        return answer(path, headers)

    case.registry(serve(slow))
    fetcher = case.fetcher()
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(fetcher.fetch, [crate()] * 16))
    assert {digest.hash for digest in digests} == {SHA256}
    assert len(asked) == 2


def test_wrong_bytes_name_both_hashes_and_where_they_came_from(case: Case, serve: Serve) -> None:
    url = serve(registry([]))
    case.registry(url)
    with pytest.raises(InputError) as caught:
        case.fetcher().fetch(crate("0" * 64))
    assert str(caught.value) == (
        f"crate Demo 1.0.0 from {url}/files/de/mo/Demo-1.0.0.crate is not what was pinned:\n"
        f"  pinned sha256 {'0' * 64}\n"
        f"  came   sha256 {SHA256}\n\n"
        "hint: somebody changed the file or something on the way did: find out before you build with it"
    )


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        (crate(), "crate Demo 1.0.0"),
        (
            PypiFetch(project="t", version="1", filename="t-1-py3-none-any.whl", sha256=SHA256),
            "t 1 (t-1-py3-none-any.whl)",
        ),
        (
            CargoGitFetch(name="g", url="https://127.0.0.1:9/g", revision="a" * 40),
            "git crate g at aaaaaaaaaaaa",
        ),
    ],
)
def test_offline_says_which_command_fetches(
    case: Case, spec: CrateFetch | PypiFetch | CargoGitFetch, what: str
) -> None:
    with pytest.raises(MachineError) as caught:
        case.fetcher(offline=True).fetch(spec)
    assert str(caught.value) == (
        f"{what} is not on this machine, and --offline forbids to fetch it\n\n"
        "hint: run `piot fetch` (or `piot build` without --offline) once with network"
    )


def test_a_busy_registry_is_waited_for(case: Case, serve: Serve) -> None:
    answer = registry([])
    busy: list[Reply] = [(429, {"Retry-After": "3"}, b""), (503, {}, b"")]
    case.registry(serve(lambda path, headers: busy.pop(0) if busy else answer(path, headers)))
    assert case.fetcher().fetch(crate()).hash == SHA256
    assert case.waits == [3.0, 1.0]


def test_a_private_registry_gets_its_token_and_nobody_else(case: Case, serve: Serve) -> None:
    asked: list[tuple[str, str | None]] = []
    answer = registry([], **{"auth-required": True})

    def private(path: str, headers: dict[str, str]) -> Reply:
        asked.append((path, headers.get("authorization")))
        return answer(path, headers) if headers.get("authorization") == "secret" else (401, {}, b"")

    case.registry(serve(private))
    case.env["CARGO_REGISTRIES_CORP_TOKEN"] = "secret"
    assert case.fetcher().fetch(crate()).hash == SHA256
    assert asked == [
        ("/index/config.json", None),
        ("/index/config.json", "secret"),
        ("/files/de/mo/Demo-1.0.0.crate", "secret"),
    ]


def test_a_public_registry_never_sees_the_token(case: Case, serve: Serve) -> None:
    seen: list[str | None] = []
    answer = registry([])

    def public(path: str, headers: dict[str, str]) -> Reply:
        seen.append(headers.get("authorization"))
        return answer(path, headers)

    case.registry(serve(public))
    case.env["CARGO_REGISTRIES_CORP_TOKEN"] = "secret"
    case.fetcher().fetch(crate())
    assert seen == [None, None]


def test_a_registry_without_a_name_cannot_have_a_token(case: Case, serve: Serve) -> None:
    url = serve(lambda _path, _headers: (401, {}, b""))
    spec = CrateFetch(name="Demo", version="1.0.0", sha256=SHA256, registry=f"sparse+{url}/index/")
    with pytest.raises(MachineError) as caught:
        case.fetcher().fetch(spec)
    assert str(caught.value) == (
        f"the registry sparse+{url}/index/ asks for a token, but has no name in cargo's configuration\n\n"
        "hint: define [registries.<name>] with this index in .cargo/config.toml"
    )


def test_a_git_index_tells_where_its_crates_are(
    case: Case, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve(registry([]))
    asked: list[str] = []

    def head_file(address: str, path: str, *, env: Mapping[str, str]) -> bytes:
        assert env is case.env
        asked.append(f"{address} {path}")
        return json.dumps({"dl": f"{url}/files/{{lowerprefix}}/{{crate}}-{{version}}.crate"}).encode()

    monkeypatch.setattr(crates, "head_file", head_file)
    spec = CrateFetch(name="Demo", version="1.0.0", sha256=SHA256, registry="registry+https://git.example/i")
    assert case.fetcher().fetch(spec).hash == SHA256
    assert asked == ["https://git.example/i config.json"]


def test_a_missing_token_says_how_to_log_in(case: Case, serve: Serve) -> None:
    case.registry(serve(lambda _path, _headers: (401, {}, b"")))
    with pytest.raises(MachineError) as caught:
        case.fetcher().fetch(crate())
    assert str(caught.value) == (
        'the registry "corp" asks for a token and there is none\n\n'
        "hint: run `cargo login --registry corp` or set CARGO_REGISTRIES_CORP_TOKEN"
    )


def test_a_crate_that_the_registry_does_not_give(case: Case, serve: Serve) -> None:
    def gone(path: str, headers: dict[str, str]) -> Reply:
        return registry([])(path, headers) if path.endswith("config.json") else (403, {}, b"")

    url = serve(gone)
    case.registry(url)
    with pytest.raises(MachineError) as caught:
        case.fetcher().fetch(crate())
    assert str(caught.value) == (
        f"cannot fetch crate Demo 1.0.0: {url}/files/de/mo/Demo-1.0.0.crate answered 403\n\nhint: {BY_CARGO}"
    )


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}"])
def test_something_that_is_no_registry_is_named(case: Case, serve: Serve, body: bytes) -> None:
    url = serve(lambda _path, _headers: (200, {}, body))
    case.registry(url)
    with pytest.raises(MachineError) as caught:
        case.fetcher().fetch(crate())
    assert str(caught.value) == f"{url}/index/config.json is no registry: its config.json has no dl"


def test_a_local_registry_is_read_from_disk(case: Case) -> None:
    case.replace('[source.corp]\nlocal-registry = "crates"')
    (case.root / "crates").mkdir()
    (case.root / "crates" / "Demo-1.0.0.crate").write_bytes(CRATE)
    assert case.fetcher(offline=True).fetch(crate()).hash == SHA256


def vendor(case: Case, text: str, *, listed: str) -> None:
    folder = case.root / "vendor" / "Demo"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "lib.rs").write_text(text, encoding="utf-8")
    sums = {"src/lib.rs": hashlib.sha256(listed.encode()).hexdigest()}
    checksums = json.dumps({"files": sums, "package": SHA256})
    (folder / ".cargo-checksum.json").write_text(checksums, encoding="utf-8")
    case.replace('[source.corp]\ndirectory = "vendor"')


def test_a_vendored_crate_is_packed_anew(case: Case) -> None:
    vendor(case, "pub fn f() {}", listed="pub fn f() {}")
    data = case.store.read(case.fetcher(offline=True).fetch(crate()))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["Demo-1.0.0/.cargo-checksum.json", "Demo-1.0.0/src/lib.rs"]
    assert case.store.get_memo("fetched", SHA256.encode()) is None


def test_a_vendored_file_that_was_edited_is_named(case: Case) -> None:
    vendor(case, "edited", listed="original")
    with pytest.raises(MachineError) as caught:
        case.fetcher().fetch(crate())
    assert str(caught.value) == (
        f"{case.root / 'vendor' / 'Demo' / 'src' / 'lib.rs'} was changed after it was vendored\n\n"
        "hint: run `cargo vendor` again"
    )


def test_vendored_sources_without_the_crate_say_so(case: Case) -> None:
    vendor(case, "", listed="")
    with pytest.raises(MachineError) as caught:
        case.fetcher().fetch(crate("1" * 64))
    assert str(caught.value) == (
        f"crate Demo 1.0.0 is not in the vendored sources {case.root / 'vendor'}\n\n"
        "hint: run `cargo vendor` again and commit the result"
    )
