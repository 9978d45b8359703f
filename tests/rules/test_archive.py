"""Release archives of programs that a user's rule makes, packed for real and unpacked by other tools."""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from piot.errors import Problems
from tests.support.checkout import HOST, Checkout, MakeCheckout

PROGRAM = '''\
from dataclasses import dataclass

from piot.api import Context, Executable, rule


@dataclass(frozen=True)
class Attrs:
    """A script that says a word.

    word: what it says
    version: its version
    """

    word: str
    version: str = "1.0.0"
    triple: str = ""


@rule(configured_by=("triple",))
def program(ctx: Context, attrs: Attrs) -> tuple[Executable]:
    name = f"{attrs.word}.exe" if "windows" in ctx.triple else attrs.word
    text = f'printf "#!/bin/sh\\\\necho {attrs.word}\\\\n" > out/{name} && chmod +x out/{name}'
    (made,) = ctx.run("sh", "-c", f"mkdir -p out && {text}", mnemonic="write", outputs=(f"out/{name}",))
    triple = attrs.triple or ctx.triple
    return (Executable(name=attrs.word, triple=triple, file=made, version=attrs.version),)
'''

COMMANDS = """\
load("//build_defs:program.py", "program")

program(name = "bark", word = "bark")

host_command(
    name = "completions",
    argv = ["sh", "-c", "mkdir made && $(location :bark) > made/bark.bash && $(location :bark) > made/_bark"],
    outputs = ["made/"],
    deps = [":bark"],
)

host_command(name = "man", argv = ["sh", "-c", "echo .TH > bark.1"], outputs = ["bark.1"])

test(name = "none", argv = ["true"])
"""

WHOLE = """
archive(
    name = "archive",
    programs = [":bark"],
    srcs = ["LICENSE", "//:README.md", "docs/a/index.md", "docs/run.sh"],
    completions = [":completions"],
    manuals = [":man"],
    layout = {"docs/": "doc/pages/", "//:README.md": "READ.ME"},
)
"""


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    return filled(make_checkout())


def filled(made: Checkout) -> Checkout:
    (Path(made.environ["PATH"]) / "python3").symlink_to(sys.executable)
    made.write("build_defs/program.py", PROGRAM)
    made.write("README.md", "# Bark\n")
    made.write("tool/LICENSE", "MIT\n")
    made.write("tool/docs/a/index.md", "Pages\n")
    made.write("tool/docs/run.sh", "#!/bin/sh\n", executable=True)
    return declared(made, WHOLE)


def declared(checkout: Checkout, text: str) -> Checkout:
    checkout.write("tool/BUILD", COMMANDS + text)
    return checkout


STEM = f"bark-1.0.0-{HOST}"
MODES = {
    "LICENSE": 0o644,
    "READ.ME": 0o644,
    "bark": 0o755,
    "complete/_bark": 0o644,
    "complete/bark.bash": 0o644,
    "doc/bark.1": 0o644,
    "doc/pages/a/index.md": 0o644,
    "doc/pages/run.sh": 0o755,
}
EPOCH = 315532800


def dist(checkout: Checkout) -> dict[str, bytes]:
    found = (path for path in (checkout.root / "dist").rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in found if not path.name.startswith(".")}


def read_tar(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {each.name: each for each in archive}


def test_an_archive_has_its_programs_files_completions_and_manuals_at_their_places(
    checkout: Checkout,
) -> None:
    run = checkout.build("//tool:archive")
    files = dist(checkout)
    assert [each.path for each in run.target("//tool:archive").outputs] == [
        f"dist/{STEM}.tar.gz",
        f"dist/{STEM}.tar.gz.sha256",
    ]
    data = files[f"{STEM}.tar.gz"]
    members = read_tar(data)
    assert [*members] == sorted(members)
    assert {name: each.mode for name, each in members.items()} == {f"{STEM}/{k}": v for k, v in MODES.items()}
    assert {
        (each.mtime, each.uid, each.gid, each.uname, each.gname, each.type) for each in members.values()
    } == {(EPOCH, 0, 0, "", "", tarfile.REGTYPE)}
    assert data[:4] == b"\x1f\x8b\x08\0" and data[4:8] == bytes(4)
    assert files[f"{STEM}.tar.gz.sha256"].decode() == f"{hashlib.sha256(data).hexdigest()}  {STEM}.tar.gz\n"


@pytest.mark.parametrize("ending", ["tar.gz", "tar.xz", "zip"])
def test_the_usual_tools_take_it_and_the_program_runs(
    checkout: Checkout, tmp_path: Path, ending: str
) -> None:
    declared(checkout, WHOLE.replace('name = "archive"', f'name = "archive", format = "{ending}"'))
    checkout.build("//tool:archive")
    folder = checkout.root / "dist"
    unpack = {"zip": ["unzip", "-q"]}.get(ending, ["tar", "-xf"])
    if shutil.which(unpack[0]) is None:
        pytest.skip(f"needs {unpack[0]}")
    words = ["sha256sum", "--check", f"{STEM}.{ending}.sha256"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == f"{STEM}.{ending}: OK\n"
    subprocess.run([*unpack, folder / f"{STEM}.{ending}"], cwd=tmp_path, check=True)
    top = tmp_path / STEM
    modes = {path.relative_to(top).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in files_in(top)}
    assert modes == MODES
    assert subprocess.check_output([top / "bark"], text=True) == "bark\n"
    assert (top / "complete/bark.bash").read_text() == "bark\n"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("ending", ["tar.gz", "tar.xz", "zip"])
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_two_clones_and_two_sandboxes_give_equal_bytes(make_checkout: MakeCheckout, ending: str) -> None:
    found = list[dict[str, bytes]]()
    for name, sandbox in (("one", "dir"), ("other/place", "bwrap")):
        made = filled(make_checkout(name=name, sandbox=sandbox))
        (made.root / "tool/LICENSE").chmod(0o600)
        declared(made, WHOLE.replace('name = "archive"', f'name = "archive", format = "{ending}"'))
        made.build("//tool:archive")
        found.append(dist(made))
    assert found[0] == found[1]
    assert f"{STEM}.{ending}" in found[0]


def test_windows_gets_a_zip_and_programs_keep_their_ending(checkout: Checkout) -> None:
    text = 'archive(name = "archive", programs = [":bark"], layout = {":bark": "bin/woof"}, top = "")\n'
    declared(checkout, text)
    checkout.build("//tool:archive", triples=("x86_64-pc-windows-msvc", "host"))
    files = dist(checkout)
    windows = "bark-1.0.0-x86_64-pc-windows-msvc.zip"
    with zipfile.ZipFile(io.BytesIO(files[windows])) as archive:
        (info,) = archive.infolist()
    assert (info.filename, info.date_time, info.external_attr >> 16) == (
        "bin/woof.exe",
        (1980, 1, 1, 0, 0, 0),
        0o100755,
    )
    assert [*read_tar(files[f"{STEM}.tar.gz"])] == ["bin/woof"]
    assert sorted(files) == sorted([windows, f"{windows}.sha256", f"{STEM}.tar.gz", f"{STEM}.tar.gz.sha256"])


def test_templates_name_archives_and_folders(checkout: Checkout) -> None:
    text = """
archive(
    name = "archive",
    programs = [":bark"],
    called = "dog",
    directory = "lib",
    format = "tar.xz",
    stem = "{name}-{os}-{arch}",
    top = "{name}-{version}",
)
"""
    checkout.write("lib/package.json", json.dumps({"name": "lib", "version": "3.2.1"}))
    declared(checkout, text).build("//tool:archive")
    name = f"dog-linux-{HOST.partition('-')[0]}.tar.xz"
    files = dist(checkout)
    assert sorted(files) == [name, f"{name}.sha256"]
    assert [*read_tar(lzma.decompress(files[name]))] == ["dog-3.2.1/bark"]
    checkout.build("//tool:archive", versions=(("lib", "4.0.0"),))
    assert [*read_tar(lzma.decompress(dist(checkout)[name]))] == ["dog-4.0.0/bark"]


def test_all_that_is_wrong_is_told_before_anything_is_built(checkout: Checkout) -> None:
    text = """
program(name = "meow", word = "meow", version = "2.0.0")
program(name = "far", word = "far", triple = "aarch64-apple-darwin")

archive(
    name = "archive",
    programs = [":bark", ":meow", ":far", ":man"],
    srcs = ["LICENSE", "//:README.md", "docs/a/index.md"],
    deps = [":none", ":man"],
    format = "tar.bz2",
    stem = "{nam}-{version}",
    layout = {
        "LICENCE": "doc/",
        "LICENSE": "../LICENSE",
        "//:README.md": "Bark",
        "docs/": "./bark/",
        "pictures/": "doc/",
        ":nothing": "doc/",
    },
)
"""
    declared(checkout, text)
    with pytest.raises(Problems) as caught:
        checkout.build("//tool:archive")
    line = text.splitlines().index("archive(") + len(COMMANDS.splitlines()) + 1
    found = [(each.path, each.line, each.message, each.hint) for each in caught.value.problems]
    assert found == [("tool/BUILD", line, message, hint) for message, hint in WRONG]
    assert not (checkout.root / "dist").exists()


ELSEWHERE = 'say where one of them goes: layout = {"…": "…"}'
WRONG = [
    (
        f"//tool:archive: //tool:far is a program for aarch64-apple-darwin, and this archive is for {HOST}",
        None,
    ),
    ("//tool:archive needs the provider Executable from //tool:man, but it provides Files", None),
    ("//tool:archive: //tool:none gives no file that could be packed", None),
    ('//tool:archive: stem = "{nam}-{version}": nothing is called {nam}', 'did you mean "name"?'),
    (
        "//tool:archive: its programs do not have one version that it could have",
        'name the folder of the manifest that has it: directory = "…"',
    ),
    ('//tool:archive: there is no format "tar.bz2" for archives', 'did you mean "tar.xz"?'),
    (
        '//tool:archive: layout names ":nothing", which is not among what it is made of',
        'did you mean "//tool:man"?',
    ),
    (
        '//tool:archive: layout names "LICENCE", which is not among what it is made of',
        'did you mean "tool/LICENSE"?',
    ),
    (
        '//tool:archive: layout names "pictures/", which is not among what it is made of',
        "name it in srcs, programs, completions, manuals or deps too",
    ),
    ('//tool:archive: layout puts tool/LICENSE at "../LICENSE", which is not inside the archive', None),
    (
        "//tool:archive: //tool:bark and README.md would both be Bark "
        "(bark and Bark are one file where case does not count)",
        ELSEWHERE,
    ),
    ("//tool:archive: //tool:bark would be bark, where tool/docs/a/index.md needs a folder", ELSEWHERE),
]


def test_an_archive_of_nothing_without_a_name_is_refused(checkout: Checkout) -> None:
    declared(checkout, 'archive(name = "archive", top = "{stem}/x", directory = "lib")\n')
    with pytest.raises(Problems) as caught:
        checkout.build("//tool:archive")
    assert [(each.message, each.hint) for each in caught.value.problems] == [
        ("//tool:archive: no crate in lib", None),
        (
            "//tool:archive: it has not just one program that it could be called like",
            'name it: called = "…"',
        ),
        (
            f'//tool:archive: "x-x-{HOST}/x" cannot be the name of a folder',
            'top = "" packs without one',
        ),
        (
            "//tool:archive: nothing would be in this archive",
            "name programs, srcs, completions, manuals or deps",
        ),
    ]


FOLDERS = """
command(name = "more", argv = ["sh", "-c", %r], outputs = ["more/"])

archive(
    name = "archive",
    programs = [":bark"],
    srcs = ["LICENSE"],
    deps = [":more"],
)
"""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("mkdir more && echo x > more/LICENSE", f"two files would be {STEM}/LICENSE in the archive\n"),
        (
            "mkdir -p more/a && ln -s a more/b",
            "b is a link to a folder or to nothing, which an archive cannot hold\n",
        ),
    ],
)
def test_what_a_folder_holds_is_seen_when_it_is_packed(checkout: Checkout, script: str, said: str) -> None:
    run = declared(checkout, FOLDERS % script).build("//tool:archive")
    assert not run.report.ok
    assert run.outputs["//tool:archive"] == said


def test_a_folder_in_which_nothing_is_does_not_hold(checkout: Checkout) -> None:
    run = declared(checkout, FOLDERS % "mkdir more").build("//tool:archive")
    assert run.target("//tool:archive").error == (
        f"pack {STEM}.tar.gz made a result that does not hold:\n"
        f"  - There is nothing in {STEM}/ of what was to be put there."
    )


def test_links_to_files_become_files(checkout: Checkout) -> None:
    declared(checkout, FOLDERS % "mkdir more && echo x > more/a && ln -s a more/b").build("//tool:archive")
    with tarfile.open(checkout.root / f"dist/{STEM}.tar.gz") as archive:
        both = [archive.getmember(f"{STEM}/{name}") for name in "ab"]
    assert [(each.isreg(), each.size) for each in both] == [(True, 2), (True, 2)]


def test_a_path_of_the_machine_in_a_file_is_told_and_not_shared(checkout: Checkout) -> None:
    script = 'mkdir more && echo "$PWD/x" > more/here'
    text = (FOLDERS % script).replace('["LICENSE"]', '["LICENSE"], format = "tar.xz"')
    run = declared(checkout, text).build("//tool:archive")
    (said,) = (each for each in run.texts if "tar.xz" in each)
    assert f"{STEM}/here in {STEM}.tar.xz names a place of this machine" in said
