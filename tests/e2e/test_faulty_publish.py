"""Registries and networks that fail while ``piot publish`` runs: what it does, and what the next run does."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

import pytest

from tests.e2e.conftest import ROOT
from tests.e2e.republished import PACKAGE, Asked, State, World, made, undisturbed
from tests.e2e.test_publish import ALL
from tests.support.loopback import Breakage, Fault, Reply

__all__ = ["made", "undisturbed"]

pytestmark = pytest.mark.e2e

ROUTES: dict[str, tuple[Asked, ...]] = {
    "a question": (
        ("crates", "GET", "/index/config.json"),
        ("crates", "GET", "/index/co/re/core"),
        ("crates", "GET", "/api/v1/crates/core/1.0.0"),
        ("pypi", "GET", "/simple/my-py/"),
        ("npm", "GET", PACKAGE),
    ),
    "a token": (
        ("issuer", "GET", "/token"),
        ("crates", "POST", "/api/v1/trusted_publishing/tokens"),
        ("crates", "DELETE", "/api/v1/trusted_publishing/tokens"),
        ("pypi", "GET", "/_/oidc/audience"),
        ("pypi", "POST", "/_/oidc/mint-token"),
        ("pypi", "POST", "/_/oidc/burn-token"),
        ("npm", "POST", f"/-/npm/v1/oidc/token/exchange/package{PACKAGE}"),
    ),
    "an upload": (
        ("crates", "PUT", "/api/v1/crates/new"),
        ("pypi", "POST", "/legacy/"),
        ("npm", "PUT", PACKAGE),
    ),
}
"""What a run asks, by what it is for; a fault strikes the first request of each route."""


GROUPS = tuple(ROUTES)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """``what`` breaks the first request of each route of ``groups``; ``reply`` is made when it begins.

    ``code`` is how the run ends in which it happens, ``sent`` how often each registry then got an upload
    (crates, PyPI, npm) until all was published.
    """

    what: Breakage
    sent: tuple[int, int, int]
    reply: Callable[[str], Reply] = lambda _: Reply()
    seconds: float = 0.0
    groups: tuple[str, ...] = GROUPS
    code: int = 0


def later(seconds: float) -> Callable[[str], Reply]:
    def reply(_: str) -> Reply:
        date = formatdate(time.time() + seconds, usegmt=True)
        return Reply(status=429, headers={"Retry-After": date})

    return reply


def of_another_clock(ahead: float) -> Callable[[str], Reply]:
    """Asks for two seconds, by a clock that is ``ahead`` of ours."""

    def reply(_: str) -> Reply:
        here = time.time() + ahead
        dates = {"Date": formatdate(here, usegmt=True), "Retry-After": formatdate(here + 2, usegmt=True)}
        return Reply(status=429, headers=dates)

    return reply


def status(number: int, **headers: str) -> Callable[[str], Reply]:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda _: Reply(status=number, headers=named)


EXPIRED = {
    "crates": Reply.of({"errors": [{"detail": "Invalid authentication token"}]}, 403),
    "pypi": Reply.of({"message": "Invalid or non-existent authentication information."}, 403),
    "npm": Reply.of({"error": "Unauthorized"}, 401),
}
ONCE, TWICE = (1, 2, 1), (2, 3, 2)
TROUBLES = {
    "connection refused for two seconds": Trouble(what="away", seconds=2.0, sent=TWICE),
    "connection reset before anything was done": Trouble(what="refuse", sent=TWICE),
    "connection reset after all was done": Trouble(what="lose", sent=ONCE),
    "answer that ends too early": Trouble(what="truncate", sent=ONCE),
    "answer after a second": Trouble(what="slow", seconds=1.0, sent=ONCE),
    "500": Trouble(what="status", reply=status(500), sent=TWICE),
    "503": Trouble(what="status", reply=status(503), sent=TWICE),
    "429 with seconds": Trouble(what="status", reply=status(429, Retry_After="1"), sent=TWICE),
    "429 with a date": Trouble(what="status", reply=later(2), sent=TWICE),
    "429 with a date that has passed, by a clock that is wrong": Trouble(
        what="status", reply=later(-3600), sent=TWICE
    ),
    "429 with a date, of a server whose clock is a day ahead": Trouble(
        what="status", reply=of_another_clock(86400), sent=TWICE
    ),
    "429 with a date an hour ahead, for a question": Trouble(
        what="status", reply=later(3600), groups=("a question",), code=5, sent=ONCE
    ),
    "429 with a date an hour ahead, for a token": Trouble(
        what="status", reply=later(3600), groups=("a token",), code=6, sent=ONCE
    ),
    "429 with a date an hour ahead, for an upload": Trouble(
        what="status", reply=later(3600), groups=("an upload",), code=6, sent=TWICE
    ),
    "token that has expired, for an upload": Trouble(
        what="status", reply=lambda server: EXPIRED[server], groups=("an upload",), sent=TWICE
    ),
}


def test_every_route_of_an_undisturbed_run_is_broken(undisturbed: tuple[State, Counter[Asked]]) -> None:
    assert set(undisturbed[1]) == {route for group in ROUTES.values() for route in group}
    assert (len(undisturbed[1]), len(TROUBLES)) == (15, 15)


def test_the_page_has_the_table() -> None:
    ends = {0: "goes on", 5: "ends with code 5", 6: "ends with code 6"}
    rows = [f"| {name} | {ends[each.code]} | {sum(each.sent)} |" for name, each in TROUBLES.items()]
    page = (ROOT / "docs/explanation/publishing-through-faults.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("|")][2:] == rows


@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_survived_or_the_next_run_finishes(
    made: World, undisturbed: tuple[State, Counter[Asked]], name: str
) -> None:
    trouble, faults = TROUBLES[name], list[Fault]()
    made.set_back()
    for server, method, path in (route for group in trouble.groups for route in ROUTES[group]):
        faults.append(
            Fault(
                what=trouble.what,
                method=method,
                path=path,
                whole=True,
                seconds=trouble.seconds,
                reply=trouble.reply(server),
            )
        )
        made.server(server).faults.append(faults[-1])
    done = made.run()
    assert done.returncode == trouble.code, done.stdout + done.stderr
    assert made.tagged_unseen() == []
    if trouble.code:
        for fault in faults:
            fault.times = 0
        done = made.run()
        assert done.returncode == 0, done.stdout + done.stderr
    assert [fault.path for fault in faults if fault.times] == [], "every one of them happened"
    assert made.state() == undisturbed[0]
    assert sorted(made.release.sent) == sorted(ALL)
    asked = made.asked()
    assert tuple(asked[route] for route in ROUTES["an upload"]) == trouble.sent
