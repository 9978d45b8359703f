"""What a registry of npm tells of its files, through npm itself where it wants to know who asks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.run.fetch.npm_index import NpmIndex
from tests.model.npm.test_package_lock import hashed

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")

Reply = tuple[int, dict[str, str], bytes]
Answer = Callable[[str, dict[str, str]], Reply]
Serve = Callable[[Answer], str]


def packument(name: str, **integrities: str) -> bytes:
    versions = {
        version.replace("_", "."): {
            "name": name,
            "version": version.replace("_", "."),
            "dist": {"integrity": text, "tarball": "x"},
        }
        for version, text in integrities.items()
    }
    return json.dumps({"name": name, "versions": versions}).encode()


A = packument("@x/a", **{"1_0_0": f"sha1-abc {hashed('a1')}", "2_0_0": hashed("a2")})
B = packument("b", **{"1_0_0": "sha1-abc"})


def index(folder: Path, registry: str) -> NpmIndex:
    (folder / "home").mkdir()
    (folder / "package.json").write_text("{}")
    host = registry.removeprefix("http:")
    (folder / ".npmrc").write_text(f"registry={registry}\n{host}/:_authToken=secret\n")
    path = ":".join(str(Path(shutil.which(name) or "").parent) for name in ("npm", "node"))
    env = {"HOME": str(folder / "home"), "PATH": path, "npm_config_fetch_retries": "0"}
    return NpmIndex(folder, env=env)


def test_every_package_is_asked_for_once_and_by_its_integrity(tmp_path: Path, serve: Serve) -> None:
    asked: list[tuple[str, str | None]] = []

    def answer(path: str, headers: dict[str, str]) -> Reply:
        asked.append((path, headers.get("accept")))
        return 200, {}, A

    found = index(tmp_path, serve(answer)).integrities([("@x/a", "1.0.0"), ("@x/a", "2.0.0")])
    assert found == {("@x/a", "1.0.0"): hashed("a1"), ("@x/a", "2.0.0"): hashed("a2")}
    assert asked == [("/@x%2fa", "application/vnd.npm.install-v1+json, application/json;q=0.8")]


def test_a_registry_that_wants_a_token_is_asked_by_npm(tmp_path: Path, serve: Serve) -> None:
    def answer(_path: str, headers: dict[str, str]) -> Reply:
        return (200, {}, A) if headers.get("authorization") == "Bearer secret" else (401, {}, b"{}")

    found = index(tmp_path, serve(answer)).integrities([("@x/a", "2.0.0")])
    assert found == {("@x/a", "2.0.0"): hashed("a2")}


def test_all_that_nothing_strong_is_told_of_is_named(tmp_path: Path, serve: Serve) -> None:
    def answer(path: str, _headers: dict[str, str]) -> Reply:
        return (200, {}, B) if path == "/b" else (404, {}, b"{}")

    with pytest.raises(InputError) as caught:
        index(tmp_path, serve(answer)).integrities([("b", "1.0.0"), ("b", "3.0.0"), ("c", "1.0.0")])
    assert str(caught.value) == (
        "the registry of npm tells no sha512 of b 1.0.0, b 3.0.0 and c 1.0.0\n\n"
        "hint: see `npm config get registry`: it must be one that has these packages"
    )
