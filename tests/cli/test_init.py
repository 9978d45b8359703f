"""What ``piot init`` says, word for word."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from jsonschema import validate

from tests.cli.conftest import Piot

MANIFEST = '[package]\nname = "words"\nversion = "0.1.0"\nlicense = "MIT"\n{}'
SCHEMA = Path(__file__).parents[2] / "docs/reference/schemas/init.schema.json"

BY_HAND = """\

Once, by hand:

1. crates.io: a trusted publisher for each crate (its settings, Trusted Publishing)
   for words
   Repository owner: (your account or organisation)
   Repository name: (this repository)
   Workflow filename: release.yml
   Environment: (leave empty)
   A new crate: publish its first version by hand (cargo publish), then register.
"""


@pytest.fixture
def library(outside: Path) -> Path:
    """A crate that can be released, and one that cannot; piot is started in its folder."""
    for name, text in {
        "Cargo.toml": '[workspace]\nmembers = ["tool", "words"]\n',
        "words/Cargo.toml": MANIFEST.format('description = "Words"\n'),
        "words/src/lib.rs": "",
        "tool/Cargo.toml": MANIFEST.replace("words", "tool").format(""),
        "tool/src/main.rs": "",
    }.items():
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_text(text, encoding="utf-8")
    return outside


def init(piot: Piot, *words: str) -> tuple[int, str, str]:
    return piot("init", "--action", "me/piot@v0.1.0", *words)


def test_it_writes_and_says_what_is_left_to_people(library: Path, piot: Piot) -> None:
    assert init(piot) == (
        0,
        BY_HAND,
        "left out: tool (tool/Cargo.toml): it has no description, which crates.io asks for\n"
        "putitoutthere.toml             wrote\n"
        ".github/workflows/release.yml  wrote\n"
        ".github/workflows/check.yml    wrote\n",
    )
    assert 'name = "words"' in (library / "putitoutthere.toml").read_text(encoding="utf-8")
    assert piot("query", "//...") == (0, "//words:crate\n", "")


def test_a_dry_run_shows_the_difference_and_writes_nothing(library: Path, piot: Piot) -> None:
    code, out, err = init(piot, "--dry-run", "-q")
    assert (code, err) == (0, "")
    assert out.startswith("--- /dev/null\n+++ b/putitoutthere.toml\n@@ -0,0 +1,")
    assert "+++ b/.github/workflows/release.yml\n" in out
    assert all(line[:1] in ("+", "-", "@", " ") for line in out.splitlines())
    assert sorted(path.name for path in library.iterdir()) == ["Cargo.toml", "tool", "words"]


def test_a_file_that_differs_is_kept_and_the_difference_shown(library: Path, piot: Piot) -> None:
    init(piot)
    check = library / ".github/workflows/check.yml"
    check.write_text(check.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    code, out, err = init(piot)
    diff, _, rest = out.partition("\nOnce, by hand:")
    assert code == 0
    assert rest
    assert diff.startswith("--- a/.github/workflows/check.yml\n+++ b/.github/workflows/check.yml\n@@ ")
    assert [line for line in diff.splitlines()[2:] if line[0] in "+-"] == ["-# mine"]
    assert err == (
        ".github/workflows/release.yml  as it was\n"
        ".github/workflows/check.yml    kept, and differs\n"
        "\nhint: --yes replaces files that differ\n"
    )
    assert check.read_text(encoding="utf-8").endswith("# mine\n")
    assert init(piot, "--yes", "-q") == (0, BY_HAND, "")
    assert not check.read_text(encoding="utf-8").endswith("# mine\n")


@pytest.mark.parametrize(("answer", "kept"), [("y\n", False), ("yes\n", False), ("\n", True), ("n\n", True)])
def test_on_a_terminal_it_asks(
    library: Path, piot: Piot, monkeypatch: pytest.MonkeyPatch, answer: str, kept: bool
) -> None:
    init(piot)
    check = library / ".github/workflows/check.yml"
    check.write_text("mine\n", encoding="utf-8")
    stdin = io.StringIO(answer)
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    _, _, err = init(piot)
    assert "replace .github/workflows/check.yml? [y/N] " in err
    assert (check.read_text(encoding="utf-8") == "mine\n") is kept


def test_it_says_where_piot_has_to_come_from_when_nobody_knows(library: Path, piot: Piot) -> None:
    assert library.is_dir()
    _, out, _ = piot("init", "--dry-run")
    assert "uses: OWNER-/piot@v" in out
    _, out, _ = piot("init")
    assert "1. Where piot comes from\n   The workflows say OWNER-/piot@v" in out


def test_json_fits_its_schema(library: Path, piot: Piot) -> None:
    assert library.is_dir()
    code, out, err = init(piot, "--json", "-q")
    found = json.loads(out)
    validate(found, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert (code, err) == (0, "")
    assert [each["status"] for each in found["files"]] == ["new"] * 3
    assert found["packages"] == [{"name": "words", "kind": "crates", "path": "words", "registered": "words"}]


@pytest.mark.parametrize("value", ["piot", "me/piot", "me/piot@", "https://x/y@z", "me/piot@v1 x"])
def test_an_action_is_named_with_its_ref(outside: Path, piot: Piot, value: str) -> None:
    assert outside.is_dir()
    code, _, err = piot("init", "--action", value)
    assert code == 2
    assert err.startswith(f'error: --action: "{value}" is not written OWNER/NAME@REF\n')
