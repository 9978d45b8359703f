from __future__ import annotations

import pytest

from piot.run.verify.record import record_findings

FOLDER = "demo-1.0.dist-info"
RECORD = f"{FOLDER}/RECORD"
GOOD = "a.py,sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ,5\n"


def findings(record: str, **members: bytes) -> list[str]:
    files = {"a.py": b"hello", **members, RECORD: record.encode()}
    return [*record_findings(FOLDER, files)]


def test_a_true_record_has_no_findings() -> None:
    assert findings(f"{GOOD}{RECORD},,\n") == []


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (f"{RECORD},,\n", [f"{RECORD} does not list a.py."]),
        (GOOD, [f"{RECORD} does not list {RECORD}."]),
        (f"{GOOD}{GOOD}{RECORD},,\n", [f"{RECORD} lists a.py more than once."]),
        (f"{GOOD}b.py,,\n{RECORD},,\n", [f"{RECORD} lists b.py, which is not in the wheel."]),
        (f"{GOOD}{RECORD},,12\n", [f"{RECORD} gives {RECORD} a hash or a size, expected none."]),
        (
            f"a.py,,\n{RECORD},,\n",
            [
                f"{RECORD} gives a.py the size none, its size is 5.",
                f"{RECORD} gives a.py the hash none, expected one of sha256, sha384, sha512.",
            ],
        ),
        (
            f"a.py,md5=XUFAKrxLKna5cZ2REBfFkg,5\n{RECORD},,\n",
            [
                f"{RECORD} gives a.py the hash md5=XUFAKrxLKna5cZ2REBfFkg, "
                "expected one of sha256, sha384, sha512."
            ],
        ),
        (
            f"a.py,sha256=abc,5\n{RECORD},,\n",
            [
                f"{RECORD} gives a.py the sha256 hash abc, "
                "its hash is LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ."
            ],
        ),
        (
            f"{GOOD}{RECORD}\n",
            [
                f"{RECORD} has a row of 1 fields, expected path, hash and size: '{RECORD}'.",
                f"{RECORD} does not list {RECORD}.",
            ],
        ),
        ('"', [f"{RECORD} is not readable as CSV in UTF-8: unexpected end of data."]),
    ],
)
def test_what_a_record_says_wrongly_is_found(record: str, expected: list[str]) -> None:
    assert findings(record) == expected


def test_signatures_need_not_be_listed_and_names_may_be_quoted() -> None:
    signed = {f"{RECORD}.jws": b"x", "b, c.py": b""}
    row = '"b, c.py",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n'
    assert findings(f"{GOOD}{row}{RECORD},,\n", **signed) == []
