from __future__ import annotations

from collections.abc import Callable

import pytest

from piot.model.proof import SdistProof
from piot.run.verify.sdist import sdist_findings

Maker = Callable[..., bytes]
INFO = b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n"
GOOD = {"demo-1.0/PKG-INFO": INFO, "demo-1.0/pyproject.toml": b""}


@pytest.mark.parametrize(
    ("members", "proof", "expected"),
    [
        (GOOD, SdistProof(name="Demo", version="1.0.0"), []),
        (GOOD, SdistProof(name="demo"), []),
        (
            GOOD,
            SdistProof(name="other", version="2.0"),
            [
                "demo-1.0.tar.gz has the name demo, expected other.",
                "demo-1.0.tar.gz has the version 1.0, expected 2.0.",
            ],
        ),
        (
            {**GOOD, "other/x": b""},
            SdistProof(name="demo"),
            ["demo-1.0.tar.gz has the top folders demo-1.0, other, expected only demo-1.0."],
        ),
        (
            {"demo-1.0/setup.py": b""},
            SdistProof(name="demo"),
            [
                "demo-1.0.tar.gz has no demo-1.0/PKG-INFO.",
                "demo-1.0.tar.gz has no demo-1.0/pyproject.toml.",
            ],
        ),
        (
            {**GOOD, "demo-1.0/PKG-INFO": INFO.replace(b"demo", b"else")},
            SdistProof(name="demo"),
            ["demo-1.0/PKG-INFO has the name else, expected demo."],
        ),
        (
            {**GOOD, "demo-1.0/PKG-INFO": INFO + b"Requires-Python: new\n"},
            SdistProof(name="demo"),
            ["demo-1.0/PKG-INFO is not valid core metadata: 'new' is invalid for 'requires-python'."],
        ),
        (
            {**GOOD, "demo-1.0/PKG-INFO": INFO + b"License-File: LICENSE\n"},
            SdistProof(name="demo"),
            ["License-File LICENSE is named in the metadata, expected at demo-1.0/LICENSE, and missing."],
        ),
    ],
)
def test_a_source_distribution_is_what_its_name_says(
    make_tar_gz: Maker, members: dict[str, bytes], proof: SdistProof, expected: list[str]
) -> None:
    assert [*sdist_findings("demo-1.0.tar.gz", make_tar_gz(members), proof)] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("demo-1.0.zip", "demo-1.0.zip is not a .tar.gz, the only format of PEP 625."),
        (
            "demo.tar.gz",
            "demo.tar.gz is not a source distribution's file name: Invalid sdist filename: 'demo.tar.gz'.",
        ),
    ],
)
def test_a_source_distribution_has_a_name_of_pep_625(name: str, expected: str) -> None:
    assert [*sdist_findings(name, b"", SdistProof(name="demo"))] == [expected]
