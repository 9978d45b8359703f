"""Builds that were killed, run together, or made something else than before: what the next one gives."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import piot
from piot.app import build as building
from piot.app.build import build
from piot.app.building.repeat import Repeat
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.effects import clock, folders, witness
from piot.errors import Interrupted
from piot.model import events
from piot.run import index
from tests.support.checkout import Checkout, MakeCheckout, command
from tests.support.pairs import Pair
from tests.support.twins import BUILD, Does, every, git, lose, made, tool, write


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test count as old."""
    for module in (clock, folders, index, witness):
        monkeypatch.setattr(module, "GRANULARITY_NS", -(10**12))


@pytest.fixture
def pair(make_checkout: MakeCheckout) -> Pair:
    return Pair(short=made(make_checkout, "one"), long=made(make_checkout, "two"))


A, B = write("lib/a.txt", "A\n"), write("lib/a.txt", "B\n")
MORE = write("BUILD", BUILD.replace("echo still", "echo more"))


def unheard(_: events.Event) -> None:
    """Events of a build that nobody watches."""


def once(it: Checkout, emit: events.Emit = unheard, **options: Any) -> None:
    request = BuildRequest(patterns=("//:all",), sandbox="dir", keep_going=True, **options)
    build(request, Where(directory=it.root, environ=it.environ), emit)


def killed(at: str) -> Does:
    """A build that is interrupted before one of its steps."""

    def stop(*_: object, **__: object) -> None:
        raise Interrupted("interrupted")

    def do_it(it: Checkout) -> None:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Interrupted):
            patch.setattr(building, at, stop)
            once(it)

    return do_it


@pytest.mark.parametrize("at", ["execute_for", "deliver", "report_of", "results_of"])
def test_a_build_that_is_killed_leaves_nothing_that_misleads(pair: Pair, at: str) -> None:
    pair.tell((A, killed(at), str, B, killed(at), A))


def edited_meanwhile(edit: Does) -> Does:
    def do_it(it: Checkout) -> None:
        def hear(event: events.Event) -> None:
            if isinstance(event, events.BuildStarted):
                edit(it)

        once(it, hear)

    return do_it


@pytest.mark.parametrize("edit", [A, MORE, tool("wc", "cat"), git("checkout", ".")])
def test_what_changes_while_it_is_built_is_built_next(pair: Pair, edit: Does) -> None:
    pair.tell((write("sep/s.txt", "q\n"), edited_meanwhile(edit), B, edited_meanwhile(edit), str))


def another_inside(it: Checkout) -> None:
    """While one builds, a file is edited, and another builds and delivers; then the first one delivers."""

    def hear(event: events.Event) -> None:
        if isinstance(event, events.BuildStarted):
            B(it)
            once(it)

    A(it)
    once(it, hear)


def test_of_two_builds_at_once_the_later_source_wins_next_time(pair: Pair) -> None:
    pair.tell((another_inside, str, A, another_inside))


STORE: dict[str, Does] = {
    "all gone": lambda it: shutil.rmtree(it.root.parent / "cache"),
    "results gone": lose("results/*/*"),
    "results damaged": every("../cache/store/results/*/*", lambda path: path.write_bytes(b"x")),
    "another": lambda it: it.with_environ(PIOT_CACHE_DIR=str(it.root.parent / "cache2")),
}


@pytest.mark.parametrize("what", STORE)
def test_what_happens_to_the_store(pair: Pair, what: str) -> None:
    pair.tell((STORE[what], A, STORE[what], B))


def test_other_requests_deliver_to_the_same_folder(pair: Pair) -> None:
    pair.tell(())
    requests: list[dict[str, Any]] = [
        {"profile": "dev"},
        {"patterns": ("//:second",)},
        {"tests": True},
        {"force": True},
    ]
    for number, options in enumerate(each for request in requests for each in (request, {})):
        pair.each(write("lib/a.txt", f"{number // 2}\n"))
        pair.agree(str(options), **options)


def test_a_result_that_came_out_otherwise_is_delivered_with_all_that_is_made_from_it(
    make_checkout: MakeCheckout,
) -> None:
    it = made(make_checkout, "one")
    it.write(
        "BUILD",
        command("time", "date +%N > time.txt", outputs=("time.txt",), tools=["date"])
        + command("a", "cat $(location :time) > a.txt", outputs=("a.txt",), deps=[":time"])
        + command(
            "b",
            "cat $(location :time) lib/a.txt > b.txt",
            outputs=("b.txt",),
            deps=[":time"],
            srcs=["lib/a.txt"],
        ),
    )
    once(it)
    for text in "ABC":
        once(it, force=True, out=Path("other"))
        once(it, force=True, out=Path("other"))
        it.write("lib/a.txt", f"{text}\n")
        once(it)
        assert it.read("b.txt") == f"{it.read('time.txt')}{text}\n"
        assert it.read("a.txt") == it.read("time.txt")


def test_another_piot_of_the_same_version_has_answers_of_its_own(
    make_checkout: MakeCheckout, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = made(make_checkout, "one")
    once(it)
    request = BuildRequest(patterns=("//:all",), sandbox="dir", keep_going=True)
    place = Where(directory=it.root, environ=it.environ)
    assert Repeat(request, place).answer() is not None
    monkeypatch.setattr(piot, "__file__", "/elsewhere/piot/__init__.py")
    assert Repeat(request, place).answer() is None


def test_a_program_that_comes_before_another_on_the_path_is_taken(pair: Pair) -> None:
    def before(it: Checkout) -> Checkout:
        (it.root.parent / "before").mkdir()
        return it.with_environ(PATH=f"{it.root.parent / 'before'}:{it.environ['PATH']}")

    def appears(it: Checkout) -> None:
        (it.root.parent / "before/wc").symlink_to(shutil.which("cat") or "cat")

    pair.each(before)
    pair.tell((appears, A))
