from __future__ import annotations

import pytest

from piot.run.verify.metadata import identity_findings, license_findings, read_metadata, same_version

GOOD = b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n"


def test_sound_metadata_is_read() -> None:
    metadata = read_metadata(GOOD)
    assert (metadata.name, str(metadata.version)) == ("demo", "1.0")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"Metadata-Version: 2.4\nName: demo\n", "'version' is a required field"),
        (GOOD + b"Requires-Python: new\n", "'new' is invalid for 'requires-python'"),
        (GOOD + b"Requires-Pyhton: >=3.9\n", "unrecognized field: 'requires-pyhton'"),
        (b"Name: demo\nVersion: one\n", "'one' is invalid for 'version'"),
    ],
)
def test_unsound_metadata_is_refused_with_its_reasons(data: bytes, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        read_metadata(data)


@pytest.mark.parametrize(
    ("actual", "wanted", "expected"),
    [
        (("My_Demo", "1.0"), ("my.demo", "1.0.0"), []),
        (("demo", "1.0"), ("demo", None), []),
        (("demo", "1.0rc1"), ("demo", "1.0.0-rc.1"), []),
        (
            ("demo", "1.0"),
            ("other", "1.1"),
            ["x has the name demo, expected other.", "x has the version 1.0, expected 1.1."],
        ),
    ],
)
def test_names_are_compared_normalised_and_versions_by_meaning(
    actual: tuple[str, str], wanted: tuple[str, str | None], expected: list[str]
) -> None:
    assert [*identity_findings("x", actual, wanted)] == expected


def test_versions_that_pep_440_does_not_know_are_compared_as_text() -> None:
    assert same_version("1.0-x.y", "1.0-x.y")
    assert not same_version("1.0-x.y", "1.0")


def test_a_license_file_that_is_named_must_be_there() -> None:
    metadata = read_metadata(GOOD + b"License-File: LICENSE\nLicense-File: third/MIT\n")
    assert [*license_findings(metadata, "d/licenses", {"d/licenses/LICENSE"})] == [
        "License-File third/MIT is named in the metadata, expected at d/licenses/third/MIT, and missing."
    ]
