"""A build of what changed files reach gives, in every respect, what a build of the whole plan gives."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piot.app.build import build
from piot.app.building.reach import Reach
from piot.app.building.repeat import Repeat
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.effects import clock, folders, witness, worktree
from piot.effects.worktree import Worktree
from piot.model import events
from piot.run import index
from tests.support.checkout import Checkout, MakeCheckout
from tests.support.twins import EDITS, FILES, OTHERS, STEPS, Twin, Twins, lose, made, write


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test count as old."""
    for module in (clock, folders, index, witness):
        monkeypatch.setattr(module, "GRANULARITY_NS", -(10**12))


@pytest.fixture
def twins(make_checkout: MakeCheckout) -> Twins:
    found = Twins(
        one=Twin(checkout=made(make_checkout, "one"), short=True),
        two=Twin(checkout=made(make_checkout, "two"), short=False),
    )
    found.agree("at first")
    return found


def test_what_the_store_has_lost_is_made_again_where_it_is_needed(twins: Twins) -> None:
    """What lies delivered as it was made is not asked for in the store, as where nothing has changed."""
    twins.each(lose("blobs/*/*"))
    twins.each(STEPS["other"])
    one, two = twins.one.build(), twins.two.build()
    assert one[2] == two[2]
    assert twins.one.parts == []  # the store has lost what the edited file is put together with
    twins.each(STEPS["delivered, gone"])
    twins.each(lose("blobs/*/*"))
    twins.agree("delivered, gone")


@pytest.mark.parametrize("other", OTHERS)
def test_whatever_else_changes_beside_an_edit_it_is_as_if_nothing_were_kept(twins: Twins, other: str) -> None:
    for together in (("lib/a",), (other, "sep"), ("lib/a again", other)):
        for step in together:
            twins.each(STEPS[step])
        twins.agree(" + ".join(together))


@settings(
    max_examples=int(os.environ.get("PIOT_EXAMPLES", "6")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.lists(st.sampled_from([*EDITS, *EDITS, *EDITS, *OTHERS]), min_size=1, max_size=3),
        min_size=2,
        max_size=6,
    )
)
def test_the_report_the_events_the_files_and_the_reasons_are_those_of_a_whole_build(
    make_checkout: MakeCheckout, tmp_path: Path, stories: list[list[str]]
) -> None:
    for name in ("one", "two"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    twins = Twins(
        one=Twin(checkout=made(make_checkout, "one"), short=True),
        two=Twin(checkout=made(make_checkout, "two"), short=False),
    )
    twins.agree("at first")
    for together in stories:
        for step in together:
            twins.each(STEPS[step])
        twins.agree(" + ".join(together))


REACHED = {
    "lib/a": 2,
    "other": 1,
    "names": 1,
    "sep": 1,
    "readme": 0,
    "nothing": 0,
    "executable": 2,
}


@pytest.mark.parametrize("step", REACHED)
def test_no_more_than_what_a_file_reaches_is_looked_at(twins: Twins, step: str) -> None:
    twins.each(STEPS[step])
    twins.agree(step)
    assert twins.one.parts == [REACHED[step]]


def test_edits_add_up_until_a_build_succeeds(twins: Twins) -> None:
    for step in ("lib/a fails", "sep", "lib/a back"):
        twins.each(STEPS[step])
        twins.agree(step)
    assert twins.one.parts == [2, 3, 3]


def test_what_is_put_back_in_the_second_of_gits_index_is_what_it_was(
    twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There git compares bytes, not time stamps, and names no file that has those of the index."""
    real = worktree.glance

    def glance(root: Path, *words: Any) -> Worktree | None:
        found = real(root, *words)
        if found is None or (root / "lib/a.txt").read_text() != FILES["lib/a.txt"]:
            return found
        return found._replace(paths=tuple(path for path in found.paths if path != "lib/a.txt"))

    monkeypatch.setattr(worktree, "glance", glance)
    for step in ("lib/a fails", "sep", "lib/a back"):
        twins.each(STEPS[step])
        twins.agree(step)
    assert twins.one.parts == [2, 3, 1]


@pytest.mark.parametrize(
    "step",
    [
        "new",
        "deleted",
        "renamed",
        "BUILD",
        "defs",
        "a BUILD file",
        "settings",
        "tool",
        "variable",
        "overlook",
    ],
)
def test_where_more_changed_than_what_files_hold_the_whole_is_planned(twins: Twins, step: str) -> None:
    twins.each(STEPS[step])
    twins.agree(step)
    assert twins.one.parts == []


@pytest.mark.parametrize("link", ["a link", "a link to what is ignored"])
def test_a_link_counts_with_what_it_leads_to(twins: Twins, link: str) -> None:
    for step in ("what is ignored", link, "commit", "sep", "other", "what is ignored, edited", "lib/a"):
        twins.each(STEPS[step])
        twins.agree(step)


def test_a_damaged_plan_is_kept_anew(twins: Twins) -> None:
    for step in ("plans damaged", "lib/a", "sep"):
        twins.each(STEPS[step])
        twins.agree(step)
    assert twins.one.parts == [2, 1]


def test_requests_have_plans_of_their_own(twins: Twins) -> None:
    twins.agree("another profile", profile="dev")
    twins.each(STEPS["lib/a"])
    twins.agree("as before")
    twins.agree("another profile", profile="dev")
    assert twins.one.parts == [2, 2]


@pytest.mark.parametrize(
    "options",
    [{"force": True}, {"no_cache": True}, {"dry_run": True}, {"versions": (("lib", "1.2.3"),)}],
    ids=str,
)
def test_some_requests_never_take_the_plan_that_is_kept(twins: Twins, options: dict[str, Any]) -> None:
    twins.each(write("lib/package.json", '{"name": "lib", "version": "0.0.0"}'))
    twins.agree("at first", **options)
    twins.each(STEPS["lib/a"])
    twins.agree("again", **options)
    assert twins.one.parts == []


def test_what_is_edited_while_it_is_built_is_not_kept_as_what_it_was_before(twins: Twins) -> None:
    """Digests of changed files are read once, before all else: what is kept is what was built."""
    it = twins.one.checkout
    it.write("lib/a.txt", "before\n")
    real = Repeat.reach

    def edit(this: Repeat, where: Where, emit: events.Emit) -> Reach | None:
        it.write("lib/a.txt", "meanwhile\n")
        return real(this, where, emit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Repeat, "reach", edit)
        build(BuildRequest(patterns=("//:all",), sandbox="dir"), where(it), lambda _: None)
    assert it.read("first.txt") == "meanwhile\nb\n"
    it.write("lib/a.txt", "before\n")
    assert Repeat(BuildRequest(patterns=("//:all",), sandbox="dir"), where(it)).answer() is None
    it.build()
    assert it.read("first.txt") == "before\nb\n"


def where(it: Checkout) -> Where:
    return Where(directory=it.root, environ=it.environ)
