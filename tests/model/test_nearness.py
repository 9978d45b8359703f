"""What is suggested for a label or a word that chooses nothing."""

from __future__ import annotations

import pytest

from piot.errors import UsageError
from piot.model.label import Pattern
from piot.model.nearness import near_label, near_word, refuse_only_negative

LABELS = ("//:docs", "//py:publish", "//py:sdist", "//py:wheel", "//rs/core:crate", "//rs/core:publish")


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("//py:weel", 'did you mean "//py:wheel"?'),
        ("//py:publsh", 'did you mean "//py:publish"?'),
        ("//:dcs", 'did you mean "//:docs"?'),
        ("//rs/core:lib", "//rs/core has :crate"),
        ("//py:x", "//py has :sdist and :wheel"),
        ("//pyy:wheel", 'did you mean "//py:wheel"?'),
        ("//elsewhere/far:away", None),
    ],
)
def test_a_wrong_label_gets_a_near_name_else_what_its_folder_has(wanted: str, hint: str | None) -> None:
    assert near_label(wanted, LABELS, {"//py:publish", "//rs/core:publish"}) == hint


@pytest.mark.parametrize(
    ("word", "package", "hint"),
    [
        ("wheel", "py", 'did you mean ":wheel"?'),
        ("wheel", "", None),
        ("py", "", "the targets of that folder are //py, with those below it //py/..."),
        ("core/", "rs", "the targets of that folder are //rs/core, with those below it //rs/core/..."),
        (".", "py", "the targets of that folder are //py, with those below it //py/..."),
        ("..", "rs/core", "the targets of that folder are //rs, with those below it //rs/..."),
    ],
)
def test_a_word_that_is_a_target_or_a_folder_is_told_how_to_write_that(
    word: str, package: str, hint: str | None
) -> None:
    assert near_word(word, package, LABELS) == hint


def test_patterns_that_only_take_away_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        refuse_only_negative([Pattern.parse("-//py/..."), Pattern.parse("-core")])
    assert str(caught.value) == (
        "-//py/... takes away, and nothing is chosen before\n\nhint: for all others: //... -//py/..."
    )
    refuse_only_negative([])
    refuse_only_negative([Pattern.parse("-//py/..."), Pattern.parse("//...")])
