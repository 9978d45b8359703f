"""Plain Python packages with the real hatchling and setuptools, their plugins for tags, and a C compiler."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import Piot, commit_all, remove, run

pytestmark = pytest.mark.e2e

PROJECTS = Path(__file__).parents[1] / "projects"
GLIBC = {"PIOT_GLIBC": platform.libc_ver()[1] or "2.17"}
"""The machine's own: gcc links then, and no test has to wait for zig."""

HOST = f"{platform.machine()}-unknown-linux-gnu"

NewClone = Callable[[str], Path]


@pytest.fixture
def clone(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> NewClone:
    """Makes clones of the projects by name, each with one commit."""

    def make(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name) / name
        shutil.copytree(PROJECTS / name, folder)
        commit_all(folder, environment)
        return folder

    return make


def tag(folder: Path, name: str, environment: Mapping[str, str]) -> None:
    run("git", "tag", name, cwd=folder, env=environment)


def made(folder: Path) -> dict[str, bytes]:
    """What was delivered, by name."""
    return {path.name: path.read_bytes() for path in (folder / "dist").iterdir() if path.name[0] != "."}


def installed(
    folder: Path, wheel: str, code: str, environment: Mapping[str, str], *words: str
) -> tuple[str, str]:
    """What ``code`` prints where just this wheel is installed, and what a program of the wheel prints."""
    venv = folder.parent / f"venv-{wheel}"
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=folder, env=environment)
    pip = ("-m", "pip", "--python", venv / "bin/python", "install", "--quiet", "--no-deps", "--no-index")
    run(sys.executable, *pip, folder / "dist" / wheel, cwd=folder, env=environment)
    said = run(venv / "bin/python", "-Ic", code, cwd=folder, env=environment).stdout
    program = run(venv / "bin" / words[0], *words[1:], cwd=folder, env=environment).stdout if words else ""
    return said, program


def sdist(folder: Path, name: str) -> list[str]:
    with tarfile.open(folder / "dist" / name) as archive:
        return sorted(each.name.partition("/")[2] for each in archive.getmembers() if each.isfile())


def test_a_wheel_that_cannot_be_imported_fails_its_smoke_test(
    piot: Piot, clone: NewClone, environment: Mapping[str, str]
) -> None:
    folder = clone("py_hatch")
    tag(folder, "tagged-v1.2.3", environment)
    piot("test", "//...", cwd=folder)
    assert piot("test", "//...", cwd=folder).ran == []
    (module,) = folder.glob("packages/hello/**/hello/__init__.py")
    module.write_text('raise RuntimeError("not today")\n')
    done = piot("test", "//packages/hello:smoke", cwd=folder, ok=False)
    assert (done.code, done.stdout) == (1, "")
    plain = re.sub(r"\b[0-9.]+s\b", "TIME", done.stderr.replace(str(folder), "ROOT"))
    plain = re.sub(r"[0-9a-f]{16}\.log", "KEY.log", plain)
    plain = re.sub(r"actions: .*, 1 failed", "actions: 1 failed", plain)  # the store may have the wheel
    assert plain[plain.index("✗") :] == BROKEN.replace("HOST", HOST)


BROKEN = """\
✗ //packages/hello:smoke smoke test  TIME  ended with exit code 1
installed hello_hatch-0.1.0-py3-none-any.whl
import hello failed:
  File "hello/__init__.py", line 1, in <module>
    raise RuntimeError("not today")
RuntimeError: not today
✗ //packages/hello:smoke@triple=HOST failed: smoke test ended with exit code 1
  full log: ROOT/.piot/logs/KEY.log
  run it by hand: piot test //packages/hello:smoke --target HOST --keep-sandbox
failed 1 in TIME; actions: 1 failed
"""


def test_hatch_builds_wheels_and_sdists(piot: Piot, clone: NewClone, environment: Mapping[str, str]) -> None:
    folder = clone("py_hatch")
    tag(folder, "tagged-v1.2.3", environment)
    piot("build", "//...", cwd=folder)
    assert sorted(made(folder)) == [
        "counted_hatch-0.3.0-py3-none-any.whl",
        "counted_hatch-0.3.0.tar.gz",
        "hello_hatch-0.1.0-py3-none-any.whl",
        "hello_hatch-0.1.0.tar.gz",
        "tagged_hatch-1.2.4.dev0-py3-none-any.whl",
        "tagged_hatch-1.2.4.dev0.tar.gz",
    ]
    code = "import hello; print(hello.greeting('you'))"
    wheel = "hello_hatch-0.1.0-py3-none-any.whl"
    assert installed(folder, wheel, code, environment, "hello-hatch", "me") == (
        "Hello, you!\n",
        "Hello, me!\n",
    )
    assert sdist(folder, "tagged_hatch-1.2.4.dev0.tar.gz") == [
        "PKG-INFO",
        "pyproject.toml",
        "src/tagged/__init__.py",
        "src/tagged/_version.py",
    ]
    assert not run("git", "status", "--short", cwd=folder, env=environment).stdout


def test_setuptools_builds_wheels_and_sdists(
    piot: Piot, clone: NewClone, environment: Mapping[str, str]
) -> None:
    folder = clone("py_setuptools")
    piot("build", "//...", "--set-version", "tagged=2.0.0-rc.1", "--set-version", "counted=0.4.0", cwd=folder)
    assert sorted(made(folder)) == [
        "counted_setuptools-0.4.0-py3-none-any.whl",
        "counted_setuptools-0.4.0.tar.gz",
        "hello_setuptools-0.1.0-py3-none-any.whl",
        "hello_setuptools-0.1.0.tar.gz",
        "tagged_setuptools-2.0.0rc1-py3-none-any.whl",
        "tagged_setuptools-2.0.0rc1.tar.gz",
    ]
    code = "import hello_st; print(hello_st.greeting('you'))"
    wheel = "hello_setuptools-0.1.0-py3-none-any.whl"
    assert installed(folder, wheel, code, environment, "hello-setuptools") == (
        "Hello, you!\n",
        "Hello, world!\n",
    )
    code = "import tagged; print(tagged.__version__)"
    wheel = "tagged_setuptools-2.0.0rc1-py3-none-any.whl"
    assert installed(folder, wheel, code, environment) == ("2.0.0rc1\n", "")
    own = [name for name in sdist(folder, "tagged_setuptools-2.0.0rc1.tar.gz") if "egg-info" not in name]
    assert own == [
        *("PKG-INFO", "docs/page.txt", "pyproject.toml", "setup.cfg"),
        *("tagged/__init__.py", "tagged/_version.py"),
    ]
    code = "import counted; print(counted.__version__)"
    wheel = "counted_setuptools-0.4.0-py3-none-any.whl"
    assert installed(folder, wheel, code, environment) == ("0.4.0\n", "")
    assert not run("git", "status", "--short", cwd=folder, env=environment).stdout


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the tag is the one of glibc")
def test_setuptools_compiles_extension_modules(
    piot: Piot, clone: NewClone, environment: Mapping[str, str]
) -> None:
    folder = clone("py_extension")
    env = {**GLIBC, "PATH": f"{Path(sys.base_prefix) / 'bin'}:{environment['PATH']}"}
    result = piot("build", "//...", "--target", "all", cwd=folder, env=env, ok=False)
    assert result.code == 5, result.text
    assert "(build it on our-mac)\n" in result.stderr
    python, (major, minor) = f"cp{sys.version_info[0]}{sys.version_info[1]}", GLIBC["PIOT_GLIBC"].split(".")
    wheel = f"fast_extension-0.1.0-{python}-{python}-manylinux_{major}_{minor}_{platform.machine()}.whl"
    assert sorted(made(folder)) == sorted([wheel, "fast_extension-0.1.0.tar.gz"])
    assert installed(folder, wheel, "import fast; print(fast.add(2, 3))", environment) == ("5\n", "")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the tag is the one of glibc")
def test_every_python_that_is_asked_for_builds_and_tries_a_wheel_of_its_own(
    piot: Piot, clone: NewClone, environment: Mapping[str, str]
) -> None:
    folder = clone("py_extension")
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    config = folder / "putitoutthere.toml"
    versions = f'python_versions = ["{own}", "3.99", "3.14t"]\ntargets'
    config.write_text(config.read_text().replace("targets", versions))
    env = {**GLIBC, "PATH": f"{Path(sys.base_prefix) / 'bin'}:{environment['PATH']}"}
    result = piot("build", "//:wheel", cwd=folder, env=env, ok=False)
    assert result.code == 5, result.text
    tag, (major, minor) = f"cp{own.replace('.', '')}", GLIBC["PIOT_GLIBC"].split(".")
    name = f"fast_extension-0.1.0-{tag}-{tag}-manylinux_{major}_{minor}_{platform.machine()}.whl"
    assert result.stdout == f"dist/{name}\n"
    for lacking, why in (
        ("3.14t", "is not looked for on this machine (build its wheel on "),
        ("3.99", "is not "),
    ):
        assert f"//:wheel@triple={HOST},python={lacking} cannot be built here; it lacks:\n" in result.stderr
        assert f"    Python {lacking}: {why}" in result.stderr
    tried = piot("test", "//:smoke", "--python", own, "-v", "--force", cwd=folder, env=env)
    assert f"installed {name}\nimport fast: works\n" in tried.stderr


@pytest.mark.parametrize("name", ["py_hatch", "py_setuptools", "py_extension"])
def test_two_clones_two_stores_and_two_sandboxes_give_equal_bytes(
    piot: Piot, clone: NewClone, tmp_path: Path, name: str
) -> None:
    first, second = clone(name), clone(name)
    piot("build", "//...", cwd=first, env=GLIBC)
    store = {"PIOT_CACHE_DIR": str(tmp_path / "cache")}
    piot("build", "//...", "--sandbox", "dir", cwd=second, env={**GLIBC, **store})
    assert made(first) == made(second)
    remove(tmp_path / "cache")


def test_piot_lock_pins_all_that_an_offline_build_needs(piot: Piot, clone: NewClone, tmp_path: Path) -> None:
    folder, store = clone("py_hatch"), {"PIOT_CACHE_DIR": str(tmp_path / "cache")}
    (folder / "piot.lock").unlink()
    refused = piot("build", "//...", cwd=folder, env=store, ok=False)
    assert (refused.code, refused.stdout) == (3, "")
    assert refused.stderr == (
        "packages/counted/pyproject.toml:2:12: PIOT_NOT_PINNED: piot.lock does not pin the build"
        " requirements: hatchling>=1.27\n"
        "    hint: run `piot lock counted` and commit piot.lock\n"
        "packages/hello/pyproject.toml:2:12: PIOT_NOT_PINNED: piot.lock does not pin the build requirements:"
        " hatchling>=1.27\n"
        "    hint: run `piot lock hello` and commit piot.lock\n"
        "packages/tagged/pyproject.toml:2:12: PIOT_NOT_PINNED: piot.lock does not pin the build requirements:"
        " hatch-vcs>=0.5 and hatchling>=1.27\n"
        "    hint: run `piot lock tagged` and commit piot.lock\n\n"
        "error: 3 problems found\n"
    )
    said = piot("lock", "hello", "tagged", "counted", cwd=folder, env=store).stdout
    assert "hatchling (packages/hello) (not pinned) -> " in said
    assert "setuptools-scm (packages/tagged) (not pinned) -> " in said
    piot("--offline", "build", "//...", cwd=folder, env=store)
    assert len(made(folder)) == 6
    manifest = folder / "packages/hello/pyproject.toml"
    text = manifest.read_text()
    manifest.write_text(text.replace("hatchling>=1.27", "hatchling>=1.28"))
    stale = piot("build", "hello", cwd=folder, env=store, ok=False)
    assert "the build requires hatchling>=1.28, but piot.lock was made for hatchling>=1.27\n" in stale.stderr
    remove(tmp_path / "cache")


def test_what_a_package_needs_is_pinned_and_there_when_it_is_tried(piot: Piot, clone: NewClone) -> None:
    folder = clone("py_single")
    works = "\nimport single: works\n"
    assert works in piot("test", "//...", "-v", "--force", cwd=folder).stderr
    assert piot("--offline", "test", "//...", cwd=folder).ran == []
    lock = folder / "piot.lock"
    pinned = lock.read_text()
    lock.write_text(pinned.partition("\n[[runtime]]\n")[0])
    said = piot("test", "//...", "-v", "--force", cwd=folder).stderr
    assert "import single: not tried, nothing pins markdown-it-py\n" in said
    changes = piot("lock", "single", cwd=folder).stdout.splitlines()
    assert [each.partition(" -> ")[0] for each in changes if "to try it" in each] == [
        "markdown-it-py (., to try it) (not pinned)",
        "mdurl (., to try it) (not pinned)",
    ]
    piot("fetch", "//:smoke", cwd=folder)
    assert works in piot("--offline", "test", "//...", "-v", "--force", cwd=folder).stderr


HOOK = """
[tool.hatch.build.hooks.custom]
dependencies = ["editables>=0.5"]
"""


def test_what_a_back_end_asks_for_itself_is_pinned_too(piot: Piot, clone: NewClone) -> None:
    folder = clone("py_hatch")
    manifest = folder / "packages/hello/pyproject.toml"
    manifest.write_text(manifest.read_text() + HOOK)
    hook = "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n\n"
    (folder / "packages/hello/hatch_build.py").write_text(
        f"{hook}class Own(BuildHookInterface):\n    def initialize(self, version, build_data):\n"
        "        import editables\n"
    )
    failed = piot("build", "//packages/hello:wheel", cwd=folder, ok=False)
    assert failed.code == 1, failed.text
    assert "piot.lock does not pin all that the back end asks for: editables>=0.5\n" in failed.stderr
    assert "editables (packages/hello) (not pinned) -> " in piot("lock", "hello", cwd=folder).stdout
    piot("build", "//packages/hello:wheel", cwd=folder)


def test_projects_that_cannot_be_are_refused_before_anything_is_built(piot: Piot, clone: NewClone) -> None:
    folder = clone("py_hatch")
    hello, tagged = (folder / f"packages/{name}/pyproject.toml" for name in ("hello", "tagged"))
    hello.write_text(hello.read_text().replace("hatchling.build", "setuptools.build_meta", 1))
    tagged.write_text(
        tagged.read_text().replace("tagged-hatch", "tagged-other").replace("[tool.hatch.v", "[tool.x.v")
    )
    refused = piot("build", "//...", cwd=folder, ok=False)
    assert refused.code == 3, refused.text
    assert [line.split(" ")[1] for line in refused.stderr.splitlines() if " PIOT_" in line] == [
        "PIOT_PYPI_BUILD_BACKEND_MISMATCH:",
        "PIOT_PYPI_NAME_MISMATCH:",
        "PIOT_PYPI_DYNAMIC_VERSION_NO_BACKEND:",
    ]
