from __future__ import annotations

from pathlib import Path

import pytest

from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import InputError
from piot.model.events import Event


def session(folder: Path, *, anywhere: bool) -> Session:
    def emit(_event: Event) -> None:
        raise AssertionError("nothing is to be said")

    environ = {"PIOT_CACHE_DIR": str(folder / "cache"), "PIOT_CONFIG": str(folder / "config.toml")}
    return Session(Where(directory=folder, environ=environ), emit, anywhere=anywhere)


def test_outside_of_a_checkout_the_settings_are_the_users(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[piot.cache]\nmax_size = "1GB"\n')
    found = session(tmp_path, anywhere=True)
    assert not found.in_checkout
    assert (found.root, found.config.packages) == (tmp_path, ())
    assert found.settings.cache_max_size == 10**9
    assert found.store.root == tmp_path / "cache" / "store"
    assert found.pins == found.default_pins and found.own_pins is None


def test_other_verbs_need_a_checkout(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^no putitoutthere\.toml in "):
        _ = session(tmp_path, anywhere=False).settings


def test_a_broken_configuration_is_no_reason_to_ignore_it(tmp_path: Path) -> None:
    (tmp_path / "putitoutthere.toml").write_text("[[")
    with pytest.raises(InputError, match="PIOT_TOML"):
        _ = session(tmp_path, anywhere=True).settings
