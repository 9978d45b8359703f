"""Smoke tests: real pip and npm install what was built, and what is broken is told in its own words."""

from __future__ import annotations

import ensurepip
import hashlib
import json
import shutil
import sys
import sysconfig
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piot.app.building.request import BuildRequest
from piot.app.fetch import Fetched, fetch
from piot.app.session.where import Where
from piot.errors import Problems
from piot.model.report import TargetReport
from tests.rules.conftest import Registry, packages
from tests.rules.test_archive import PROGRAM
from tests.support.checkout import HOST, Checkout, MakeCheckout

NPM = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")

WHEEL = '''\
import base64, hashlib, json
from dataclasses import dataclass
from collections.abc import Mapping

from piot.api import Context, Source, StringMap, Text, Wheel, rule

PACK = """import json, sys, zipfile
with zipfile.ZipFile(sys.argv[2], "w") as archive:
    for name, text in json.load(open(sys.argv[1])).items():
        archive.writestr(name, text)
"""


@dataclass(frozen=True)
class Attrs:
    """A wheel of these files.

    files: texts by name
    called: its name
    """

    files: Mapping[str, str]
    called: str = "demo"
    needs: tuple[str, ...] = ()
    commands: str = ""


@rule
def wheel(ctx: Context, attrs: Attrs) -> tuple[Wheel]:
    python = ctx.interpreter().tool
    info = f"{attrs.called}-1.0.dist-info"
    needs = "".join(f"Requires-Dist: {each}\\\\n" for each in attrs.needs)
    files = {
        **attrs.files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\\\\nName: {attrs.called}\\\\nVersion: 1.0\\\\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\\\nRoot-Is-Purelib: true\\\\nTag: py3-none-any\\\\n",
        f"{info}/entry_points.txt": f"[console_scripts]\\\\n{attrs.commands}\\\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\\\\n" for name in files)
    name = f"{attrs.called}-1.0-py3-none-any.whl"
    pack = f'mkdir out && exec "$PY" pack.py files.json out/{name}'
    (folder,) = ctx.run(
        "sh", "-c", pack,
        mnemonic="pack",
        outputs=("out/",),
        inputs=(
            Text(dest="pack.py", content=PACK.encode()),
            Text(dest="files.json", content=json.dumps(files).encode()),
        ),
        environment={"PY": f"%{{tool:{python.name}}}"},
        tools=(python,),
    )
    return (Wheel(name=attrs.called, version="1.0", folder=folder),)
'''.replace("\\\\n", "\\n")

BUILD = """\
load("//build_defs:wheel.py", "wheel")
load("//build_defs:program.py", "program")
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests: identifying a Python by its content takes seconds."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def checkout(make_checkout: MakeCheckout, cache: Path) -> Checkout:
    """With rules that make wheels and programs, and the pinned pip."""
    made = make_checkout(cache=cache)
    tools = Path(made.environ["PATH"])
    (tools / "python3").symlink_to(sys.executable)
    made.write("build_defs/wheel.py", WHEEL)
    made.write("build_defs/program.py", PROGRAM)
    return pinned(made)


def pinned(checkout: Checkout) -> Checkout:
    """With the pip that this Python brings instead of the one that piot pins: no network is needed."""
    own, debians = Path(ensurepip.__file__).parent / "_bundled", sysconfig.get_config_var("WHEEL_PKG_DIR")
    folders = (own, Path(debians)) if debians else (own,)
    wheel = next((file for folder in folders for file in folder.glob("pip-*.whl")), None)
    if wheel is None:
        pytest.skip("this Python brings no pip")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    files = f'{{ filename = "{wheel.name}", sha256 = "{sha256}" }}'
    pin = f'name = "pip"\necosystem = "pypi"\nversion = "{ensurepip.version()}"\nfiles = [{files}]\n'
    checkout.write("piot.lock", f"version = 1\n\n[[tool]]\n{pin}")
    return checkout.with_environ(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheel.parent))


def declared(checkout: Checkout, **targets: Any) -> Checkout:
    """BUILD with a wheel of every name."""
    lines = (
        f"wheel(name = {json.dumps(name)}, "
        + ", ".join(f"{key} = {json.dumps(value)}" for key, value in attributes.items())
        + ")\n"
        for name, attributes in targets.items()
    )
    checkout.write("BUILD", BUILD + "".join(lines) + 'smoke(name = "smoke", of = [":it"])\n')
    return checkout


def tried(checkout: Checkout, **options: Any) -> tuple[TargetReport, str]:
    run = checkout.build("//:smoke", tests=True, **options)
    return run.target("//:smoke"), run.outputs.get("//:smoke", "")


def test_modules_are_imported_and_commands_are_started(checkout: Checkout) -> None:
    files = {
        "demo/__init__.py": "",
        "demo/cli.py": "import sys\ndef main():\n    print('1.0', sys.argv[1:])\n",
        "space/inner/__init__.py": "",
        "single.py": "",
        "demo/data/not_a_module.txt": "",
    }
    declared(checkout, it={"files": files, "commands": "demo = demo.cli:main"})
    report, said = tried(checkout)
    assert report.status == "built"
    assert said == (
        "installed demo-1.0-py3-none-any.whl\n"
        "import demo: works\nimport single: works\nimport space.inner: works\n"
        "demo = demo.cli:main: works\ndemo --version: works\n"
    )
    assert tried(checkout)[0].status == "cached"


def test_after_a_fetch_tests_need_no_network(make_checkout: MakeCheckout) -> None:
    made = make_checkout()
    (Path(made.environ["PATH"]) / "python3").symlink_to(sys.executable)
    made.write("build_defs/wheel.py", WHEEL)
    made.write("build_defs/program.py", PROGRAM)
    declared(made, it={"files": {"demo.py": ""}})
    online = pinned(made)
    where = Where(directory=online.root, environ=online.environ)
    request = BuildRequest(patterns=("//...", "-//lib/..."))
    assert fetch(request, where, lambda _: None) == Fetched(needed=1, fetched=1, lacking=())
    assert fetch(request, where, lambda _: None) == Fetched(needed=1, fetched=0, lacking=())
    foreign = replace(request, triples=("s390x-unknown-linux-gnu",))
    assert fetch(foreign, where, lambda _: None) == Fetched(needed=0, fetched=0, lacking=())
    assert tried(made)[0].status == "built"


@pytest.mark.parametrize(
    ("files", "commands", "said"),
    [
        pytest.param(
            {"demo/__init__.py": "from demo.inner import x\n", "demo/inner.py": "raise ValueError('no')\n"},
            "",
            "import demo failed:\n"
            '  File "demo/__init__.py", line 1, in <module>\n    from demo.inner import x\n'
            "  File \"demo/inner.py\", line 1, in <module>\n    raise ValueError('no')\nValueError: no\n",
            id="a module that raises",
        ),
        pytest.param(
            {"demo.py": "def main(): pass\n"},
            "demo = demo:mian",
            "import demo: works\ndemo = demo:mian failed:\n"
            "AttributeError: module 'demo' has no attribute 'mian'\n",
            id="a command that is not there",
        ),
        pytest.param(
            {"demo.py": "import nowhere_to_be_found\n"},
            "",
            "import demo failed:\n"
            '  File "demo.py", line 1, in <module>\n    import nowhere_to_be_found\n'
            "ModuleNotFoundError: No module named 'nowhere_to_be_found'\n",
            id="a dependency that it does not name",
        ),
        pytest.param(
            {"demo.py": "import sys\ndef main():\n    print('bad')\n    sys.exit(3)\n"},
            "demo = demo:main",
            "import demo: works\ndemo = demo:main: works\ndemo --version ended with 3:\nbad\n",
            id="a command that fails",
        ),
        pytest.param(
            {"demo.py": "import os\ndef main():\n    os.abort()\n"},
            "demo = demo:main",
            "import demo: works\ndemo = demo:main: works\ndemo --version ended by signal 6:\n\n",
            id="a command that dies",
        ),
    ],
)
def test_what_is_broken_fails_in_its_own_words(
    checkout: Checkout, files: dict[str, str], commands: str, said: str
) -> None:
    declared(checkout, it={"files": files, "commands": commands})
    report, output = tried(checkout)
    assert (report.status, report.error) == ("failed", "smoke test ended with exit code 1")
    assert output == f"installed demo-1.0-py3-none-any.whl\n{said}"


def test_what_nothing_pins_is_not_tried_and_what_is_beside_is(checkout: Checkout) -> None:
    helper = {"files": {"helper.py": ""}, "called": "helper"}
    it = {
        "files": {"demo.py": "import helper, elsewhere\n", "own.py": "import helper\n"},
        "needs": ["helper", "Else.Where>=1", "other; extra == 'x'"],
        "commands": "demo = demo:main",
    }
    declared(checkout, helper=helper, it=it)
    build = checkout.root / "BUILD"
    build.write_text(build.read_text().replace('of = [":it"]', 'of = [":it"], beside = [":helper"]'))
    report, said = tried(checkout)
    assert report.status == "built"
    assert said == (
        "installed demo-1.0-py3-none-any.whl helper-1.0-py3-none-any.whl\n"
        "import demo: not tried, nothing pins Else.Where\nimport own: works\n"
        "demo = demo:main: not tried, nothing pins Else.Where\n"
    )


CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "demo"
kind = "pypi"
build = "hatch"
path = "py"
paths = ["py/"]
"""
LOCKED = """
[[requirement]]
name = "else-where"
ecosystem = "pypi"
version = "1.0"
files = [{{ filename = "{}", sha256 = "{}" }}]

[[runtime]]
path = "py"
requires = ["Else.Where>=1"]
python = "{}"
pins = ["else-where==1.0"]
"""


@pytest.fixture
def needing(checkout: Checkout, tmp_path: Path) -> Checkout:
    """A wheel whose project needs another that piot.lock pins, and its ``PYTHON`` to be filled in."""
    it = {"files": {"demo.py": "import elsewhere\n"}, "needs": ["Else.Where>=1"]}
    declared(checkout, it=it)
    build = checkout.root / "BUILD"
    build.write_text(build.read_text().replace('of = [":it"]', 'of = [":it"], directory = "py"'))
    checkout.write("putitoutthere.toml", CONFIG)
    project = '[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["Else.Where>=1"]\n'
    backend = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    checkout.write("py/pyproject.toml", f"{backend}\n{project}")
    wheel = tmp_path / "else_where-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("elsewhere.py", "")
        about = "Metadata-Version: 2.1\nName: else.where\nVersion: 1.0\n"
        archive.writestr("else_where-1.0.dist-info/METADATA", about)
        archive.writestr("else_where-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    lock = checkout.root / "piot.lock"
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(lock.read_text() + LOCKED.format(wheel.name, sha256, "PYTHON"))
    links = f"{checkout.environ['PIP_FIND_LINKS']} {tmp_path}"
    return checkout.with_environ(PIP_FIND_LINKS=links)


def for_python(checkout: Checkout, python: str) -> Checkout:
    lock = checkout.root / "piot.lock"
    lock.write_text(lock.read_text().replace("PYTHON", python))
    return checkout


def test_what_piot_lock_pins_of_what_a_package_needs_is_there(needing: Checkout) -> None:
    report, said = tried(for_python(needing, ">=3.9"))
    assert report.status == "built", said
    assert said == "installed demo-1.0-py3-none-any.whl\nimport demo: works\n"


def test_what_is_pinned_for_other_pythons_is_not_tried(needing: Checkout) -> None:
    report, said = tried(for_python(needing, "<3.9"))
    assert report.status == "built", said
    assert said.endswith("\nimport demo: not tried, nothing pins Else.Where\n")


def test_pins_of_an_earlier_state_are_refused(needing: Checkout) -> None:
    manifest = for_python(needing, "").root / "py/pyproject.toml"
    manifest.write_text(manifest.read_text().replace("Where>=1", "Where>=2"))
    with pytest.raises(Problems) as caught:
        tried(needing)
    assert [(each.message, each.hint) for each in caught.value.problems] == [
        (
            "demo needs Else.Where>=2, but piot.lock was made for Else.Where>=1",
            "run `piot lock` and commit piot.lock",
        )
    ]


def test_every_python_tries_its_own_wheel_and_those_that_are_not_here_are_listed(checkout: Checkout) -> None:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    code = f"import sys\nassert sys.version_info[:2] == ({own.replace('.', ', ')})\n"
    declared(checkout, it={"files": {"demo.py": code}})
    build = checkout.root / "BUILD"
    versions = f'of = [":it"], python_versions = ["{own}", "3.14t"]'
    build.write_text(build.read_text().replace('of = [":it"]', versions))
    run = checkout.build("//:smoke", tests=True)
    assert [(each.python, each.status) for each in run.report.targets] == [(own, "built")]
    (blocked,) = run.report.blocked
    said = "Python 3.14t: is not looked for on this machine (test its wheel by hand)"
    assert blocked.lacks == (said,)


def test_programs_and_archives_are_started_where_they_are_unpacked(checkout: Checkout) -> None:
    text = """
program(name = "bark", word = "bark")
archive(name = "packed", programs = [":bark"], format = "zip", layout = {":bark": "bin/woof"})
smoke(name = "smoke", of = [":bark", ":packed"])
smoke(name = "strict", of = [":packed"], args = ["a b"])
"""
    checkout.write("BUILD", BUILD + text)
    run = checkout.build("//:smoke", "//:strict", tests=True)
    assert run.report.ok
    assert run.outputs["//:smoke"] == "bark --version: works\nwoof --version: works\n"
    assert run.outputs["//:strict"] == "woof 'a b': works\n"


def test_what_is_for_another_machine_is_listed_and_not_failed(checkout: Checkout) -> None:
    arch = HOST.partition("-")[0]
    static, foreign = f"{arch}-unknown-linux-musl", "s390x-unknown-linux-gnu"
    text = 'program(name = "bark", word = "bark")\nsmoke(name = "smoke", of = [":bark"])\n'
    checkout.write("BUILD", BUILD + text)
    mac = "aarch64-apple-darwin"
    run = checkout.build("//:smoke", tests=True, triples=("host", static, foreign, mac))
    assert [each.triple for each in run.report.targets if each.status != "failed"] == [HOST, static]
    assert {each.triple: each.lacks for each in run.report.blocked} == {
        foreign: ("qemu-s390x: is not on PATH, or does not run (install qemu-user-static)",),
        mac: (
            f"this machine: is {HOST}, on which nothing runs that is for {mac} "
            "(test it on a machine of that kind)",
        ),
    }


def test_programs_of_another_processor_run_under_what_emulates_it(checkout: Checkout) -> None:
    emulator = "#!/bin/sh\ncase $1 in --version) echo 'qemu 7' ;; *) shift $(($# - 2)); exec \"$@\" ;; esac\n"
    program = Path(checkout.environ["PATH"], "qemu-s390x")
    program.write_text(emulator)
    program.chmod(0o755)
    text = 'program(name = "bark", word = "bark")\nsmoke(name = "smoke", of = [":bark"])\n'
    checkout.write("BUILD", BUILD + text)
    run = checkout.build("//:smoke", tests=True, triples=("s390x-unknown-linux-musl",))
    assert run.report.ok
    assert run.outputs["//:smoke"] == "bark --version: works under qemu-s390x\n"


def test_wheels_need_a_python_of_their_platform(checkout: Checkout) -> None:
    declared(checkout, it={"files": {"demo.py": ""}})
    foreign = "s390x-unknown-linux-gnu"
    (blocked,) = checkout.build("//:smoke", tests=True, triples=(foreign,)).report.blocked
    assert blocked.lacks == (
        f"this machine: is {HOST}, and has no Python for {foreign} (test it on a machine of that kind)",
    )


def test_what_cannot_be_tried_is_refused(checkout: Checkout) -> None:
    text = 'command(name = "it", argv = ["true"], outputs = [])\nsmoke(name = "smoke", of = [":it"])\n'
    checkout.write("BUILD", BUILD + text)
    with pytest.raises(Problems) as caught:
        tried(checkout)
    assert [(each.message, each.hint) for each in caught.value.problems] == [
        (
            "//:smoke: //:it gives nothing that can be installed, unpacked or started",
            "name targets that give wheels, npm packages, archives or programs",
        )
    ]


@pytest.fixture
def npm(bare: Checkout) -> Checkout:
    """With one package, whose smoke test is called by its folder."""
    packages(bare, lib='lib\nnpm = "@x/lib"')
    bare.write("lib/index.js", "exports.x = 1\n")
    bare.write("lib/run.js", "#!/usr/bin/env node\nconsole.log(process.argv.slice(2))\n")
    manifest(bare)
    return bare


def manifest(checkout: Checkout, **more: object) -> None:
    known = {"name": "@x/lib", "version": "1.2.3", "main": "index.js", "bin": {"lib": "run.js"}}
    checkout.write("lib/package.json", json.dumps({**known, **more}))


def of_npm(checkout: Checkout) -> tuple[TargetReport, list[str]]:
    run = checkout.build("//lib:smoke", tests=True)
    return run.target("//lib:smoke"), run.outputs.get("//lib:smoke", "").splitlines()


@NPM
@pytest.mark.parametrize("kind", ["commonjs", "module"])
def test_packages_are_loaded_and_their_programs_started(npm: Checkout, kind: str) -> None:
    npm.write("lib/index.js", "export const x = 1\n" if kind == "module" else "exports.x = 1\n")
    manifest(npm, type=kind)
    report, said = of_npm(npm)
    assert report.status == "built"
    word = "import" if kind == "module" else "require"
    assert said == [f"{word} @x/lib: works", "lib --version: works"]


@NPM
def test_a_package_that_cannot_be_loaded_fails_in_its_own_words(npm: Checkout) -> None:
    npm.write("lib/index.js", 'throw new Error("not today")\n')
    report, said = of_npm(npm)
    assert (report.status, report.error) == ("failed", "smoke test ended with exit code 1")
    assert said[:2] == ["loading @x/lib failed:", "Error: not today"]
    assert said[2] == "    at Object.<anonymous> (node_modules/@x/lib/index.js:1:7)"


@NPM
def test_a_program_of_npm_that_fails_is_told(npm: Checkout) -> None:
    npm.write("lib/run.js", "#!/usr/bin/env node\nconsole.error('bad'); process.exit(1)\n")
    report, said = of_npm(npm)
    assert report.status == "failed"
    assert said == ["require @x/lib: works", "lib --version ended with 1:", "bad"]


@NPM
def test_third_party_packages_are_those_that_are_pinned(npm: Checkout, registry: Registry) -> None:
    entry = registry.add("left", "1.1.0", {"index.js": "exports.left = 1\n"})
    npm.write("lib/index.js", "exports.left = require('left').left\n")
    manifest(npm, dependencies={"left": "^1.0.0"})
    root = {"name": "@x/lib", "version": "1.2.3", "dependencies": {"left": "^1.0.0"}}
    rows = {"": root, "node_modules/left": entry}
    npm.write("lib/package-lock.json", json.dumps({"lockfileVersion": 3, "packages": rows}))
    Path(npm.environ["HOME"], ".npmrc").write_text(f"registry={registry.address}\n")
    report, said = of_npm(npm)
    assert report.status == "built", said
    assert said == ["require @x/lib: works", "lib --version: works"]


@NPM
def test_without_npm_a_test_says_what_it_lacks(npm: Checkout) -> None:
    Path(npm.environ["PATH"], "npm").unlink()
    (blocked,) = npm.build("//lib:smoke", tests=True).report.blocked
    assert blocked.lacks == ("npm: is not on PATH, or does not run (install Node.js with npm)",)
