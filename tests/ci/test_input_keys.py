"""The input key of an artifact changes with what it is made of, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.matrices import CARGO, PYO3, package, pyproject, rows_of, targets

GNU, MAC = "x86_64-unknown-linux-gnu", "aarch64-apple-darwin"

CONFIG = (
    package("core", "crates", "core")
    + package("py", "pypi", "py", 'build = "maturin"', 'depends_on = ["core"]', targets(GNU, MAC))
    + package("js", "npm", "js", 'depends_on = ["core"]')
)

FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["core", "py"]\n',
    "Cargo.lock": "version = 4\n",
    "core/Cargo.toml": CARGO.replace('crate-type = ["cdylib"]', ""),
    "core/src/lib.rs": "",
    "core/README.md": "core",
    "py/Cargo.toml": PYO3.replace('"core"', '"py"') + 'core = { path = "../core", version = "0.1.0" }\n',
    "py/src/lib.rs": "",
    "py/pyproject.toml": pyproject("maturin", "py"),
    "js/package.json": '{"name": "js", "version": "0.1.0"}',
    "js/index.js": "",
    "docs/index.md": "",
}

Keys = dict[str, str]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys(tmp_path_factory.mktemp("before"))


def keys(root: Path, changed: dict[str, str] | None = None, config: str = CONFIG) -> Keys:
    rows = rows_of(root, config, {**FILES, **(changed or {})})
    return {f"{row.name} {row.target}": row.input_key for row in rows}


def changed(before: Keys, after: Keys) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


CORE, JS = {"core noarch"}, {"js noarch"}
WHEELS = {f"py {GNU}", f"py {MAC}"}
PY = {*WHEELS, "py sdist"}


@pytest.mark.parametrize(
    ("path", "affected"),
    [
        ("core/src/lib.rs", CORE | PY),
        ("core/README.md", CORE | PY),
        ("py/src/lib.rs", PY),
        ("js/index.js", JS),
        ("js/new.js", JS),
        ("docs/index.md", set[str]()),
        ("Cargo.lock", CORE | PY),
        ("rust-toolchain.toml", CORE | PY),
        ("piot.lock", CORE | PY | JS),
    ],
)
def test_a_file_alters_what_is_made_of_it(
    tmp_path: Path, before: Keys, path: str, affected: set[str]
) -> None:
    text = {"rust-toolchain.toml": '[toolchain]\nchannel = "1.80"\n', "piot.lock": "version = 1\n"}
    assert changed(before, keys(tmp_path, {path: text.get(path, FILES.get(path, "") + "\n")})) == affected


def test_the_same_files_give_the_same_keys_in_another_folder(tmp_path: Path, before: Keys) -> None:
    assert keys(tmp_path) == before


@pytest.mark.parametrize(
    ("old", "new", "affected"),
    [
        pytest.param('kind = "crates"', 'kind = "crates"\nfeatures = ["x"]', CORE, id="features"),
        pytest.param(f'"{MAC}"', f'{{ triple = "{MAC}", runner = "mine" }}', set[str](), id="runner"),
        pytest.param(
            f'"{MAC}"', f'{{ triple = "{MAC}", features = ["x"] }}', {f"py {MAC}"}, id="one platform"
        ),
        pytest.param(
            f'"{MAC}"', f'"{MAC}", "aarch64-unknown-linux-gnu"', {"py aarch64-unknown-linux-gnu"}, id="more"
        ),
        pytest.param('depends_on = ["core"]', "", set[str](), id="order"),
        pytest.param('kind = "crates"', 'kind = "crates"\nfirst_version = "0.2.0"', CORE | PY, id="version"),
    ],
)
def test_configuration_alters_what_it_is_about(
    tmp_path: Path, before: Keys, old: str, new: str, affected: set[str]
) -> None:
    assert changed(before, keys(tmp_path, config=CONFIG.replace(old, new))) == affected


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.sampled_from(["", "\n", "\n\n# é\n"]))
def test_a_file_alters_no_key_of_what_it_is_no_input_of(
    tmp_path_factory: pytest.TempPathFactory, before: Keys, path: str, more: str
) -> None:
    if path.endswith("json"):
        more = more.replace("# é", "")
    after = keys(tmp_path_factory.mktemp("after"), {path: FILES[path] + more})
    assert changed(before, after) <= (
        {"core": CORE | PY, "py": PY, "js": JS}.get(path.split("/")[0]) or CORE | PY
    )
