"""piot develop: wheels of a rule that only copies them, really installed by pip."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import validate

from piot.app.building.request import BuildRequest
from piot.app.develop import Installed, develop
from piot.app.log import log
from piot.app.session.where import Where
from piot.errors import InputError, MachineError, UsageError
from piot.run.editable import packed, record
from tests.support.checkout import ROOT, Checkout, MakeCheckout, command
from tests.support.environments import conda_like

RULE = """\
from dataclasses import dataclass
from piot.api import Context, SourceFile, Wheel, rule

@dataclass(frozen=True)
class Copied:
    file: str

@rule
def copied(ctx: Context, attrs: Copied) -> tuple[Wheel]:
    file = SourceFile(path=f"{ctx.label.package}/{attrs.file}")
    script = f"mkdir -p out && cp {file.path} out/"
    (folder,) = ctx.run("sh", "-c", script, mnemonic="copy", inputs=[file], outputs=["out/"])
    return (Wheel(name="my-lib", version="1.0", folder=folder),)
"""
WHEEL = "my_lib-1.0-py3-none-any.whl"
BUILD = f"""\
load("//defs:copied.py", "copied")
copied(name = "wheel", file = "{WHEEL}")
{command("made", ": > made", outputs=("made",))}
"""
SCHEMA = json.loads((ROOT / "docs/reference/schemas/build.schema.json").read_text(encoding="utf-8"))
INFO = "my_lib-1.0.dist-info"


def wheel(core: str) -> bytes:
    members = {
        "my_lib/__init__.py": b"from my_lib import core\n",
        "my_lib/core.py": core.encode(),
        f"{INFO}/METADATA": b"Metadata-Version: 2.1\nName: my-lib\nVersion: 1.0\n",
        f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
        f"{INFO}/entry_points.txt": b"[console_scripts]\nmy-lib = my_lib:hello\n",
    }
    lines = [*record(members), f"{INFO}/RECORD,,"]
    return packed({**members, f"{INFO}/RECORD": "".join(f"{line}\n" for line in lines).encode()})


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout()
    made.write("defs/copied.py", RULE)
    made.write("lib/BUILD", BUILD)
    made.write("lib/python/my_lib/__init__.py", "from my_lib import core\ndef hello(): print('hello')\n")
    (made.root / "lib" / WHEEL).write_bytes(wheel("answer = 1\n"))
    return made


@pytest.fixture
def venv(checkout: Checkout) -> Path:
    folder = checkout.root / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def where(checkout: Checkout) -> Where:
    return Where(directory=checkout.root, environ=checkout.environ, words=("develop", "//..."))


def run(checkout: Checkout, *patterns: str) -> tuple[Installed, ...]:
    request = BuildRequest(patterns=patterns, sandbox="dir")
    report, installed = develop(request, where(checkout), lambda _: None)
    assert report.ok
    return installed


def said(program: Path, *words: str) -> str:
    return subprocess.run([program, *words], capture_output=True, text=True, check=True, cwd="/").stdout


def files_of(folder: Path) -> set[Path]:
    """All but bytecode; pip removes folders that it leaves empty."""
    return {path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def test_sources_are_used_from_the_checkout_and_the_rest_from_the_environment(
    checkout: Checkout, venv: Path
) -> None:
    (first,) = run(checkout, "//...")
    assert (str(first.label), first.name, first.version) == ("//lib:wheel", "my_lib", "1.0")
    assert (first.environment, first.sources, first.changed) == (".venv", "lib/python", True)
    code = ("-c", "import my_lib; print(my_lib.__file__, my_lib.core.answer)")
    source = checkout.root / "lib/python/my_lib/__init__.py"
    assert said(venv / "bin/python", *code) == f"{source} 1\n"
    assert said(venv / "bin/my-lib") == "hello\n"
    pip = (sys.executable, "-m", "pip", "--python", venv / "bin/python", "--disable-pip-version-check")
    listed = json.loads(said(Path(pip[0]), *map(str, pip[1:]), "list", "--format", "json"))
    assert listed == [
        {"name": "my-lib", "version": "1.0", "editable_project_location": str(checkout.root / "lib")}
    ]
    source.write_text("from my_lib import core\ndef hello(): print('bye')\n")
    assert said(venv / "bin/my-lib") == "bye\n"


def test_only_what_changed_is_installed_again_and_uninstalling_leaves_nothing(
    checkout: Checkout, venv: Path
) -> None:
    before = files_of(venv)
    assert [each.changed for each in run(checkout, "//lib:wheel")] == [True]
    assert [each.changed for each in run(checkout, "//lib:wheel")] == [False]
    (checkout.root / "lib" / WHEEL).write_bytes(wheel("answer = 2\n"))
    assert [each.changed for each in run(checkout, "//lib:wheel")] == [True]
    assert said(venv / "bin/python", "-c", "import my_lib; print(my_lib.core.answer)") == "2\n"
    pip = ("-m", "pip", "--python", str(venv / "bin/python"), "--disable-pip-version-check")
    said(Path(sys.executable), *pip, "uninstall", "--yes", "my-lib")
    assert files_of(venv) == before


def test_an_environment_of_conda_is_installed_into(checkout: Checkout, tmp_path: Path) -> None:
    prefix = conda_like(tmp_path / "conda")
    active = checkout.with_environ(CONDA_PREFIX=str(prefix), CONDA_DEFAULT_ENV="work")
    (first,) = run(active, "//lib:wheel")
    assert (first.environment, first.sources, first.changed) == (str(prefix), "lib/python", True)
    code = ("-c", "import my_lib; print(my_lib.__file__, my_lib.core.answer)")
    source = checkout.root / "lib/python/my_lib/__init__.py"
    assert said(prefix / "bin/python", *code) == f"{source} 1\n"
    assert said(prefix / "bin/my-lib") == "hello\n"
    assert [each.changed for each in run(active, "//lib:wheel")] == [False]


@pytest.mark.usefixtures("venv")
def test_json_has_the_report_and_what_was_installed(checkout: Checkout) -> None:
    for changed in (True, False):
        code, out, err = checkout.run("develop", "--json", "--sandbox", "dir", "//lib:wheel")
        assert code == 0
        found = json.loads(out)
        validate(found, SCHEMA)
        assert found["installed"] == [
            {
                "label": "//lib:wheel",
                "name": "my_lib",
                "version": "1.0",
                "environment": ".venv",
                "sources": "lib/python",
                "changed": changed,
            }
        ]
        assert [(each["label"], each["status"]) for each in found["targets"]] == [
            ("//lib:wheel", "built" if changed else "cached")
        ]
        done = "installed my_lib 1.0 into .venv" if changed else "my_lib 1.0 is in .venv already"
        assert err.splitlines()[-1] == f"✓ {done}; Python sources are used from lib/python"


@pytest.mark.usefixtures("venv")
def test_json_of_a_failure_has_nothing_installed(checkout: Checkout) -> None:
    checkout.write("defs/copied.py", RULE.replace("cp {file.path} out/", "exit 3"))
    code, out, err = checkout.run("develop", "--json", "//lib:wheel")
    found = json.loads(out)
    validate(found, SCHEMA)
    assert (code, found["ok"], found["installed"]) == (1, False, [])
    assert "//lib:wheel failed: copy ended with exit code 3" in err


@pytest.mark.usefixtures("venv")
def test_the_log_tells_what_was_built_for_it(checkout: Checkout) -> None:
    run(checkout, "//lib:wheel")
    number, record = log(where(checkout), None)
    assert (number, record.words, record.status) == (1, ("develop", "//..."), "done")
    assert [(each.label, each.status) for each in record.actions] == [("//lib:wheel", "ran")]
    (checkout.root / "lib" / WHEEL).write_bytes(b"no wheel")
    with pytest.raises(InputError) as raised:
        run(checkout, "//lib:wheel")
    text = "which is no wheel: The file is not a sound zip archive: File is not a zip file."
    assert str(raised.value) == f"//lib:wheel made {WHEEL}, {text}"
    _, record = log(where(checkout), None)
    assert (record.status, record.error) == ("error", str(raised.value))


@pytest.mark.usefixtures("venv")
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("//lib:made", "//lib:made is a command target, not a wheel\n\nhint: see: piot help develop"),
        ("//lib:whel", 'no target matches //lib:whel\n\nhint: did you mean "//lib:wheel"?'),
    ],
)
def test_what_is_no_wheel_is_refused(checkout: Checkout, pattern: str, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        run(checkout, pattern)
    assert str(raised.value) == text


def test_a_python_that_is_too_old_is_named_before_anything_is_built(checkout: Checkout, venv: Path) -> None:
    assert venv.is_dir()
    checkout.write(
        "lib/pyproject.toml", '[project]\nname = "my-lib"\nversion = "1.0"\nrequires-python = ">=3.99"\n'
    )
    config = checkout.root / "putitoutthere.toml"
    config.write_text(config.read_text().replace('kind = "npm"', 'kind = "pypi"\npypi = "my-lib"'))
    build = checkout.root / "lib/BUILD"  # the package itself has a target called wheel
    build.write_text(build.read_text().replace('name = "wheel"', 'name = "copy"'))
    version = ".".join(map(str, sys.version_info[:3]))
    with pytest.raises(MachineError) as raised:
        run(checkout, "//lib:copy")
    assert str(raised.value) == (
        f"//lib:copy needs Python >=3.99, but .venv has CPython {version}\n\n"
        "hint: activate an environment of another Python, or make .venv with one"
    )
