"""Settings of all tests."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # how fast it is says nothing about the code


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """End-to-end tests whose files have the same first word share one worker, and thereby one store.

    Groups by mark (``--dist loadgroup``) do not work with pytest 9: xdist 3.8 keeps them in a private
    field that pytest no longer reads.
    """
    scheduler = import_module("xdist.scheduler").LoadScopeScheduling(config, log)
    scheduler._split_scope = worker_of
    return scheduler


def worker_of(nodeid: str) -> str:
    """What tests have in common that run in one worker; a test's own id where it may run in any."""
    path = PurePosixPath(nodeid.partition("::")[0])
    return path.stem.split("_")[1] if "e2e" in path.parts else nodeid
