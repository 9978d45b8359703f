"""Actions as plain data: whatever an action is made of comes back as it was."""

from __future__ import annotations

import marshal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piot.model.action import CommandAction, SourceFile
from piot.model.action_data import of_data, to_data
from piot.model.fetch import CargoGitFetch, CrateFetch, NpmFetch, PypiFetch

st.register_type_strategy(CrateFetch, st.builds(CrateFetch, sha256=st.just("0" * 64)))
st.register_type_strategy(PypiFetch, st.builds(PypiFetch, sha256=st.just("1" * 64)))
st.register_type_strategy(CargoGitFetch, st.builds(CargoGitFetch, revision=st.just("2" * 40)))
st.register_type_strategy(NpmFetch, st.builds(NpmFetch, integrity=st.just(f"sha256-{'A' * 43}=")))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.from_type(CommandAction))
def test_an_action_comes_back_with_all_that_it_is_made_of(action: CommandAction) -> None:
    """What does not count when two are compared (memory, places of tools) comes back too: `repr` shows it.

    The strategy follows the types: a new kind of input or proof is tried as soon as an action may have it.
    """
    found: object = of_data(marshal.loads(marshal.dumps(to_data(action))))
    assert repr(found) == repr(action)


def test_a_source_file_stays_one() -> None:
    found: object = of_data(to_data(SourceFile("a", "b")))
    assert isinstance(found, SourceFile)
    assert found == SourceFile("a", "b")


@pytest.mark.parametrize("value", [["a"], {"a": 1}, 1.5, object()], ids=lambda value: type(value).__name__)
def test_what_actions_are_not_made_of_is_refused(value: object) -> None:
    with pytest.raises(KeyError):
        to_data((value,))
