"""Every other verb, word for word: what it prints, with its flags, and as JSON."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot import __version__
from piot.cli.verbs import VERBS
from tests.e2e.conftest import ROOT, run
from tests.e2e.tiny import GLIBC, HOST, Tiny, tiny_at
from tests.e2e.verbs import built_tiny, fitting, told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def tiny(
    tmp_path_factory: pytest.TempPathFactory, installed_piot: Path, environment: Mapping[str, str]
) -> Tiny:
    """Everything is built, and tests leave it so."""
    return built_tiny(tmp_path_factory.mktemp("verbs"), installed_piot, environment)


@pytest.fixture
def fresh(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    return tiny_at(tmp_path, installed_piot, environment, PIOT_SANDBOX="dir")


# toolchains and rules


def test_the_table_of_toolchains(fresh: Tiny) -> None:
    wheel = (
        '[[package]]\nname = "x"\nkind = "pypi"\npypi = "x"\nbuild = "maturin"\npath = "x"\npaths = ["x"]\n'
    )
    fresh.write("x/pyproject.toml", '[project]\nname = "x"\nversion = "1"\n')
    fresh.write("x/Cargo.toml", '[package]\nname = "x"\nversion = "1.0.0"\n')
    config = (
        fresh.read("putitoutthere.toml") + "\n" + wheel + f'targets = ["{HOST}", "x86_64-apple-darwin"]\n'
    )
    fresh.write("putitoutthere.toml", config)
    code, out, err = told(fresh, fresh("toolchains", "--offline"))
    header, *rows = out.splitlines()
    assert (code, err) == (0, "")
    assert re.fullmatch(r"TARGET +TOOLCHAIN +TOOLS, OR WHAT IS LACKING", header)
    host, apple = (
        next(row for row in rows if row.startswith(name)) for name in ("HOST (host)", "x86_64-apple")
    )
    assert re.match(rf"HOST \(host\) +native cc, glibc {re.escape(GLIBC)} +rustc VERSION \(PATH\)$", host)
    assert re.match(r"x86_64-apple-darwin +none +\S", apple)
    found = fitting("toolchains", fresh("toolchains", "--json", "--offline"))["toolchains"]
    table = {each["triple"]: each for each in found}
    assert (table[HOST]["host"], table[HOST]["linker"], table[HOST]["glibc"]) == (True, "native cc", GLIBC)
    assert table[HOST]["rustc"]["name"] == "rustc"
    assert (table["x86_64-apple-darwin"]["rustc"], bool(table["x86_64-apple-darwin"]["lacks"])) == (
        None,
        True,
    )


RULES = """\
RULE                    FROM                        FOR
archive                 @piot/rules/archive.py      A `.tar.gz`, `.tar.xz` or `.zip` for every triple that is asked for, and its `.sha256`.
command                 @piot/rules/command.py      Runs a command and keeps the files that it makes.
host_command            @piot/rules/command.py      Runs a command once for all platforms, with dependencies that are built for this machine.
maturin_sdist           @piot/rules/maturin.py      A source distribution with the sources of all in-repository crates that it needs.
maturin_wheel           @piot/rules/maturin.py      A wheel for every triple that is asked for, and for every Python unless one serves all.
napi_addon              @piot/rules/napi.py         The `.node` file that the CLI of napi-rs makes of a crate, for every triple that is asked for.
napi_package            @piot/rules/napi.py         The npm package of an addon: loader and types from the CLI of napi-rs, and its platform packages named.
npm_package             @piot/rules/npm.py          A `.tgz`, as `npm pack` makes it and a registry of npm takes it.
npm_platforms           @piot/rules/npm_family.py   The packages of an npm package's platforms, one per triple that is asked for, packed by npm itself.
npm_program             @piot/rules/npm_program.py  The npm package of a program: a launcher for the one that npm installs beside it, per platform.
python_extension_wheel  @piot/rules/python.py       A wheel with extension modules: one for every triple that is asked for, built on a machine of its kind.
python_requirements     @piot/rules/python.py       What a back end asks for beyond `pyproject.toml`, as a JSON list: what `piot lock` pins.
python_sdist            @piot/rules/python.py       A source distribution, made by the back end that `pyproject.toml` names.
python_wheel            @piot/rules/python.py       A wheel for all platforms, made by the back end that `pyproject.toml` names.
rust_binary             @piot/rules/rust.py         A program that cargo builds, for every triple that is asked for.
rust_crate              @piot/rules/rust.py         A `.crate`, as `cargo package` makes it and crates.io takes it; verified by compiling it.
smoke                   @piot/rules/smoke.py        Installs what was built in a fresh place, without network, loads it and starts its programs.
test                    @piot/rules/command.py      Runs a command that passes when it ends with 0; a passed test runs again only when an input changed.
"""  # noqa: E501 - a table
RULE = """\
test

Runs a command that passes when it ends with 0; a passed test runs again only when an input changed.

ATTRIBUTE  TYPE                DEFAULT   MEANING
name       str                 required  the target's name: its label is //folder:name
argv       list of str         required  the command; `$(location //x:y)` is where the output of a dependency stands
srcs       list of files       []        files that it reads, at their places in the repository
deps       list of labels      []        targets whose outputs it reads
env        dict of str to str  {}        its environment
tools      list of str         []        programs of this machine that it may call, such as python3
timeout    int                 300       seconds after which it has failed
"""  # noqa: E501 - a table


def test_rules_are_listed_and_shown(tiny: Tiny) -> None:
    assert told(tiny, tiny("rules")) == (0, RULES, "")
    assert told(tiny, tiny("rules", "test")) == (0, RULE, "")
    assert told(tiny, tiny("rules", "tset")) == (
        2,
        "",
        'error: no rule is called "tset"\n\nhint: did you mean "test"?\n',
    )
    every = fitting("rules", tiny("rules", "--json"))["rules"]
    assert [each["name"] for each in every] == [line.split()[0] for line in RULES.splitlines()[1:]]
    (one,) = fitting("rules", tiny("rules", "test", "--json"))["rules"]
    assert one == every[-1]
    assert (one["test"], one["configured_by"], len(one["attrs"])) == (True, ["triple"], 6)


# cache, clean and lock


def test_the_store_is_described_checked_and_shrunk(tiny: Tiny) -> None:
    info = (
        "folder:          STORE/store\nresults:         N\nblobs:           N, SIZE\n"
        "unpacked trees:  N, SIZE\nsize:            SIZE of SIZE\n"
    )
    code, out, err = told(tiny, tiny("cache", "info"))
    assert (code, re.sub(r" \d+(?=[,\n])", " N", out), err) == (0, info, "")
    found = fitting("cache", tiny("cache", "info", "--json"))
    assert (found["folder"], found["results"], found["sessions"]) == (str(tiny.store / "store"), 6, 0)
    code, out, err = told(tiny, tiny("cache", "verify"))
    words = "what was removed is made again when it is needed"
    assert (code, out, re.sub(r"\d+", "N", err)) == (0, "no problems\n", f"checked N; {words}\n")
    checked = fitting("cache", tiny("cache", "verify", "--json", "-q"))
    assert (checked["corrupt"], checked["incomplete"]) == ([], [])
    assert told(tiny, tiny("cache", "gc", "--max-size", "1G")) == (0, "freed SIZE (0 items); SIZE left\n", "")
    assert fitting("cache", tiny("cache", "gc", "--json", "--max-size=1GiB"))["removed"] == 0
    assert told(tiny, tiny("cache", "gc", "--max-size", "big")) == (
        2,
        "",
        'error: --max-size: "big" is not a size like 500M or 20G\n\nhint: see: piot help cache\n',
    )


def test_results_are_forgotten_and_damage_is_found(fresh: Tiny) -> None:
    fresh.write("BUILD", 'command(name = "a", argv = ["sh", "-c", "echo a > a"], outputs = ["a"])\n')
    fresh("build", "//:a", ok=True)
    key = fitting("build", fresh("build", "--json", "//:a"))["targets"][0]["key"]
    refused = "error: no target //:b\n\nhint: // has :a\n"
    assert told(fresh, fresh("cache", "rm", "//:a", "//:b")) == (2, "", refused)
    absent = "0" * 64
    done = fresh("cache", "rm", "//:a", absent)
    assert (done.code, done.stdout) == (0, f"//:a: 1 result forgotten\n{absent}: nothing is stored\n")
    assert fresh("build", "//:a", ok=True).ran == ["//:a command sh"]
    assert fitting("cache", fresh("cache", "rm", "--json", key)) == {"schema": 1, "forgotten": {key: 1}}
    fresh("build", "//:a", ok=True)
    (blob,) = (
        path
        for path in (fresh.store / "store/blobs").rglob("*")
        if path.is_file() and path.read_bytes() == b"a\n"
    )
    blob.chmod(0o644)
    blob.write_bytes(b"b\n")
    code, out, _ = told(fresh, fresh("cache", "verify"))
    damaged, incomplete, counted = out.splitlines()
    assert (code, counted) == (7, "2 problems")
    assert re.fullmatch(r"blobs/\S+ was damaged and is removed", damaged)
    assert re.fullmatch(r"results/\S+ lacked some of its files and is removed", incomplete)


def test_clean_removes_what_piot_made(fresh: Tiny) -> None:
    fresh.write("BUILD", 'command(name = "a", argv = ["sh", "-c", "echo a > a"], outputs = ["a"])\n')
    fresh("build", "//:a", ok=True)
    assert told(fresh, fresh("clean")) == (0, "", "removed dist/\nremoved .piot/\n")
    assert told(fresh, fresh("clean")) == (0, "", "nothing to remove\n")
    fresh("build", "//:a", ok=True)
    fresh.write("dist/mine", "x")
    found = fitting("clean", fresh("clean", "--json", "-q"))
    assert found == {"schema": 1, "removed": [f"dist/{HOST}/a", ".piot/"], "kept": ["dist/mine"]}
    assert told(fresh, fresh("clean")) == (0, "", "kept dist/mine, which piot did not make\n")
    assert fresh.read("dist/mine") == "x"


def test_tools_are_pinned_and_pins_kept(fresh: Tiny) -> None:
    first = fresh("lock", "maturin==1.9.4", ok=True)
    assert re.fullmatch(r"maturin 1\.[0-9.]+ -> 1\.9\.4\n", first.stdout)
    assert first.stderr == "note: found maturin 1.9.4: 13 files\n"
    again = fresh("lock", "--json", "maturin==1.9.4")
    assert fitting("lock", again) == {"schema": 1, "changes": []}
    assert again.stderr.endswith("\npiot.lock is as it was\n")
    assert told(fresh, fresh("lock", "-q", "maturin==1.9.4"))[:2] == (0, "")
    other = fitting("lock", fresh("lock", "--json", "maturin==1.9.3"))
    assert other["changes"] == [{"name": "maturin", "old": "1.9.4", "new": "1.9.3"}]
    refused = fresh("--offline", "lock", "maturin==1.9.4")
    assert (refused.code, refused.stdout) == (5, "")


# develop

RULE_FILE = '''\
from dataclasses import dataclass
from piot.api import Context, SourceFile, Wheel, rule

@dataclass(frozen=True)
class Packed:
    """Packs Python files as a wheel."""

@rule
def packed(ctx: Context, attrs: Packed) -> tuple[Wheel]:
    name = "my_lib-1.0-py3-none-any.whl"
    file = SourceFile(path=name)
    script = f"mkdir out && cp {name} out/"
    (folder,) = ctx.run("sh", "-c", script, mnemonic="pack", inputs=[file], outputs=["out/"])
    return (Wheel(name="my-lib", version="1.0", folder=folder),)
'''
WHEEL = """
import zipfile, sys
info, record = "my_lib-1.0.dist-info", ""
files = {
    "my_lib.py": "answer = 42\\n",
    f"{info}/METADATA": "Metadata-Version: 2.1\\nName: my-lib\\nVersion: 1.0\\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    f"{info}/RECORD": "",
}
with zipfile.ZipFile("my_lib-1.0-py3-none-any.whl", "w") as archive:
    for name, text in files.items():
        archive.writestr(name, text)
"""
DONE = "✓ my_lib 1.0 is in .venv already\n"


@pytest.fixture(scope="module")
def library(
    tmp_path_factory: pytest.TempPathFactory, installed_piot: Path, environment: Mapping[str, str]
) -> Tiny:
    """A wheel that is installed into ``.venv`` already."""
    made = tiny_at(tmp_path_factory.mktemp("library"), installed_piot, environment, PIOT_SANDBOX="dir")
    made.write("build_defs/packed.py", RULE_FILE)
    made.write("BUILD", 'load("//build_defs:packed.py", "packed")\npacked(name = "wheel")\n')
    run(sys.executable, "-c", WHEEL, cwd=made.root, env=environment)
    run(sys.executable, "-m", "venv", "--without-pip", ".venv", cwd=made.root, env=environment)
    first = made("develop", "//:wheel", ok=True)
    assert first.stderr.endswith("✓ installed my_lib 1.0 into .venv\n")
    return made


DEVELOP = [
    (),
    ("--profile", "release"),
    ("--jobs", "1"),
    ("--sandbox", "none"),
    ("--keep-sandbox",),
    ("--offline",),
    ("--incremental",),
]


@pytest.mark.parametrize("words", DEVELOP, ids=" ".join)
def test_what_is_installed_already_is_left_alone(library: Tiny, words: tuple[str, ...]) -> None:
    assert told(library, library("develop", *words, "//...")) == (0, "", DONE)
    assert told(library, library("-q", "develop", *words, "//:wheel")) == (0, "", "")


def test_a_wheel_is_built_again_where_that_is_asked_for(library: Tiny) -> None:
    for flag in ("--force", "--no-cache"):
        ran = f"• //:wheel pack  started\n✓ //:wheel pack  TIME  {flag}\n"
        assert told(library, library("develop", "//:wheel", flag)) == (0, "", f"{ran}{DONE}")
    planned = library("develop", "//:wheel", "--set-version", "tiny-text=0.3.0")
    assert told(library, planned) == (0, "", DONE)


def test_what_was_installed_as_json(library: Tiny) -> None:
    found = fitting("build", library("develop", "--json", "//:wheel"))
    assert found["installed"] == [
        {
            "label": "//:wheel",
            "name": "my_lib",
            "version": "1.0",
            "environment": ".venv",
            "sources": None,
            "changed": False,
        }
    ]
    answer = "import my_lib; print(my_lib.answer)"
    used = run(
        library.root / ".venv/bin/python", "-c", answer, cwd=library.root.parent, env=library.environment
    )
    assert used.stdout == "42\n"


# help, version and completion


def published(title: str) -> str:
    """What docs/reference/cli.md shows under a heading."""
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    return page.partition(f"\n## `{title}`\n\n```text\n")[2].partition("```")[0]


def test_help_is_what_the_reference_shows(tiny: Tiny) -> None:
    for word in ("help", "--help", "-h"):
        assert told(tiny, tiny(word)) == (0, published("piot"), "")
    for verb in (verb.name for verb in VERBS if verb.name != "help"):
        assert told(tiny, tiny("help", verb)) == (0, published(f"piot {verb}"), "")
    for words in (("build", "--help"), ("build", "//...", "-h")):
        assert told(tiny, tiny(*words)) == (0, published("piot build"), "")
    assert told(tiny, tiny()) == (2, "", published("piot"))


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version(tiny: Tiny, flag: str) -> None:
    assert told(tiny, tiny(flag)) == (0, f"piot {__version__}\n", "")


@pytest.mark.parametrize(
    ("shell", "complete"),
    [
        ("bash", 'COMP_LINE="$1"; COMP_POINT=${#1}; _piot; printf "%s\\n" "${COMPREPLY[@]}"'),
        ("fish", 'complete -C "$argv[1]" | string split -f 1 \\t'),
    ],
)
def test_the_scripts_make_shells_complete(tiny: Tiny, shell: str, complete: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    script = tiny("completion", shell, ok=True)
    env = {**tiny.environment, "PATH": f"{tiny.program.parent}:{tiny.environment['PATH']}"}
    last = ("shell",) if shell == "bash" else ()  # bash calls the first word behind -c its $0
    line = "piot build //crates/cli:s"
    done = run(shell, "-c", f"{script.stdout}\n{complete}", *last, line, cwd=tiny.root, env=env)
    assert [word.rstrip() for word in done.stdout.splitlines()] == WORDS[shell]


WORDS = {"bash": ["said", "smoke"], "fish": ["//crates/cli:said", "//crates/cli:smoke"]}
"""bash takes a colon for the end of a word."""


def test_the_script_for_zsh(tiny: Tiny) -> None:
    code, out, err = told(tiny, tiny("completion", "zsh"))
    assert (code, out.splitlines()[0], err) == (0, "#compdef piot putitoutthere", "")
    if shutil.which("zsh"):
        checked = subprocess.run(["zsh", "-n"], input=out, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_no_script_for_other_shells(tiny: Tiny) -> None:
    assert told(tiny, tiny("completion", "tcsh"))[:2] == (2, "")


def test_a_checkout_is_checked(fresh: Tiny) -> None:
    result = fresh("check")
    assert (result.code, result.stdout, result.stderr) == (0, "", "no findings\n")
    manifest = fresh.read("crates/text/Cargo.toml")
    fresh.write("crates/text/Cargo.toml", manifest.replace('description = "Words for the others"\n', ""))
    result = fresh("check")
    assert (result.code, result.stdout, result.stderr) == (
        7,
        "crates/text/Cargo.toml:1:1: error: PIOT_CRATES_MISSING_METADATA: "
        '[package] has no "description", and crates.io refuses crates without\n'
        '    hint: add them, as in description = "…" and license = "MIT OR Apache-2.0"\n',
        "1 error\n",
    )
    assert fitting("check", fresh("check", "--json"))["ok"] is False
    fresh.write("crates/text/Cargo.toml", manifest)
    fresh.write(
        "putitoutthere.toml",
        fresh.read("putitoutthere.toml").replace('"crates/text/**"', '"crates/text/**", "no"'),
    )
    assert fresh("check", "--quiet").code == 0
    strict = fresh("check", "--strict", "--json")
    found = fitting("check", strict)
    assert (strict.code, found["ok"], [each["severity"] for each in found["findings"]]) == (
        7,
        False,
        ["warning"],
    )


def test_a_repository_is_read_and_its_files_written(fresh: Tiny) -> None:
    (fresh.root / "putitoutthere.toml").unlink()
    shown = fresh("init", "--dry-run", "--quiet", ok=True)
    assert '+name = "tiny-greet"\n' in shown.stdout
    assert not (fresh.root / "putitoutthere.toml").exists()
    done = fresh("init", "--action", "me/piot@v0.1.0", ok=True)
    assert "\nOnce, by hand:\n\n1. crates.io: a trusted publisher for each crate" in done.stdout
    assert fresh("query", "//crates/...", "--quiet").stdout.count(":crate\n") == 3
    fresh.write(".github/workflows/check.yml", "mine\n")
    assert "check.yml    kept, and differs\n" in fresh("init", ok=True).stderr
    assert fresh.read(".github/workflows/check.yml") == "mine\n"
    found = fitting("init", fresh("init", "--yes", "--json", ok=True))
    assert [each["status"] for each in found["files"]] == ["same", "replaced"]
    assert "uses: me/piot@v0.1.0\n" in fresh.read(".github/workflows/check.yml")


def test_the_launcher_of_a_program_in_a_wheel_is_written(fresh: Tiny) -> None:
    name = '\n[[package]]\nname = "py"\nkind = "pypi"\npath = "py"\npaths = ["py/**"]\nbuild = "maturin"\n'
    program = (
        f'targets = ["{HOST}"]\nbundle_cli = {{ bin = "tiny", stage_to = "tiny/_bin", crate_path = "x" }}\n'
    )
    fresh.write("putitoutthere.toml", fresh.read("putitoutthere.toml") + name + program)
    fresh.write("py/pyproject.toml", '[project]\nname = "py"\nversion = "1"\n')
    done = fresh("init", "--launcher", "py", ok=True)
    assert "1. The command, in [project.scripts] of py/pyproject.toml\n   tiny = " in done.stdout
    assert 'name = "tiny.exe" if os.name == "nt" else "tiny"' in fresh.read("py/tiny/_launch.py")
    wrong = fresh("init", "--launcher", "tiny-gret")
    said = 'error: no package is called "tiny-gret"\n\nhint: did you mean "tiny-greet"?\n'
    assert (wrong.code, wrong.stderr) == (3, said)
