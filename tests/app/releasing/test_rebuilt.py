"""What a build makes otherwise than the last release did, though nothing of it is released again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piot.app.releasing.matrix import matrix
from piot.app.releasing.rebuilt import rebuilt
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects.history import History
from piot.model.globs import Globs
from piot.model.release.rebuilt import Rebuilt
from tests.support.matrices import HEAD, package, session_of, targets
from tests.support.repository import do

CONFIG = (
    package("core", "crates", "core")
    + package("extra", "crates", "extra")
    + package("py", "pypi", "py", 'build = "maturin"', 'depends_on = ["core"]', targets("linux-x64-gnu"))
    + package("js", "npm", "js")
)

FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["core", "extra", "py"]\n',
    "Cargo.lock": "version = 4\n",
    "core/Cargo.toml": '[package]\nname = "core"\nversion = "0.1.0"\n',
    "core/src/lib.rs": "",
    "extra/Cargo.toml": '[package]\nname = "extra"\nversion = "0.1.0"\n',
    "extra/src/lib.rs": "",
    "extra/src/more.rs": "",
    "py/Cargo.toml": (
        '[package]\nname = "py"\nversion = "0.1.0"\n[lib]\ncrate-type = ["cdylib"]\n[dependencies]\n'
        'core = { path = "../core", version = "0.1.0" }\nextra = { path = "../extra", version = "0.1.0" }\n'
    ),
    "py/src/lib.rs": "",
    "py/pyproject.toml": (
        '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        '[project]\nname = "py"\nversion = "0.1.0"\n'
    ),
    "js/package.json": '{"name": "js", "version": "0.1.0"}',
    "js/index.js": "",
    "package-lock.json": "{}",
    "README.md": "",
    ".gitignore": ".piot\n",
}

CRATES = {"core": {"//core:crate"}, "extra": {"//extra:crate"}}
WHEEL, SDIST = "//py:wheel", "//py:sdist"
RUST = {**CRATES, "py": {WHEEL, SDIST}}


class Checkout:
    """A repository whose first commit is the last release of every package."""

    def __init__(self, root: Path) -> None:
        session = session_of(root, CONFIG, FILES)
        self.root, self.where, self.packages = root, session.where, session.config.packages
        do(root, "init", "--quiet")
        self.commit()
        self.released = self.head

    @property
    def head(self) -> str:
        return History(self.root, self.where.environ).head or ""

    def commit(self) -> None:
        do(self.root, "add", "--all")
        do(self.root, "commit", "--quiet", "--allow-empty", "--message=x")

    def edit(self, path: str, text: str | None) -> None:
        if text is None:
            (self.root / path).unlink(missing_ok=True)
        else:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)

    def found(self, *names: str) -> dict[str, Rebuilt]:
        where = Where(directory=self.root, environ=self.where.environ)
        baselines = dict.fromkeys(names or [each.name for each in self.packages], self.released)
        return {each.package: each for each in rebuilt(Session(where, lambda _: None), self.head, baselines)}

    def keys(self) -> dict[tuple[str, str], str]:
        session = Session(self.where, lambda _: None)
        rows = matrix(session, {each.name: "0.1.0" for each in self.packages})
        return {(row.name, row.target): row.input_key for row in rows}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize(
    ("path", "text", "targets"),
    [
        ("README.md", "text", {}),
        ("core/src/lib.rs", "//", {}),
        ("Cargo.lock", "version = 3\n", RUST),
        ("Cargo.lock", None, RUST),
        (".cargo/config.toml", "[build]\njobs = 1\n", RUST),
        ("rust-toolchain.toml", '[toolchain]\nchannel = "1.80"\n', RUST),
        ("piot.lock", "version = 1\n", {**RUST, "js": {"//js:package"}}),
        ("package-lock.json", "{ }", {"js": {"//js:package"}}),
        ("extra/src/lib.rs", "//", {"py": {WHEEL, SDIST}}),
        ("extra/src/more.rs", None, {"py": {WHEEL, SDIST}}),
        ("putitoutthere.toml", HEAD + CONFIG + "# said\n", {}),
        (
            "putitoutthere.toml",
            HEAD + CONFIG.replace('kind = "crates"', 'kind = "crates"\nfeatures = ["x"]', 1),
            {"core": {"//core:crate"}},
        ),
    ],
)
def test_inputs_that_no_paths_match(
    checkout: Checkout, path: str, text: str | None, targets: dict[str, set[str]]
) -> None:
    assert checkout.found() == {}
    checkout.edit(path, text)
    checkout.commit()
    found = checkout.found()
    assert {name: {*each.targets} for name, each in found.items()} == targets
    assert {file for each in found.values() for file in each.files} <= {path}


def test_both_reasons_are_said(checkout: Checkout) -> None:
    checkout.edit("package-lock.json", "{ }")
    checkout.commit()
    assert checkout.found("js")["js"].text == (
        "//js:package is made otherwise by package-lock.json, "
        "of which nothing is in its paths or its depends_on"
    )


OTHERWISE = {
    "putitoutthere.toml": HEAD + CONFIG.replace('kind = "crates"', 'kind = "crates"\nfeatures = ["x"]', 1)
}
EDITS = st.dictionaries(
    st.sampled_from(
        sorted(
            {*FILES, *OTHERWISE, "rust-toolchain.toml", ".cargo/config.toml", "core/new.rs", "js/new.js"}
            - {".gitignore"}
        )
    ),
    st.sampled_from(["edited", "removed", "executable"]),
    min_size=1,
    max_size=3,
)


@settings(max_examples=20, deadline=None)
@given(EDITS)
def test_no_file_alters_an_input_key_without_a_release_or_a_line(
    tmp_path_factory: pytest.TempPathFactory, edits: dict[str, str]
) -> None:
    checkout = Checkout(tmp_path_factory.mktemp("law"))
    before = checkout.keys()
    changed: set[str] = set()
    for path, how in edits.items():
        needed = path.endswith((".toml", "package.json", "js/index.js"))
        if how == "removed" and not needed:
            checkout.edit(path, None)
        elif how == "executable" and path in FILES:
            (checkout.root / path).chmod(0o755)
        else:
            checkout.edit(path, OTHERWISE.get(path, FILES.get(path, "") + "\n"))
        changed.add(path)
    checkout.commit()
    after = checkout.keys()
    altered = {name for (name, target), key in after.items() if before[name, target] != key}
    lines = set(checkout.found())
    assert altered <= lines | planned(checkout, changed)


def planned(checkout: Checkout, changed: set[str]) -> set[str]:
    """Packages whose fingerprint is another: a file of theirs, or of what they depend on, changed."""
    own = {each.name for each in checkout.packages if Globs.parse(each.paths).select(changed)}
    return own | {each.name for each in checkout.packages if own & {*each.depends_on}}
