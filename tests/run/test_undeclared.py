"""What real tools print for a file that is not there, and the file of the checkout that it means."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.run.undeclared import MOST, Missed, Seen, missed

SOURCES = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
    "crates/cli/Cargo.toml": '[package]\nname = "tiny-cli"\n[lib]\nname = "cli"\n',
    "crates/cli/src/main.rs": 'const NAMES: &[&str] = tiny_macros::lines!("../../shared/names.txt");\n',
    "crates/greet/Cargo.toml": '[package]\nversion = "0.1.0"\nname = "tiny-greet"\n',
    "crates/greet/build.rs": 'fn main() { std::fs::read_to_string("data/greeting.txt").unwrap(); }\n',
    "crates/greet/src/lib.rs": 'pub const GREETING: &str = env!("GREETING");\n',
    "crates/macros/Cargo.toml": '[package]\nname = "tiny-macros"\n[lib]\nproc-macro = true\n',
    "crates/macros/src/lib.rs": "",
}
"""The staged files by path."""

CHECKOUT = (
    "README.md",
    "crates/greet/data/greeting.txt",
    "crates/text/Cargo.toml",
    "crates/text/src/lib.rs",
    "shared/names.txt",
    "shared/words/a.txt",
    "shared/words/b.txt",
    "tests/smoke.sh",
)
"""What else is in the checkout."""

BOX = "/home/ann/.cache/piot/store/exec/30251-4fa9267d83ed-2"


def seen(changed: Mapping[str, str] | None = None, present: tuple[str, ...] = CHECKOUT) -> Seen:
    staged = {**SOURCES, **(changed or {})}
    return Seen(staged=staged, present=(*staged, *present), roots=("/build", BOX), read=staged.get)


PROC_MACRO = """\
\x1b[1m\x1b[92m   Compiling\x1b[0m tiny-cli v0.1.0 (/build/crates/cli)
\x1b[1m\x1b[91merror\x1b[0m\x1b[1m: proc macro panicked\x1b[0m
 \x1b[1m\x1b[94m-->\x1b[0m crates/cli/src/main.rs:1:24
  |
1 | const NAMES: &[&str] = tiny_macros::lines!("../../shared/names.txt");
  |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: message: called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: \
"No such file or directory" }

error: could not compile `tiny-cli` (bin "tiny") due to 1 previous error
"""

BUILD_SCRIPT = f"""\
   Compiling tiny-greet v0.1.0 ({BOX}/crates/greet)
error: failed to run custom build command for `tiny-greet v0.1.0 ({BOX}/crates/greet)`

Caused by:
  process didn't exit successfully: \
`{BOX}/.piot/target/release/build/tiny-greet-89d007b916fa3203/build-script-build` (exit status: 101)
  --- stderr

  thread 'main' (78) panicked at crates/greet/build.rs:4:61:
  called `Result::unwrap()` on an `Err` value: Os {{ code: 2, kind: NotFound, message: \
"No such file or directory" }}
  note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""

PACKAGED_BUILD_SCRIPT = """\
   Packaging tiny-greet v0.1.0 (/build/crates/greet)
   Verifying tiny-greet v0.1.0 (/build/crates/greet)
error: failed to run custom build command for \
`tiny-greet v0.1.0 (/build/.piot/target/package/tiny-greet-0.1.0)`

Caused by:
  process didn't exit successfully: `/build/.piot/target/debug/build/x/build-script-build` (exit status: 101)
  --- stderr

  thread 'main' (67) panicked at build.rs:4:61:
  called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: \
"The system cannot find the file specified." }
error: failed to verify package tarball
"""

INCLUDED = """\
   Compiling tiny-cli v0.1.0 (/build/crates/cli)
error: couldn't read `crates/cli/src/../../../shared/names.txt`: No such file or directory (os error 2)
 --> crates/cli/src/main.rs:1:21
  |
1 | const NAMES: &str = include_str!("../../../shared/names.txt");
  |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: could not compile `tiny-cli` (bin "tiny") due to 1 previous error
"""

PATH_DEPENDENCY = """\
error: failed to load manifest for workspace member `/build/crates/cli`
referenced by workspace at `/build/Cargo.toml`

Caused by:
  failed to load manifest for dependency `tiny-text`

Caused by:
  failed to read `/build/crates/text/Cargo.toml`

Caused by:
  No such file or directory (os error 2)
"""

README = """\
   Packaging tiny-cli v0.1.0 (/build/crates/cli)
error: readme `../../README.md` does not appear to exist (relative to `/build/crates/cli`).
Please update the readme setting in the manifest at `/build/crates/cli/Cargo.toml`.
"""

SHELL = "sh: 0: cannot open tests/smoke.sh: No such file\n"


@pytest.mark.parametrize(
    ("log", "path", "crate"),
    [
        pytest.param(PROC_MACRO, "shared/names.txt", "crates/cli", id="proc macro"),
        pytest.param(BUILD_SCRIPT, "crates/greet/data/greeting.txt", "crates/greet", id="build script"),
        pytest.param(
            PACKAGED_BUILD_SCRIPT, "crates/greet/data/greeting.txt", "crates/greet", id="cargo package"
        ),
        pytest.param(INCLUDED, "shared/names.txt", "crates/cli", id="include_str!"),
        pytest.param(PATH_DEPENDENCY, "crates/text/**", ".", id="path dependency"),
        pytest.param(README, "README.md", "crates/cli", id="readme"),
        pytest.param(SHELL, "tests/smoke.sh", ".", id="shell"),
    ],
)
def test_the_file_that_a_tool_missed_is_found(log: str, path: str, crate: str) -> None:
    assert missed(log, seen()) == (Missed(path=path, crate=crate),)


def failing(literal: str) -> tuple[Missed, ...]:
    return missed(BUILD_SCRIPT, seen({"crates/greet/build.rs": f"fn main() {{ read({literal}) }}"}))


@pytest.mark.parametrize(
    ("literal", "path"),
    [
        pytest.param('"shared/names.txt"', "shared/names.txt", id="relative to the workspace"),
        pytest.param('"../../shared/words"', "shared/words/**", id="a folder"),
        pytest.param('"../../shared/words/"', "shared/words/**", id="a folder with a slash"),
        pytest.param(
            'concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/names.txt")', "shared/names.txt", id="concat!"
        ),
        pytest.param(
            'Path::new("..").join("data/greeting.txt")', "crates/greet/data/greeting.txt", id="join"
        ),
    ],
)
def test_literals_are_resolved_as_rust_code_resolves_them(literal: str, path: str) -> None:
    assert failing(literal) == (Missed(path=path, crate="crates/greet"),)


@pytest.mark.parametrize(
    "literal",
    [
        pytest.param('"data/absent.txt"', id="not in the checkout"),
        pytest.param('"src/lib.rs"', id="staged"),
        pytest.param('"../../../../shared/names.txt"', id="outside of the checkout"),
        pytest.param('"shared"', id="a bare word"),
    ],
)
def test_other_literals_are_no_suspects(literal: str) -> None:
    sources = {"crates/cli/src/main.rs": "", "crates/greet/build.rs": f"fn main() {{ read({literal}) }}"}
    assert missed(BUILD_SCRIPT, seen(sources)) == ()


def test_literals_of_other_crates_count_when_the_failed_one_has_none() -> None:
    sources = {
        "crates/cli/src/main.rs": "tiny_macros::names!();",
        "crates/greet/build.rs": "",
        "crates/macros/src/lib.rs": 'fn names() { std::fs::read("shared/names.txt"); }',
    }
    assert missed(PROC_MACRO.replace('("../../shared/names.txt")', ""), seen(sources)) == (
        Missed(path="shared/names.txt", crate="crates/macros"),
    )


def test_an_ordinary_compile_error_has_no_suspects() -> None:
    log = """\
error[E0308]: mismatched types
 --> crates/cli/src/main.rs:4:18
  |
4 |     let x: u32 = "shared/absent.txt";
error: could not compile `tiny-cli` (bin "tiny") due to 1 previous error
"""
    assert missed(log, seen()) == ()


def test_more_than_five_suspects_are_cut() -> None:
    files = tuple(f"data/{number}.txt" for number in range(9))
    log = "".join(f"cat: {name}: No such file or directory\n" for name in files)
    assert missed(log, seen(present=files)) == tuple(Missed(path=name, crate=".") for name in files[:MOST])


@given(
    st.text()
    | st.lists(st.sampled_from((*CHECKOUT, *SOURCES, "not found", "`", "../", "/build/"))).map("".join)
)
def test_whatever_is_printed_only_files_that_are_there_and_not_staged_are_named(log: str) -> None:
    for found in missed(log, seen()):
        name = found.path.removesuffix("/**")
        assert any(path == name or path.startswith(f"{name}/") for path in CHECKOUT)
        assert not any(path == name or path.startswith(f"{name}/") for path in SOURCES)
