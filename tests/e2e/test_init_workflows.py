"""The workflows of ``piot init``, job by job as GitHub runs them, with the real piot and the real tools."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import Piot, commit_all, remove, run
from tests.e2e.tiny import GLIBC, TEMPLATE
from tests.support.github.run import Job, Run, rows_of
from tests.support.github.stand_ins import Forge

pytestmark = pytest.mark.e2e

RUSTUP = """\
#!/bin/sh
[ "$*" = "toolchain install --no-self-update" ] && exit 0
echo "rustup: $*" >&2
exit 1
"""
"""The toolchain of rust-toolchain.toml is there already, as far as this repository asks for one."""

NAMES = ("tiny-macros", "tiny-text", "tiny-greet")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, piot: Piot, environment: Mapping[str, str]) -> Path:
    """A repository of three crates, with what ``piot init`` writes for it, committed."""
    folder = tmp_path_factory.mktemp("init") / "library"
    shutil.copytree(TEMPLATE, folder)
    for path in (*folder.rglob("BUILD"), folder / "putitoutthere.toml"):
        path.unlink()
    commit_all(folder, environment)
    piot("init", "--action", "me/piot@v0.1.0", cwd=folder)
    commit_all(folder, environment)
    return folder


@pytest.fixture(scope="module")
def forge(library: Path, installed_piot: Path) -> Iterator[Forge]:
    folder = library.parent / "forge"
    folder.mkdir()
    yield Forge(folder=folder, repository=library, piot=installed_piot)
    remove(folder)


@pytest.fixture(scope="module")
def machine(library: Path, home: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    """The environment of a hosted machine: rustup is on PATH, and nothing says where piot's store is."""
    tools = library.parent / "tools"
    tools.mkdir()
    (tools / "rustup").write_text(RUSTUP, encoding="utf-8")
    (tools / "rustup").chmod(0o755)
    left = {name: value for name, value in environment.items() if name != "PIOT_CACHE_DIR"}
    path = f"{tools}:{environment['PATH']}"
    return {**left, "CARGO_HOME": str(home / ".cargo"), "PATH": path, "PIOT_GLIBC": GLIBC}


def released(forge: Forge, machine: Mapping[str, str], **inputs: object) -> dict[str, Job]:
    """Every job but the last, on new machines."""
    if (forge.folder / "machines").exists():
        remove(forge.folder / "machines")
    given = {"bump": "", "ref": "", "dry_run": False, **inputs}
    found = Run(forge=forge, environ=machine, event={}, inputs=given, skip=frozenset({"publish"}))
    jobs = found.workflow(forge.repository / ".github/workflows/release.yml")
    assert jobs["plan"].result == "success", said(jobs["plan"])
    return jobs


def said(job: Job) -> str:
    """All that the steps of a job printed, for messages of tests."""
    return "\n".join(f"== {step.job} {step.name}\n{step.output}" for step in job.steps)


@pytest.fixture(scope="module")
def first(forge: Forge, machine: Mapping[str, str]) -> dict[str, Job]:
    return released(forge, machine)


def test_a_release_is_planned_and_built_as_github_would(forge: Forge, first: dict[str, Job]) -> None:
    assert first["build"].result == "success", said(first["build"])
    rows = rows_of(first["plan"])
    assert {row["name"] for row in rows} == set(NAMES)
    plan = json.loads((forge.artifacts / "release-plan/release-plan.json").read_bytes())
    versions = {each["name"]: each["version"] for each in plan["packages"]}
    for row in rows:
        crate = f"{row['name']}-{versions[row['name']]}.crate"
        folder = forge.artifacts / row["artifact_name"]
        assert (folder / crate).is_file()
        assert crate in json.loads((folder / ".piot-manifest.json").read_bytes())["files"]


def test_a_version_by_hand_reaches_what_is_built_and_the_cache_does_the_rest(
    forge: Forge, machine: Mapping[str, str], first: dict[str, Job]
) -> None:
    assert first["build"].result == "success"
    jobs = released(forge, machine, bump="tiny-text@2.0.0", ref="main", dry_run=True)
    assert jobs["build"].result == "success", said(jobs["plan"]) + said(jobs["build"])
    text = next(row["artifact_name"] for row in rows_of(jobs["plan"]) if row["name"] == "tiny-text")
    assert (forge.artifacts / text / "tiny-text-2.0.0.crate").is_file()


def test_a_pull_request_is_checked_and_what_it_affects_is_built(
    forge: Forge, machine: Mapping[str, str], environment: Mapping[str, str], first: dict[str, Job]
) -> None:
    assert first["build"].result == "success"
    remove(forge.folder / "machines")
    base = run("git", "rev-parse", "HEAD", cwd=forge.repository, env=environment).stdout.strip()
    source = forge.repository / "crates/text/src/lib.rs"
    source.write_text(source.read_text(encoding="utf-8") + "// changed\n", encoding="utf-8")
    commit_all(forge.repository, environment)
    event = {"pull_request": {"base": {"sha": base}}}
    workflow = forge.repository / ".github/workflows/check.yml"
    jobs = Run(forge=forge, environ=machine, event=event).workflow(workflow)
    told = said(jobs["check"]) + said(jobs["build"])
    assert {name: job.result for name, job in jobs.items()} == {"check": "success", "build": "success"}, told
    assert "dist/tiny-text-0.1.0.crate\n" in said(jobs["build"])
    assert "tiny-macros" not in said(jobs["build"])


def test_nothing_is_built_when_nothing_is_planned(
    forge: Forge, machine: Mapping[str, str], environment: Mapping[str, str], first: dict[str, Job]
) -> None:
    assert first["build"].result == "success"
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.invalid")
    for name in NAMES:
        words = ("git", *who, "tag", "-a", f"{name}-v0.1.0", "-m", name)
        run(*words, cwd=forge.repository, env=environment)
    jobs = released(forge, machine)
    assert rows_of(jobs["plan"]) == []
    assert jobs["build"].result == "skipped"
