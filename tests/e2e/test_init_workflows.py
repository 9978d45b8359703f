"""The workflows of ``piot init``, job by job as GitHub runs them, with the real piot and the real tools."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Piot, commit_all, remove, run
from tests.e2e.tiny import GLIBC, TEMPLATE
from tests.support.cargo_registry import TOKEN, CargoRegistry
from tests.support.github.run import Job, Run, rows_of
from tests.support.github.stand_ins import Forge
from tests.support.python_index import TOKEN as TOKEN_OF_PYPI
from tests.support.python_index import PyPI

pytestmark = pytest.mark.e2e

RUSTUP = """\
#!/bin/sh
[ "$*" = "toolchain install --no-self-update" ] && exit 0
echo "rustup: $*" >&2
exit 1
"""
"""The toolchain of rust-toolchain.toml is there already, as far as this repository asks for one."""

GUIDE = ROOT / "docs/how-to/ci.md"
NAMES = ("tiny-macros", "tiny-text", "tiny-greet")


@pytest.fixture(scope="module")
def registry() -> Iterator[CargoRegistry]:
    found = CargoRegistry()
    with found.running():
        yield found


@pytest.fixture(scope="module")
def library(
    tmp_path_factory: pytest.TempPathFactory,
    piot: Piot,
    environment: Mapping[str, str],
    registry: CargoRegistry,
) -> Path:
    """A repository of three crates, with what ``piot init`` writes for it, committed."""
    folder = tmp_path_factory.mktemp("init") / "library"
    shutil.copytree(TEMPLATE, folder)
    for path in (*folder.rglob("BUILD"), folder / "putitoutthere.toml"):
        path.unlink()
    commit_all(folder, environment)
    piot("init", "--action", "me/piot@v0.1.0", cwd=folder)
    with (folder / "putitoutthere.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[piot.registry.crates-io]\nindex = "{registry.index}"\n')
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
    """The environment of a hosted machine: rustup is on PATH, and nothing says where piot's store is.

    A token stands for what the registry gives to a trusted publisher.
    """
    tools = library.parent / "tools"
    tools.mkdir()
    (tools / "rustup").write_text(RUSTUP, encoding="utf-8")
    (tools / "rustup").chmod(0o755)
    left = {name: value for name, value in environment.items() if name != "PIOT_CACHE_DIR"}
    own = {"CARGO_HOME": str(home / ".cargo"), "PIOT_GLIBC": GLIBC, "PIOT_REGISTRY_CRATES_IO_TOKEN": TOKEN}
    return {**left, **own, "PATH": f"{tools}:{environment['PATH']}", "NO_PROXY": "127.0.0.1"}


def released(forge: Forge, machine: Mapping[str, str], **inputs: object) -> dict[str, Job]:
    """Every job of a release, on new machines."""
    if (forge.folder / "machines").exists():
        remove(forge.folder / "machines")
        remove(forge.artifacts)
    given = {"bump": "", "ref": "", "dry_run": False, **inputs}
    found = Run(forge=forge, environ=machine, event={}, inputs=given)
    return found.workflow(forge.repository / ".github/workflows/release.yml")


def said(*jobs: Job) -> str:
    """All that the steps of jobs printed, for messages of tests."""
    steps = (step for job in jobs for step in job.steps)
    return "\n".join(f"== {step.job} {step.name}\n{step.output}" for step in steps)


def results(jobs: Mapping[str, Job]) -> list[str]:
    """How each job ended, with all that was said when one failed."""
    found = [f"{name} {job.result}" for name, job in jobs.items()]
    assert not any("failure" in each for each in found), said(*jobs.values())
    return found


@pytest.fixture(scope="module")
def first(forge: Forge, machine: Mapping[str, str]) -> dict[str, Job]:
    return released(forge, machine)


def test_a_release_is_planned_built_and_published_as_github_would(
    forge: Forge, registry: CargoRegistry, environment: Mapping[str, str], first: dict[str, Job]
) -> None:
    assert results(first) == ["plan success", "build success", "publish success"]
    rows = rows_of(first["plan"])
    assert {row["name"] for row in rows} == set(NAMES)
    for row in rows:
        crate, folder = f"{row['name']}-0.1.0.crate", forge.artifacts / row["artifact_name"]
        assert crate in json.loads((folder / ".piot-manifest.json").read_bytes())["files"]
        assert registry.crates[row["name"]][0].data == (folder / crate).read_bytes()
    tags = run("git", "tag", "--list", cwd=forge.repository, env=environment).stdout.split()
    assert tags == ["tiny-v0.1.0"], "the crates have one version, in the manifest of their workspace"


def test_nothing_is_built_when_nothing_is_planned(
    forge: Forge, machine: Mapping[str, str], first: dict[str, Job]
) -> None:
    assert first["publish"].result == "success"
    assert results(released(forge, machine)) == ["plan success", "build skipped", "publish skipped"]


def test_a_dry_run_of_a_version_by_hand_publishes_nothing(
    forge: Forge, machine: Mapping[str, str], registry: CargoRegistry, first: dict[str, Job]
) -> None:
    assert first["publish"].result == "success"
    uploads = list(registry.uploads)
    jobs = released(forge, machine, bump="tiny-text@2.0.0", ref="main", dry_run=True)
    assert results(jobs) == ["plan success", "build success", "publish success"]
    assert list(forge.artifacts.glob("*/tiny-text-2.0.0.crate"))
    assert "tiny-text tiny-text-2.0.0.crate: would be published" in said(jobs["publish"])
    assert registry.uploads == uploads


def test_a_pull_request_is_checked_and_what_it_affects_is_built(
    forge: Forge, machine: Mapping[str, str], environment: Mapping[str, str], first: dict[str, Job]
) -> None:
    assert first["publish"].result == "success"
    remove(forge.folder / "machines")
    base = run("git", "rev-parse", "HEAD", cwd=forge.repository, env=environment).stdout.strip()
    source = forge.repository / "crates/text/src/lib.rs"
    source.write_text(source.read_text(encoding="utf-8") + "// changed\n", encoding="utf-8")
    commit_all(forge.repository, environment)
    event = {"pull_request": {"base": {"sha": base}}}
    workflow = forge.repository / ".github/workflows/check.yml"
    jobs = Run(forge=forge, environ=machine, event=event).workflow(workflow)
    assert results(jobs) == ["check success", "build success"]
    assert "dist/tiny-text-0.1.0.crate\n" in said(jobs["build"])
    assert "tiny-macros" not in said(jobs["build"])


BY_HAND = {
    "by_hand/pyproject.toml": (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n'
        '[project]\nname = "by-hand"\nversion = "0.1.0"\n'
    ),
    "by_hand/by_hand.py": "one = 1\n",
    "scripts/build-it": f"""\
#!/bin/sh
set -e
sed -i "s/^version = .*/version = \\"$1\\"/" by_hand/pyproject.toml
echo "made = 'by hand'" >> by_hand/by_hand.py
case "$2" in sdist) what=--sdist ;; *) what=--wheel ;; esac
{sys.executable} -m build --no-isolation "$what" --outdir "$3" by_hand
""",
}
PACKAGE = """
[[package]]
name = "by-hand"
kind = "pypi"
path = "by_hand"
paths = ["by_hand/**"]
build = "hatch"
build_workflow = "wheels.yml"
"""


def test_what_a_workflow_of_ones_own_built_is_published(
    forge: Forge, machine: Mapping[str, str], piot: Piot, first: dict[str, Job]
) -> None:
    assert first["publish"].result == "success"
    root = forge.repository
    (example,) = re.findall(r"```yaml\n(name: wheels\n.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    for name, text in {**BY_HAND, ".github/workflows/wheels.yml": example}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "scripts/build-it").chmod(0o755)
    with (root / "putitoutthere.toml").open("a", encoding="utf-8") as file:
        file.write(PACKAGE)
    commit_all(root, machine)
    assert "no workflow calls .github/workflows/wheels.yml" in piot("check", cwd=root, ok=False).stdout
    piot("init", "--yes", cwd=root)
    assert "PIOT_WORKFLOW_CALL" not in piot("check", cwd=root, ok=False).stdout
    commit_all(root, machine)

    pypi = PyPI()
    with pypi.running():
        there = {"PIP_INDEX_URL": pypi.index.simple, "TWINE_REPOSITORY_URL": pypi.index.upload}
        jobs = released(forge, {**machine, **there, "TWINE_PASSWORD": TOKEN_OF_PYPI}, bump="by-hand@0.2.0")
    assert results(jobs) == ["plan success", "build skipped", "build-by-hand success", "publish success"]
    stored = pypi.projects["by-hand"]
    wheel = "by_hand-0.2.0-py2.py3-none-any.whl"
    assert set(stored) == {wheel, "by_hand-0.2.0.tar.gz"}
    with zipfile.ZipFile(io.BytesIO(stored[wheel].data)) as archive:
        assert b"by hand" in archive.read("by_hand.py")
    assert stored[wheel].data == (forge.artifacts / "by-hand-wheel-any" / wheel).read_bytes()
