"""Files that nobody declared: the sandbox hides them, the message names the line, then changes are seen."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.tiny import SAID, Tiny, tiny_at

pytestmark = pytest.mark.e2e

GREETING = ', "crates/greet/data/greeting.txt"'
NAMES = ' + ["//shared:names.txt"]'


def bubblewrap_works() -> bool:
    program = shutil.which("bwrap")
    command = [program or "", "--ro-bind", "/", "/", "--unshare-net", "true"]
    return program is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(params=["dir", "bwrap"])
def tiny(
    request: pytest.FixtureRequest, tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]
) -> Tiny:
    if request.param == "bwrap" and not bubblewrap_works():
        pytest.skip("bubblewrap does not work here")
    return tiny_at(tmp_path, installed_piot, environment, PIOT_SANDBOX=request.param)


def test_a_build_script_that_reads_an_undeclared_file_fails_with_the_line_to_add(tiny: Tiny) -> None:
    tiny.edit("putitoutthere.toml", GREETING, "")
    failed = tiny("-q", "build", "//crates/greet:crate")
    assert (failed.code, failed.stdout) == (1, "")
    assert tiny.summary(failed) == (
        "✗ //crates/greet:crate failed: cargo package ended with exit code 101\n"
        "  crates/greet/data/greeting.txt is in the checkout but not declared: "
        'add "crates/greet/data/greeting.txt" to paths of package "tiny-greet" (putitoutthere.toml:16)\n'
        "  full log: ROOT/.piot/logs/KEY.log\n"
        "  run it by hand: piot build //crates/greet:crate --keep-sandbox\n"
        "failed 1 in TIME; actions: 1 run, 1 failed\n"
    )
    tiny.edit("putitoutthere.toml", '"crates/greet/src/**"', f'"crates/greet/src/**"{GREETING}')
    tiny("build", "//crates/greet:crate", ok=True)


def test_a_dependency_names_the_package_that_its_file_belongs_to(tiny: Tiny) -> None:
    tiny.edit("putitoutthere.toml", GREETING, "")
    failed = tiny("-q", "build", "//crates/cli:cli")
    assert tiny.summary(failed) == (
        "✗ //crates/cli:cli@triple=HOST failed: cargo build ended with exit code 101\n"
        "  crates/greet/data/greeting.txt is in the checkout but not declared: "
        'add "crates/greet/data/greeting.txt" to paths of package "tiny-greet" (putitoutthere.toml:16)\n'
        "  full log: ROOT/.piot/logs/KEY.log\n"
        "  run it by hand: piot build //crates/cli:cli --target HOST --keep-sandbox\n"
        "failed 1 in TIME; actions: 1 failed\n"
    )


def test_a_proc_macro_that_reads_an_undeclared_file_fails_with_the_line_to_add(tiny: Tiny) -> None:
    tiny.edit("crates/cli/BUILD", NAMES, "")
    failed = tiny("-q", "build", "//crates/cli:cli")
    assert (failed.code, failed.stdout) == (1, "")
    assert tiny.summary(failed) == (
        "✗ //crates/cli:cli@triple=HOST failed: cargo build ended with exit code 101\n"
        "  shared/names.txt is in the checkout but not declared: "
        'add "//shared:names.txt" to srcs of //crates/cli:cli (crates/cli/BUILD:1)\n'
        "  full log: ROOT/.piot/logs/KEY.log\n"
        "  run it by hand: piot build //crates/cli:cli --target HOST --keep-sandbox\n"
        "failed 1 in TIME; actions: 1 failed\n"
    )
    tiny.edit("crates/cli/BUILD", 'exclude = ["BUILD"])', f'exclude = ["BUILD"]){NAMES}')
    tiny("build", "//crates/cli:cli", ok=True)


def test_a_change_of_a_declared_file_is_seen_although_cargo_would_not_notice(tiny: Tiny) -> None:
    tiny("build", "//crates/cli:said", ok=True)
    assert tiny.read(SAID) == "hello ANN!\nhello BOB!\nBYE!\n"
    tiny.write("shared/names.txt", "cid\n")  # a macro reads it
    tiny("build", "//crates/cli:said", ok=True)
    assert tiny.read(SAID) == "hello CID!\nBYE!\n"
    tiny.write("crates/greet/data/greeting.txt", "good day\n")  # a build script reads it and does not say so
    seen = tiny("build", "//crates/cli:said", ok=True)
    assert tiny.read(SAID) == "good day CID!\nBYE!\n"
    assert "input changed: crates/greet/data/greeting.txt" in seen.stderr
    tiny.write("crates/greet/data/greeting.txt", "hello\n")
    tiny.write("shared/names.txt", "ann\nbob\n")
    back = tiny("build", "//crates/cli:said", ok=True)
    assert tiny.read(SAID) == "hello ANN!\nhello BOB!\nBYE!\n"
    assert tiny.plain(back.stderr).endswith("cached 1 in TIME; actions: 2 from the store\n")
