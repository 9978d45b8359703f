"""Affected targets: what differs from a commit, found without building, and never too few."""

from __future__ import annotations

import os
from pathlib import Path
from subprocess import CalledProcessError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piot.app.catalogs.catalog import read_catalog
from piot.app.query import query
from piot.app.session.where import Where
from piot.effects import blobs
from piot.errors import UsageError
from piot.query.changes import made_from
from tests.support.repository import do

CONFIGURATION = """\
[putitoutthere]
version = 1

[[package]]
name = "core"
kind = "crates"
path = "core"
paths = ["core/**"]

[[package]]
name = "py"
kind = "pypi"
path = "py"
paths = ["py/**", "!py/docs/**"]
depends_on = ["core", "js"]
build = "maturin"
targets = ["x86_64-unknown-linux-gnu"]

[[package]]
name = "js"
kind = "npm"
path = "js"
paths = ["js/**"]
"""

FILES = {
    "putitoutthere.toml": CONFIGURATION,
    "BUILD": (
        'load("//tools:defs.bzl", "made")\nload("//tools:say.py", "say")\n'
        'made(name = "a")\nsay(name = "s")\n'
        'command(name = "b", argv = ["x"], outputs = ["b"], deps = [":a"])\n'
    ),
    "tools/defs.bzl": (
        'WORD = "x"\ndef made(name):\n'
        '    command(name = name, argv = [WORD], outputs = ["a"], '
        'srcs = glob(["*.txt"], allow_empty = True))\n'
    ),
    "tools/say.py": (
        "from dataclasses import dataclass\nfrom piot.api import Context, Files, rule\n\n"
        '@dataclass(frozen=True)\nclass Say:\n    """Says.\n\n    word: what\n    """\n\n'
        '    word: str = "hi"\n\n'
        "@rule\ndef say(ctx: Context, attrs: Say) -> tuple[Files]: ...\n"
    ),
    "one.txt": "1",
    "two.txt": "2",
    "Cargo.toml": '[workspace]\nmembers = ["core", "py"]\n',
    "Cargo.lock": "version = 4\n",
    "core/Cargo.toml": '[package]\nname = "core"\nversion = "0.1.0"\n',
    "core/src/lib.rs": "",
    "py/Cargo.toml": (
        '[package]\nname = "py"\nversion = "0.1.0"\n[dependencies]\n'
        'core = { path = "../core", version = "0.1.0" }\n'
    ),
    "py/pyproject.toml": (
        '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        '[project]\nname = "py"\nversion = "0.1.0"\n'
    ),
    "py/src/lib.rs": "",
    "py/docs/index.md": "",
    "js/package.json": '{"name": "js", "version": "0.1.0"}',
    "package-lock.json": "{}",
    "package.json": '{"name": "all", "workspaces": ["js"]}',
    ".gitignore": ".piot\nignored\n",
}

RUST = {"//core:crate", "//py:sdist", "//py:wheel", "//py:smoke"}
MADE = {"//:a", "//:b"}
JS = {"//js:package", "//js:smoke"}
ALL = RUST | MADE | JS | {"//:s"}


class Checkout:
    """A repository with one commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        do(root, "init", "--quiet", "--initial-branch=main")
        for path, text in FILES.items():
            self.write(path, text)
        self.commit()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def commit(self) -> None:
        do(self.root, "add", "--all")
        do(self.root, "commit", "--quiet", "--allow-empty", "--message=x")

    @property
    def where(self) -> Where:
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.root), "PIOT_CONFIG": str(self.root / "none")}
        return Where(directory=self.root, environ=environ)

    def ask(self, text: str) -> set[str]:
        return {*query((text,), self.where, "label").splitlines()}

    def states(self) -> dict[str, object]:
        """What every target is made of, from the files as they are: what the answer must agree with."""
        catalog = read_catalog(self.root, self.where)
        contents = blobs.of_files(self.root, catalog.files())
        return {
            label: (
                rule,
                attrs,
                [(path, contents.get(path)) for path in inputs],
                contents.get("tools/say.py"),
            )
            for label, (rule, _, attrs, inputs, _) in zip(catalog.labels, catalog.rows(), strict=True)
        }


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "repository")


EDITS = [
    ("one.txt", "other", MADE),
    ("three.txt", "new", MADE),
    ("two.txt", None, MADE),
    ("core/src/lib.rs", "//", RUST),
    ("core/src/new.rs", "", RUST),
    ("core/src/lib.rs", None, RUST),
    ("py/docs/index.md", "text", set[str]()),
    ("py/docs/index.md", None, set[str]()),
    ("py/src/lib.rs", "//", RUST - {"//core:crate"}),
    ("js/index.js", "", JS),
    ("package-lock.json", "{ }", JS),
    ("Cargo.lock", "version = 3\n", RUST),
    (".cargo/config.toml", "[build]\njobs = 1\n", RUST),
    ("ignored", "x", set[str]()),
    ("unused.md", "x", set[str]()),
    ("tools/defs.bzl", FILES["tools/defs.bzl"].replace('"x"', '"y"'), MADE),
    ("tools/defs.bzl", "# said otherwise\n" + FILES["tools/defs.bzl"], set[str]()),
    ("tools/say.py", FILES["tools/say.py"] + "# does otherwise\n", {"//:s"}),
    ("tools/say.py", FILES["tools/say.py"].replace('"hi"', '"ho"'), {"//:s"}),
    ("BUILD", FILES["BUILD"] + 'command(name = "c", argv = ["x"], outputs = ["c"])\n', {"//:c"}),
    ("BUILD", FILES["BUILD"].replace('argv = ["x"]', 'argv = ["y"]'), {"//:b"}),
    ("sub/BUILD", 'command(name = "d", argv = ["x"], outputs = ["d"], deps = ["//:a"])\n', {"//sub:d"}),
    ("putitoutthere.toml", CONFIGURATION.replace("0.1", "0.2") + "\n", set[str]()),
    ("putitoutthere.toml", CONFIGURATION.replace('"js/**"', '"js/**", "one.txt"'), JS),
    (
        "putitoutthere.toml",
        CONFIGURATION.replace('["core", "js"]', '["core"]'),
        {"//py:sdist", "//py:wheel", "//py:smoke"},
    ),
    ("piot.lock", "version = 1\n", ALL),
]


@pytest.mark.parametrize(("path", "text", "affected"), EDITS)
def test_an_edit_affects_what_is_made_of_it(
    checkout: Checkout, path: str, text: str | None, affected: set[str]
) -> None:
    assert checkout.ask("affected(HEAD)") == set()
    if text is None:
        (checkout.root / path).unlink()
    else:
        checkout.write(path, text)
    assert checkout.ask("affected(HEAD)") == affected
    checkout.commit()
    assert checkout.ask("affected(HEAD)") == set()
    assert checkout.ask("affected(HEAD~1)") == affected
    assert checkout.ask("affected(HEAD~1, HEAD)") == affected
    assert checkout.ask("affected HEAD~1 main + affected(HEAD)") == affected


def test_only_another_mode_counts(checkout: Checkout) -> None:
    (checkout.root / "one.txt").chmod(0o755)
    assert checkout.ask("affected(HEAD)") == MADE


def test_a_file_that_was_only_touched_does_not(checkout: Checkout) -> None:
    os.utime(checkout.root / "one.txt", (1, 1))
    assert checkout.ask("affected(HEAD)") == set()


def test_a_link_counts_by_what_it_names(checkout: Checkout) -> None:
    (checkout.root / "three.txt").symlink_to("one.txt")
    checkout.commit()
    assert checkout.ask("affected(HEAD)") == set()
    (checkout.root / "three.txt").unlink()
    (checkout.root / "three.txt").symlink_to("two.txt")
    assert checkout.ask("affected(HEAD)") == MADE


def test_a_name_that_is_not_ascii_counts(checkout: Checkout) -> None:
    checkout.write('core/src/ünï "q".rs', "x")
    checkout.commit()
    assert checkout.ask("affected(HEAD~1)") == RUST


def test_between_two_commits_the_work_tree_does_not_count(checkout: Checkout) -> None:
    checkout.write("js/index.js", "")
    checkout.commit()
    checkout.write("core/src/lib.rs", "//")
    assert checkout.ask("affected(HEAD~1, HEAD)") == JS
    assert checkout.ask("affected(HEAD~1)") == JS | RUST


def test_the_graph_of_both_commits_counts_and_not_todays(checkout: Checkout) -> None:
    checkout.write("BUILD", FILES["BUILD"].replace('["x"]', '["y"]'))
    checkout.commit()
    checkout.write("BUILD", FILES["BUILD"])
    checkout.commit()
    assert checkout.ask("affected(HEAD~2, HEAD~1)") == {"//:b"}
    assert checkout.ask("affected(HEAD~2)") == set()


def test_a_file_that_git_does_not_track_any_more_counts_by_its_content(checkout: Checkout) -> None:
    do(checkout.root, "rm", "--cached", "--quiet", "one.txt")
    assert checkout.ask("affected(HEAD)") == set()
    checkout.write("one.txt", "other")
    assert checkout.ask("affected(HEAD)") == MADE


def test_what_is_taken_back_in_the_work_tree_is_no_change(checkout: Checkout) -> None:
    checkout.write("js/package.json", "{}")
    checkout.commit()
    checkout.write("js/package.json", FILES["js/package.json"])
    assert checkout.ask("affected(HEAD~1)") == set()
    assert checkout.ask("affected(HEAD)") == JS
    do(checkout.root, "add", "js")
    assert checkout.ask("affected(HEAD~1)") == set()
    checkout.write("js/package.json", "{ }")
    assert checkout.ask("affected(HEAD~1)") == JS


def test_files_in_conflict_count_by_what_lies_there(checkout: Checkout) -> None:
    do(checkout.root, "checkout", "--quiet", "-b", "side")
    checkout.write("one.txt", "side")
    checkout.commit()
    do(checkout.root, "checkout", "--quiet", "main")
    checkout.write("one.txt", "ours")
    checkout.commit()
    with pytest.raises(CalledProcessError):
        do(checkout.root, "merge", "--quiet", "side")
    assert checkout.ask("affected(HEAD)") == MADE
    checkout.write("one.txt", "1")
    assert checkout.ask("affected(HEAD~1)") == set()


def test_what_git_was_told_will_come_counts(checkout: Checkout) -> None:
    checkout.write("three.txt", "3")
    do(checkout.root, "add", "--intent-to-add", "three.txt")
    assert checkout.ask("affected(HEAD)") == MADE


def test_a_commit_with_a_wrong_configuration_leaves_nothing_out(checkout: Checkout) -> None:
    checkout.write("BUILD", "command(\n")
    checkout.commit()
    checkout.write("BUILD", FILES["BUILD"])
    assert checkout.ask("affected(HEAD)") == ALL


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "affected(nowhere)",
            'git knows no revision "nowhere"\n    affected(nowhere)\n             ^\n\nhint: name a commit, '
            "tag or branch; a shallow clone lacks older ones: git fetch --unshallow",
        ),
        (
            "affected(HEAD, mian)",
            'git knows no revision "mian"\n    affected(HEAD, mian)\n                   ^\n\n'
            'hint: did you mean "main"?',
        ),
        (
            "affected()",
            "affected is given no arguments\n    affected()\n    ^\n\n"
            "hint: it is written affected(base[, head])",
        ),
    ],
)
def test_a_mistake_is_shown_at_its_place(checkout: Checkout, text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        checkout.ask(text)
    assert str(error.value) == message


def test_without_git_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "putitoutthere.toml").write_text(CONFIGURATION)
    where = Where(directory=tmp_path, environ={"PATH": os.defpath, "HOME": str(tmp_path)})
    with pytest.raises(UsageError) as error:
        query(("affected(HEAD)",), where, "label")
    assert str(error.value) == (
        f"{tmp_path} is no git repository\n\n"
        "hint: affected(…) compares with what git has: run `git init` and commit"
    )


PATHS = sorted(
    {*FILES, *(path for path, *_ in EDITS)} - {".gitignore", "putitoutthere.toml", "ignored", "piot.lock"}
)
CHANGES = st.dictionaries(
    st.sampled_from(
        [path for path in PATHS if not path.endswith((".toml", "BUILD", ".bzl", ".py", ".json", ".lock"))]
    ),
    st.sampled_from([None, "a", "b"]),
    min_size=1,
    max_size=3,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_affected_is_what_comparing_all_of_both_states_gives(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    checkout = Checkout(tmp_path_factory.mktemp("law") / "repository")
    structural = [path for path, text, _ in EDITS if text is not None and path in ("BUILD", "tools/defs.bzl")]
    before = checkout.states()
    for path, text in data.draw(CHANGES).items():
        if text is None:
            (checkout.root / path).unlink(missing_ok=True)
        else:
            checkout.write(path, text)
    if data.draw(st.booleans()):
        path = data.draw(st.sampled_from(structural))
        checkout.write(path, next(text or "" for each, text, _ in EDITS if each == path))
    after, catalog = checkout.states(), read_catalog(checkout.root, checkout.where)
    own = {catalog.index[label] for label, state in after.items() if before.get(label) != state}
    expected = {catalog.labels[number] for number in made_from(catalog, frozenset(own))}
    assert checkout.ask("affected(HEAD)") == expected
