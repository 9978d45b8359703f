"""HTTP: GET with patience, which retries what may pass, and single requests that change something."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from piot.effects.clock import stopwatch
from piot.errors import MachineError

if TYPE_CHECKING:
    import httpx

_ATTEMPTS = 5
_LONGEST_WAIT = 120.0
"""Seconds of Retry-After that are still waited for; a run that hangs longer looks dead."""
_STORING = 300.0
"""Seconds that a server may take to store what it was sent; given up too early, it would be sent it again."""
_LARGEST_BODY = 2 << 30
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered: ``url`` is where redirects led, header names are lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def time(self, *, otherwise: float) -> float:
        """When it was made by the server's own clock (``Date``), in seconds since the epoch."""
        return _seconds(self.headers.get("date")) or otherwise

    def wait(self, *, now: float) -> float | None:
        """Seconds that it asks to wait, by the server's own clock: ours may be another; None without that."""
        return retry_after(self.headers.get("retry-after"), now=self.time(otherwise=now))


class NoAnswer(MachineError):
    """A request was sent, and no answer came."""


class Http:
    """A client for many threads; the connection pool is made at the first request.

    The usual proxy and CA variables hold (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``, …); ``proxy``
    and ``cainfo`` (a PEM file) come from an ecosystem's configuration and win over them. ``timeout`` is in
    seconds, for every step of one of the ``attempts`` that a GET has; a server that asks to wait for more
    than ``longest`` seconds between them is not waited for. ``whole`` is what a body may take from end to
    end, None for as long as something of it comes.
    """

    def __init__(
        self,
        *,
        proxy: str | None = None,
        cainfo: Path | None = None,
        timeout: float = 30.0,
        attempts: int = _ATTEMPTS,
        longest: float = _LONGEST_WAIT,
        whole: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._proxy = proxy
        self._cainfo = cainfo
        self._timeout = timeout
        self._attempts = attempts
        self._longest = longest
        self._whole = whole
        self._sleep = sleep
        self._lock = threading.Lock()
        self._made: httpx.Client | None = None

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to GET, redirects followed; any status that more patience cannot change is a result.

        Credentials in ``headers`` are not sent to another host when redirected. Raises MachineError when
        the server cannot be reached or goes on answering 429 or 5xx.
        """
        import httpx

        reason = ""
        for attempt in range(1, self._attempts + 1):
            pause = min(2.0 ** (attempt - 2), 8.0)
            try:
                answer = self._once("GET", url, dict(headers or {}))
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise MachineError(f"cannot fetch {without_secrets(url)}: {error}") from error
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
            else:
                if answer.status not in _TRANSIENT:
                    return answer
                reason = f"the server answered {answer.status}"
                asked = answer.wait(now=time.time())
                if asked is not None and asked > self._longest:
                    reason += f" and asks to come back in {asked:.0f} seconds"
                    break
                pause = pause if asked is None else asked
            if attempt < self._attempts:
                self._sleep(pause)
        raise MachineError(
            f"cannot fetch {without_secrets(url)}: {reason}",
            hint="check the network and the proxy settings (HTTPS_PROXY, SSL_CERT_FILE), then run it again",
        )

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Answer:
        """The answer to a request that changes something: sent once, no redirect followed.

        Raises NoAnswer when none came, and then nobody knows whether the server did what it was asked.
        """
        import httpx

        try:
            return self._once(method, url, dict(headers or {}), content=content, changes=True)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise MachineError(f"cannot reach {without_secrets(url)}: {error}") from error
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise NoAnswer(f"no answer from {without_secrets(url)}: {reason}") from error

    def close(self) -> None:
        """Close the pooled connections; the next request opens new ones."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.close()

    def _once(
        self, method: str, url: str, headers: dict[str, str], *, content: bytes = b"", changes: bool = False
    ) -> Answer:
        import httpx

        patience = httpx.Timeout(
            self._timeout, read=max(_STORING, self._timeout) if changes else self._timeout
        )
        sent = self._client().stream(
            method,
            url,
            headers=headers,
            content=content or None,
            follow_redirects=not changes,
            timeout=patience,
        )
        with sent as response:
            body, begun = bytearray(), stopwatch()
            for chunk in response.iter_bytes():
                body += chunk
                if self._whole is not None and stopwatch() - begun > self._whole:
                    raise httpx.ReadTimeout(f"the answer took longer than {self._whole:g} seconds")
                if len(body) > _LARGEST_BODY:
                    raise MachineError(f"{without_secrets(url)} is larger than {_LARGEST_BODY} bytes")
            return Answer(
                url=str(response.url),
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=bytes(body),
            )

    def _client(self) -> httpx.Client:
        import ssl

        import httpx

        from piot import __version__

        with self._lock:
            if self._made is None:
                try:
                    verify = ssl.create_default_context(cafile=str(self._cainfo)) if self._cainfo else True
                    self._made = httpx.Client(
                        proxy=self._proxy,
                        verify=verify,
                        timeout=self._timeout,
                        follow_redirects=True,
                        headers={"User-Agent": f"piot/{__version__}"},
                    )
                except OSError as error:  # SSLError is one
                    raise MachineError(f"cannot read the certificates in {self._cainfo}: {error}") from error
                except ValueError as error:
                    raise MachineError(f"the proxy setting cannot be used: {error}") from error
            return self._made


def retry_after(text: str | None, *, now: float) -> float | None:
    """Seconds to wait after ``now`` (seconds since the epoch) by a Retry-After header (RFC 9110, 10.2.3).

    None when there is no header or it is neither a number nor a date.
    """
    if text is not None and text.strip().isdecimal():
        return float(text)
    at = _seconds(text)
    return None if at is None else max(0.0, at - now)


def _seconds(date: str | None) -> float | None:
    """An HTTP date in seconds since the epoch (RFC 9110, 5.6.7); None for what is none."""
    from email.utils import parsedate_to_datetime

    try:
        return None if date is None else parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def without_secrets(url: str) -> str:
    """The address without user, password, query and fragment: what may be shown."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be parsed"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
