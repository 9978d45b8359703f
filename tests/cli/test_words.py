from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.cli.words import cells, clean, counted, cut, duration, elapsed, table


@pytest.mark.parametrize(
    ("seconds", "finished", "running"),
    [
        (-1, "0.0s", "0s"),
        (0, "0.0s", "0s"),
        (3.14, "3.1s", "3s"),
        (59.94, "59.9s", "59s"),
        (59.96, "1m 00s", "59s"),
        (125.4, "2m 05s", "2m 05s"),
        (3599.9, "1h 00m", "59m 59s"),
        (3725, "1h 02m", "1h 02m"),
    ],
)
def test_times_are_short(seconds: float, finished: str, running: str) -> None:
    assert (duration(seconds), elapsed(seconds)) == (finished, running)


def test_nouns_follow_their_number() -> None:
    assert [counted(number, "file") for number in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


@given(text=st.text(), width=st.integers(-3, 30))
def test_cut_text_is_never_too_wide_and_whole_when_it_fits(text: str, width: int) -> None:
    assert cells(cut(text, width)) <= max(width, 0)
    assert cells(cut(text, width, "...")) <= max(width, 0)
    assert cut(text, max(width, cells(text))) == text


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("dist/x", 6),
        ("é", 1),
        ("e\u0301", 1),
        ("包装", 4),
        ("ｱ", 1),
        ("🦀", 2),
        ("❤\ufe0f", 2),
        ("a\u200bb", 2),
    ],
)
def test_columns_are_counted_as_terminals_draw_them(text: str, columns: int) -> None:
    assert cells(text) == columns


@pytest.mark.parametrize(
    ("width", "text"),
    [(9, "//包装:x"), (8, "//包装:x"), (7, "//包装…"), (6, "//包…"), (5, "//包…"), (4, "//…"), (1, "…")],
)
def test_wide_letters_are_cut_whole(width: int, text: str) -> None:
    assert cut("//包装:x", width) == text


@pytest.mark.parametrize(
    ("text", "plain", "colored"),
    [
        ("a\nb\tc", "a\nb\tc", "a\nb\tc"),
        ("\x1b[1m\x1b[31merror\x1b[0m: no", "error: no", "\x1b[1m\x1b[31merror\x1b[0m: no\x1b[0m"),
        ("10%\r50%\r100%\r\ndone\r\n", "100%\ndone\n", "100%\ndone\n"),
        ("\x1b[2J\x1b[3A\x1b[?25lgone", "gone", "gone"),
        ("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b", "ab", "ab"),
        ("\x1bcbell\x07 \x9b31m", "bell 31m", "bell 31m"),
        ("cut off \x1b[3", "cut off 3", "cut off 3"),
        ("\x1b[38;5;9mred", "red", "\x1b[38;5;9mred\x1b[0m"),
    ],
)
def test_output_of_others_keeps_colours_at_most(text: str, plain: str, colored: str) -> None:
    assert clean(text, color=False) == plain
    assert clean(text, color=True) == colored


@given(text=st.text(alphabet=st.sampled_from("a\x1b[]0;31mHJ\x07\x9b\r\n\\?")))
def test_cleaned_output_holds_no_control_characters(text: str) -> None:
    cleaned = clean(text, color=False)
    assert not set(cleaned) & set("\x1b\x07\x9b\r")
    assert clean(cleaned, color=False) == cleaned


def test_a_table_is_aligned_and_cells_may_have_several_lines() -> None:
    rows = [("a", "one\ntwo", "x"), ("longer", "", "")]
    assert table(("NAME", "WHAT", "LACKS"), rows) == (
        "NAME    WHAT  LACKS\na       one   x\n        two\nlonger\n"
    )


def test_a_table_without_rows_is_empty() -> None:
    assert table(("NAME",), []) == ""


@given(rows=st.lists(st.tuples(*[st.text(alphabet="abc ", max_size=6)] * 2), min_size=1))
def test_columns_of_a_table_start_in_one_place(rows: list[tuple[str, str]]) -> None:
    lines = table(("FIRST", "SECOND"), rows).splitlines()
    start = lines[0].index("SECOND")
    assert [line[start:] for line in lines[1:]] == [second.rstrip() for _, second in rows]
