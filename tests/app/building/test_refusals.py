"""Wrong or half input is refused when the build is planned: nothing has run, and all is told at once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from piot.app.building.planning import make_plan
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import InputError
from tests.support.repository import do

PROJECTS = Path(__file__).parents[2] / "projects"

CONFIG, PYPROJECT = "putitoutthere.toml", "python/pyproject.toml"
SCRIPTS = '[project.scripts]\ngreet = "greeter._launch:main"\n'

REFUSED: dict[str, tuple[str, list[tuple[str, str, str]], str]] = {
    "the program and the wheel that ships it": (
        "bundled_wheel",
        [
            (CONFIG, 'bin = "greet"', 'bin = "grete"'),
            (CONFIG, '["loud"]', '["load"]'),
            (PYPROJECT, SCRIPTS, ""),
            (PYPROJECT, '["pyo3/extension-module"]', '["pyo3/extension-module", "nope"]'),
        ],
        """\
putitoutthere.toml:4:1: PIOT_RULE: //python:cli asks for the binary "grete", which cli/Cargo.toml does not \
declare
    hint: its binaries are greet
putitoutthere.toml:4:1: PIOT_RULE: //python:cli asks for the feature "load", which cli/Cargo.toml does not \
have
    hint: did you mean "loud"?
putitoutthere.toml:4:1: PIOT_RULE: //python:wheel asks for the feature "nope", which python/Cargo.toml does \
not have
    hint: it has no features
putitoutthere.toml:4:1: PIOT_RULE: //python:wheel ships a program, but python/pyproject.toml has no command \
that starts it
    hint: add an entry point to [project.scripts] (how-to/ship-a-program.md)""",
    ),
    "a platform's feature, and a program at the top": (
        "bundled_wheel",
        [
            (CONFIG, '"x86_64-unknown-linux-gnu"', '{ triple = "linux-x64-gnu", features = ["late"] }'),
            (CONFIG, "py/greeter/_bin", "."),
        ],
        """\
putitoutthere.toml:4:1: PIOT_RULE: //python:wheel asks for the feature "late", which python/Cargo.toml does \
not have
    hint: it has no features
putitoutthere.toml:4:1: PIOT_RULE: //python:wheel ships greet, which python/pyproject.toml keeps out of the \
wheel
    hint: add include = ["greet"] to [tool.maturin]""",
    ),
    "a project that contradicts itself and the configuration": (
        "bundled_wheel",
        [
            (CONFIG, 'build = "maturin"', 'build = "maturin"\npython_versions = ["3.8", "pypy3.7", "3.9"]'),
            (PYPROJECT, 'build-backend = "maturin"', 'build-backend = "hatchling.build"'),
            (PYPROJECT, 'name = "greeter-demo"', 'name = "greeter-dema"\nreadme = "R.md"'),
            (PYPROJECT, "greeter._launch:main", "greeter._lunch:main"),
        ],
        """\
python/pyproject.toml:3:17: PIOT_PYPI_BUILD_BACKEND_MISMATCH: [build-system]: "build-backend" is \
"hatchling.build", but putitoutthere.toml says build = "maturin"
    hint: set build-backend = "maturin", or build = "hatch" in putitoutthere.toml
python/pyproject.toml:6:8: PIOT_PYPI_NAME_MISMATCH: [project]: "name" is "greeter-dema", but \
putitoutthere.toml says that it is registered as "greeter-demo"
    hint: set pypi = "greeter-dema" there, or correct the name here
python/pyproject.toml:7:10: PIOT_FILE_MISSING: "readme" names python/R.md, which does not exist
    hint: add the file, or correct the name
python/pyproject.toml:8:19: PIOT_PYTHON_VERSION: "requires-python" is ">=3.9", but putitoutthere.toml asks \
for wheels for 3.8 and pypy3.7
    hint: take them out of "python_versions", or allow them here
python/pyproject.toml:13:9: PIOT_ENTRY_POINT: "greet" starts greeter._lunch:main, but there is no \
python/py/greeter/_lunch.py
    hint: correct it, or add the module""",
    ),
    "Pythons without the stable ABI": (
        "bundled_wheel",
        [(CONFIG, 'build = "maturin"', 'build = "maturin"\npython_versions = ["3.14t", "pypy3.11", "3.9"]')],
        """\
putitoutthere.toml:4:1: PIOT_PYTHON_VERSION: package "greeter": its extension is abi3, which does not serve \
3.14t and pypy3.11
    hint: take that out of "python_versions", or build without abi3: then every Python has its own wheel""",
    ),
    "a crate that is no addon, and what it lacks": (
        "npm_modes",
        [
            ("native/Cargo.toml", "cdylib", "rlib"),
            (
                CONFIG,
                'targets = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]',
                'targets = [{ triple = "x86_64-unknown-linux-gnu", features = ["zap"], profile = "np" }]',
            ),
        ],
        """\
putitoutthere.toml:4:1: PIOT_RULE: //plain:addon asks for the feature "zap", which native/Cargo.toml does \
not have
    hint: it has no features
putitoutthere.toml:4:1: PIOT_RULE: //plain:addon needs a library of the type cdylib, and native/Cargo.toml \
has none
    hint: write crate-type = ["cdylib"] into its [lib]
putitoutthere.toml:4:1: PIOT_RULE: //plain:addon asks for the profile "np", which Cargo.toml lacks
    hint: write [profile.np] there, with inherits
putitoutthere.toml:4:1: PIOT_RULE: //plain:cli asks for the feature "zap", which greet/Cargo.toml does not \
have
    hint: it has no features
putitoutthere.toml:4:1: PIOT_RULE: //plain:cli asks for the profile "np", which Cargo.toml lacks
    hint: write [profile.np] there, with inherits
putitoutthere.toml:17:1: PIOT_RULE: //module:addon needs a library of the type cdylib, and native/Cargo.toml \
has none
    hint: write crate-type = ["cdylib"] into its [lib]""",
    ),
    "a template that makes no names": (
        "npm_cli",
        [(CONFIG, "@{scope}/{base}-bin-{triple}", "UPPER {triple}")],
        """\
putitoutthere.toml:27:9: PIOT_NAME_TEMPLATE: package "scoped": "name" is "UPPER {triple}", which makes \
"UPPER linux-x64-gnu", and that cannot be a name on npm
    hint: write letters, digits, -, _ and ., behind a scope or without one""",
    ),
    "platform packages of two packages": (
        "npm_cli",
        [
            (CONFIG, "@{scope}/{base}-bin-{triple}", "greet-example-{triple}"),
            (CONFIG, '["linux-x64-gnu", "linux-arm64-gnu"', '["x86_64-unknown-linux-gnu"'),
        ],
        """\
putitoutthere.toml:27:9: PIOT_REGISTRY_NAME: package "scoped": "greet-example-x86_64-unknown-linux-gnu" is \
also published by package "greet-example"
    hint: two packages cannot have one name on a registry""",
    ),
    "pins of another day, and what has nothing to do with them": (
        "py_hatch",
        [
            ("packages/hello/pyproject.toml", "hatchling>=1.27", "hatchling>=1.28"),
            ("BUILD", "", 'command(name = "c", argv = [], outputs = ["x"])\n'),
        ],
        """\
BUILD:1:1: PIOT_RULE: //:c: argv is empty
    hint: name the program: argv = ["sh", "-c", "…"]
packages/hello/pyproject.toml:2:12: PIOT_NOT_PINNED: the build requires hatchling>=1.28, but piot.lock was \
made for hatchling>=1.27
    hint: run `piot lock hello` and commit piot.lock""",
    ),
    "commands without a program": (
        "bundled_wheel",
        [("BUILD", "", 'command(name = "c", argv = [], outputs = ["x"])\n')],
        """\
BUILD:1:1: PIOT_RULE: //:c: argv is empty
    hint: name the program: argv = ["sh", "-c", "…"]""",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_built_is_told_whole_before_anything_runs(
    case: str, tmp_path: Path, probes: Path
) -> None:
    project, edits, expected = REFUSED[case]
    root = tmp_path / "project"
    shutil.copytree(PROJECTS / project, root)
    for path, old, new in edits:
        place = root / path
        text = place.read_text() if place.exists() else ""
        assert old in text
        place.write_text(text.replace(old, new, 1) if old else text + new)
    for words in (("init", "--quiet"), ("add", "."), ("commit", "-qm", "x")):
        do(root, *words)
    shutil.copytree(probes, tmp_path / "cache/probes")
    environ = {**os.environ, "PIOT_CACHE_DIR": str(tmp_path / "cache"), "PIOT_CONFIG": str(tmp_path / "none")}
    session = Session(Where(directory=root, environ=environ), lambda _: None)
    with pytest.raises(InputError) as caught:
        make_plan(session, BuildRequest(patterns=("//...",)))
    assert str(caught.value) == expected
