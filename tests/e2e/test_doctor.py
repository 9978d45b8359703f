"""``piot doctor`` with the installed piot: on a laptop, in a job of GitHub, and never a word of a secret."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Result, commit_all, run
from tests.e2e.tiny import HOST, Tiny, tiny_at
from tests.e2e.verbs import fitting
from tests.support.planted import ENVIRONMENT, forms, plant
from tests.support.tokens import jwt

pytestmark = pytest.mark.e2e

POLICY = """
[package.trust_policy]
workflow = "release.yml"
environment = "release"
repository = "o/tiny"
"""
JOB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "o/tiny",
    "GITHUB_WORKFLOW_REF": "o/tiny/.github/workflows/release.yml@refs/heads/main",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_EVENT_NAME": "push",
}
CLAIMS = {
    "repository": "o/tiny",
    "workflow_ref": "o/tiny/.github/workflows/release.yml@refs/heads/main",
    "job_workflow_ref": "o/tiny/.github/workflows/release.yml@refs/heads/main",
    "environment": "release",
    "event_name": "push",
    "runner_environment": "github-hosted",
    "sub": "repo:o@1/tiny@2:environment:release",
}
WHO = {"GIT_COMMITTER_NAME": "T", "GIT_COMMITTER_EMAIL": "t@example.invalid"}


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    """A repository with one commit, a remote, a home of its own and trusted publishers."""
    home = tmp_path / "home"
    home.mkdir()
    rustup = {"RUSTUP_HOME": str(Path.home() / ".rustup"), "CARGO_HOME": str(home / ".cargo")}
    made = tiny_at(tmp_path, installed_piot, {**environment, **rustup, **WHO, "HOME": str(home)})
    text = made.read("putitoutthere.toml")
    made.write("putitoutthere.toml", text.replace("\n\n[[package]]", f"\n{POLICY}\n[[package]]") + POLICY)
    made.edit("putitoutthere.toml", f"version = 1\n{POLICY}", "version = 1\n")
    commit_all(made.root, made.environment)
    run("git", "remote", "add", "origin", "https://example.invalid/r", cwd=made.root, env=made.environment)
    return made


@pytest.fixture
def oidc() -> Iterator[tuple[str, dict[str, Any]]]:
    """The address of a service that gives tokens with these claims, and the claims, which may be changed."""
    claims: dict[str, Any] = dict(CLAIMS)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            right = self.headers["Authorization"] == "Bearer request-s3cr3t"
            asked = self.path == "/token?api-version=2.0&audience=piot-doctor"
            body = json.dumps({"count": 1, "value": jwt(**claims)}).encode()
            self.send_response(200 if right and asked else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/token?api-version=2.0", claims
    server.shutdown()
    thread.join()
    server.server_close()


def topics(result: Result) -> dict[str, Any]:
    return {each["name"]: each for each in fitting("doctor", result)["topics"]}


def codes(result: Result) -> list[tuple[str, str]]:
    found = fitting("doctor", result)["topics"]
    return [(each["severity"], each["code"]) for topic in found for each in topic["findings"]]


def test_on_a_laptop_that_builds_nothing_stops_a_release(tiny: Tiny) -> None:
    result = tiny("doctor", ok=True)
    assert result.stderr == ""
    assert [line for line in result.stdout.splitlines() if line and not line.startswith(" ")] == [
        *("piot", "PATH", "tools", "toolchains", "sandbox", "store", "git", "job", "credentials", "2 notes")
    ]
    assert re.search(rf"\n  {HOST} \(host\)\s+rustc \d\S+, native cc", result.stdout)
    assert re.search(r"\n  HEAD +[0-9a-f]{12} on main\n", result.stdout)
    assert [line for line in result.stdout.splitlines() if len(line) > 80 and "/" not in line] == []
    assert codes(tiny("doctor", "--json", "--offline")) == [
        ("note", "PIOT_GIT_TAGS"),
        ("note", "PIOT_CREDENTIAL_NONE"),
    ]


def test_a_library_that_is_missing_is_exit_7_and_the_way_out_is_named(tiny: Tiny) -> None:
    tiny.edit(
        "putitoutthere.toml", 'name = "tiny-macros"\n', 'name = "tiny-macros"\nsystem = ["no-such-lib"]\n'
    )
    result = tiny("doctor", "--json", ok=False)
    assert result.code == 7
    tools = topics(result)["tools"]
    assert tools["facts"] == [{"name": "no-such-lib", "value": "missing"}]
    assert tools["findings"] == [
        {
            "code": "PIOT_TOOL_MISSING",
            "severity": "error",
            "message": "//crates/macros:crate: no-such-lib is neither a library that pkg-config finds nor a "
            "program on PATH",
            **{"path": None, "line": None, "column": None, "package": None},
            "fix": "install no-such-lib, with its development files if it is a library",
        }
    ]


def test_the_job_that_trusted_publishers_name_can_release(
    tiny: Tiny, oidc: tuple[str, dict[str, Any]]
) -> None:
    asking = {"ACTIONS_ID_TOKEN_REQUEST_URL": oidc[0], "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-s3cr3t"}
    result = tiny("doctor", "--json", ok=True, **JOB, **asking)
    facts = {fact["name"]: fact["value"] for fact in topics(result)["job"]["facts"]}
    assert facts == {
        "CI": "GitHub Actions",
        "repository": "o/tiny",
        "workflow": ".github/workflows/release.yml",
        "defined in": "o/tiny/.github/workflows/release.yml",
        "environment": "release",
        "ref": "refs/heads/main",
        "event": "push",
        "runner": "github-hosted",
        "subject": "repo:o@1/tiny@2:environment:release",
    }
    assert codes(result) == [("note", "PIOT_GIT_TAGS")]


def test_another_job_is_told_what_crates_io_would_see(tiny: Tiny, oidc: tuple[str, dict[str, Any]]) -> None:
    address, claims = oidc
    claims.update(
        workflow_ref="o/tiny/.github/workflows/ci.yml@refs/heads/main",
        environment="test",
        event_name="workflow_run",
    )
    asking = {"ACTIONS_ID_TOKEN_REQUEST_URL": address, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-s3cr3t"}
    result = tiny("doctor", ok=False, **JOB, **asking)
    assert result.code == 7
    said = " ".join(result.stdout.split())
    for each in (
        "tiny-text, tiny-macros and tiny-greet: crates.io sees the workflow_ref of this job, "
        'which is "ci.yml"; trust_policy says "release.yml" [PIOT_JOB_WORKFLOW]',
        'which is "test"; trust_policy says "release" [PIOT_JOB_ENVIRONMENT]',
        "crates.io refuses tokens of jobs that workflow_run starts [PIOT_JOB_EVENT]",
    ):
        assert each in said
    assert "request-s3cr3t" not in result.text
    assert said.endswith("3 errors and 1 note")


def test_a_job_without_a_token_to_ask_for_cannot_release(tiny: Tiny) -> None:
    result = tiny("doctor", "--json", ok=False, **JOB)
    assert result.code == 7
    assert [each for each in codes(result) if each[0] == "error"] == [("error", "PIOT_CREDENTIAL_OIDC")]
    assert codes(tiny("doctor", "--json", ok=None, CARGO_REGISTRY_TOKEN="x", **JOB)) == [
        ("note", "PIOT_GIT_TAGS"),
        ("warning", "PIOT_CREDENTIAL_OIDC"),
        ("warning", "PIOT_CREDENTIAL_LEFTOVER"),
    ]


def test_a_shallow_clone_cannot_release(tiny: Tiny, tmp_path: Path) -> None:
    run("git", "tag", "tiny-text-v1.0.0", cwd=tiny.root, env=tiny.environment)
    tiny.write("more", "")
    run("git", "add", ".", cwd=tiny.root, env=tiny.environment)
    author = {"GIT_AUTHOR_NAME": "T", "GIT_AUTHOR_EMAIL": "t@example.invalid"}
    run("git", "commit", "-m", "more", cwd=tiny.root, env={**tiny.environment, **author})
    clone = tmp_path / "clone"
    run("git", "clone", "-q", "--depth=1", tiny.root.as_uri(), clone, cwd=tmp_path, env=tiny.environment)
    result = tiny("-C", str(clone), "doctor", "--json", ok=False)
    assert (result.code, codes(result)[0]) == (7, ("error", "PIOT_SHALLOW"))


@pytest.mark.parametrize("words", ["doctor --offline", "doctor --json"])
def test_no_planted_secret_is_shown_in_any_form(tiny: Tiny, words: str) -> None:
    plant(Path(tiny.environment["HOME"]), tiny.root)
    remote = ("git", "remote", "set-url", "origin", ENVIRONMENT["TWINE_REPOSITORY_URL"])
    run(*remote, cwd=tiny.root, env=tiny.environment)
    run("git", "add", ".", cwd=tiny.root, env=tiny.environment)
    without_service = {k: v for k, v in ENVIRONMENT.items() if k != "ACTIONS_ID_TOKEN_REQUEST_URL"}
    result = tiny(*words.split(), ok=False, **JOB, **without_service)
    assert result.code == 7
    for form in forms():
        assert form not in result.text
    assert "PIOT_CREDENTIAL_COMMITTED" in result.stdout
    assert "CARGO_REGISTRY_TOKEN" in result.stdout
