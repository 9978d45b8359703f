"""The @rule decorator at run time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from piot.api.rule import rule, shown_path
from piot.errors import MachineError, Problem, Problems
from piot.model.label import Label

ctx: Any = None


@dataclass(frozen=True)
class Greeting:
    who: str = "world"


def greet(_: object, attrs: Greeting) -> tuple[str]:
    return (f"Hello, {attrs.who}!",)


def test_a_rule_has_the_name_of_its_function_and_its_attributes() -> None:
    made = rule(greet)
    assert (made.name, made.attrs, made.configured_by, made.test) == ("greet", Greeting, frozenset(), False)
    assert made(ctx, Greeting(who="you")) == ("Hello, you!",)
    assert made.analyse(ctx, {"who": "me"}) == ("Hello, me!",)


def test_a_rule_can_be_configured_and_a_test() -> None:
    made = rule(configured_by=("triple",), test=True)(greet)
    assert (made.configured_by, made.test) == (frozenset({"triple"}), True)


def test_a_function_without_attributes_is_no_rule() -> None:
    def alone(_: object) -> tuple[str]:
        return ("no attributes",)

    wrong: Any = alone
    with pytest.raises(TypeError):
        rule(wrong)


@pytest.mark.parametrize(
    "error",
    [
        MachineError("no rustc"),
        Problems([Problem(path="f", line=1, column=1, code="PIOT_X", message="known already")]),
    ],
)
def test_an_error_that_is_not_the_rules_fault_passes_through(error: Exception) -> None:
    def fails(_: object, attrs: Greeting) -> tuple[str]:
        raise error if attrs.who else KeyError

    with pytest.raises(type(error)) as caught:
        rule(fails).analyse(ctx, {})
    assert caught.value is error


def test_piots_own_files_are_shown_as_piots() -> None:
    assert shown_path(Label.parse("//build_defs:hello.py")) == "build_defs/hello.py"
    assert shown_path(Label.parse("@piot//rules:rust.py")) == "@piot/rules/rust.py"
