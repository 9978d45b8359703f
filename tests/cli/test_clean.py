"""``piot clean``: what piot made goes, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Piot = Callable[..., tuple[int, str, str]]


def deliver(checkout: Path, *paths: str, listed: tuple[str, ...] | None = None) -> None:
    """A ``dist/`` as piot writes it, with files of which ``listed`` (or all) are its own."""
    for path in paths:
        file = checkout / "dist" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    (checkout / "dist").mkdir(exist_ok=True)
    files = dict.fromkeys(paths if listed is None else listed, "0" * 64)
    (checkout / "dist/.piot-manifest.json").write_text(json.dumps({"schema": 1, "files": files}))
    (checkout / "dist/.gitignore").write_text("*\n")


def test_dist_and_the_state_of_the_checkout_are_removed(checkout: Path, piot: Piot) -> None:
    deliver(checkout, "a.whl", "x86_64-unknown-linux-gnu/b")
    (checkout / ".piot/last").mkdir(parents=True)
    before = {path for path in checkout.rglob("*") if "dist" not in path.parts and ".piot" not in path.parts}
    assert piot("clean") == (0, "", "removed dist/\nremoved .piot/\n")
    assert set(checkout.rglob("*")) == before
    assert piot("clean") == (0, "", "nothing to remove\n")


def test_what_piot_did_not_make_is_kept_and_said(checkout: Path, piot: Piot) -> None:
    deliver(checkout, "a.whl", "mine/notes.txt", listed=("a.whl", "../BUILD"))
    assert piot("clean") == (
        0,
        "",
        "removed dist/a.whl\nkept dist/mine/notes.txt, which piot did not make\n",
    )
    assert (checkout / "BUILD").exists()
    assert sorted(path.name for path in (checkout / "dist").iterdir()) == [
        ".gitignore",
        ".piot-manifest.json",
        "mine",
    ]
    assert json.loads((checkout / "dist/.piot-manifest.json").read_text()) == {"schema": 1, "files": {}}


def test_a_manifest_that_is_damaged_names_nothing(checkout: Path, piot: Piot) -> None:
    deliver(checkout, "a.whl")
    (checkout / "dist/.piot-manifest.json").write_text("{")
    assert piot("clean", "--json", "-q") == (
        0,
        '{"schema": 1, "removed": [], "kept": ["dist/a.whl"]}\n',
        "",
    )


def test_a_dist_of_somebody_else_is_left_alone(checkout: Path, piot: Piot) -> None:
    (checkout / "dist").mkdir()
    (checkout / "dist/a.whl").write_text("x")
    assert piot("clean") == (0, "", "kept dist/, which piot did not make\n")
    assert (checkout / "dist/a.whl").exists()


def test_links_are_removed_and_not_followed(checkout: Path, piot: Piot) -> None:
    elsewhere = checkout.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    deliver(checkout)
    (checkout / ".piot").symlink_to(elsewhere)
    (checkout / "dist/link").symlink_to(elsewhere)
    assert piot("clean") == (0, "", "removed .piot/\nkept dist/link, which piot did not make\n")
    assert (elsewhere / "kept").exists() and not (checkout / ".piot").is_symlink()


def test_a_broken_configuration_is_no_obstacle(checkout: Path, piot: Piot) -> None:
    (checkout / "putitoutthere.toml").write_text("[[")
    (checkout / ".piot").mkdir()
    assert piot("clean") == (0, "", "removed .piot/\n")


def test_outside_of_a_checkout_there_is_nothing_to_clean(outside: Path, piot: Piot) -> None:
    code, out, err = piot("clean")
    assert (code, out) == (3, "")
    assert err.startswith(f"error: no putitoutthere.toml in {outside} ")
