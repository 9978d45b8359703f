"""What is wrong with a checkout, a cache or a command line: one clear message and the right exit code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.tiny import Tiny, tiny_at

pytestmark = pytest.mark.e2e

BUILD = "crates/cli/BUILD"


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    return tiny_at(tmp_path, installed_piot, environment)


def depends_on_itself(tiny: Tiny) -> None:
    tiny.edit(
        BUILD,
        'outputs = ["said.txt"],\n    deps = [":cli"],',
        'outputs = ["said.txt"],\n    deps = [":smoke"],',
    )


def has_wrong_attributes(tiny: Tiny) -> None:
    tiny.edit(BUILD, "bin =", "bim =")
    tiny.edit(BUILD, '["said.txt"]', '"said.txt"')


def has_a_syntax_error(tiny: Tiny) -> None:
    tiny.edit(BUILD, 'bin = "tiny",', 'bin = "tiny"]')


def has_a_folder_for_a_source(tiny: Tiny) -> None:
    (tiny.root / "shared/names.txt").unlink()
    tiny.write("shared/names.txt/all", "ann\n")


def has_a_folder_for_a_manifest(tiny: Tiny) -> None:
    (tiny.root / "crates/text/Cargo.toml").unlink()
    tiny.write("crates/text/Cargo.toml/x", "")


def has_a_link_to_a_folder(tiny: Tiny) -> None:
    (tiny.root / "crates/text/src/more").symlink_to("..")


def has_a_link_to_nothing(tiny: Tiny) -> None:
    (tiny.root / "crates/text/src/more.rs").symlink_to("gone.rs")


def has_a_link_to_the_outside(tiny: Tiny) -> None:
    (tiny.root / "crates/text/src/more.rs").symlink_to("/bin/sh")


def has_a_pipe(tiny: Tiny) -> None:
    os.mkfifo(tiny.root / "crates/text/src/more.rs")


def has_a_dist_of_its_own(tiny: Tiny) -> None:
    tiny.write("dist/mine.txt", "precious")


def has_a_file_for_dist(tiny: Tiny) -> None:
    tiny.write("dist", "precious")


def has_a_broken_configuration(tiny: Tiny) -> None:
    text = """\
[putitoutthere]
version = 2

[[package]]
name = "tiny-text"
kind = "crate"
path = "crates/text"
pahts = ["crates/text/**"]

[[package]]
name = "tiny-greet"
kind = "crates"
path = "/greet"
paths = "crates/greet/**"
depends_on = ["tiny-txt"]
"""
    tiny.write("putitoutthere.toml", text)


def has_no_toml(tiny: Tiny) -> None:
    tiny.write("putitoutthere.toml", "[[package]]\nname = tiny\n")


def has_no_configuration(tiny: Tiny) -> None:
    (tiny.root / "putitoutthere.toml").unlink()


FOREIGN = """\
error: dist/ was not made by piot, so nothing is written there

hint: move it away, or name another folder with --out
"""

CHECKOUTS: list[tuple[Callable[[Tiny], None], str]] = [
    (
        depends_on_itself,
        "crates/cli/BUILD:8:1: PIOT_CYCLE: targets depend on each other: "
        "//crates/cli:said -> //crates/cli:smoke -> //crates/cli:said\n\nerror: 1 problem found\n",
    ),
    (
        has_wrong_attributes,
        'crates/cli/BUILD:1:1: PIOT_UNKNOWN_ATTRIBUTE: rust_binary has no attribute "bim"\n'
        '    hint: did you mean "bin"?\n'
        'crates/cli/BUILD:8:1: PIOT_BAD_ATTRIBUTE: attribute "outputs" of command: '
        "expected a list of str, got the str 'said.txt'\n"
        "    hint: write [ ] around it\n\nerror: 2 problems found\n",
    ),
    (
        has_a_syntax_error,
        "crates/cli/BUILD:4:17: PIOT_BUILD_FILE: Parse error: unexpected symbol ']' here\n\n"
        "error: 1 problem found\n",
    ),
    (
        has_a_folder_for_a_source,
        'crates/cli/BUILD:1:1: PIOT_BAD_ATTRIBUTE: attribute "srcs" of rust_binary: '
        "no file shared/names.txt\n"
        "    hint: it is a folder: name the files in it\n\nerror: 1 problem found\n",
    ),
    (
        has_a_folder_for_a_manifest,
        'crates/cli/Cargo.toml:15:13: PIOT_PATH: "tiny-text": crates/text has no Cargo.toml\n'
        "    hint: correct the path, or add the crate\n"
        'crates/greet/Cargo.toml:9:13: PIOT_PATH: "tiny-text": crates/text has no Cargo.toml\n'
        "    hint: correct the path, or add the crate\n\nerror: 2 problems found\n",
    ),
    (
        has_a_link_to_a_folder,
        "error: crates/text/src/more is a folder or a link to one, where a file is expected\n\n"
        "hint: name the folder that the link leads to in `paths`, and take the link out with `!`\n",
    ),
    (
        has_a_link_to_nothing,
        "error: crates/text/src/more.rs is a link to gone.rs, which is not there\n\n"
        "hint: correct the link, or take it out of `paths` with `!`\n",
    ),
    (
        has_a_link_to_the_outside,
        "error: crates/text/src/more.rs is a link that leads out of the repository, "
        f"to {Path('/bin/sh').resolve()}\n\n"
        "hint: put the file itself there, or take it out of `paths` with `!`\n",
    ),
    (
        has_a_pipe,
        "error: crates/text/src/more.rs is a pipe, a socket or a device, where a file is expected\n\n"
        "hint: take it out of `paths` with `!`\n",
    ),
    (has_a_dist_of_its_own, FOREIGN),
    (has_a_file_for_dist, FOREIGN),
    (
        has_a_broken_configuration,
        """\
putitoutthere.toml:2:11: PIOT_VALUE: [putitoutthere]: "version" is 2
    hint: this piot reads version = 1
putitoutthere.toml:4:1: PIOT_MISSING_KEY: package "tiny-text": "paths" is missing
    hint: add the files it consists of: paths = ["packages/core/**"]
putitoutthere.toml:6:8: PIOT_VALUE: package "tiny-text": "kind" is "crate"
    hint: one of crates, pypi, npm
putitoutthere.toml:8:1: PIOT_UNKNOWN_KEY: package "tiny-text": unknown key "pahts"
    hint: did you mean "paths"?
putitoutthere.toml:13:8: PIOT_PATH: package "tiny-greet": "path" is "/greet", which is not a relative path
    hint: write it relative to the repository, with / between folders
putitoutthere.toml:14:9: PIOT_TYPE: package "tiny-greet": "paths" is a string
    hint: an array is wanted
putitoutthere.toml:15:15: PIOT_DEPENDS_UNKNOWN: package "tiny-greet": \
it depends on "tiny-txt", which is no package
    hint: did you mean "tiny-text"?

error: 7 problems found
""",
    ),
    (
        has_no_toml,
        "putitoutthere.toml:2:8: PIOT_TOML: invalid TOML: Invalid value\n"
        "    hint: look at this place and right before it\n\nerror: 1 problem found\n",
    ),
    (
        has_no_configuration,
        "error: no putitoutthere.toml in ROOT or in any folder above it\n\n"
        "hint: name the repository with -C DIR, or write the file with `piot init`\n",
    ),
]


@pytest.mark.parametrize(("breaks", "message"), CHECKOUTS, ids=[each.__name__ for each, _ in CHECKOUTS])
def test_a_wrong_checkout_gives_its_message_and_exit_3(
    tiny: Tiny, breaks: Callable[[Tiny], None], message: str
) -> None:
    breaks(tiny)
    wrong = tiny("-q", "build", "//crates/cli:said")
    assert (wrong.code, wrong.stdout, tiny.plain(wrong.stderr)) == (3, "", message)
    if breaks is has_a_dist_of_its_own:
        assert tiny.read("dist/mine.txt") == "precious"


COMMAND_LINES = [
    (
        ("build", "//crates/cli:cly"),
        'error: no target matches //crates/cli:cly\n\nhint: did you mean "//crates/cli:cli"?\n',
    ),
    (
        ("build", "//crates/clu/..."),
        'error: no target matches //crates/clu/...\n\nhint: did you mean "//crates/cli"?\n',
    ),
    (("build", "tiny-txt"), 'error: no package is called "tiny-txt"\n\nhint: did you mean "tiny-text"?\n'),
    (("build",), "error: nothing is given to build: piot build PATTERN…\n\nhint: see: piot help build\n"),
    (("buidl", "//..."), 'error: unknown verb "buidl"\n\nhint: did you mean "build"? See: piot help\n'),
    (
        ("build", "//...", "--targit", "x"),
        'error: unknown flag "--targit"\n\nhint: did you mean "--target"? See: piot help build\n',
    ),
]


@pytest.mark.parametrize(
    ("words", "message"), COMMAND_LINES, ids=[" ".join(each[0]) for each in COMMAND_LINES]
)
def test_a_wrong_command_line_names_the_nearest_right_one(
    tiny: Tiny, words: tuple[str, ...], message: str
) -> None:
    wrong = tiny(*words)
    assert (wrong.code, wrong.stdout, wrong.stderr) == (2, "", message)


def test_a_file_in_the_place_of_the_cache_folder_is_one_clear_message(tiny: Tiny) -> None:
    tiny.store.write_text("not a folder")
    wrong = tiny("build", "//crates/cli:cli", PIOT_SANDBOX="dir")
    assert (wrong.code, wrong.stdout) == (5, "")
    first, hint = tiny.plain(wrong.stderr).split("\n\n")
    assert first.startswith("error: cannot ")
    assert "STORE" in first
    assert first.endswith((": Not a directory", ": File exists"))
    assert hint == "hint: move the file that stands where a folder should be, or set PIOT_CACHE_DIR\n"


@contextmanager
def mounted(place: Path, *options: str) -> Generator[None, None, None]:
    """A small file system at ``place``; the test is skipped where none can be mounted."""
    place.mkdir(exist_ok=True)
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small file system, and only on Linux")
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_read_only_cache_is_one_clear_message(tiny: Tiny) -> None:
    with mounted(tiny.store, "ro", "size=1m"):
        wrong = tiny("build", "//crates/cli:cli")
    assert (wrong.code, wrong.stdout) == (5, "")
    first, hint = tiny.plain(wrong.stderr).split("\n\n")
    assert first.startswith("error: cannot ")
    assert "STORE" in first
    assert first.endswith(": Read-only file system")
    assert (
        hint
        == "hint: the checkout (.piot/, dist/) and the cache (PIOT_CACHE_DIR) must be where piot can write\n"
    )


FULL = """\
: No space left on device

hint: free some space, run `piot cache gc`, or point PIOT_CACHE_DIR at a larger disk
"""


@pytest.mark.parametrize("size", ["40k", "300k", "700k", "1500k"])
def test_a_full_disk_ends_a_build_cleanly_and_leaves_nothing_half_written(tiny: Tiny, size: str) -> None:
    with mounted(tiny.store, f"size={size}"):
        full = tiny("build", "//crates/cli:said", ok=False)
        if full.code == 5:  # piot met it
            assert tiny.plain(full.stderr).split("error: ")[1].endswith(FULL), full.text
        else:  # a tool in the sandbox did, and may have said anything
            assert full.code == 1, full.text
            assert "MB are free on the disk of STORE/store: free some space" in tiny.plain(full.stderr)
        grow = ["mount", "-o", "remount,size=500m", str(tiny.store)]
        subprocess.run(grow, check=True)
        assert tiny("build", "//crates/cli:said", ok=True).stdout.endswith("/said.txt\n")
        assert tiny("cache", "verify", ok=True).stdout.startswith("no problems\n")
