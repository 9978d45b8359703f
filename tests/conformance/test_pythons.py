"""Y01 to Y23: the Pythons that a wheel is built for."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.errors import InputError
from piot.model.python.pyproject import python_versions
from tests.conformance.cases import Case
from tests.support.matrices import CARGO, package, pyproject, rows_of, targets

CASES = (
    *(Case(f"Y{number:02}") for number in range(1, 13)),
    Case("Y13", "≠", "3.10 too: some of its patch releases are allowed"),
    Case("Y14", "≠", "3.10 alone, as PEP 440 says"),
    Case("Y15", "≠", "3.8 alone, as PEP 440 says"),
    Case("Y16", "≠", "3.9 too: only its first release is excluded"),
    Case("Y17", "≠", "an error instead of a silent 3.12"),
    *(Case(f"Y{number}") for number in range(18, 24)),
)

ALL = "3.8 3.9 3.10 3.11 3.12 3.13 3.14"

ALLOWED = [
    ("Y01", ">=3.10", "3.10 3.11 3.12 3.13 3.14"),
    ("Y02", ">=3.9,<3.12", "3.9 3.10 3.11"),
    ("Y03", "~=3.11", "3.11 3.12 3.13 3.14"),
    ("Y04", "==3.12", "3.12"),
    ("Y04", "===3.12", "3.12"),
    ("Y05", ">3.11,<=3.13", "3.12 3.13"),
    ("Y06", ">=3.10,!=3.12", "3.10 3.11 3.13 3.14"),
    ("Y07", "==3.*", ALL),
    ("Y07", ">=3", ALL),
    ("Y07", ">=3.7", ALL),
    ("Y07", ">=3.8,<4", ALL),
    ("Y08", "==3.11.*", "3.11"),
    ("Y09", "!=3.11.*,>=3.10", "3.10 3.12 3.13 3.14"),
    ("Y10", "<3.10", "3.8 3.9"),
    ("Y11", ">=3.11.0", "3.11 3.12 3.13 3.14"),
    ("Y12", ">= 3.10 , <3.13", "3.10 3.11 3.12"),
    ("Y13", ">=3.10.5", "3.10 3.11 3.12 3.13 3.14"),
    ("Y14", "~=3.10.2", "3.10"),
    ("Y15", "~=3.8.0", "3.8"),
    ("Y16", ">=3.9,!=3.9.0", "3.9 3.10 3.11 3.12 3.13 3.14"),
    ("Y19", None, "3.12"),
]

PLATFORM = "x86_64-unknown-linux-gnu"


@pytest.mark.parametrize(("case", "requires", "found"), ALLOWED)
def test_requires_python_allows(case: str, requires: str | None, found: str) -> None:
    assert " ".join(python_versions(requires)) == found, case


@pytest.mark.parametrize("requires", ["==3.11.4", ">=3.15", ">=4", "^3.9", ""])
def test_y17_nothing_that_can_be_built_is_an_error(requires: str) -> None:
    with pytest.raises(InputError, match="requires-python"):
        python_versions(requires)


def wheels(root: Path, cargo: str, project: str, *lines: str) -> list[tuple[str, str]]:
    config = package("p", "pypi", ".", 'build = "maturin"', targets(PLATFORM), *lines)
    rows = rows_of(root, config, {"Cargo.toml": cargo, "src/lib.rs": "", "pyproject.toml": project})
    return [(row.artifact_name, row.python_version or "") for row in rows if row.target == PLATFORM]


def pyo3(*features: str) -> str:
    named = ", ".join(f'"{each}"' for each in features)
    return f'{CARGO}[dependencies]\npyo3 = {{ version = "0.22", features = [{named}] }}\n'


def test_y18_named_pythons_are_sorted(tmp_path: Path) -> None:
    project = pyproject("maturin", "p", ">=3.8")
    found = wheels(tmp_path, pyo3(), project, 'python_versions = ["3.12", "3.9", "3.10"]')
    assert found == [(f"p-wheel-{PLATFORM}-py{each}", each) for each in ("3.9", "3.10", "3.12")]


def test_y19_nothing_said_is_3_12(tmp_path: Path) -> None:
    found = wheels(tmp_path, pyo3(), pyproject("maturin", "p"))
    assert found == [(f"p-wheel-{PLATFORM}", "3.12")]


@pytest.mark.parametrize(
    ("cargo", "more"),
    [
        pytest.param(pyo3("abi3-py310"), "", id="Y20"),
        pytest.param(CARGO, '[tool.maturin]\nbindings = "bin"\n', id="Y21"),
        pytest.param(pyo3(), '[tool.maturin]\nfeatures = ["pyo3/abi3"]\n', id="Y22"),
    ],
)
def test_y20_to_y22_one_wheel_for_every_python(tmp_path: Path, cargo: str, more: str) -> None:
    found = wheels(tmp_path, cargo, pyproject("maturin", "p", ">=3.10", more))
    assert found == [(f"p-wheel-{PLATFORM}", "3.14")]


def test_y23_a_feature_that_is_only_called_like_it_is_not_abi3(tmp_path: Path) -> None:
    cargo = f"{pyo3()}[features]\nabi3-extra = []\n"
    project = pyproject("maturin", "p", ">=3.13", '[tool.maturin]\nfeatures = ["abi3-extra"]\n')
    assert [python for _, python in wheels(tmp_path, cargo, project)] == ["3.13", "3.14"]
