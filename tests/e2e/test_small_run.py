"""piot run, and the dev profile, with real cargo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import run
from tests.e2e.tiny import HOST, Tiny, tiny_at

pytestmark = pytest.mark.e2e

SAID = "hello ANN!\nhello BOB!\nBYE!\n"
ECHO = """\
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    println!("{} {}", words.join("|"), cfg!(debug_assertions));
    std::process::exit(words.len() as i32);
}
"""


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    return tiny_at(tmp_path, installed_piot, environment)


def test_a_program_is_built_and_run_and_shares_its_result_with_build(tiny: Tiny) -> None:
    assert tiny("run", "//crates/cli:cli", ok=True).stdout == SAID
    assert not (tiny.root / "dist").exists()
    assert tiny("build", "//crates/cli:cli", ok=True).ran == []
    again = run(tiny.program, "run", "-q", ":cli", cwd=tiny.root / "crates/cli", env=tiny.environment)
    assert (again.stdout, again.stderr) == (SAID, "")


def test_the_dev_profile_reaches_programs_tests_and_commands(tiny: Tiny) -> None:
    tiny.write("crates/cli/src/main.rs", ECHO)
    words = ("run", "//crates/cli:cli", "--", "--profile", "two words")
    release = tiny(*words)
    assert (release.code, release.stdout) == (2, "--profile|two words false\n"), release.text
    dev = tiny("run", "--profile", "dev", *words[1:])
    assert (dev.code, dev.stdout) == (2, "--profile|two words true\n"), dev.text
    assert tiny("run", *words[1:]).ran == []
    built = tiny("build", "//crates/cli:said", "--profile", "dev", ok=True)
    assert built.ran == ["//crates/cli:said command sh"]
    assert tiny.read(f"dist/{HOST}/said.txt") == " true\n"
    crates = ("build", "//crates/text:crate", "--json")
    assert (
        tiny(*crates, ok=True).targets["//crates/text:crate"]["key"]
        == tiny(*crates, "--profile", "dev", ok=True).targets["//crates/text:crate"]["key"]
    )
