"""How much runs at a time, what is forced, and at which sandbox level."""

from __future__ import annotations

from dataclasses import replace

import pytest

from piot.app.building.request import BuildRequest
from piot.app.building.running import limits, sandbox_level
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import capacity
from piot.model.action import CommandAction
from piot.model.label import Label
from piot.model.plan import BuildPlan, Configured, Requested
from tests.support.checkout import Checkout, MakeCheckout

REQUEST = BuildRequest(patterns=())

ACTION = CommandAction(id="own", label="//:a", triple=None, mnemonic="x", argv=(), environment=(), inputs=())
PLAN = BuildPlan(
    actions={
        "own": ACTION,
        "hidden": replace(ACTION, id="hidden", public=False),
        "other": replace(ACTION, id="other"),
    },
    requested=(Requested(target=Configured(label=Label("", "a")), outputs=(), actions=("own", "hidden")),),
)


def session(checkout: Checkout, **environ: str) -> Session:
    return Session(Where(directory=checkout.root, environ={**checkout.environ, **environ}), lambda _: None)


def test_as_many_run_as_there_are_processors_unless_told_otherwise(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout()
    assert limits(session(checkout), REQUEST, PLAN).jobs == capacity.cpu_count()
    assert limits(session(checkout), replace(REQUEST, jobs=7), PLAN).jobs == 7
    assert limits(session(checkout, PIOT_JOBS="5"), REQUEST, PLAN).jobs == 5
    assert limits(session(checkout, PIOT_JOBS="5"), replace(REQUEST, jobs=7), PLAN).jobs == 7


def test_force_is_for_the_own_visible_steps_of_what_is_asked_for(make_checkout: MakeCheckout) -> None:
    here = session(make_checkout())
    assert limits(here, REQUEST, PLAN).force == frozenset()
    assert limits(here, replace(REQUEST, force=True), PLAN).force == {"own"}


def test_all_memory_of_the_machine_is_shared(make_checkout: MakeCheckout) -> None:
    found = limits(session(make_checkout()), replace(REQUEST, keep_going=True), PLAN)
    assert (found.memory, found.keep_going) == (capacity.memory_bytes(), True)


@pytest.mark.parametrize("level", ["none", "dir"])
def test_the_level_is_the_one_that_is_asked_for(make_checkout: MakeCheckout, level: str) -> None:
    checkout = make_checkout()
    assert sandbox_level(session(checkout), replace(REQUEST, sandbox=level)) == level
    assert sandbox_level(session(checkout, PIOT_SANDBOX=level), REQUEST) == level
    assert sandbox_level(session(checkout, PIOT_SANDBOX="bwrap"), replace(REQUEST, sandbox=level)) == level
