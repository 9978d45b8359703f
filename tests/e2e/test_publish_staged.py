"""npm keeps a family back until a person approves it: staged by one run, tagged by a later one."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.e2e.conftest import Piot, Result
from tests.support.loopback import Fault, Reply, Request
from tests.support.npm_family import CONFIG, NAMES, PLATFORMS, TAG, checkout, environ, files
from tests.support.npm_registry import verdaccio
from tests.support.npm_stage import OTP, StagingNpm
from tests.support.oidc import Issuer, Publisher
from tests.support.repository import do
from tests.support.schema import problems

pytestmark = pytest.mark.e2e

SCHEMA = Path(__file__).parents[2] / "docs/reference/schemas/publish.schema.json"
SETTINGS = "\n[piot.registry.npm]\nstage = true\n"
LINES = {
    "@x/n-linux-x64-gnu": "@x/n-linux-x64-gnu n-linux-x64-gnu-1.0.0.tgz",
    "@x/n-darwin-arm64": "@x/n-darwin-arm64 n-darwin-arm64-1.0.0.tgz",
    "@x/n": "@x/n n-1.0.0.tgz",
}
LEFT = f"tag {TAG}: left\n    {LINES[PLATFORMS[0]]} has to be approved before\n"
WAIT = "".join(f"{LINES[name]}: waits for an approval\n" for name in NAMES)


@dataclass(frozen=True, kw_only=True)
class Family:
    """A release of three npm packages that npm is asked to keep back."""

    root: Path
    npm: StagingNpm
    issuer: Issuer
    token: str
    env: Mapping[str, str] = field(repr=False)

    def run(self, piot: Piot, *more: str, ok: bool = False) -> Result:
        return piot("publish", "--plan", "plan.json", *more, cwd=self.root, env=self.env, ok=ok)

    def person(self, command: str) -> None:
        """Somebody runs a command of npm that piot printed, and has the second factor at hand."""
        words = [*command.partition("#")[0].split(), "--otp", OTP]
        home = self.root.parent
        (home / "npmrc").write_text(f"{self.npm.url.removeprefix('http:')}/:_authToken={self.token}\n")
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "npm_config_userconfig": str(home / "npmrc")}
        done = subprocess.run(words, env=env, cwd=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def asked(self) -> list[str]:
        """The names that npm was asked to keep, in order."""
        stage = "/-/stage/package/"
        paths = [path for method, path, _ in self.npm.seen if method == "POST" and path.startswith(stage)]
        return [path.removeprefix(stage).replace("%2f", "/") for path in paths]

    @property
    def tags(self) -> str:
        return do(self.root, "tag", "--list").strip()

    def installable(self) -> list[str]:
        paths = [f"/{name.replace('/', '%2f')}" for name in NAMES]
        answers = [self.npm.forward(Request(method="GET", path=path)) for path in paths]
        return [name for name, answer in zip(NAMES, answers, strict=True) if answer.status == 200]


@pytest.fixture
def family(tmp_path: Path) -> Generator[Family, None, None]:
    issuer = Issuer()
    with issuer.running(), verdaccio(tmp_path / "verdaccio") as server:
        npm = StagingNpm(issuer, server.url, server.token)
        root = checkout(tmp_path, SETTINGS)
        with npm.running():
            env = environ(root, npm.url, NPM_TOKEN=server.token)
            yield Family(root=root, npm=npm, issuer=issuer, token=server.token, env=env)


@pytest.fixture
def trusted(family: Family) -> Family:
    """The same in a job that npm trusts with staging alone; such tokens cannot ask what waits."""
    family.npm.direct = False
    for name in NAMES:
        family.npm.publishers[name.replace("/", "%2f")] = Publisher()
    env = {name: text for name, text in family.env.items() if name != "NPM_TOKEN"}
    old = Request(
        method="PUT",
        path="",
        headers={"authorization": f"Bearer {family.token}", "content-type": "application/json"},
    )
    for name in NAMES:
        body = json.dumps(published(name, "0.9.0")).encode()
        assert family.npm.forward(replace(old, path=f"/{name.replace('/', '%2f')}", body=body)).status == 201
    return replace(family, env={**env, **family.issuer.env})


def published(name: str, version: str) -> dict[str, object]:
    """What npm sends for a package of before, whose file nobody looks at."""
    dist = {"integrity": "sha512-of-before", "shasum": "0" * 40, "tarball": f"http://any/{version}.tgz"}
    return {
        "_id": name,
        "name": name,
        "dist-tags": {"latest": version},
        "versions": {version: {"name": name, "version": version, "dist": dist}},
        "_attachments": {f"{name}-{version}.tgz": {"data": "AAAA", "length": 3}},
    }


def approvals(said: Result) -> list[str]:
    return [line.strip() for line in said.stderr.splitlines() if line.startswith("  npm stage approve")]


def test_a_family_is_staged_approved_by_a_person_and_tagged_by_the_next_run(
    piot: Piot, family: Family
) -> None:
    foretold = family.run(piot, "--dry-run", ok=True)
    assert foretold.stdout.splitlines() == [
        *(f"{LINES[name]}: would be staged, and wait for an approval" for name in NAMES),
        f"tag {TAG}: would be tagged",
    ]
    first = family.run(piot)
    assert (first.code, first.stdout) == (6, WAIT + LEFT)
    ids = {each.name: each.id for each in family.npm.staged}
    there = f"--registry {family.npm.url}"
    commands = [f"npm stage approve {ids[name]} {there}  # {name} 1.0.0" for name in NAMES]
    _, said = first.stderr.split("\n", 1)  # the first line is about keeping the files
    assert said == (
        "a person has to approve these, in this order:\n"
        + "".join(f"  {command}\n" for command in commands)
        + "4 of 4 steps are left: run it again, which sends nothing twice\n"
    )
    assert (family.asked, family.installable(), family.tags) == (list(NAMES), [], "")
    state = piot("status", cwd=family.root, env=family.env)
    assert [" ".join(line.split()) for line in state.stdout.splitlines()[1:]] == [
        "n none none (npm) waits for approval",
        "@x/n-darwin-arm64 1.0.0, @x/n-linux-x64-gnu 1.0.0 and @x/n 1.0.0",
        *(" ".join(command.split()) for command in commands),
    ]
    for command in commands:
        family.person(command)
    second = family.run(piot, ok=True)
    assert second.stdout.splitlines() == [
        *(f"{LINES[name]}: there already" for name in NAMES),
        f"tag {TAG}: tagged",
        "    not pushed: there is no remote",
    ]
    assert (len(family.asked), family.installable(), family.tags) == (3, list(NAMES), TAG)


def test_without_an_approval_a_run_says_the_same_again_and_stages_nothing_twice(
    piot: Piot, family: Family
) -> None:
    first, second = family.run(piot), family.run(piot)
    note, _, rest = first.stderr.partition("\n")
    assert note.startswith("note: no CI and no draft keeps the files of this release: ")
    assert (second.code, second.stdout, second.stderr) == (6, first.stdout, rest)
    assert (family.asked, family.tags) == (list(NAMES), "")
    said = json.loads(family.run(piot, "--json").stdout)
    schema = json.loads(SCHEMA.read_text())
    assert problems(said, schema, schema) == []
    (package,) = said["packages"]
    assert [each["stage"] for each in package["steps"]] == [*(each.id for each in family.npm.staged), None]
    assert [each["fate"] for each in package["steps"]] == ["staged"] * 3 + ["left"]


def test_what_a_person_rejects_is_staged_anew_by_the_next_run(piot: Piot, family: Family) -> None:
    rejected = approvals(family.run(piot))[1]
    family.person(rejected.replace("approve", "reject"))
    second = family.run(piot)
    assert (second.code, second.stdout, family.asked[3:]) == (6, WAIT + LEFT, [PLATFORMS[1]])
    assert rejected not in approvals(second)
    assert family.tags == ""


def test_of_a_family_one_approved_is_there_and_the_others_wait(piot: Piot, family: Family) -> None:
    first, *others = approvals(family.run(piot))
    family.person(first)
    second = family.run(piot)
    assert second.stdout.splitlines()[:2] == [
        f"{LINES[PLATFORMS[0]]}: there already",
        f"{LINES[PLATFORMS[1]]}: waits for an approval",
    ]
    assert (second.code, approvals(second), family.tags) == (6, others, "")
    assert family.asked == list(NAMES)
    state = json.loads(piot("status", "--json", cwd=family.root, env=family.env).stdout)
    schema = json.loads(SCHEMA.with_name("status.schema.json").read_text())
    assert problems(state, schema, schema) == []
    assert [(each["state"], [row["name"] for row in each["staged"]]) for each in state["packages"]] == [
        ("waits for approval", [*NAMES[1:]])
    ]


def test_a_trusted_job_cannot_ask_what_waits_and_yet_stages_nothing_twice(
    piot: Piot, trusted: Family
) -> None:
    expired = Reply.of({"error": "Unauthorized"}, 401)
    path = "/-/stage/package/@x%2fn-darwin"
    trusted.npm.faults.append(Fault(what="status", method="POST", path=path, reply=expired))
    first = trusted.run(piot)
    assert (first.code, first.stdout) == (6, WAIT + LEFT)
    assert len(approvals(first)) == 3
    assert {each.actor for each in trusted.npm.staged} == {"trusted automation"}
    second = trusted.run(piot)
    assert (second.code, second.stdout) == (6, WAIT + LEFT)
    there = f"--registry {trusted.npm.url}"
    assert approvals(second)[0] == (
        f"npm stage approve ID {there}  # @x/n-darwin-arm64 1.0.0, "
        f"with the ID that `npm stage list @x/n-darwin-arm64 {there}` shows"
    )
    state = json.loads(piot("status", "--json", cwd=trusted.root, env=trusted.env).stdout)["packages"][0]
    assert (state["state"], state["staged"], state["detail"]) == (
        "published, untagged",
        None,
        "what waits for an approval is shown to tokens of persons alone: `npm stage list @x/n`",
    )
    assert len(trusted.npm.staged) == 3, "the registry refuses to keep it twice"
    for command in approvals(first):
        trusted.person(command)
    third = trusted.run(piot, ok=True)
    assert (third.code, trusted.tags) == (0, TAG)


def test_an_answer_that_is_lost_is_looked_up_among_what_waits(piot: Piot, family: Family) -> None:
    family.npm.faults.append(Fault(what="lose", method="POST", path="/-/stage/package/@x%2fn-darwin"))
    said = family.run(piot)
    assert (said.code, said.stdout, len(family.npm.staged)) == (6, WAIT + LEFT, 3)
    assert family.asked == list(NAMES)
    assert approvals(said)[0].split()[3] == family.npm.staged[0].id


def test_other_bytes_that_wait_under_our_name_stop_everything(piot: Piot, family: Family) -> None:
    family.run(piot)
    files(family.root, "rebuilt")
    said = family.run(piot)
    first, second, *_ = said.stderr.splitlines()
    assert (said.code, first) == (
        3,
        "error: other files are published under these names, so nothing was sent:",
    )
    assert second.startswith("  n-1.0.0.tgz: other bytes wait for an approval (ours ")
    assert second.endswith(f"`npm stage reject {family.npm.staged[-1].id}` frees the version")
    assert family.asked == list(NAMES)


def test_a_refusal_keeps_back_what_comes_after_it(piot: Piot, family: Family) -> None:
    refused = Reply.of({"error": "no"}, 403)
    path = "/-/stage/package/@x%2fn-linux"
    family.npm.faults.append(Fault(what="status", method="POST", path=path, times=9, reply=refused))
    said = family.run(piot)
    fates = [line.rpartition(": ")[2] for line in said.stdout.splitlines() if not line.startswith(" ")]
    assert (said.code, fates) == (6, ["waits for an approval", "failed", "left", "left"])
    assert [each.name for each in family.npm.staged] == [PLATFORMS[0]]
    family.npm.faults.clear()
    assert family.run(piot).stdout == WAIT + LEFT


def test_where_nothing_is_kept_back_all_platform_packages_are_sent_before_any_is_waited_for(
    piot: Piot, family: Family
) -> None:
    """npm shows what it took some questions later; the umbrella goes when it shows them all."""
    (family.root / "putitoutthere.toml").write_text(CONFIG)
    paths = [f"/{name.replace('/', '%2f')}" for name in NAMES]
    unseen, before = Reply(status=404), 3  # questions: piot's, before the upload another one, npm's own
    family.npm.faults += [
        Fault(what="status", method="GET", path=path, whole=True, skip=before, times=3, reply=unseen)
        for path in paths[:2]
    ]
    said = family.run(piot, ok=True)
    assert said.stdout.splitlines()[:3] == [f"{LINES[name]}: published" for name in NAMES]
    asked = [each for each in family.npm.seen if each[1] in paths]
    sent = [asked.index(("PUT", path, 201)) for path in paths]
    waits = [
        [n for n, each in enumerate(asked) if n > sent[0] and each == ("GET", path, 404)] for path in paths
    ]
    assert sent == sorted(sent)
    assert max(*waits[0], *waits[1]) < sent[2], "the umbrella goes last"
    assert len([number for number in waits[0] if number < sent[1]]) == 1, "a look, and no wait"
