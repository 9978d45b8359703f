"""Facts of the machine, from made-up kernels and environments."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from piot.effects import host
from piot.errors import MachineError


@pytest.mark.skipif(sys.platform != "linux", reason="a fact of Linux")
def test_the_facts_are_those_of_uname_and_of_the_c_library() -> None:
    facts = host.host_triple_facts()
    assert facts[:2] == (os.uname().sysname, os.uname().machine)
    assert facts.libc in ("glibc", "musl", "")
    assert bool(facts.libc_version) == (facts.libc == "glibc")


@pytest.mark.skipif(os.name == "nt", reason="paths of other systems")
@pytest.mark.parametrize(
    ("platform", "environ", "cache", "config"),
    [
        ("linux", {"HOME": "/h"}, "/h/.cache/piot", "/h/.config/piot/config.toml"),
        (
            "linux",
            {"HOME": "/h", "XDG_CACHE_HOME": "/c", "XDG_CONFIG_HOME": "/k"},
            "/c/piot",
            "/k/piot/config.toml",
        ),
        (
            "linux",
            {"HOME": "/h", "XDG_CACHE_HOME": "c", "XDG_CONFIG_HOME": ""},
            "/h/.cache/piot",
            "/h/.config/piot/config.toml",
        ),
        (
            "darwin",
            {"HOME": "/h", "XDG_CACHE_HOME": "/c"},
            "/h/Library/Caches/piot",
            "/h/Library/Application Support/piot/config.toml",
        ),
        ("win32", {"LOCALAPPDATA": "/l", "APPDATA": "/r"}, "/l/piot/Cache", "/r/piot/config.toml"),
        ("linux", {"PIOT_CACHE_DIR": "/x", "PIOT_CONFIG": "/y.toml"}, "/x", "/y.toml"),
    ],
)
def test_the_folders_are_those_of_the_platform_unless_named(
    platform: str, environ: dict[str, str], cache: str, config: str
) -> None:
    assert host.cache_dir(environ, platform=platform) == Path(cache)
    assert host.config_file(environ, platform=platform) == Path(config)


@pytest.mark.skipif(sys.platform == "win32", reason="accounts of POSIX")
def test_without_the_variable_home_is_that_of_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    def account(_: int) -> SimpleNamespace:
        return SimpleNamespace(pw_dir="/srv/builder")

    monkeypatch.setattr("pwd.getpwuid", account)
    assert host.cache_dir({}, platform="linux") == Path("/srv/builder/.cache/piot")
    assert host.config_file({}, platform="linux") == Path("/srv/builder/.config/piot/config.toml")


@pytest.mark.skipif(sys.platform == "win32", reason="accounts of POSIX")
def test_an_account_without_a_home_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(MachineError) as caught:
        host.cache_dir({}, platform="linux")
    assert str(caught.value) == "the variable HOME is not set\n\nhint: set HOME or PIOT_CACHE_DIR"


def program(path: Path, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_which_names_every_hit_in_the_order_of_the_path_once(tmp_path: Path) -> None:
    first, second = program(tmp_path / "b" / "tool"), program(tmp_path / "a" / "tool")
    program(tmp_path / "c" / "tool", 0o644)
    (tmp_path / "d" / "tool").mkdir(parents=True)
    folders = [*(str(tmp_path / name) for name in "bcda"), str(tmp_path / "b"), "", "relative"]
    assert host.which("tool", os.pathsep.join(folders)) == (first, second)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_on_windows_a_program_is_found_by_its_suffix(tmp_path: Path) -> None:
    hit = program(tmp_path / "tool.exe")
    assert host.which("tool", str(tmp_path), platform="win32") == (hit,)
    assert host.which("tool.exe", str(tmp_path), platform="win32") == (hit,)
