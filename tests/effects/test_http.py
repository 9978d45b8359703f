"""Patience with servers: what is tried again, for how long, and what is said in the end."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from piot.effects.http import Answer, Http, retry_after, without_secrets
from piot.errors import MachineError
from tests.support import loopback as faulty

Reply = tuple[int, dict[str, str], bytes]
NETWORK_HINT = (
    "\n\nhint: check the network and the proxy settings (HTTPS_PROXY, SSL_CERT_FILE), then run it again"
)


class Loopback:
    """Answers requests with ``replies`` in turn, the last one for ever, and keeps what was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [(200, {}, b"ok")]
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.waited: list[float] = []
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                loopback.asked.append(
                    (self.path, {name.lower(): text for name, text in self.headers.items()})
                )
                replies = loopback.replies
                status, headers, body = replies.pop(0) if len(replies) > 1 else replies[0]
                self.send_response(status)
                for name, text in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def client(self) -> Http:
        return Http(sleep=self.waited.append)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def loopback() -> Generator[Loopback, None, None]:
    it = Loopback()
    thread = threading.Thread(target=it.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield it
    it.server.shutdown()
    thread.join()
    it.server.server_close()


def test_a_busy_server_is_asked_again_when_it_says_so(loopback: Loopback) -> None:
    loopback.replies = [(429, {"Retry-After": "7"}, b""), (503, {}, b""), (200, {"X-A": "b"}, b"body")]
    client = loopback.client()
    answer = client.get(f"{loopback.url}/x")
    client.close()
    assert (answer.status, answer.body, answer.headers["x-a"]) == (200, b"body", "b")
    assert loopback.waited == [7.0, 1.0]
    assert loopback.asked[0][1]["user-agent"].startswith("piot/")


@pytest.mark.parametrize("status", [200, 401, 404, 410])
def test_an_answer_that_patience_cannot_change_is_a_result(loopback: Loopback, status: int) -> None:
    loopback.replies = [(status, {}, b"")]
    client = loopback.client()
    assert client.get(loopback.url).status == status
    client.close()
    assert len(loopback.asked) == 1


def test_a_server_that_stays_down_is_given_up(loopback: Loopback) -> None:
    loopback.replies = [(500, {}, b"")]
    client = loopback.client()
    with pytest.raises(MachineError) as caught:
        client.get(f"{loopback.url}/x?token=secret")
    client.close()
    assert str(caught.value) == f"cannot fetch {loopback.url}/x: the server answered 500{NETWORK_HINT}"
    assert loopback.waited == [0.5, 1.0, 2.0, 4.0]


def test_nobody_waits_an_hour(loopback: Loopback) -> None:
    loopback.replies = [(429, {"Retry-After": "3600"}, b"")]
    client = loopback.client()
    with pytest.raises(MachineError) as caught:
        client.get(loopback.url)
    client.close()
    assert caught.value.message == (
        f"cannot fetch {loopback.url}: the server answered 429 and asks to come back in 3600 seconds"
    )
    assert loopback.waited == []


def test_a_broken_connection_is_tried_again(loopback: Loopback) -> None:
    loopback.replies = [(200, {"Content-Length": "9"}, b"half"), (200, {}, b"whole")]
    loopback.server.daemon_threads = True
    client = loopback.client()
    assert client.get(loopback.url).body == b"whole"
    client.close()


def test_a_body_that_only_drips_is_given_up(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read is in time, and the end never comes."""
    clock = iter(range(0, 1000, 7))
    monkeypatch.setattr("piot.effects.http.stopwatch", lambda: float(next(clock)))
    loopback.replies = [(200, {}, b"x" * 300_000)]
    client = Http(whole=5.0, attempts=2, sleep=loopback.waited.append)
    with closing(client), pytest.raises(MachineError) as caught:
        client.get(loopback.url)
    assert caught.value.message == f"cannot fetch {loopback.url}: the answer took longer than 5 seconds"
    assert (len(loopback.asked), loopback.waited) == (2, [0.5])


def test_credentials_do_not_follow_a_redirect_to_another_host(loopback: Loopback) -> None:
    elsewhere = loopback.url.replace("127.0.0.1", "localhost")
    loopback.replies = [(302, {"Location": f"{elsewhere}/there"}, b""), (200, {}, b"there")]
    client = loopback.client()
    answer = client.get(f"{loopback.url}/here", headers={"Authorization": "secret"})
    client.close()
    assert answer.url == f"{elsewhere}/there"
    assert [(path, "authorization" in headers) for path, headers in loopback.asked] == [
        ("/here", True),
        ("/there", False),
    ]


def test_an_unreadable_authority_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"^cannot read the certificates in .*ca\.pem: "):
        Http(cainfo=tmp_path / "ca.pem").get("https://127.0.0.1:9/")


def test_a_proxy_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(MachineError, match=r"^the proxy setting cannot be used: "):
        Http(proxy="gopher://127.0.0.1").get("http://127.0.0.1:9/")


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(MachineError, match=r"^cannot fetch ftp://127\.0\.0\.1/x: "):
        Http().get("ftp://127.0.0.1/x")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, now=10.0) == seconds


def test_a_date_to_wait_for_is_by_the_clock_of_the_server() -> None:
    dates = {"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT", "date": "Thu, 01 Jan 1970 00:01:30 GMT"}
    answer = Answer(url="", status=429, headers=dates, body=b"")
    assert answer.wait(now=1e9) == 10.0
    assert replace(answer, headers={**dates, "date": "soon"}).wait(now=70.0) == 30.0
    assert replace(answer, headers={}).wait(now=70.0) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@index.example:8443/a?token=x#y", "https://index.example:8443/a"),
        ("https://index.example/a", "https://index.example/a"),
        ("http://[broken", "an address that cannot be parsed"),
    ],
)
def test_what_is_shown_of_an_address_holds_no_secret(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_a_server_that_stores_something_is_given_more_time_than_one_that_is_asked() -> None:
    """To store a large file takes an index longer than to answer; given up, it would be sent twice."""
    server = faulty.Plain(lambda _: faulty.Reply())
    server.faults += [
        faulty.Fault(what="slow", method=method, path="/", seconds=0.5) for method in ("GET", "POST")
    ]
    http = Http(timeout=0.2, sleep=lambda _: None)
    with server.running(), closing(http):
        assert http.send("POST", f"{server.url}/", content=b"large").status == 200
        assert http.get(f"{server.url}/").status == 200
    assert (server.count("POST", "/"), server.count("GET", "/") > 0) == (1, True)
    assert [fault.times for fault in server.faults] == [0, 0], "and the question was asked again"
