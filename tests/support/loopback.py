"""Servers on the loopback interface: they note what was asked, and break when they are told to."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Breakage = Literal[
    "refuse",
    "lose",
    "slow",
    "truncate",
    "status",
    "away",
    "kill before",
    "kill stored",
    "kill answered",
    "none",
]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a client asked; header names are in lower case, ``query`` is without its question mark."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @property
    def json(self) -> dict[str, object]:
        said: dict[str, object] = json.loads(self.body)
        return said


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a server answers."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @classmethod
    def of(cls, values: object, status: int = 200, **headers: str) -> Reply:
        """An answer in JSON."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(
            status=status,
            headers={"Content-Type": "application/json", **named},
            body=json.dumps(values).encode(),
        )


@dataclass(kw_only=True)
class Fault:
    """Breaks ``times`` requests of a method whose path begins like ``path``, after the first ``skip``.

    ``refuse`` ends the connection before the server did anything, ``lose`` after it did all; ``slow`` waits
    ``seconds``; ``truncate`` promises more of the body than comes; ``status`` answers ``reply`` instead.
    With ``away`` nothing listens at the address for ``seconds``. The kinds of ``kill`` call ``kill``, which
    ends the client: before the server did anything, after it did all, and after it answered. With ``whole``
    it is only about this very path.
    """

    what: Breakage
    method: str
    path: str
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    reply: Reply = field(default_factory=lambda: Reply(status=503))
    kill: Callable[[], None] = field(default=lambda: None)
    whole: bool = False

    def meets(self, request: Request) -> bool:
        """Whether it is about such a request."""
        same = request.path == self.path if self.whole else request.path.startswith(self.path)
        return same and request.method == self.method


class Loopback:
    """A server; subclasses answer. ``seen`` are all requests, with the status that each was given."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str, int]] = []
        self.requests: list[Request] = []
        self.guard = threading.RLock()
        self._leaving = threading.Lock()
        self._handler = type("Handler", (_Handler,), {"loopback": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: Request) -> Reply:
        """What a subclass says; called by one thread at a time."""
        raise NotImplementedError

    @contextmanager
    def running(self) -> Generator[None, None, None]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def leave(self, seconds: float) -> None:
        """Nothing listens for a while, and who is connected is left alone; not for the thread that serves."""
        if not self._leaving.acquire(blocking=False):
            return
        try:
            place = self._server.server_address
            self._server.shutdown()
            self._server.server_close()
            time.sleep(seconds)
            self._server = ThreadingHTTPServer(("127.0.0.1", place[1]), self._handler)
            threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        finally:
            self._leaving.release()

    def count(self, method: str, path: str, *statuses: int) -> int:
        """How many requests of a method began like ``path`` and were given one of ``statuses`` (any)."""
        return sum(
            one == method and other.startswith(path) and (not statuses or status in statuses)
            for one, other, status in self.seen
        )

    def fault_for(self, request: Request) -> Fault | None:
        with self.guard:
            for fault in self.faults:
                if not fault.meets(request):
                    continue
                if fault.skip:
                    fault.skip -= 1
                elif fault.times:
                    fault.times -= 1
                    return fault
        return None

    def note(self, request: Request, status: int) -> None:
        with self.guard:
            self.seen.append((request.method, request.path, status))
            self.requests.append(request)


class _Handler(BaseHTTPRequestHandler):
    """One connection; a server's own kind of it knows the server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go out apart, and a client may acknowledge late
    loopback: Loopback

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def any(self) -> None:
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=query,
            headers={name.lower(): text for name, text in self.headers.items()},
            body=self._body(),
        )
        fault = self.loopback.fault_for(request)
        self._serve(request, fault, fault.what if fault else "none")

    def _body(self) -> bytes:
        if length := self.headers.get("Content-Length"):
            return self.rfile.read(int(length))
        body = b""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        return body

    def _serve(self, request: Request, fault: Fault | None, what: Breakage) -> None:
        kill = fault.kill if fault is not None else lambda: None
        if what == "kill before":
            kill()
        if fault is not None and what == "away":
            self.loopback.leave(fault.seconds)
        if what in ("refuse", "away", "kill before"):
            self._hang_up(request, 0)
            return
        if fault is not None and what == "slow":
            time.sleep(fault.seconds)
        reply = fault.reply if fault is not None and what == "status" else self._answer(request)
        if what == "kill stored":
            kill()
        if what in ("lose", "kill stored"):
            self._hang_up(request, reply.status)
            return
        self.loopback.note(request, reply.status)
        self._send(reply, more=100 if what == "truncate" else 0)
        if what == "kill answered":
            kill()

    def _answer(self, request: Request) -> Reply:
        with self.loopback.guard:
            return self.loopback.answer(request)

    def _hang_up(self, request: Request, status: int) -> None:
        self.loopback.note(request, status)
        self.close_connection = True

    def _send(self, reply: Reply, *, more: int) -> None:
        self.send_response_only(reply.status)
        if "Date" not in reply.headers:
            self.send_header("Date", self.date_time_string())
        for name, text in {**reply.headers, "Content-Length": str(len(reply.body) + more)}.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.close_connection = self.close_connection or bool(more)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        pass


for _method in ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD"):
    setattr(_Handler, f"do_{_method}", _Handler.any)


Answers = Callable[[Request], Reply]


class Plain(Loopback):
    """A server that answers what a function says."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self._answers = answers

    def answer(self, request: Request) -> Reply:
        return self._answers(request)


class Front(Loopback):
    """A server that stands before another one and answers what that does not know itself."""

    def __init__(self, behind: str) -> None:
        super().__init__()
        self.behind = behind.removeprefix("http://")

    def forward(self, request: Request) -> Reply:
        """What the server behind answers, its own address replaced by that of the front."""
        connection = http.client.HTTPConnection(self.behind, timeout=30)
        try:
            path = f"{request.path}?{request.query}" if request.query else request.path
            left_out = ("host", "content-length", "transfer-encoding", "connection", "accept-encoding")
            headers = {name: text for name, text in request.headers.items() if name not in left_out}
            connection.request(request.method, path, body=request.body or None, headers=headers)
            response = connection.getresponse()
            body = response.read().replace(f"http://{self.behind}".encode(), self.url.encode())
            kept = {
                name: text
                for name, text in response.getheaders()
                if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server")
            }
            return Reply(status=response.status, headers=kept, body=body)
        finally:
            connection.close()
