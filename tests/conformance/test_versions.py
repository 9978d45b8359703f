"""Version bumps: the cases of table 11.2."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.errors import InputError, Problems
from piot.load.config import parse_config
from piot.model.release.bump import Word, bumped
from piot.model.semver import Semver
from tests.conformance.cases import Case, case_id
from tests.support.history import HEAD, Repository, package

BUMPS: tuple[tuple[Case, str, Word, str], ...] = (
    (Case("V01"), "0.1.0", "patch", "0.1.1"),
    (Case("V02"), "0.0.9", "patch", "0.0.10"),
    (Case("V03"), "2.3.4", "patch", "2.3.5"),
    (Case("V04"), "0.1.5", "minor", "0.2.0"),
    (Case("V05"), "1.0.0", "minor", "1.1.0"),
    (Case("V06"), "9.9.9", "minor", "9.10.0"),
    (Case("V07"), "0.1.5", "major", "1.0.0"),
    (Case("V08"), "1.2.3", "major", "2.0.0"),
)
FIRST: tuple[tuple[Case, str, str, str], ...] = (
    (Case("V10"), package("core", first_version='"0.3.0"'), "x", "core@0.3.0"),
    (Case("V11"), package("core"), "x", "core@0.1.0"),
    (Case("V13"), package("core"), "x\n\nrelease: major", "core@0.1.0"),
)
CASES = (
    *(case for case, *_ in BUMPS),
    Case("V09", "≠", "pre-releases are versions; all others are refused as before"),
    Case("V12", "≠", "refused when the configuration is read, at its line"),
    *(case for case, *_ in FIRST),
)


@pytest.mark.parametrize(("case", "before", "word", "after"), BUMPS, ids=case_id)
def test_the_next_version(case: Case, before: str, word: Word, after: str) -> None:
    assert str(bumped(Semver.parse(before), word)) == after, case


@pytest.mark.parametrize("text", ["1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.02.3", "1.x.3", ""])
def test_no_version_as_v09_has_it(text: str) -> None:
    with pytest.raises(InputError):
        Semver.parse(text)


def test_pre_releases_are_versions_other_than_in_v09() -> None:
    assert str(Semver.parse("1.2.3-rc.1")) == "1.2.3-rc.1"


@pytest.mark.parametrize(("case", "config", "message", "expected"), FIRST, ids=case_id)
def test_the_first_version(case: Case, config: str, message: str, expected: str, tmp_path: Path) -> None:
    made = Repository.make(tmp_path, config, tags=None)
    made.commit(message, "core/x")
    assert made.versions() == expected, case


def test_a_first_version_that_is_none_is_refused_when_it_is_read_as_v12() -> None:
    with pytest.raises(Problems, match="PIOT_FIRST_VERSION"):
        parse_config(HEAD + package("core", first_version='"banana"'), "putitoutthere.toml")
