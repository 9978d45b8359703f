"""The examples of ``docs/reference/query.md`` print what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Piot
from tests.support.repository import do

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "query.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


EXAMPLES: list[tuple[str, str]] = [
    example
    for block in blocks("console")
    for example in re.findall(r"^\$ piot (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


@pytest.fixture
def library(outside: Path) -> Path:
    (outside / "core").mkdir()
    (outside / "py").mkdir()
    for name, text in {
        "putitoutthere.toml": blocks("toml")[0],
        "BUILD": blocks("python")[0],
        "core/Cargo.toml": '[package]\nname = "core"\nversion = "0.1.0"\n',
        "py/Cargo.toml": '[package]\nname = "my-py"\nversion = "0.1.0"\n',
        "py/pyproject.toml": (
            '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
            '[project]\nname = "my-py"\nversion = "0.1.0"\n'
        ),
    }.items():
        (outside / name).write_text(text, encoding="utf-8")
    do(outside, "init", "--quiet")
    for name in ("first", "second"):
        do(outside, "add", "--all")
        do(outside, "commit", "--quiet", f"--message={name}")
        with (outside / "core/Cargo.toml").open("a") as file:
            file.write("# changed\n" if name == "first" else "")
    return outside


@pytest.mark.parametrize(("words", "printed"), EXAMPLES)
def test_an_example_prints_what_the_page_says(library: Path, piot: Piot, words: str, printed: str) -> None:
    assert library.is_dir()
    _, out, err = piot(*shlex.split(words))
    assert out + err == printed


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) == 21
