"""BUILD.example and the rule of the how-to page are built for real."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from piot.app.building.planning import make_plan
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.cli.main import main
from tests.support.repository import do

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-to" / "write-a-rule.md"

FILES = {
    "putitoutthere.toml": """\
[putitoutthere]
version = 1

[[package]]
name = "greet"
kind = "crates"
path = "."
paths = ["Cargo.toml", "Cargo.lock", "src/**"]
""",
    "Cargo.toml": '[package]\nname = "greet"\nversion = "0.1.0"\nedition = "2021"\n',
    "Cargo.lock": 'version = 4\n\n[[package]]\nname = "greet"\nversion = "0.1.0"\n',
    "src/main.rs": 'fn main() { println!("hello"); }\n',
    "pages/index.md": "Start\n",
    "pages/about.md": "About\n",
    "pages/draft-news.md": "Not yet\n",
    "tools/site.bzl": """\
def page(name, src):
    command(
        name = name,
        argv = ["sh", "-c", "echo \\"<p>$(cat {})</p>\\" > {}.html".format(src, name)],
        srcs = [src],
        outputs = [name + ".html"],
    )
""",
}


def blocks(page: Path) -> dict[str, str]:
    """The files of a how-to page: fenced blocks whose fence names the file after the language."""
    found = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    return dict(found)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository around BUILD.example, with the rule of the how-to page, and a store of its own."""
    root = tmp_path / "greet"
    files = {**FILES, "build_defs/banner.py": blocks(PAGE)["build_defs/banner.py"]}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    shutil.copyfile(ROOT / "BUILD.example", root / "BUILD")
    do(root, "init", "--quiet")
    monkeypatch.setenv("PIOT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(root)
    return root


def built(root: Path, name: str) -> str:
    """The one file of this name in ``dist/``."""
    (path,) = (root / "dist").rglob(name)
    return path.read_text(encoding="utf-8")


def test_the_commands_macros_and_rules_of_the_example_are_built(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "//:site", "//:banner"]) == 0, capsys.readouterr().err
    assert built(checkout, "banner") == "Made with piot\n"
    footer = {"linux": "for Linux", "darwin": "for macOS"}.get(sys.platform, "for all the others")
    assert built(checkout, "site.html") == f"Made with piot\n<p>About</p>\n<p>Start</p>\n{footer}\n"


@pytest.mark.usefixtures("checkout")
def test_the_test_of_the_example_passes_and_is_not_run_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "//..."]) == 0, capsys.readouterr().err
    capsys.readouterr()
    assert main(["test", "//..."]) == 0
    assert "cached 1" in capsys.readouterr().err


def test_the_program_of_the_example_is_analysed(checkout: Path) -> None:
    """Its analysis needs a rustc, so on a machine without one the plan says what is lacking."""
    where = Where(directory=checkout, environ={"PATH": "/usr/bin:/bin", "HOME": str(checkout)})
    session = Session(where, lambda _: None)
    plan = make_plan(session, BuildRequest(patterns=("//:greet",)))
    session.close()
    found = [each.target for each in plan.requested] + [each.target for each in plan.unbuildable]
    assert [str(target.label) for target in found] == ["//:greet"]


def test_the_rule_of_the_how_to_page_builds_what_the_page_says(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "BUILD").write_text(blocks(PAGE)["BUILD"], encoding="utf-8")
    assert main(["build", "//:hello"]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out == "dist/banner\n"
    assert built(checkout, "banner") == "Hello\n"


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """From an empty folder what the page says of providers and toolchains, and nothing else."""
    root = tmp_path / "letters"
    names = ("build_defs/letter.py", "build_defs/perl.py", "letters/BUILD", "letters/letter.txt")
    said = re.findall(r"^```toml\n(\[piot\.toolchain\]\n.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    files = {name: blocks(PAGE)[name] for name in names}
    files["putitoutthere.toml"] = FILES["putitoutthere.toml"] + "\n" + said[0]
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    do(root, "init", "--quiet")
    monkeypatch.setenv("PIOT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(root)
    return root


@pytest.mark.skipif(shutil.which("perl") is None, reason="needs perl")
@pytest.mark.parametrize("flags", [("--sandbox", "dir"), ()], ids=["in a folder", "as strict as can be"])
def test_the_provider_and_the_toolchain_of_the_page_build_what_it_says(
    letters: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]
) -> None:
    assert main(["build", "//letters:post", *flags]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out == "dist/envelope\n"
    assert built(letters, "envelope") == "To Ada\nIT BUILDS.\n"


def test_where_the_tool_of_the_page_is_missing_the_page_says_what_is_told(
    letters: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = letters.parent / "bin"
    tools.mkdir()
    (tools / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(tools))
    assert main(["build", "//letters:news"]) == 5
    told = " ".join(capsys.readouterr().err.split())
    lack = "//letters:news cannot be built here; it lacks: perl: is not on PATH (install Perl)"
    assert lack in told and f"`{lack}`" in PAGE.read_text("utf-8")


def test_a_kind_that_no_file_has_is_an_error_at_the_rule(
    letters: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (letters / "putitoutthere.toml").write_text(FILES["putitoutthere.toml"])
    assert main(["build", "//letters:news"]) == 3
    assert capsys.readouterr().err == (
        'build_defs/letter.py:24:12: PIOT_RULE: there is no toolchain of the kind "perl"\n'
        "    hint: name its file in [piot.toolchain] files\n\nerror: 1 problem found\n"
    )


@pytest.mark.parametrize("name", ["build_defs/letter.py", "build_defs/perl.py"])
def test_the_files_of_the_page_are_type_checked(letters: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", name],
        cwd=letters,
        env={"MYPYPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "Success: no issues found in 1 source file\n"


def test_the_rule_of_the_how_to_page_is_twelve_lines_and_type_checked(checkout: Path) -> None:
    text = blocks(PAGE)["build_defs/banner.py"]
    assert len([line for line in text.splitlines() if line]) == 12
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "build_defs/banner.py"],
        cwd=checkout,
        env={"MYPYPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "Success: no issues found in 1 source file\n"


def test_the_test_of_the_how_to_page_passes(checkout: Path) -> None:
    test = checkout / "tests/test_banner.py"
    test.parent.mkdir()
    test.write_text(blocks(PAGE)["tests/test_banner.py"], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split(" in ")[0].splitlines()[-1]) == (0, "2 passed"), done.stdout
