"""A store in memory and servers on the loopback interface, stopped by the test that started them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from piot.model.digest import Digest
from piot.model.tree import Tree

Reply = tuple[int, dict[str, str], bytes]


class MemoryStore:
    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}
        self.memos: dict[tuple[str, bytes], bytes] = {}

    def put_bytes(self, data: bytes) -> Digest:
        digest = Digest.of(data)
        self.blobs[digest] = data
        return digest

    def put_tree(self, tree: Tree) -> None:
        self.blobs.update(tree.directories)

    def has(self, digest: Digest) -> bool:
        return digest in self.blobs

    def read(self, digest: Digest) -> bytes:
        return self.blobs[digest]

    def get_memo(self, name: str, key: bytes) -> bytes | None:
        return self.memos.get((name, key))

    def put_memo(self, name: str, key: bytes, value: bytes) -> None:
        self.memos[name, key] = value


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def serve() -> Generator[Callable[[Callable[[str, dict[str, str]], Reply]], str], None, None]:
    """``serve(answer)`` starts a server and gives its address; ``answer`` gets path and headers."""
    started: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(answer: Callable[[str, dict[str, str]], Reply]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): text for name, text in self.headers.items()}
                status, extra, body = answer(self.path, headers)
                self.send_response(status)
                for name, text in {"Content-Length": str(len(body)), **extra}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server, thread in started:
        server.shutdown()
        thread.join()
        server.server_close()
