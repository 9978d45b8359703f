"""A family of npm packages, published with the real npm: what is missing is sent, the umbrella last."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from piot.app.publish import publish
from piot.app.releasing.prepared_release import PublishRequest
from piot.app.session.where import Where
from piot.model.release.report import PublishReport
from tests.support.loopback import Fault, Front, Reply, Request
from tests.support.npm_family import checkout, environ
from tests.support.npm_registry import verdaccio
from tests.support.repository import do

pytestmark = pytest.mark.e2e


class Counting(Front):
    def answer(self, request: Request) -> Reply:
        return self.forward(request)


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[tuple[Counting, str], None, None]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with verdaccio(tmp_path / "verdaccio") as server:
        counting = Counting(server.url)
        with counting.running():
            yield counting, server.token


def run(root: Path, url: str, token: str) -> PublishReport:
    where = Where(directory=root, environ=environ(root, url, NPM_TOKEN=token))
    return publish(PublishRequest(plan=root / "plan.json"), where, lambda _: None, lambda _: None)


def test_f13_f14_of_a_family_the_rest_is_sent_by_the_next_run(
    front: tuple[Counting, str], tmp_path: Path
) -> None:
    counting, token = front
    root = checkout(tmp_path)
    refused = Reply.of({"error": "no"}, 403)
    counting.faults.append(Fault(what="status", method="PUT", path="/@x%2fn-darwin", times=99, reply=refused))
    first = run(root, counting.url, token)
    assert {each.step.name: each.fate for each in first.outcomes} == {
        "@x/n-linux-x64-gnu n-linux-x64-gnu-1.0.0.tgz": "done",
        "@x/n-darwin-arm64 n-darwin-arm64-1.0.0.tgz": "failed",
        "@x/n n-1.0.0.tgz": "left",
        "tag n-v1.0.0": "left",
    }
    assert (first.exit_code, do(root, "tag", "--list")) == (6, "")
    counting.faults.clear()
    second = run(root, counting.url, token)
    assert sorted(each.fate for each in second.outcomes) == ["done", "done", "done", "there"]
    stored = [path for method, path, status in counting.seen if (method, status) == ("PUT", 201)]
    assert stored == ["/@x%2fn-linux-x64-gnu", "/@x%2fn-darwin-arm64", "/@x%2fn"]
    assert (second.exit_code, do(root, "tag", "--list")) == (0, "n-v1.0.0\n")
