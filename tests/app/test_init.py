"""``piot init`` on repositories of every shape: what it finds is what a person wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot.app.init import Init, Proposal, init
from piot.app.session.where import Where
from piot.errors import InputError
from piot.load.repository import load_targets, open_repository, read_repository
from tests.support.repository import do

ROOT = Path(__file__).parents[2]
SHAPES = sorted(
    path.parent
    for pattern in ("examples/*/putitoutthere.toml", "tests/projects/*/putitoutthere.toml")
    for path in ROOT.glob(pattern)
)

MORE = {"npm_modes": {("//greet:crate", "rust_crate"), ("//greet:publish", "publish")}}
"""Crates that Cargo would publish and that the configuration of the shape leaves out."""


LESS = {"checked": {("//packages/py:cli", "rust_binary")}}
"""A program in a wheel whose entry point is a stub that starts nothing."""

ONLY_CONFIGURED = {"py_setuptools", "checked"}
"""Shapes with a dependency that no manifest knows of."""


def copied(shape: Path, tmp_path: Path, *, git: bool = True) -> Path:
    """The files of a shape that git knows, as a repository of their own."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=shape, capture_output=True, check=True)
    root = tmp_path / shape.name
    for name in os.fsdecode(listed.stdout).split("\0")[:-1]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shape / name, root / name)
    if git:
        do(root, "init", "--quiet", "--initial-branch=main")
    return root


def made(root: Path, texts: Mapping[str, str]) -> Path:
    """A folder with these files, which git does not keep."""
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def looked(root: Path, action: str | None = None) -> Init:
    return init(Where(directory=root, environ={"PATH": os.environ["PATH"]}), action)


def written(root: Path) -> Init:
    found = looked(root)
    found.write(lambda _: False)
    return found


def targets(root: Path) -> set[tuple[str, str]]:
    """The labels of all targets with their rules."""
    graph = load_targets(read_repository(*open_repository(root, {"HOME": str(root)}))).graph
    return {(str(target.label), target.rule) for target in graph.targets}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.name)
def test_the_configuration_that_it_writes_makes_the_same_targets(shape: Path, tmp_path: Path) -> None:
    root = copied(shape, tmp_path)
    wanted = targets(root)
    (root / "putitoutthere.toml").unlink()
    written(root)
    assert targets(root) == wanted - LESS.get(shape.name, set()) | MORE.get(shape.name, set())


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.name)
def test_it_finds_at_least_the_dependencies_that_a_person_wrote(shape: Path, tmp_path: Path) -> None:
    root = copied(shape, tmp_path)
    _, config, _ = open_repository(root, {"HOME": str(root)})
    (root / "putitoutthere.toml").unlink()
    found = {(each.kind, each.registry_name): each for each in looked(root).packages}
    keys = {each.name: key for key, each in found.items()}
    registered = {each.name: (each.kind, each.registry_name) for each in config.packages}
    for package in config.packages:
        needed = {keys[name] for name in found[registered[package.name]].depends_on}
        if shape.name not in ONLY_CONFIGURED:
            assert {registered[name] for name in package.depends_on} <= needed


def test_running_it_again_changes_nothing(tmp_path: Path) -> None:
    root = copied(ROOT / "examples/polyglot", tmp_path)
    first = written(root)
    again = looked(root)
    assert [each.path for each in again.proposals] == [
        ".github/workflows/release.yml",
        ".github/workflows/check.yml",
    ]
    assert set(again.write(lambda _: True).values()) == {"same"}
    assert again.packages == first.packages
    assert again.unknown == ()


CRATE = '[package]\nname = "{name}"\nversion = "0.1.0"\nlicense = "MIT"\ndescription = "x"\n'
CONFIG = """\
[putitoutthere]
version = 1
cadence = "scheduled"

[[package]]
name = "one"
kind = "crates"
path = "one"
paths = ["one/**"]
trust_policy = { workflow = "ship.yml", environment = "release" }
"""


def two_crates(root: Path) -> Path:
    return made(
        root,
        {
            "one/Cargo.toml": CRATE.format(name="one"),
            "one/src/lib.rs": "",
            "two/Cargo.toml": CRATE.format(name="two"),
            "two/src/lib.rs": "",
            "putitoutthere.toml": CONFIG,
        },
    )


def test_workflows_follow_from_a_configuration_that_is_there(tmp_path: Path) -> None:
    found = looked(two_crates(tmp_path / "checkout"))
    assert [each.path for each in found.proposals] == [
        ".github/workflows/ship.yml",
        ".github/workflows/check.yml",
    ]
    release = found.proposals[0].text
    assert "schedule:" in release
    assert "environment: release" in release
    assert [step.title for step in found.steps][-1] == "Environments, in the settings of the repository"


def test_packages_that_it_does_not_have_are_shown_as_text_for_it(tmp_path: Path) -> None:
    found = looked(two_crates(tmp_path / "checkout"))
    assert found.unknown == (
        '[[package]]\nname = "two"\nkind = "crates"\npath = "two"\npaths = ["two/**"]\n',
    )


def test_workflows_keep_the_place_that_they_take_piot_from(tmp_path: Path) -> None:
    root = two_crates(tmp_path / "checkout")
    looked(root, "me/piot@v1.0.0").write(lambda _: False)
    again = looked(root)
    assert all("uses: me/piot@v1.0.0\n" in each.text for each in again.proposals)
    assert all("uses: other/piot@v2\n" in each.text for each in looked(root, "other/piot@v2").proposals)


def test_files_that_differ_are_kept_unless_somebody_agrees(tmp_path: Path) -> None:
    root = two_crates(tmp_path / "checkout")
    looked(root).write(lambda _: False)
    check = root / ".github/workflows/check.yml"
    check.write_text("mine\n", encoding="utf-8")
    asked: list[str] = []

    def no(each: Proposal) -> bool:
        asked.append(each.path)
        return False

    assert looked(root).write(no)[".github/workflows/check.yml"] == "kept"
    assert asked == [".github/workflows/check.yml"]
    assert check.read_text(encoding="utf-8") == "mine\n"
    assert looked(root).write(lambda _: True)[".github/workflows/check.yml"] == "replaced"
    assert check.read_text(encoding="utf-8").startswith("# Looks at pull requests")


def test_plain_python_packages_have_to_be_pinned_before_they_are_built(tmp_path: Path) -> None:
    root = copied(ROOT / "tests/projects/py_hatch", tmp_path)
    (root / "piot.lock").unlink(missing_ok=True)
    step = looked(root, "me/piot@v1").steps[0]
    assert (step.title, step.lines) == (
        "Pin what Python packages are built with",
        ("for hello, tagged, counted: piot lock, and commit piot.lock",),
    )
    (root / "piot.lock").write_text("version = 1\n", encoding="utf-8")
    assert looked(root, "me/piot@v1").steps[0].title.startswith("PyPI")


def test_a_manifest_with_a_mistake_is_passed_over_and_told(tmp_path: Path) -> None:
    root = two_crates(tmp_path / "checkout")
    (root / "putitoutthere.toml").unlink()
    (root / "two/Cargo.toml").write_text("[package\n", encoding="utf-8")
    found = looked(root)
    assert [each.name for each in found.packages] == ["one"]
    assert [(each.path, each.code) for each in found.problems] == [("two/Cargo.toml", "PIOT_TOML")]


def test_a_repository_without_packages_says_what_it_looked_at(tmp_path: Path) -> None:
    root = made(tmp_path / "checkout", {"x/Cargo.toml": '[package]\nname = "x"\nversion = "1.0.0"\n'})
    with pytest.raises(InputError) as caught:
        looked(root)
    assert str(caught.value) == (
        "there is nothing to release here:\n"
        "  x/Cargo.toml: it has no description and no license, which crates.io asks for\n\n"
        "hint: a package has a Cargo.toml, a pyproject.toml or a package.json that may be published"
    )


def test_it_works_for_the_whole_repository_wherever_it_is_started(tmp_path: Path) -> None:
    root = copied(ROOT / "examples/polyglot", tmp_path)
    assert looked(root / "packages/rust").root == root


def test_triggers_and_approvals_are_those_of_the_configuration(tmp_path: Path) -> None:
    root = two_crates(tmp_path / "checkout")
    settings = (
        '[piot.release]\non = ["tag", "cron"]\ncron = "5 4 * * 1"\nbranches = ["trunk"]\n'
        'environments = { crates = "crates-io" }\n'
    )
    config = CONFIG.replace(', environment = "release"', "") + settings
    (root / "putitoutthere.toml").write_text(config, encoding="utf-8")
    release = looked(root).proposals[0].text
    assert 'tags: ["one-v[0-9]+.[0-9]+.[0-9]+*"]' in release
    assert '- cron: "5 4 * * 1"' in release
    assert "branches:" not in release
    assert "environment: crates-io" in release


OWN = """\
on:
  workflow_call:
    inputs:
      version: { type: string, required: true }
      os: { type: string, default: linux }
jobs:
  build:
    steps:
      - run: ship
        env: { TOKEN: "${{ secrets.TOKEN }}" }
"""


def test_the_workflow_that_builds_a_package_is_called_with_what_it_declares(tmp_path: Path) -> None:
    root = two_crates(tmp_path / "checkout")
    config = CONFIG.replace('path = "one"', 'path = "one"\nbuild_workflow = "own.yml"')
    (root / "putitoutthere.toml").write_text(config, encoding="utf-8")
    before = looked(root)
    assert [(step.title, step.lines) for step in before.steps][1] == (
        "Workflows of your own",
        (
            ".github/workflows/own.yml: builds one",
            "Then run piot init again: it is told what it declares as inputs.",
        ),
    )
    assert "      ref: ${{ needs.plan.outputs.commit }}\n" in before.proposals[0].text
    made(root, {".github/workflows/own.yml": OWN})
    after = looked(root)
    assert "Workflows of your own" not in [step.title for step in after.steps]
    call = after.proposals[0].text.partition("  build-one:\n")[2].partition("\n\n")[0]
    assert (
        call
        == """\
    needs: plan
    if: fromJSON(needs.plan.outputs.own_matrices)['one'] != null
    uses: ./.github/workflows/own.yml
    with:
      version: ${{ fromJSON(needs.plan.outputs.own_matrices)['one'][0].version }}
    secrets: inherit
    permissions:
      contents: read"""
    )
