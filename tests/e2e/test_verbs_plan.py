"""plan: what the installed piot prints, word for word, and its JSON held against its schema."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import Piot, Result, run
from tests.e2e.verbs import fitting, must_fit
from tests.support.history import Repository, package
from tests.support.released import released
from tests.support.small_files import crate

pytestmark = pytest.mark.e2e

CHANGED = """\
core 1.0.0 -> 1.1.0 (minor)
    1 file changed
        changed core/x

py 1.0.0 -> 1.0.1 (patch)
    core, which it depends on, changed

@my/js 1.0.0 -> 1.0.1 (patch)
    core, which it depends on, changed
"""

BUILT = """\

built on
    ubuntu-latest  core noarch; py sdist, any; @my/js noarch
"""


OFFLINE = "note: PIOT_REGISTRY_UNASKED: offline, no registry was asked what it has of the planned versions\n"


@pytest.fixture
def piot(piot: Piot) -> Piot:
    """Without the network: what registries say is another test's."""

    def offline(
        *args: str, cwd: Path, env: Mapping[str, str | None] | None = None, ok: bool = True
    ) -> Result:
        return piot("--offline", *args, cwd=cwd, env=env, ok=ok)

    return offline


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    """Three packages that were released as 1.0.0, and a change in the one that the others depend on."""
    made = Repository.make(tmp_path / "checkout")
    made.commit("feat: more\n\nrelease: minor [core]", "core/x")
    return made


def told(result: Result) -> tuple[int, str, str]:
    return result.code, result.stdout, result.stderr


def test_the_plan_says_what_in_which_version_and_why(made: Repository, piot: Piot) -> None:
    head = made.git("rev-parse", "--short=8", "HEAD")
    asked = f"    commit {head} asks for it: release: minor [core]\n"
    expected = CHANGED.replace("core/x\n\n", f"core/x\n{asked}\n", 1)
    assert told(piot("plan", cwd=made.root)) == (0, expected + BUILT, OFFLINE)


def test_the_plan_as_json_fits_its_schema(made: Repository, piot: Piot) -> None:
    found = fitting("plan", piot("plan", "--json", cwd=made.root))
    assert [(each["name"], each["version"]) for each in found["packages"]] == [
        ("core", "1.1.0"),
        ("py", "1.0.1"),
        ("@my/js", "1.0.1"),
    ]
    assert found["packages"][1]["reasons"][0]["files"] == [{"path": "core/x", "change": "changed"}]


def test_a_release_by_hand_is_of_what_is_named(made: Repository, piot: Piot) -> None:
    code, out, err = told(piot("plan", "--bump", "core@2.0.0", cwd=made.root))
    built = "\nbuilt on\n    ubuntu-latest  core noarch\n"
    assert (code, out) == (0, f"core 1.0.0 -> 2.0.0 (explicit)\n    --bump names it\n{built}")
    assert err == (
        "warning: PIOT_LEFT_OUT: py and @my/js depend on what --bump names, and are not released with it\n"
        "    hint: name them too: --bump core,py,@my/js\n" + OFFLINE
    )
    wrong = piot("plan", "--bump", "cor", cwd=made.root, ok=False)
    assert told(wrong) == (2, "", 'error: --bump: no package is called "cor"\n\nhint: did you mean "core"?\n')


def test_a_pushed_tag_is_the_release_that_it_names(made: Repository, piot: Piot) -> None:
    made.git("tag", "core-v3.0.0")
    done = piot("plan", "--tag", "core-v3.0.0", cwd=made.root)
    assert done.code == 0
    assert done.stdout.startswith("core 1.0.0 -> 3.0.0 (explicit)\n    the tag core-v3.0.0 names it\n\n")
    assert "\npy " not in done.stdout
    wrong = piot("plan", "--tag", "core-v1.0.0", cwd=made.root, ok=False)
    first, head = (made.git("rev-parse", "--short=12", each) for each in ("core-v1.0.0", "HEAD"))
    assert told(wrong) == (
        2,
        "",
        f"error: the tag core-v1.0.0 is at {first}, and HEAD at {head}\n\n"
        "hint: git checkout core-v1.0.0: what a tag names is released from its commit\n",
    )


def test_all_can_be_compared_with_another_commit(made: Repository, piot: Piot) -> None:
    made.commit("docs", "py/x")
    found = piot("plan", "--base", "HEAD~1", cwd=made.root)
    assert told(found) == (
        0,
        "py 1.0.0 -> 1.0.1 (patch)\n    1 file changed\n        changed py/x\n"
        "\nbuilt on\n    ubuntu-latest  py sdist, any\n",
        OFFLINE,
    )


def test_a_plan_of_some_packages_has_what_they_need(made: Repository, piot: Piot) -> None:
    assert [line for line in piot("plan", "//py/...", cwd=made.root).stdout.splitlines() if "->" in line] == [
        "core 1.0.0 -> 1.1.0 (minor)",
        "py 1.0.0 -> 1.0.1 (patch)",
    ]


def test_the_matrix_for_a_step_of_github(made: Repository, piot: Piot, tmp_path: Path) -> None:
    output = tmp_path / "output"
    plan = fitting(
        "plan", piot("plan", "--json", "--github-output", cwd=made.root, env={"GITHUB_OUTPUT": str(output)})
    )
    values = dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
    found = {name: json.loads(value) for name, value in values.items()}
    must_fit("matrix", found["matrix_object"])
    assert found["matrix"] == found["matrix_object"]["include"] == plan["matrix"]
    assert [row["artifact_name"] for row in found["matrix"]] == [
        "core-crate",
        "py-sdist",
        "py-wheel-any",
        "@my__js-pkg",
    ]
    assert (found["any"], found["packages"][0]["tag"]) == (True, "core-v1.1.0")
    outside = piot("plan", "--github-output", cwd=made.root, ok=False)
    assert (outside.code, outside.stdout) == (2, "")


def test_all_work_of_a_machine_can_be_one_job(made: Repository, piot: Piot) -> None:
    (job,) = fitting("plan", piot("plan", "--json", "--rows", "runner", cwd=made.root))["matrix"]
    assert (job["runner"], len(job["rows"])) == ("ubuntu-latest", 4)


def test_keys_are_looked_up_or_say_what_they_wait_for(made: Repository, piot: Piot) -> None:
    rows = fitting("plan", piot("plan", "--json", "--keys", cwd=made.root))["matrix"]
    assert [bool(row["key"]) or bool(row["key_waits_for"]) for row in rows] == [True] * 4


def test_what_is_only_rebuilt_is_said(made: Repository, piot: Piot) -> None:
    for name in ("core-v1.1.0", "py-v1.0.1", "@my/js-v1.0.1"):
        made.git("tag", name)
    made.commit("tools", "piot.lock")
    others = "of which nothing is in its paths or its depends_on"
    assert told(piot("plan", cwd=made.root)) == (
        0,
        "nothing to release\n\nrebuilt, not released\n"
        f"    core: //core:crate is made otherwise by piot.lock, {others}\n"
        f"    py: //py:sdist and //py:wheel are made otherwise by piot.lock, {others}\n"
        f"    @my/js: //js:package is made otherwise by piot.lock, {others}\n",
        "",
    )
    rebuilt = fitting("plan", piot("plan", "--json", cwd=made.root))["rebuilt"]
    assert [each["files"] for each in rebuilt] == [["piot.lock"]] * 3


def test_what_was_released_before_is_tagged_and_counts(piot: Piot, tmp_path: Path) -> None:
    made = Repository.make(tmp_path / "checkout", package("@my/js"), tags=None)
    made.write("js/package.json", '{"name": "@my/js", "version": "2.1.0"}\n')
    head = made.commit("a manifest")
    found = piot("plan", "--adopt", cwd=made.root)
    assert told(found) == (
        0,
        "nothing to release\n",
        f"note: PIOT_ADOPTED: the tag @my/js-v2.1.0 is made at commit {head[:8]}, since its manifest says "
        "2.1.0: all up to there counts as released\n"
        "    hint: git push origin @my/js-v2.1.0; or take it back: git tag --delete @my/js-v2.1.0\n",
    )
    made.commit("fix", "js/x")
    assert piot("plan", cwd=made.root).stdout.startswith("@my/js 2.1.0 -> 2.1.1 (patch)\n")


def test_a_shallow_clone_is_refused(made: Repository, piot: Piot, tmp_path: Path) -> None:
    made.git("clone", "--quiet", "--depth=1", f"file://{made.root}", str(tmp_path / "clone"))
    refused = piot("plan", "--json", cwd=tmp_path / "clone", ok=False)
    assert told(refused) == (
        3,
        "",
        "PIOT_SHALLOW: this clone is shallow: releases, and what changed since, lie in commits that "
        "it does not have\n    hint: git fetch --unshallow --tags; in GitHub Actions, fetch-depth: 0 for "
        "actions/checkout\n\nerror: 1 problem found\n",
    )


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_built_files_are_held_against_what_registries_have(installed_piot: Path, tmp_path: Path) -> None:
    with released(tmp_path) as checkout:
        checkout.crates.add("core", "0.1.0", crate("core", "0.1.0", "theirs"))
        checkout.tag("js-v0.1.0")
        checkout.write("built/core-0.1.0.crate", crate("core", "0.1.0", "ours"))
        environ = {**checkout.environ, "NO_PROXY": "127.0.0.1"}
        asked = ("plan", "--json", "--artifacts", "built")
        found = fitting("plan", run(installed_piot, *asked, cwd=checkout.root, env=environ))
        told = run(installed_piot, "plan", "my-py", cwd=checkout.root, env=environ).stdout
    core, python = (each["registry"] for each in found["packages"])
    assert (core["place"], core["version"], core["state"]) == ("crates-io", "0.1.0", "different")
    assert core["artifacts"][0]["detail"].startswith("ours ")
    assert (python["state"], python["verdict"]) == ("unknown name", "publish")
    assert found["skew"] == []
    lines = told.splitlines()
    assert (lines[2], lines[6]) == ("    crates-io: there", "    pypi: unknown name")
