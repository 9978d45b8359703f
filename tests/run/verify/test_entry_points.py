"""Entry points lead to modules of the wheel."""

from __future__ import annotations

import pytest

from piot.run.verify.entry_points import entry_point_findings

INFO = "demo-1.0.dist-info"
WHERE = f"{INFO}/entry_points.txt"


def findings(text: str, *members: str, requires: str = "") -> list[str]:
    metadata = f"Metadata-Version: 2.1\nName: demo\n{requires}\n".encode()
    files = {f"{INFO}/METADATA": metadata, WHERE: text.encode(), **dict.fromkeys(members, b"")}
    return list(entry_point_findings(INFO, files))


@pytest.mark.parametrize(
    "member",
    [
        *("demo/cli.py", "demo/cli/__init__.py", "demo/cli/inner.py", "demo/cli.pyc"),
        *("demo/cli.abi3.so", "demo/cli.cpython-312-x86_64-linux-gnu.so", "demo/cli.cp312-win_amd64.pyd"),
        *("demo-1.0.data/purelib/demo/cli.py", "demo-1.0.data/platlib/demo/cli.so"),
    ],
)
def test_modules_are_found_in_all_their_forms(member: str) -> None:
    assert findings("[console_scripts]\nDemo-Cli = demo.cli:main [extra]\n", member) == []


def test_no_entry_points_are_fine() -> None:
    assert list(entry_point_findings(INFO, {f"{INFO}/METADATA": b""})) == []


def test_a_module_that_is_missing_is_told() -> None:
    text = "[console_scripts]\na = demo.clip:main\nb = demo.cli\n[pytest11]\nc = demo.plug\n"
    assert findings(text, "demo/__init__.py", "demo/cli.py") == [
        f"a in [console_scripts] of {WHERE} leads to demo.clip, which is not in the wheel.",
        f"c in [pytest11] of {WHERE} leads to demo.plug, which is not in the wheel.",
    ]


def test_a_reference_into_another_distribution_is_left_alone() -> None:
    text = "[console_scripts]\na = other.cli:main\n"
    assert findings(text, "demo.py", requires="Requires-Dist: other") == []
    assert findings(text, "demo.py") == [
        f"a in [console_scripts] of {WHERE} leads to other.cli, which is not in the wheel."
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[console_scripts]\na = demo cli\n",
            f"a in [console_scripts] of {WHERE} is 'demo cli', expected MODULE:NAME.",
        ),
        (
            "a = demo\n",
            f"{WHERE} cannot be read: File contains no section headers."
            " file: '<string>', line: 1 'a = demo\\n'.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told(text: str, expected: str) -> None:
    assert findings(text, "demo.py") == [expected]
