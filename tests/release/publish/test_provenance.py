"""Provenance of npm packages: who gets it, what npm is handed for it, and what is said of the others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import jwt
import pytest

from piot.effects.http import Http
from piot.errors import InputError
from piot.model.package import NpmSettings, Package
from piot.model.release.registry import Place
from piot.model.secrets import Secrets
from piot.release.artifacts import Found, find
from piot.release.publish.npm import NpmPublisher
from piot.release.publish.provenance import Provenance
from piot.release.publish.refusal import Refused
from piot.release.trusted.identity import Identity
from tests.support.small_files import tgz

JOB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "me/lib",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_SHA": "0" * 40,
    "GITHUB_TOKEN": "of the repository",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/none",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "asks",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_PROJECT_URL": "https://gitlab.com/me/lib",
    "CI_PROJECT_VISIBILITY": "public",
    "CI_JOB_TOKEN": "of the job",
    "SIGSTORE_ID_TOKEN": "signs",
    "NPM_ID_TOKEN": "exchanged already",
}


@dataclass(kw_only=True)
class Case:
    """A package in a job; ``said`` are the notes of the run."""

    provenance: Provenance
    found: Found
    said: list[str]


def case(folder: Path, env: dict[str, str], claims: dict[str, str] | None = None, **more: object) -> Case:
    said: list[str] = []
    package = Package(name="p", kind="npm", path=".", paths=(), settings=NpmSettings(npm="p"))
    (folder / "p.tgz").write_bytes(tgz("p", "1.0.0", "", **more))
    (found,) = find(folder, (package,))
    known = {"repository": "me/lib", "repository_visibility": "public", "runner_environment": "github-hosted"}
    token = jwt.encode(
        {**known, **(claims or {})}, "any secret that is long enough for it", algorithm="HS256"
    )
    identity = Identity({"SIGSTORE_ID_TOKEN": token, **env}, Http(), Secrets())
    return Case(provenance=Provenance(env=env, identity=identity, say=said.append), found=found, said=said)


def test_a_trusted_job_has_what_it_can_signed_and_npm_gets_no_other_secret(tmp_path: Path) -> None:
    mine = case(tmp_path, JOB, repository="me/lib")
    given = mine.provenance.variables(mine.found, "public", trusted=True)
    assert given == {name: text for name, text in JOB.items() if name != "GITHUB_TOKEN"}
    assert mine.provenance.lacking(mine.found, "public") is None
    assert mine.provenance.variables(mine.found, "public", trusted=False) is None, "as npm does it"


def test_in_gitlab_the_job_is_told_by_its_variables(tmp_path: Path) -> None:
    mine = case(tmp_path, GITLAB, repository="gitlab:me/lib")
    given = mine.provenance.variables(mine.found, "public", trusted=True)
    kept = {name: text for name, text in GITLAB.items() if name not in ("CI_JOB_TOKEN", "NPM_ID_TOKEN")}
    assert given == {**kept, "CI": "true"}


def test_what_does_not_ask_goes_without_and_that_is_said(tmp_path: Path) -> None:
    mine = case(tmp_path, JOB, {"repository_visibility": "private"}, repository="me/lib")
    assert mine.provenance.variables(mine.found, "public", trusted=True) is None
    assert mine.said == [
        "p goes without provenance: https://github.com/me/lib is private, "
        "and only public repositories have it"
    ]
    assert mine.provenance.lacking(mine.found, "public") is None


WHY = "this machine is not one of the forge's own, which alone have it"


def test_what_asks_in_vain_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    config = {"provenance": True}
    claims = {"runner_environment": "self-hosted"}
    mine = case(tmp_path, JOB, claims, repository="me/lib", publishConfig=config)
    assert mine.provenance.lacking(mine.found, "public") == f"p asks for provenance: {WHY}"
    with pytest.raises(InputError) as caught:
        mine.provenance.variables(mine.found, "public", trusted=False)
    assert caught.value.message == f"p asks for provenance: {WHY}"


def test_outside_of_a_job_nothing_can_be_signed(tmp_path: Path) -> None:
    mine = case(tmp_path, {"NPM_CONFIG_PROVENANCE": "true"}, repository="me/lib")
    assert mine.provenance.lacking(mine.found, "public") == (
        "p asks for provenance: only jobs of GitHub with `id-token: write`, and of GitLab with "
        "SIGSTORE_ID_TOKEN, can sign"
    )


def npm(folder: Path, script: str) -> dict[str, str]:
    programs = folder / "programs"
    programs.mkdir()
    (programs / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "npm").chmod(0o755)
    return {"PATH": f"{programs}:{os.environ['PATH']}", "GITHUB_ACTIONS": "true"}


@pytest.mark.parametrize("stage", [False, True])
def test_npm_signs_what_it_publishes_and_what_it_stages(tmp_path: Path, *, stage: bool) -> None:
    mine = case(tmp_path, JOB, repository="me/lib")
    env = npm(tmp_path, f'echo "$@" > {tmp_path}/words; env > {tmp_path}/env')
    place = Place(name="npm", kind="npm", index="http://127.0.0.1:1", stage=stage)
    signing = mine.provenance.variables(mine.found, "public", trusted=True)
    publisher = NpmPublisher(place=place, env=env, signing=signing)
    publisher.publish(mine.found, token="t", access="public", tag="latest")
    words = (tmp_path / "words").read_text()
    assert words.startswith("stage publish " if stage else "publish ")
    assert words.endswith(" --provenance\n")
    assert "ACTIONS_ID_TOKEN_REQUEST_TOKEN=asks\n" in (tmp_path / "env").read_text()
    assert "GITHUB_TOKEN" not in (tmp_path / "env").read_text()


def test_without_signing_npm_does_not_learn_that_it_is_in_a_job(tmp_path: Path) -> None:
    mine = case(tmp_path, {})
    env = npm(tmp_path, f'echo "$@" > {tmp_path}/words; env > {tmp_path}/env')
    place = Place(name="npm", kind="npm", index="http://127.0.0.1:1")
    NpmPublisher(place=place, env=env).publish(mine.found, token="t", access="public", tag="latest")
    assert "--provenance" not in (tmp_path / "words").read_text()
    assert "GITHUB_ACTIONS" not in (tmp_path / "env").read_text()


REFUSALS = [
    (
        "E422",
        "Error verifying sigstore provenance bundle: Unsupported GitHub Actions source repository visibility"
        ': "internal". Only public source repositories are supported when publishing with provenance.',
        "provenance is for public repositories: set `provenance` in `publishConfig` to false",
        False,
    ),
    (
        "E422",
        "Error verifying sigstore provenance bundle: Unsupported GitHub Actions runner environment: "
        '"self-hosted".',
        "provenance is for machines of GitHub: publish from one, or set `provenance` in `publishConfig` to "
        "false",
        False,
    ),
    (
        "E422",
        "Error verifying sigstore provenance bundle: Failed to validate repository information",
        "`repository` in package.json has to name the repository of this job, in its very letters",
        False,
    ),
    ("TLOG_CREATE_ENTRY_ERROR", "error creating tlog entry - (503) Service Unavailable", None, True),
    ("CA_CREATE_SIGNING_CERTIFICATE_ERROR", "error creating signing certificate", None, True),
]


@pytest.mark.parametrize(("code", "words", "hint", "passing"), REFUSALS)
def test_a_refusal_of_provenance_keeps_its_words_and_has_a_next_step(
    tmp_path: Path, code: str, words: str, hint: str | None, *, passing: bool
) -> None:
    quoted = words.replace('"', '\\"')
    said = f'{{"error": {{"code": "{code}", "summary": "{quoted}", "detail": ""}}}}'
    env = npm(tmp_path, f"cat <<'END'\n{said}\nEND\nexit 1")
    place = Place(name="npm", kind="npm", index="http://127.0.0.1:1")
    with pytest.raises(Refused) as caught:
        NpmPublisher(place=place, env=env).publish(
            case(tmp_path, {}).found, token="t", access="public", tag="latest"
        )
    assert caught.value.message == f"npm cannot publish p 1.0.0: {words}"
    assert (caught.value.hint, caught.value.passing) == (hint, passing)
