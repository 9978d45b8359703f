"""``release:`` lines beyond the conformance table: messages, quotes, versions, several lines."""

from __future__ import annotations

import pytest

from piot.model.release.trailer import GRAMMAR, Malformed, Trailer, parse_trailers
from piot.model.semver import Semver


@pytest.mark.parametrize(
    ("line", "message", "fix"),
    [
        ("release:", "it does not say how much changes", f"write {GRAMMAR}"),
        ("release: [a]", "it does not say how much changes", f"write {GRAMMAR}"),
        (
            "release: mnior",
            '"mnior" is neither patch, minor, major, skip nor a version',
            'did you mean "minor"?',
        ),
        ("release: v1.2.3", '"v1.2.3" is neither patch, minor, major, skip nor a version', "write 1.2.3"),
        ("release: 1.2.3+7", "tags cannot say the build of a version", "write 1.2.3"),
        ("release: minor [a] b", '"b" stands after the names', f"write {GRAMMAR}"),
        ("release: minor [a", "the brackets around the names do not close", f"write {GRAMMAR}"),
        ("release: minor major", '"major" is too much', f"write {GRAMMAR}"),
        ("release: minor [a,,b]", "one of the names is empty", "remove the comma that is too much"),
        ("release: minor [a b]", "the names are not separated by commas", f"write {GRAMMAR}"),
        ("release: minor [-a]", '"-a" cannot be the name of a package', f"write {GRAMMAR}"),
    ],
)
def test_a_line_that_cannot_be_read_is_said_with_what_would_be_right(
    line: str, message: str, fix: str
) -> None:
    assert parse_trailers(f"x\n\n{line}") == (Malformed(text=line, line=3, message=message, fix=fix),)


def test_names_may_stand_in_quotes_and_a_version_may_be_a_pre_release() -> None:
    assert parse_trailers('release: 1.3.0-rc.1 ["a,b", @me/c]') == (
        Trailer(said=Semver((1, 3, 0), "rc.1"), names=("a,b", "@me/c")),
    )


def test_every_line_counts_for_itself() -> None:
    assert parse_trailers("x\nrelease: major [a]\n\nrelease: skip") == (
        Trailer(said="major", names=("a",), line=2),
        Trailer(said="skip", line=4),
    )


@pytest.mark.parametrize("text", ["minor", "skip [a, b]", "2.0.0 [@me/c]"])
def test_a_line_is_shown_as_it_is_written(text: str) -> None:
    (line,) = parse_trailers(f"release: {text}")
    assert str(line) == text
