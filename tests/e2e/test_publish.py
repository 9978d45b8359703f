"""A release of a crate, a wheel with its sdist and an npm package, by real clients, to the loopback."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from piot.model.release.forge import MARK
from tests.e2e.conftest import PATIENCE, Piot, Result
from tests.support import cargo_registry, python_index, small_files
from tests.support.github_api import GitHubApi
from tests.support.killer import Killer
from tests.support.loopback import Fault, Reply
from tests.support.npm_registry import Npm
from tests.support.oidc import REQUEST_TOKEN, Issuer, Publisher, TrustedCargoRegistry, TrustedNpm, TrustedPyPI
from tests.support.released import Released, released
from tests.support.repository import do
from tests.support.schema import problems
from tests.support.three_files import plan, with_rust

pytestmark = pytest.mark.e2e

SCHEMAS = Path(__file__).parents[2] / "docs/reference/schemas"
NAMES = ("core", "my-py", "js")


@dataclass(frozen=True, kw_only=True)
class Release:
    """A checkout whose files are built, a remote that its tags go to, and its registries."""

    checkout: Released
    files: Path
    plan: Path
    npm: TrustedNpm
    issuer: Issuer
    env: Mapping[str, str | None] = field(repr=False)
    words: tuple[str, ...]

    def run(self, piot: Piot, *more: str, ok: bool = True) -> Result:
        return piot("publish", *self.words, *more, cwd=self.checkout.root, env=self.env, ok=ok)

    @property
    def sent(self) -> list[str]:
        """Everything that a registry stored, in the order of each."""
        packed = [path for method, path, status in self.npm.seen if method == "PUT" and status == 201]
        return [*self.checkout.crates.uploads, *self.checkout.pypi.uploads, *packed]

    @property
    def tags(self) -> list[str]:
        """Those of the remote."""
        return do(self.checkout.root.parent / "remote.git", "tag", "--list").split()


ALL = ["core@1.0.0", "my_py-1.0.0-py2.py3-none-any.whl", "my_py-1.0.0.tar.gz", "/@x%2fjs"]
TAGS = ["core-v1.0.0", "js-v1.0.0", "my-py-v1.0.0"]


@contextmanager
def releasing(tmp_path: Path, built: Path, server: Npm) -> Generator[Release, None, None]:
    """A release of the files in ``built`` that has to go out, below one folder but for npm's registry."""
    server.clear()
    issuer = Issuer()
    crates, pypi = TrustedCargoRegistry(issuer), TrustedPyPI(issuer)
    pypi.tokens.add(python_index.TOKEN)
    front = TrustedNpm(issuer, server.url, server.token)
    with issuer.running(), front.running(), released(tmp_path, crates=crates, pypi=pypi) as checkout:
        do(tmp_path, "init", "--quiet", "--bare", "remote.git")
        do(checkout.root, "remote", "add", "origin", str(tmp_path / "remote.git"))
        files = shutil.copytree(built, tmp_path / "files")
        named = plan(checkout, tmp_path / "plan.json", *NAMES)
        secrets = {
            "PIOT_REGISTRY_CRATES_IO_TOKEN": cargo_registry.TOKEN,
            "TWINE_PASSWORD": python_index.TOKEN,
            "NPM_TOKEN": server.token,
        }
        kept = {name: text for name, text in checkout.environ.items() if name != "PIOT_CACHE_DIR"}
        own = {"npm_config_registry": front.url, "NO_PROXY": "127.0.0.1", "PATH": os.environ["PATH"]}
        yield Release(
            checkout=checkout,
            files=files,
            plan=named,
            npm=front,
            issuer=issuer,
            env=with_rust({**kept, **secrets, **own}),
            words=("--plan", str(named), "--artifacts", str(files)),
        )


@pytest.fixture
def release(tmp_path: Path, built: Path, npm_server: Npm) -> Generator[Release, None, None]:
    with releasing(tmp_path, built, npm_server) as made:
        yield made


@pytest.fixture
def trusted(release: Release, tmp_path: Path) -> Release:
    return trusting(release, tmp_path)


def trusting(release: Release, tmp_path: Path) -> Release:
    """The same in a job that all registries trust, without any other token; the names are known already."""
    crates, pypi = release.checkout.crates, release.checkout.pypi
    assert isinstance(crates, TrustedCargoRegistry)
    pypi.tokens.clear()
    crates.add("core", "0.9.0", b"of before")
    crates.publishers["core"] = Publisher()
    release.npm.publishers["@x%2fjs"] = Publisher()
    (tmp_path / "old.tgz").write_bytes(small_files.tgz("@x/js", "0.9.0"))
    (tmp_path / "npmrc").write_text(
        f"{release.npm.url.removeprefix('http:')}/:_authToken={release.env['NPM_TOKEN']}\n"
    )
    words = ("npm", "publish", str(tmp_path / "old.tgz"), "--registry", release.npm.url)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "npm_config_userconfig": str(tmp_path / "npmrc"),
    }
    subprocess.run(words, cwd=tmp_path, env=env, check=True, capture_output=True)
    release.npm.seen.clear()
    kept = {name: value for name, value in release.env.items() if "TOKEN" not in name and "PASS" not in name}
    return replace(release, env={**kept, **release.issuer.env})


def test_a_trusted_job_needs_no_token_and_ends_those_that_it_got(piot: Piot, trusted: Release) -> None:
    crates, pypi = trusted.checkout.crates, trusted.checkout.pypi
    assert isinstance(crates, TrustedCargoRegistry)
    assert isinstance(pypi, TrustedPyPI)
    trusted.run(piot)
    assert (trusted.sent, trusted.tags) == (ALL, TAGS)
    assert trusted.issuer.issued == 3, "one for each registry, and npm has one package here"
    assert (len(crates.revoked), len(pypi.burnt), crates.trusted, pypi.tokens) == (1, 1, {}, set())


def test_tokens_are_ended_after_a_failure_too_and_those_that_were_renewed(
    piot: Piot, trusted: Release
) -> None:
    crates, pypi = trusted.checkout.crates, trusted.checkout.pypi
    assert isinstance(crates, TrustedCargoRegistry)
    assert isinstance(pypi, TrustedPyPI)
    pypi.lifetime = 60.0
    for server, method, path in ((crates, "PUT", "/api/v1/crates/new"), (pypi, "POST", "/legacy/")):
        server.faults.append(Fault(what="status", method=method, path=path, times=9, reply=Reply(status=403)))
    assert trusted.run(piot, "core", "js", ok=False).code == 6
    assert (len(crates.revoked), crates.trusted) == (1, {})
    crates.faults.clear()
    assert trusted.run(piot, ok=False).code == 6
    pypi.faults.clear()
    assert trusted.run(piot).code == 0
    assert (len(pypi.burnt), pypi.tokens) == (pypi.count("POST", "/_/oidc/mint-token", 200), set())


def test_a_dry_run_asks_the_registries_whether_they_trust_the_job_and_leaves_nothing(
    piot: Piot, trusted: Release
) -> None:
    """A name that PyPI does not know would be made by the exchange alone, so it is not asked about it."""
    crates, pypi = trusted.checkout.crates, trusted.checkout.pypi
    assert isinstance(crates, TrustedCargoRegistry)
    assert isinstance(pypi, TrustedPyPI)
    first = trusted.run(piot, "--dry-run")
    assert [line for line in first.stderr.splitlines() if line.endswith("trusts this job")] == [
        "note: crates-io trusts this job",
        "note: npm, for @x/js, trusts this job",
    ]
    assert (pypi.count("POST", "/_/oidc/mint-token"), crates.trusted, trusted.sent) == (0, {}, [])
    pypi.add("my-py", "my_py-0.9.0.tar.gz", b"of before")
    assert "pypi trusts this job" in trusted.run(piot, "--dry-run").stderr
    assert (len(pypi.burnt), pypi.tokens) == (1, set())


def test_a_dry_run_in_a_job_that_would_be_refused_says_all_that_stands_in_its_way(
    piot: Piot, trusted: Release
) -> None:
    trusted.checkout.crates.add("core", "0.9.1", b"of before")
    assert isinstance(trusted.checkout.crates, TrustedCargoRegistry)
    trusted.checkout.crates.publishers["core"] = Publisher(workflow="other.yml")
    trusted.npm.publishers["@x%2fjs"] = Publisher(workflow="other.yml")
    said = trusted.run(piot, "--dry-run", ok=False)
    assert (said.code, trusted.sent) == (5, [])
    assert "the registry does not trust this job (400): The Trusted Publishing config" in said.stderr
    assert "npm, for @x/js, does not trust this job (404)" in said.stderr


def test_a_dry_run_where_nobody_has_a_token_only_says_so(piot: Piot, release: Release) -> None:
    lacking = {"TWINE_PASSWORD": None, "NPM_TOKEN": None, "PIOT_REGISTRY_CRATES_IO_TOKEN": None}
    said = replace(release, env={**release.env, **lacking}).run(piot, "--dry-run")
    assert said.stdout.startswith("core core-1.0.0.crate: would be published\n")
    assert 'there is no token for the registry "npm": set NODE_AUTH_TOKEN or NPM_TOKEN' in said.stderr


def test_a_token_that_ends_during_the_run_is_renewed(piot: Piot, trusted: Release) -> None:
    pypi = trusted.checkout.pypi
    assert isinstance(pypi, TrustedPyPI)
    pypi.lifetime = 60.0
    expired = Reply.of({"message": "Invalid or non-existent authentication information."}, 403)
    pypi.faults.append(Fault(what="status", method="POST", path="/legacy/", reply=expired))
    trusted.run(piot)
    assert (trusted.sent, trusted.tags) == (ALL, TAGS)
    assert pypi.count("POST", "/_/oidc/mint-token", 200) == 3, "refused, again, and one for the sdist"


def test_a_first_version_that_no_trusted_job_can_publish_stops_all(piot: Piot, trusted: Release) -> None:
    trusted.checkout.crates.crates.clear()
    unknown = Fault(what="status", method="GET", path="/@x%2fjs", times=99, reply=Reply(status=404))
    trusted.npm.faults.append(unknown)
    said = trusted.run(piot, ok=False)
    assert (said.code, trusted.sent) == (5, [])
    never = "was never published, and a trusted publisher cannot publish a first version: set"
    then = "for this one run, then add the publisher at the registry"
    assert said.stderr.removeprefix(f"::add-mask::{REQUEST_TOKEN}\n").startswith(
        f"error: core {never} PIOT_REGISTRY_CRATES_IO_TOKEN {then}\n"
        f"@x/js {never} NODE_AUTH_TOKEN or NPM_TOKEN or PIOT_REGISTRY_NPM_TOKEN {then}\n"
    )


def test_a_registry_that_does_not_trust_the_job_keeps_back_its_own(piot: Piot, trusted: Release) -> None:
    trusted.npm.publishers["@x%2fjs"] = Publisher(workflow="other.yml")
    said = trusted.run(piot, ok=False)
    assert said.code == 6, said.text
    assert (trusted.sent, trusted.tags) == (ALL[:3], ["core-v1.0.0", "my-py-v1.0.0"])
    assert "npm, for @x/js, does not trust this job (404): OIDC token exchange error" in said.stdout
    assert "workflow_ref: me/lib/.github/workflows/release.yml@refs/heads/main" in said.stdout


def test_a_release_goes_out_once(piot: Piot, release: Release) -> None:
    foretold = release.run(piot, "--dry-run")
    assert foretold.stdout.splitlines()[0] == "core core-1.0.0.crate: would be published"
    assert (release.sent, release.tags) == ([], [])
    into = release.files.parent / "outputs"
    release = replace(release, env={**release.env, "GITHUB_OUTPUT": str(into)})
    first = release.run(piot)
    outputs = dict(line.split("=", 1) for line in into.read_text(encoding="utf-8").splitlines())
    assert outputs["released"] == "true"
    assert sorted(each["tag"] for each in json.loads(outputs["released_packages"])) == TAGS
    assert first.stdout.splitlines() == [
        "core core-1.0.0.crate: published",
        "my-py my_py-1.0.0-py2.py3-none-any.whl: published",
        "my-py my_py-1.0.0.tar.gz: published",
        "@x/js js-1.0.0.tgz: published",
        "tag core-v1.0.0: tagged",
        "tag my-py-v1.0.0: tagged",
        "tag js-v1.0.0: tagged",
    ]
    assert (release.sent, release.tags) == (ALL, TAGS)
    again = release.run(piot, "--json")
    said, schema = json.loads(again.stdout), json.loads((SCHEMAS / "publish.schema.json").read_text())
    assert problems(said, schema, schema) == []
    assert {step["fate"] for each in said["packages"] for step in each["steps"]} == {"there"}
    assert (said["ok"], release.sent, release.tags) == (True, ALL, TAGS)
    assert into.read_text(encoding="utf-8").endswith(
        "released=false\nreleased_packages=[]\ndelegated=false\ndelegated_packages=[]\n"
    )


def test_what_is_published_is_what_was_verified(piot: Piot, release: Release) -> None:
    release.run(piot)
    crate = (release.files / "core-1.0.0.crate").read_bytes()
    assert release.checkout.crates.crates["core"][0].data == crate
    stored = release.checkout.pypi.projects["my-py"]
    assert {name: each.data for name, each in stored.items()} == {
        path.name: path.read_bytes() for path in release.files.glob("my_py*")
    }


def test_one_failure_keeps_nothing_unrelated_back(piot: Piot, release: Release) -> None:
    refused = Fault(what="status", method="POST", path="/legacy/", times=9, reply=Reply(status=403))
    release.checkout.pypi.faults.append(refused)
    said = release.run(piot, ok=False)
    assert said.code == 6, said.text
    assert [line for line in said.stdout.splitlines() if not line.startswith(" ")] == [
        "core core-1.0.0.crate: published",
        "my-py my_py-1.0.0-py2.py3-none-any.whl: failed",
        "my-py my_py-1.0.0.tar.gz: left",
        "@x/js js-1.0.0.tgz: published",
        "tag core-v1.0.0: tagged",
        "tag my-py-v1.0.0: left",
        "tag js-v1.0.0: tagged",
    ]
    refused.times = 0
    assert release.run(piot).code == 0
    assert (sorted(release.sent), release.tags) == (sorted(ALL), TAGS)


def test_a_plan_can_be_published_package_by_package_in_its_order(piot: Piot, release: Release) -> None:
    """As jobs with an approval of their own for each registry do."""
    early = release.run(piot, "my-py", ok=False)
    assert (early.code, release.sent) == (6, []), early.text
    assert early.stdout.splitlines()[:2] == [
        "my-py my_py-1.0.0-py2.py3-none-any.whl: left",
        "    core core-1.0.0.crate has to be there before",
    ]
    assert release.run(piot, "core").stdout.splitlines() == [
        "core core-1.0.0.crate: published",
        "tag core-v1.0.0: tagged",
    ]
    release.run(piot, "my-py")
    release.run(piot, "js")
    assert (release.sent, release.tags) == (ALL, TAGS)


def test_other_bytes_under_our_name_stop_everything(piot: Piot, release: Release) -> None:
    release.checkout.pypi.add("my-py", "my_py-1.0.0.tar.gz", b"of somebody else")
    said = release.run(piot, ok=False)
    assert said.code == 3, said.text
    first, second, *_ = said.stderr.splitlines()
    assert first == "error: other files are published under these names, so nothing was sent:"
    assert second.startswith("  my_py-1.0.0.tar.gz: ours ")
    assert (release.sent, release.tags) == ([], [])


def test_without_tokens_nothing_is_sent_and_all_that_lack_are_named(piot: Piot, release: Release) -> None:
    lacking = {"TWINE_PASSWORD": None, "NPM_TOKEN": None, "PIOT_REGISTRY_CRATES_IO_TOKEN": None}
    said = piot(
        "publish", *release.words, cwd=release.checkout.root, env={**release.env, **lacking}, ok=False
    )
    assert said.code == 5, said.text
    first, *others = said.stderr.splitlines()[:3]
    assert first.startswith('error: there is no token for the registry "crates-io": set PIOT_REGISTRY_CRATES')
    assert [line.partition(": ")[0] for line in others] == [
        'there is no token for the registry "pypi"',
        'there is no token for the registry "npm"',
    ]
    assert release.sent == []


def test_no_secret_is_shown_or_handed_to_a_program_as_a_word(piot: Piot, release: Release) -> None:
    secrets = [cargo_registry.TOKEN, python_index.TOKEN, str(release.env["NPM_TOKEN"])]
    echo = Reply(status=400, body=json.dumps({"message": f"bad token {python_index.TOKEN}"}).encode())
    release.checkout.pypi.faults.append(
        Fault(what="status", method="POST", path="/legacy/", times=9, reply=echo)
    )
    said = release.run(piot, "--json", ok=False)
    assert said.code == 6
    assert "[REDACTED:" in said.stdout
    assert [secret for secret in secrets if secret in said.stdout + said.stderr] == []


def test_the_same_files_go_to_another_registry_and_nothing_is_tagged(piot: Piot, release: Release) -> None:
    said = release.run(piot, "--registry", "pypi")
    assert (said.code, release.tags) == (0, [])
    assert release.checkout.crates.uploads == []
    assert len(release.checkout.pypi.uploads) == 2


@pytest.fixture
def on_github(release: Release) -> Generator[tuple[Release, GitHubApi], None, None]:
    """The same on a forge that has the tags of the remote, with archives for two of the packages."""
    github = GitHubApi(lambda tag: tag in release.tags)
    github.immutable = True
    (release.files / "archives").mkdir()
    for name in ("core-1.0.0-x86_64-unknown-linux-gnu.tar.gz", "js-1.0.0-x86_64-pc-windows-msvc.zip"):
        data = f"archive {name}".encode()
        (release.files / "archives" / name).write_bytes(data)
        line = f"{hashlib.sha256(data).hexdigest()}  {name}\n"
        (release.files / "archives" / f"{name}.sha256").write_text(line)
    with github.serving():
        yield replace(release, env={**release.env, **github.environ}), github


def test_every_tag_gets_a_release_with_notes_and_archives(
    piot: Piot, on_github: tuple[Release, GitHubApi]
) -> None:
    release, github = on_github
    foretold = release.run(piot, "--dry-run")
    assert foretold.stdout.splitlines()[-1] == "release js-v1.0.0: would be released"
    assert (github.releases, release.tags) == ([], [])
    first = release.run(piot)
    assert first.stdout.splitlines()[-3:] == [
        "release core-v1.0.0: released",
        "release my-py-v1.0.0: released",
        "release js-v1.0.0: released",
    ]
    assert {each.tag: sorted(github.files(each.tag)) for each in github.releases} == {
        "core-v1.0.0": [
            "core-1.0.0-x86_64-unknown-linux-gnu.tar.gz",
            "core-1.0.0-x86_64-unknown-linux-gnu.tar.gz.sha256",
        ],
        "my-py-v1.0.0": [],
        "js-v1.0.0": [
            "js-1.0.0-x86_64-pc-windows-msvc.zip",
            "js-1.0.0-x86_64-pc-windows-msvc.zip.sha256",
        ],
    }
    assert {each.body for each in github.releases} == {f"### Changed\n\n- all\n\n{MARK} -->\n"}
    changed = len(github.requests) - github.count("GET", "/")
    again = release.run(piot, "--json")
    said, schema = json.loads(again.stdout), json.loads((SCHEMAS / "publish.schema.json").read_text())
    assert problems(said, schema, schema) == []
    assert [each["steps"][-1]["release"] for each in said["packages"]] == [
        "core-v1.0.0",
        "my-py-v1.0.0",
        "js-v1.0.0",
    ]
    assert len(github.requests) - github.count("GET", "/") == changed, "the second run only reads"


def test_a_tag_of_something_else_on_the_same_commit_gets_no_release(
    piot: Piot, on_github: tuple[Release, GitHubApi]
) -> None:
    release, github = on_github
    root = release.checkout.root
    do(root, "tag", "theirs-v9.0.0")
    do(root, "push", "--quiet", "origin", "theirs-v9.0.0")
    release.run(piot)
    assert [each.tag for each in github.releases] == ["core-v1.0.0", "my-py-v1.0.0", "js-v1.0.0"]


def test_a_release_that_an_earlier_run_left_is_finished_without_its_plan(
    piot: Piot, on_github: tuple[Release, GitHubApi]
) -> None:
    """All is tagged, so nothing is planned any more; the draft alone tells of the run that died."""
    release, github = on_github
    down = Fault(what="status", method="PATCH", path="/", times=99, reply=Reply(status=422))
    github.faults.append(down)
    assert release.run(piot, ok=False).code == 6
    assert (release.tags, {each.draft for each in github.releases}) == (TAGS, {True})
    down.times = 0
    said = piot("publish", "--artifacts", str(release.files), cwd=release.checkout.root, env=release.env)
    assert sorted(said.stdout.splitlines()) == [f"release {tag}: released" for tag in TAGS]
    assert {each.draft for each in github.releases} == {False}


def rebuild_sdist(release: Release) -> None:
    """Other bytes, as of a build that does not come out the same twice."""
    (release.files / "my_py-1.0.0.tar.gz").unlink()
    sdist = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(release.files)]
    other = release.checkout.root / "py/my_py.py"
    other.write_text("one = 2\n")
    subprocess.run([*sdist, str(release.checkout.root / "py")], check=True, capture_output=True)


def test_a_rebuild_that_differs_names_the_run_that_has_the_originals(
    piot: Piot, on_github: tuple[Release, GitHubApi]
) -> None:
    release, _ = on_github
    down = Fault(what="status", method="PUT", path="/@x%2fjs", times=99, reply=Reply(status=403))
    release.npm.faults.append(down)
    first = replace(release, env={**release.env, "GITHUB_RUN_ID": "4711"})
    assert first.run(piot, ok=False).code == 6
    rebuild_sdist(release)
    said = replace(release, env={**release.env, "GITHUB_RUN_ID": "4712"}).run(piot, ok=False)
    assert said.code == 3, said.text
    assert said.stderr.splitlines()[-1] == (
        "hint: fetch those: `gh run download 4711 --repo me/lib --dir originals`, then "
        "`piot publish --artifacts originals`, or release another version"
    )


def test_outside_of_a_job_a_draft_keeps_the_originals_and_a_run_elsewhere_is_finished_with_them(
    piot: Piot, on_github: tuple[Release, GitHubApi]
) -> None:
    """The wheel is published, and the sdist is never built again with the same bytes."""
    release, github = on_github
    down = Fault(what="status", method="POST", path="/legacy/", skip=1, times=99, reply=Reply(status=403))
    release.checkout.pypi.faults.append(down)
    assert release.run(piot, ok=False).code == 6
    kept = {each.tag: each for each in github.releases if each.tag.startswith("originals-of-")}
    assert set(kept) == {"originals-of-my-py-v1.0.0"}, "all of the others is there"
    (draft,) = kept.values()
    assert (draft.draft, [each.name for each in draft.assets]) == (True, ALL[1:3])
    sums = [f"{hashlib.sha256(each.data).hexdigest()}  {each.name}" for each in draft.assets]
    assert "\n".join(sums) in draft.body
    rebuild_sdist(release)
    down.times = 0
    said = release.run(piot, ok=False)
    assert (said.code, release.checkout.pypi.uploads) == (3, [ALL[1]]), said.text
    assert said.stderr.splitlines()[-1] == (
        "hint: fetch those: `gh release download originals-of-my-py-v1.0.0 --repo me/lib --dir originals`, "
        "then `piot publish --artifacts originals`, or release another version"
    )
    assert f"{ALL[2]}: ours " in said.stderr
    for each in draft.assets:
        (release.files / each.name).write_bytes(each.data)
    github.add("originals-of-core-v1.0.0", draft=True, body="of somebody else")
    job = replace(release, env={**release.env, "GITHUB_RUN_ID": "4711"})
    assert job.run(piot).code == 0
    assert (sorted(release.sent), release.tags) == (sorted(ALL), TAGS)
    assert sorted(each.tag for each in github.releases) == [*TAGS, "originals-of-core-v1.0.0"]


def test_where_nobody_keeps_the_files_that_is_said_once(piot: Piot, release: Release) -> None:
    note = "note: no CI and no draft keeps the files of this release: keep them until all is published, since"
    assert release.run(piot).stderr.count(note) == 1
    assert note not in release.run(piot).stderr, "nothing is sent"


def test_other_bytes_in_a_release_are_said_and_left_alone(
    piot: Piot, on_github: tuple[Release, GitHubApi]
) -> None:
    release, github = on_github
    github.add("js-v1.0.0", files={"js-1.0.0-x86_64-pc-windows-msvc.zip": b"of cargo-dist"})
    github.releases[0].immutable = False
    said = release.run(piot, ok=False)
    assert said.code == 6, said.text
    assert "the release js-v1.0.0 has other files under these names" in said.stdout
    assert github.files("js-v1.0.0") == {"js-1.0.0-x86_64-pc-windows-msvc.zip": b"of cargo-dist"}
    assert github.count("PATCH", "/", 200) == 2, "the other two are released"


def test_releases_need_a_token_in_a_job_and_are_left_out_elsewhere(
    piot: Piot, on_github: tuple[Release, GitHubApi]
) -> None:
    release, github = on_github
    without = replace(release, env={**release.env, "GITHUB_TOKEN": None})
    job = replace(without, env={**without.env, "GITHUB_ACTIONS": "true"})
    refused = job.run(piot, ok=False)
    assert (refused.code, release.sent) == (5, [])
    assert refused.stderr.startswith(
        "error: nothing was sent, since no release is made on GitHub: "
        "there is no token in GITHUB_TOKEN or GH_TOKEN\n"
    )
    said = without.run(piot)
    assert "no release is made on GitHub: there is no token in GITHUB_TOKEN or GH_TOKEN" in said.stderr
    assert (release.tags, github.requests) == (TAGS, [])


def test_releases_can_be_left_to_another_tool(piot: Piot, on_github: tuple[Release, GitHubApi]) -> None:
    release, github = on_github
    config = release.checkout.root / "putitoutthere.toml"
    config.write_text(config.read_text() + "\n[piot.release]\ngithub = false\n")
    said = release.run(piot, "--dry-run")
    assert ("release core" in said.stdout, github.requests) == (False, [])


BOUNDARIES = [
    ("PUT", "/api/v1/crates/new", "crates"),
    ("POST", "/legacy/", "pypi"),
    ("PUT", "/@x%2fjs", "npm"),
]


@pytest.mark.parametrize(("method", "path", "registry"), BOUNDARIES, ids=[each[2] for each in BOUNDARIES])
def test_a_killed_run_is_finished_by_another(
    piot: Piot,
    installed_piot: Path,
    release: Release,
    environment: Mapping[str, str],
    method: str,
    path: str,
    registry: str,
) -> None:
    """The registry stores the file, and piot dies before it hears of it."""
    server = {"crates": release.checkout.crates, "pypi": release.checkout.pypi, "npm": release.npm}[registry]
    killer = Killer()
    server.faults.append(Fault(what="kill stored", method=method, path=path, kill=killer))
    asked = {**environment, **release.env}
    env = {name: value for name, value in asked.items() if value is not None}
    process = subprocess.Popen(
        [installed_piot, "publish", *release.words],
        cwd=release.checkout.root,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    killer.watch(process.pid)
    assert (process.wait(PATIENCE), killer.struck) == (-9, True), "it got as far as the upload"
    assert set(release.tags) == set(), "nothing is tagged before it is seen to be there"
    release.run(piot)
    assert (sorted(release.sent), release.tags) == (sorted(ALL), TAGS)
