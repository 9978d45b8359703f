"""Registries on the loopback interface, and a reader of them that does not wait."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.cargo_registry import CargoRegistry
from tests.support.npm_registry import Npm, verdaccio
from tests.support.python_index import Index, PyPI, devpi, pypiserver


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def crates() -> Generator[CargoRegistry, None, None]:
    server = CargoRegistry()
    with server.running():
        yield server


@pytest.fixture
def pypi() -> Generator[PyPI, None, None]:
    server = PyPI()
    with server.running():
        yield server


@pytest.fixture(scope="session")
def npm_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Npm, None, None]:
    with verdaccio(tmp_path_factory.mktemp("npm") / "verdaccio") as server:
        yield server


@pytest.fixture(scope="session")
def devpi_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Index, None, None]:
    with devpi(tmp_path_factory.mktemp("devpi") / "server") as server:
        yield server


@pytest.fixture
def pypiserver_server(tmp_path: Path) -> Generator[Index, None, None]:
    with pypiserver(tmp_path / "pypiserver") as server:
        yield server
