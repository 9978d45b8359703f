"""A library of the machine: found, part of the key, bundled into wheels; and settings per target."""

from __future__ import annotations

import json
import platform
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Piot, Result, commit_all, run
from tests.e2e.twice import again, digests

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the project names x86_64"
    ),
    pytest.mark.skipif(
        shutil.which("pkg-config") is None or shutil.which("gcc") is None, reason="needs pkg-config and gcc"
    ),
]

GLIBC = platform.libc_ver()[1] or "2.17"
HOST, ARM = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
WHEEL = f"dist/words_demo-0.1.0-cp39-abi3-manylinux_{GLIBC.replace('.', '_')}_x86_64.whl"

SOURCE = """\
int sentence_words(const char *text)
{
    int words = 0, inside = 0;
    for (; *text; text++)
        if (*text == ' ') inside = 0;
        else if (!inside) inside = 1, words++;
    return words + MORE;
}

#ifdef THREADS
void *sentence_later(void *nothing)
{
    pthread_t thread;
    pthread_create(&thread, 0, sentence_later, nothing);
    return nothing;
}
#endif
"""
PC = """\
Name: sentence
Description: counts words
Version: 1.4
libdir={folder}
includedir={folder}/include
Libs: -L${{libdir}} -lsentence
Cflags: -I${{includedir}}
"""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A clone of the project, and a folder in which the library stands."""

    root: Path
    library: Path
    piot: Piot
    environment: Mapping[str, str]

    def __call__(self, *words: str, ok: bool = True, **variables: str) -> Result:
        env = {"PKG_CONFIG_PATH": str(self.library), "PIOT_GLIBC": GLIBC, **variables}
        return self.piot(*words, cwd=self.root, env=env, ok=ok)

    def compile(self, more: int = 0, *flags: str) -> None:
        """Makes the library anew; it counts ``more`` words than there are."""
        self.library.mkdir(exist_ok=True)
        (self.library / "sentence.c").write_text(SOURCE)
        (self.library / "sentence.pc").write_text(PC.format(folder=self.library))
        gcc = ("gcc", "-shared", "-fPIC", f"-DMORE={more}", "-Wl,-soname,libsentence.so.1", "sentence.c")
        run(*gcc, *flags, "-o", "libsentence.so.1", cwd=self.library, env=self.environment)
        link = self.library / "libsentence.so"
        link.unlink(missing_ok=True)
        link.symlink_to("libsentence.so.1")


@pytest.fixture
def machine(piot: Piot, tmp_path: Path, environment: Mapping[str, str]) -> Machine:
    root = tmp_path / "project"
    shutil.copytree(ROOT / "tests/projects/system_lib", root)
    commit_all(root, environment)
    made = Machine(root=root, library=tmp_path / "library", piot=piot, environment=environment)
    made.compile()
    return made


def counted(machine: Machine, name: str) -> str:
    """What the wheel counts in three words, in an environment of its own."""
    venv = machine.root.parent / name
    env = machine.environment
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=machine.root, env=env)
    pip = ("-m", "pip", "--python", venv / "bin/python", "install", "--quiet", "--no-deps", "--no-index")
    run(sys.executable, *pip, machine.root / WHEEL, cwd=machine.root, env=env)
    code = "import words_demo; print(words_demo.words('one two three'))"
    return run(venv / "bin/python", "-Ic", code, cwd=machine.root, env=env).stdout.strip()


def test_a_wheel_brings_the_library_that_it_is_linked_with(machine: Machine) -> None:
    assert machine("build", "//python:wheel").stdout == f"{WHEEL}\n"
    with zipfile.ZipFile(machine.root / WHEEL) as wheel:
        (bundled,) = (name for name in wheel.namelist() if name.startswith("words_demo.libs/"))
    assert bundled.startswith("words_demo.libs/libsentence-") and bundled.endswith(".so.1")
    shutil.move(machine.library, machine.library.with_name("elsewhere"))
    assert counted(machine, "without the library") == "3"


def test_a_wheel_with_a_library_inside_is_made_alike_elsewhere(machine: Machine, other_store: Path) -> None:
    """The library is that of the machine, and stands at one place."""
    env = {"PKG_CONFIG_PATH": str(machine.library), "PIOT_GLIBC": GLIBC}
    made = digests(machine.piot, machine.root, "//python:wheel", env=env)
    assert {*made} == {WHEEL}
    assert made == again(machine.piot, machine.root, other_store, "//python:wheel", env=env)


def test_another_library_is_another_result(machine: Machine) -> None:
    machine("build", "//python:wheel")
    assert machine("build", "//python:wheel").ran == []
    machine.compile(more=1)
    again = machine("build", "//python:wheel")
    assert "sentence: 1.4 (" in again.stderr
    assert counted(machine, "anew") == "4"


def test_a_bundled_library_that_asks_for_a_newer_libc_is_refused_by_name(machine: Machine) -> None:
    """pthread_create moved in glibc 2.34, which manylinux_2_17 does not have."""
    if tuple(map(int, GLIBC.split("."))) < (2, 34):
        pytest.skip(f"glibc {GLIBC} is too old to link what is too new")
    machine.compile(0, "-include", "pthread.h", "-DTHREADS")
    refused = machine("build", "//python:wheel", ok=False, PIOT_GLIBC="2.17")
    assert refused.code == 1
    assert (
        'External libraries ["libsentence.so.1 (GLIBC_2.34)"] require newer symbol versions '
        "than manylinux_2_17 (aka manylinux2014) allows."
    ) in refused.stderr


def test_what_is_linked_without_being_declared_is_refused_with_its_name(machine: Machine) -> None:
    config = machine.root / "putitoutthere.toml"
    config.write_text(config.read_text().replace('system = ["sentence"]\ntargets', "targets", 1))
    build = machine.root / "sys/build.rs"
    words = (f"rustc-link-search=native={machine.library}", "rustc-link-lib=sentence")
    lines = "".join(f'    println!("cargo:{each}");\n' for each in words)
    build.write_text(f"fn main() {{\n{lines}}}\n")
    refused = machine("build", "//python:wheel", "--sandbox", "dir", ok=False)
    assert refused.code == 1
    tag = f"manylinux_{GLIBC.replace('.', '_')}_x86_64"
    assert (
        "    - words_demo/words_demo.abi3.so needs libsentence.so.1, "
        f"which {tag} does not promise and the wheel does not bring.\n"
    ) in refused.stderr


def test_a_missing_library_is_named_with_what_to_install(machine: Machine) -> None:
    shutil.rmtree(machine.library)
    missing = machine("build", "//python:wheel", ok=False)
    assert missing.code == 5
    assert (
        "    sentence: is neither a library that pkg-config finds nor a program on PATH "
        "(install sentence, with its development files if it is a library)\n"
    ) in missing.stderr


def test_a_library_of_this_machine_is_none_for_another_platform(machine: Machine) -> None:
    other = machine("build", "//python:wheel", "--target", ARM, ok=False)
    assert other.code == 5
    assert (
        f"    sentence: is here for {HOST}, not for {ARM}\n    this machine: is {HOST} (build it on my-arm)\n"
    ) in other.stderr


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_a_platform_has_a_profile_a_library_and_a_name_of_its_own(machine: Machine) -> None:
    done = machine("build", "//npm:all", "--target", "host")
    tarballs = ["dist/example-words-native-0.1.0.tgz", "dist/words-example-0.1.0.tgz"]
    assert sorted(done.stdout.split()) == [*tarballs, f"dist/{HOST}/words"]
    with tarfile.open(machine.root / tarballs[0]) as archive:
        stream = archive.extractfile("package/package.json")
        assert stream is not None
        assert json.load(stream)["name"] == "@example/words-native"
    with tarfile.open(machine.root / tarballs[1]) as archive:
        stream = archive.extractfile("package/package.json")
        assert stream is not None
        optional = json.load(stream)["optionalDependencies"]
    assert optional == {"@example/words-native": "0.1.0", f"words-example-{ARM}": "0.1.0"}
    assert " --profile small " in machine("actions", "//npm:cli", "--target", "host").stdout
    asked = machine("actions", "//npm:cli", "--target", "host", "--profile", "dev").stdout
    assert " --profile dev " in asked
    env = {**machine.environment, "LD_LIBRARY_PATH": str(machine.library)}
    said = run(machine.root / f"dist/{HOST}/words", "one two", "three", cwd=machine.root, env=env)
    assert said.stdout == "3 words\n"
