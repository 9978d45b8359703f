"""``--bump``: what it means beyond the conformance table, and what is said of what it cannot mean."""

from __future__ import annotations

import pytest

from piot.errors import UsageError
from piot.model.release.bump_spec import BumpSpec, parse_bump
from piot.model.semver import Semver

NAMES = ("core", "@my/js", "a@b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", BumpSpec()),
        ("core, @my/js@minor", BumpSpec(packages=(("core", "patch"), ("@my/js", "minor")))),
        ("a@b", BumpSpec(packages=(("a@b", "patch"),))),
        ("a@b@2.0.0-rc.1", BumpSpec(packages=(("a@b", Semver((2, 0, 0), "rc.1")),))),
        ("minor", BumpSpec(every="minor")),
        ("2.0.0", BumpSpec(every=Semver((2, 0, 0)))),
    ],
)
def test_a_specification_means(text: str, expected: BumpSpec) -> None:
    assert parse_bump(text, NAMES) == expected


def test_a_package_may_be_called_like_a_step() -> None:
    assert parse_bump("minor", ("minor",)) == BumpSpec(packages=(("minor", "patch"),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("core,", '--bump "core," has an empty entry\n\nhint: write name, name@minor or name@1.2.3'),
        ("core,core", '--bump names "core" twice\n\nhint: keep one of them'),
        ("cor", '--bump: no package is called "cor"\n\nhint: did you mean "core"?'),
        ("x", '--bump: no package is called "x"\n\nhint: the packages are core, @my/js and a@b'),
        ("core@", "--bump core: nothing stands behind the @\n\nhint: write core@minor or core@1.2.3"),
        (
            "core@Minor",
            '--bump core: "Minor" is neither patch, minor, major nor a version'
            '\n\nhint: did you mean "minor"?',
        ),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, message: str) -> None:
    with pytest.raises(UsageError) as wrong:
        parse_bump(text, NAMES)
    assert str(wrong.value) == message
