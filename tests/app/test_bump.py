"""Planned versions written into a checkout: what changes, what stays, and that once is enough."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piot.app.bump import Bumped, BumpRequest, bump
from piot.app.releasing.committed import committed_versions
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import InputError, UsageError
from tests.support.history import HEAD, Repository, package
from tests.support.rust import path_with_cargo

MANIFEST = '"manifest"'
CONFIG = HEAD + (
    package("core", version_from=MANIFEST)
    + package("cli", "core", version_from=MANIFEST)
    + package("py", version_from=MANIFEST, build='"hatch"')
    + package("@my/js", version_from=MANIFEST)
)
FILES = {
    "Cargo.toml": '[workspace]\nmembers = ["core", "cli"]  # both\nresolver = "2"\n',
    "Cargo.lock": (
        'version = 4\n\n[[package]]\nname = "cli"\nversion = "1.0.0"\ndependencies = [\n "core",\n]\n\n'
        '[[package]]\nname = "core"\nversion = "1.0.0"\n'
    ),
    "core/Cargo.toml": '[package]\nname = "core"  # the name\nversion = "1.0.0"\nedition = "2021"\n',
    "core/src/lib.rs": "",
    "cli/Cargo.toml": (
        '[package]\nname = "cli"\nversion = "1.0.0"\nedition = "2021"\n\n[dependencies]\n'
        'core = { path = "../core", version = "^1.0" }\n'
    ),
    "cli/src/main.rs": "fn main() {}\n",
    "py/pyproject.toml": (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n'
        '[project]\nname = "py"\nversion = "1.0.0"\n'
    ),
    "py/py.py": "",
    "js/package.json": '{\n    "version": "1.0.0",\n    "name": "@my/js"\n}\n',
}
NAMES = ("core", "cli", "py", "@my/js")


@dataclass(frozen=True, kw_only=True)
class Kept(Repository):
    """A repository that keeps versions in its manifests."""

    @property
    def where(self) -> Where:
        return Where(directory=self.root, environ=self.environ, offline=True)

    def bump(self, spec: str = "", *patterns: str, dry_run: bool = False) -> Bumped:
        request = BumpRequest(patterns=patterns, bump=spec, dry_run=dry_run)
        return bump(request, self.where, lambda _: None)

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def status(self) -> list[str]:
        lines = self.git("status", "--porcelain", "-uall").splitlines()
        return sorted(line.split(maxsplit=1)[1] for line in lines)

    def versions_written(self) -> dict[str, str]:
        """What the manifests say."""
        session = Session(self.where, lambda _: None)
        found = committed_versions(session, session.config.packages)
        return {name: str(version) for name, version in found.items()}


def kept(root: Path, config: str = CONFIG, files: Mapping[str, str] = FILES, tags: bool = True) -> Kept:
    """Released as 1.0.0 unless told otherwise."""
    root.mkdir(parents=True)
    made = Kept(root=root)
    made.git("init", "--quiet", "--initial-branch=main")
    for path, text in {"putitoutthere.toml": config, **files}.items():
        made.write(path, text)
    made.commit("first")
    for name in NAMES if tags else ():
        made.git("tag", f"{name}-v1.0.0")
    return made


@pytest.fixture
def repository(tmp_path: Path) -> Kept:
    return kept(tmp_path / "repo")


def versions(done: Bumped) -> dict[str, str]:
    return {each.name: each.version for each in done.plan.packages}


def test_only_versions_change_in_manifests_requirements_and_the_lock(repository: Kept) -> None:
    repository.commit("feat: a faster core\n\nrelease: minor [core]", "core/src/lib.rs")
    done = repository.bump()
    assert versions(done) == {"core": "1.1.0", "cli": "1.0.1"}
    for path, old, new in (
        ("core/Cargo.toml", "1.0.0", "1.1.0"),
        ("cli/Cargo.toml", '"1.0.0"', '"1.0.1"'),
    ):
        wanted = FILES[path].replace(old, new).replace('"^1.0"', '"^1.1.0"')
        assert repository.read(path) == wanted
    lock = FILES["Cargo.lock"].replace('"cli"\nversion = "1.0.0"', '"cli"\nversion = "1.0.1"')
    assert repository.read("Cargo.lock") == lock.replace('"core"\nversion = "1.0', '"core"\nversion = "1.1')
    assert (
        [edit.path for edit in done.edits]
        == repository.status()
        == [*("Cargo.lock", "cli/CHANGELOG.md", "cli/Cargo.toml", "core/CHANGELOG.md", "core/Cargo.toml")]
    )


def test_python_and_npm_packages_get_their_own_spelling(repository: Kept) -> None:
    repository.bump("py@2.0.0-rc.1,@my/js@2.0.0-rc.1")
    assert repository.read("py/pyproject.toml") == FILES["py/pyproject.toml"].replace("1.0.0", "2.0.0rc1")
    assert repository.read("js/package.json") == FILES["js/package.json"].replace("1.0.0", "2.0.0-rc.1")


def test_the_changelog_has_the_commits_that_touch_the_package(repository: Kept) -> None:
    repository.commit("feat: one", "core/src/lib.rs")
    repository.commit("Only for js", "js/index.js")
    repository.commit("fix: two\n\nbecause", "core/src/lib.rs", "py/py.py")
    repository.bump()
    date = repository.read("core/CHANGELOG.md").partition("] - ")[2].partition("\n")[0]
    assert repository.read("core/CHANGELOG.md") == (
        f"# Changelog\n\n## [1.0.1] - {date}\n\n### Added\n\n- One\n\n### Fixed\n\n- Two\n"
    )
    assert repository.read("cli/CHANGELOG.md") == (
        f"# Changelog\n\n## [1.0.1] - {date}\n\n### Changed\n\n- Update of core to 1.0.1\n"
    )
    assert repository.read("py/CHANGELOG.md").endswith("### Fixed\n\n- Two\n")
    assert repository.read("js/CHANGELOG.md").endswith("### Changed\n\n- Only for js\n")


def test_one_changelog_at_the_root_tells_of_all_packages(tmp_path: Path) -> None:
    repository = kept(tmp_path / "repo", files={**FILES, "CHANGELOG.md": "# All\n\n## [cli 1.0.0] - 2025\n"})
    repository.commit("x", "core/src/lib.rs")
    repository.bump()
    text = repository.read("CHANGELOG.md")
    headings = [line.partition(" - ")[0] for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        *("# All", "## [cli 1.0.1]", "### Changed", "## [core 1.0.1]", "### Changed", "## [cli 1.0.0]")
    ]


def test_doing_it_again_changes_nothing_before_and_after_the_commit(repository: Kept) -> None:
    repository.commit("x", "core/src/lib.rs", "js/index.js")
    first = repository.bump()
    again = repository.bump()
    assert (again.edits, versions(again)) == ((), versions(first))
    repository.commit("Release")
    later = repository.bump()
    assert (later.edits, versions(later)) == ((), versions(first))
    assert repository.versions_written() == {
        "core": "1.0.1",
        "cli": "1.0.1",
        "py": "1.0.0",
        "@my/js": "1.0.1",
    }


def test_a_dry_run_writes_nothing(repository: Kept) -> None:
    repository.commit("x", "core/src/lib.rs")
    done = repository.bump(dry_run=True)
    assert len(done.edits) == 5
    assert repository.status() == []


def test_patterns_choose_packages_and_what_they_need_comes_along(repository: Kept) -> None:
    repository.commit("x", "core/src/lib.rs", "js/index.js", "py/py.py")
    assert versions(repository.bump("", "cli", dry_run=True)) == {"core": "1.0.1", "cli": "1.0.1"}
    assert versions(repository.bump("", "//py", dry_run=True)) == {"py": "1.0.1"}


def test_a_manifest_that_is_ahead_stays(repository: Kept) -> None:
    repository.write("core/Cargo.toml", FILES["core/Cargo.toml"].replace("1.0.0", "2.0.0"))
    repository.write(
        "Cargo.lock", FILES["Cargo.lock"].replace('"core"\nversion = "1.0.0"', '"core"\nversion = "2.0.0"')
    )
    repository.write("cli/Cargo.toml", FILES["cli/Cargo.toml"].replace("^1.0", "^2.0.0"))
    repository.commit("two")
    assert versions(repository.bump()) == {"core": "2.0.0", "cli": "1.0.1"}
    assert repository.versions_written()["core"] == "2.0.0"


def test_what_was_never_released_has_the_version_that_it_says(tmp_path: Path) -> None:
    repository = kept(tmp_path / "repo", tags=False)
    assert versions(repository.bump()) == dict.fromkeys(("core", "cli", "py", "@my/js"), "1.0.0")
    assert [path for path in repository.status() if not path.endswith("CHANGELOG.md")] == ["cli/Cargo.toml"]
    assert repository.read("cli/Cargo.toml") == FILES["cli/Cargo.toml"].replace("^1.0", "^1.0.0")


def test_packages_of_a_group_share_their_version_and_section(tmp_path: Path) -> None:
    config = CONFIG.replace('version_from = "manifest"', 'version_from = "manifest"\nversion_group = "all"')
    repository = kept(tmp_path / "repo", config, {**FILES, "CHANGELOG.md": "# All\n"})
    repository.git("tag", "all-v1.0.0")
    repository.commit("x", "py/py.py")
    assert set(versions(repository.bump()).values()) == {"1.0.1"}
    assert repository.versions_written() == dict.fromkeys(("core", "cli", "py", "@my/js"), "1.0.1")
    assert repository.read("CHANGELOG.md").count("## [1.0.1] - ") == 1


def test_packages_with_versions_from_commits_are_left_alone(tmp_path: Path) -> None:
    config = CONFIG.replace('kind = "npm"', 'kind = "npm"', 1).replace(
        package("@my/js", version_from=MANIFEST), package("@my/js")
    )
    repository = kept(tmp_path / "repo", config)
    repository.commit("x", "js/index.js", "py/py.py")
    assert versions(repository.bump()) == {"py": "1.0.1"}
    assert repository.read("js/package.json") == FILES["js/package.json"]


def test_where_no_manifest_keeps_a_version_it_says_so(tmp_path: Path) -> None:
    repository = kept(tmp_path / "repo", HEAD + package("core"))
    with pytest.raises(UsageError) as caught:
        repository.bump()
    assert str(caught.value) == (
        "no package keeps its version in its manifest: there is nothing to write\n\n"
        'hint: write version_from = "manifest" for those that do; for the others, see: piot plan'
    )


def test_a_version_without_a_place_is_not_lost(tmp_path: Path) -> None:
    scm = FILES["py/pyproject.toml"].replace(
        'version = "1.0.0"', 'dynamic = ["version"]\n\n[tool.hatch.version]\nsource = "vcs"'
    )
    scm = scm.replace('["hatchling"]', '["hatchling", "hatch-vcs"]')
    repository = kept(tmp_path / "repo", files={**FILES, "py/pyproject.toml": scm})
    repository.commit("x", "py/py.py", "js/index.js")
    with pytest.raises(InputError) as caught:
        repository.bump()
    assert str(caught.value) == (
        "no manifest has a place for the version of py\n\n"
        'hint: write version = "0.0.0" into it, or take it from commits: version_from = "trailer"'
    )
    assert repository.status() == []
    assert versions(repository.bump("", "@my/js")) == {"@my/js": "1.0.1"}


@pytest.mark.parametrize("path", ["core/Cargo.toml", "core/CHANGELOG.md"])
def test_files_with_changes_that_are_not_committed_are_never_touched(repository: Kept, path: str) -> None:
    repository.commit("x", "core/src/lib.rs")
    repository.write(path, FILES.get(path, "# Mine\n") + "# mine\n")
    repository.write("py/py.py", "mine")
    with pytest.raises(InputError) as caught:
        repository.bump()
    assert str(caught.value) == (
        f"{path} would be written, but has changes that are not committed\n\n"
        "hint: commit or stash them first; `piot bump --dry-run` shows what would be written"
    )
    assert repository.status() == sorted([path, "py/py.py"])
    assert len(repository.bump(dry_run=True).edits) == 5


def test_nothing_changed_is_nothing_to_do(repository: Kept) -> None:
    done = repository.bump()
    assert (done.plan.packages, done.edits) == ((), ())


TOUCHED = st.lists(
    st.tuples(
        st.sampled_from(("core/src/lib.rs", "cli/src/main.rs", "py/py.py", "js/index.js")),
        st.sampled_from(("", "patch", "minor", "major", "minor [core]", "3.0.0-rc.1 [py]")),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(TOUCHED)
def test_after_it_manifests_say_the_plan_and_exactly_that_is_planned(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, str]]
) -> None:
    repository = kept(tmp_path_factory.mktemp("law") / "repo")
    for path, said in history:
        repository.commit(f"x\n\nrelease: {said}" if said else "x", path)
    done = repository.bump()
    assert repository.versions_written().items() >= versions(done).items()
    stamped = Session(repository.where, lambda _: None, versions=versions(done)).repository
    assert stamped.overlay == {}
    repository.commit("Release")
    assert repository.bump().edits == ()
    assert {each.name: each.version for each in repository.plan().packages} == versions(done)


def test_cargo_takes_the_lock_that_was_written(repository: Kept) -> None:
    repository.commit("x\n\nrelease: major", "core/src/lib.rs")
    repository.bump()
    words = ["cargo", "metadata", "--locked", "--offline", "--quiet", "--format-version=1"]
    env = {**os.environ, "PATH": path_with_cargo(), "CARGO_NET_OFFLINE": "true"}
    done = subprocess.run(words, cwd=repository.root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
