"""Several complaints about one target."""

from __future__ import annotations

import pytest

from piot.api.faults import Faults
from piot.errors import InputError, MachineError, Problem, Problems
from piot.model.label import Label

LABEL = Label.parse("//a:b")


def messages(error: Problems) -> list[tuple[str, str | None]]:
    return [(each.message, each.hint) for each in error.problems]


def test_nothing_is_told_where_nothing_is_wrong() -> None:
    faults = Faults(LABEL)
    with faults.last():
        pass
    faults.tell()


def test_all_faults_are_told_once_with_what_ends_the_rule() -> None:
    faults = Faults(LABEL)
    faults.add("it lacks wings", "add wings")
    faults.add("it lacks wings", "add wings")
    with pytest.raises(Problems) as caught, faults.last():
        raise InputError("//a:b cannot fly", hint="let it walk")
    assert sorted(messages(caught.value)) == [
        ("//a:b cannot fly", "let it walk"),
        ("//a:b: it lacks wings", "add wings"),
    ]


def test_problems_of_a_file_keep_their_places() -> None:
    faults = Faults(LABEL)
    faults.add("it lacks wings")
    wrong = Problem(path="wings.toml", line=3, column=1, code="PIOT_TOML", message="broken")
    with pytest.raises(Problems) as caught, faults.last():
        raise Problems([wrong])
    assert wrong in caught.value.problems and len(caught.value.problems) == 2


def test_a_lack_of_this_machine_does_not_hide_faults() -> None:
    faults = Faults(LABEL)
    with pytest.raises(MachineError), faults.last():
        raise MachineError("no wind tunnel")
    faults.add("it lacks wings")
    with pytest.raises(Problems) as caught, faults.last():
        raise MachineError("no wind tunnel")
    assert messages(caught.value) == [("//a:b: it lacks wings", None)]
