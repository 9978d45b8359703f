"""Actions run where nobody's settings lie above them."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.errors import MachineError
from piot.run import exec_folder, mounts
from piot.run.exec_folder import ambient, fresh
from piot.run.stores.local import LocalStore
from tests.support.checkout import MakeCheckout, command

LEVELS = ["none", "dir", "bwrap"]


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(mounts, "OUTSIDE", tmp_path / "var" / "ours")
    return tmp_path / "var" / "ours"


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "home/.cache/store")


def settings(folder: Path, name: str) -> Path:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    return place


@pytest.mark.parametrize("level", LEVELS)
def test_usually_actions_run_in_the_store(store: LocalStore, level: str) -> None:
    assert fresh(store, level=level, keep=False).parent == store.root / "tmp"
    assert fresh(store, level=level, keep=True).parent == store.root / "exec"


@pytest.mark.parametrize("name", exec_folder.AMBIENT)
@pytest.mark.parametrize("keep", [False, True])
def test_below_settings_of_the_user_they_run_elsewhere(
    tmp_path: Path, store: LocalStore, outside: Path, name: str, keep: bool
) -> None:
    place = settings(tmp_path / "home", name)
    assert ambient(store.root) == place
    assert {fresh(store, level=level, keep=keep).parent for level in ("none", "dir")} == {outside}
    assert fresh(store, level="bwrap", keep=keep).is_relative_to(store.root)
    assert outside.stat().st_mode & 0o777 == 0o700


def test_settings_beside_the_way_do_not_count(tmp_path: Path, store: LocalStore) -> None:
    settings(tmp_path / "home/other", ".cargo/config.toml")
    settings(tmp_path / "home", ".cargo/credentials.toml")
    assert ambient(store.root) is None


@pytest.mark.parametrize("how", ["settings above", "not ours"])
def test_without_such_a_place_nothing_runs_in_a_folder(
    tmp_path: Path, store: LocalStore, outside: Path, how: str
) -> None:
    place = settings(tmp_path / "home", ".cargo/config.toml")
    if how == "settings above":
        settings(tmp_path / "var", ".cargo/config.toml")
    else:
        outside.parent.mkdir()
        outside.symlink_to(tmp_path)
    with pytest.raises(MachineError) as caught:
        fresh(store, level="dir", keep=False)
    assert str(caught.value) == (
        f"{place} would be read by every build, also where it is not declared\n\n"
        "hint: use --sandbox bwrap, or point PIOT_CACHE_DIR at a folder that it does not lie above"
    )
    assert fresh(store, level="none", keep=False).is_relative_to(store.root)


@pytest.mark.parametrize("level", ["dir", "bwrap"])
def test_an_action_sees_no_settings_above_it(
    make_checkout: MakeCheckout, tmp_path: Path, outside: Path, level: str
) -> None:
    settings(tmp_path, "home/.cargo/config.toml")
    script = 'at=$PWD; while [ "$at" ]; do at=${at%/*}; test ! -e "$at/.cargo" || exit 1; done; echo 1 > out'
    checkout = make_checkout(
        command("a", script, outputs=("out",)), sandbox=level, cache=tmp_path / "home/.cache/piot"
    )
    run = checkout.build()
    assert run.report.ok, run.outputs
    assert not outside.exists() or list(outside.iterdir()) == []
