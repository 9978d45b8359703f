"""Attestations that are asked for: without what makes them, and with it where Sigstore does not answer."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Piot, Result, run
from tests.e2e.test_publish import ALL, TAGS, Release, release, trusted

__all__ = ["release", "trusted"]

pytestmark = pytest.mark.e2e

AWAY = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
"""Sigstore's services are behind a proxy that is not there."""


def configure(release: Release, line: str) -> None:
    config = release.checkout.root / "putitoutthere.toml"
    config.write_text(f"{config.read_text()}\n[piot.release]\n{line}\n")


def test_without_the_extra_nothing_is_sent_where_attestations_are_asked_for(
    piot: Piot, trusted: Release
) -> None:
    configure(trusted, "attestations = true")
    said = trusted.run(piot, ok=False)
    assert (said.code, trusted.sent) == (5, []), said.text
    assert (
        f"attestations are asked for, of which {ALL[1]} gets none: piot was installed without what makes "
        "them: pip install 'piot[attest]'"
    ) in said.stderr


@pytest.fixture(scope="module")
def signing_piot(
    installed_piot: Path, environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The wheel with its extra, as the action installs it."""
    temp = tmp_path_factory.mktemp("signing")
    (wheel,) = installed_piot.parents[2].glob("*.whl")
    given = {
        **{"PIOT_PATH": str(wheel), "PIOT_EXTRAS": "attest", "ACTION_PATH": str(ROOT), "RELEASES": ""},
        **{"RUNNER_TEMP": str(temp), "GITHUB_PATH": str(temp / "path"), "PATH": os.environ["PATH"]},
    }
    words = ["bash", str(ROOT / "scripts/install-action")]
    done = subprocess.run(words, env={**environment, **given}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return temp / "piot-action/bin/piot"


def test_files_that_cannot_be_signed_are_left_and_go_when_nobody_asks_for_it(
    signing_piot: Path, environment: Mapping[str, str], trusted: Release
) -> None:
    def call(*words: str, cwd: Path, env: Mapping[str, str | None] | None = None, ok: bool = True) -> Result:
        asked = {**environment, **(env or {})}
        used = {name: text for name, text in asked.items() if text is not None}
        return run(signing_piot, *words, cwd=cwd, env=used, ok=ok)

    away = replace(trusted, env={**trusted.env, **AWAY})
    said = away.run(call, ok=False)
    assert said.code == 6, said.text
    assert (sorted(trusted.sent), trusted.tags) == ([ALL[3], ALL[0]], ["core-v1.0.0", "js-v1.0.0"])
    assert f"    {ALL[1]} cannot be signed: Failed to refresh TUF metadata" in said.stdout
    assert "attestations = false" in said.stdout
    configure(trusted, "attestations = false")
    assert away.run(call).code == 0
    assert (sorted(trusted.sent), trusted.tags) == (sorted(ALL), TAGS)
