"""Release plans: what they say when something is odd, word for word, and versions from manifests."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from piot.app.releasing.past_facts import Versions
from piot.app.releasing.release_plan import PlanRequest, proposed
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import MachineError, Problems, UsageError
from piot.model.package import Package
from piot.model.release.plan import ReleasePlan
from tests.support.history import HEAD, Repository, package

GROUP = package("core", version_group='"lib"') + package("py", version_group='"lib"')
MANIFEST = package("@my/js", version_from='"manifest"')


def findings(plan: ReleasePlan) -> list[tuple[str, str, str]]:
    return [(each.severity, each.code, each.message) for each in plan.findings]


def asked(made: Repository, known: Versions | None, **request: object) -> ReleasePlan:
    """The plan when every registry has these versions."""

    def published(packages: Sequence[Package]) -> dict[str, Versions]:
        return {} if known is None else {each.name: known for each in packages}

    where = Where(directory=made.root, environ=made.environ, offline=True)
    with closing(Session(where, lambda _: None)) as session:
        return proposed(session, PlanRequest(**request), published)  # type: ignore[arg-type]


def test_a_trailer_that_cannot_be_read_is_a_loud_warning_with_its_commit(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"))
    commit = made.commit("x\n\nrelease: mnior", "core/x")[:8]
    plan = made.plan()
    assert [each.version for each in plan.packages] == ["1.0.1"]
    assert findings(plan) == [
        (
            "warning",
            "PIOT_TRAILER",
            f'commit {commit}, line 3 of its message: "release: mnior" counts for nothing: '
            '"mnior" is neither patch, minor, major, skip nor a version',
        )
    ]
    assert plan.findings[0].fix == 'did you mean "minor"?; a new commit can say it, or --bump'


def test_an_unknown_name_is_a_warning_and_says_the_near_one(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"))
    commit = made.commit("x\n\nrelease: minor [cor]", "core/x")[:8]
    (found,) = made.plan().findings
    assert (found.code, found.message, found.fix) == (
        "PIOT_TRAILER_NAME",
        f'commit {commit}, line 3 of its message: "release: minor [cor]" names "cor", which is no package',
        'did you mean "core"?; a new commit can say it right',
    )


def test_what_skip_holds_back_is_said(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"))
    made.commit("x\n\nrelease: skip", "core/x")
    assert findings(made.plan()) == [
        ("note", "PIOT_SKIPPED", "core waits: 1 file changed, but the commits since say release: skip")
    ]


def test_skip_covers_its_own_commit_only(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"))
    made.commit("x", "core/x")
    made.commit("x\n\nrelease: skip", "README.md")
    assert made.versions() == "core@1.0.1"


def test_skip_of_one_package_holds_back_no_other(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("a") + package("b"))
    made.commit("x\n\nrelease: skip [a]", "a/x", "b/x")
    assert made.versions() == "b@1.0.1"


def test_the_version_of_an_unmerged_branch_is_not_taken_again(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"))
    made.git("checkout", "--quiet", "-b", "other")
    other = made.commit("elsewhere", "core/x")[:8]
    made.git("tag", "core-v1.0.1")
    made.git("checkout", "--quiet", "main")
    made.commit("here", "core/x")
    with pytest.raises(Problems) as wrong:
        made.plan()
    assert str(wrong.value) == (
        f"PIOT_TAG_TAKEN: core would be released as 1.0.1, but core-v1.0.1 exists, on commit {other} that is "
        "not in the history of HEAD\n    hint: choose another version, or merge the branch that it is on"
    )


def test_tags_on_other_branches_only_stop_the_plan(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"), tags=None)
    made.git("checkout", "--quiet", "--orphan", "other")
    made.commit("elsewhere", "core/x")
    made.git("tag", "core-v1.0.0")
    made.git("checkout", "--quiet", "main")
    with pytest.raises(
        Problems, match=r"PIOT_TAGS_UNREACHABLE: core was released as core-v1\.0\.0, but no such"
    ):
        made.plan()


def test_a_maintenance_branch_goes_on_from_its_own_tag(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"))
    made.git("branch", "1.x")
    made.commit("x", "core/x")
    made.git("tag", "core-v2.0.0")
    made.git("checkout", "--quiet", "1.x")
    made.commit("fix", "core/y")
    plan = made.plan()
    assert [each.version for each in plan.packages] == ["1.0.1"]
    assert [each.code for each in plan.findings] == ["PIOT_TAG_ELSEWHERE"]


def test_a_version_that_python_cannot_spell_stops_the_plan(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("py"))
    made.commit("x\n\nrelease: 1.1.0-nightly [py]", "py/x")
    with pytest.raises(Problems, match="PIOT_PLAN_SPELLING: py: a Python package cannot have the version"):
        made.plan()


def test_an_explicit_version_wins_over_steps_and_may_not_go_back(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"))
    made.commit("x\n\nrelease: major", "core/x")
    made.commit("x\n\nrelease: 1.5.0-rc.1 [core]")
    assert made.versions() == "core@1.5.0-rc.1"
    made.commit("x\n\nrelease: 0.9.0 [core]")
    with pytest.raises(Problems, match=r"asks for core 0.9.0, but 1.0.0 is released"):
        made.plan()


def test_after_a_pre_release_comes_the_next_one_until_a_step_is_said(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"), tags="1.1.0-rc.1")
    made.commit("x", "core/x")
    assert made.versions() == "core@1.1.0-rc.2"
    made.commit("x\n\nrelease: minor")
    assert made.versions() == "core@1.1.0"


def test_a_release_that_needs_a_pre_release_is_warned_of(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core") + package("py", "core"))
    made.commit("x\n\nrelease: 2.0.0-rc.1 [core]", "core/x")
    plan = made.plan()
    assert [(each.name, each.version) for each in plan.packages] == [("core", "2.0.0-rc.1"), ("py", "1.0.1")]
    assert findings(plan) == [
        (
            "warning",
            "PIOT_PLAN_PRERELEASE",
            "py 1.0.1 is no pre-release, but would need one of core",
        )
    ]


def test_packages_of_one_group_have_one_version_and_tag(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, GROUP, tags=None)
    made.git("tag", "lib-v1.0.0")
    made.commit("x\n\nrelease: minor [py]", "core/x")
    plan = made.plan()
    assert [(each.name, each.version, each.tag) for each in plan.packages] == [
        ("core", "1.1.0", "lib-v1.1.0"),
        ("py", "1.1.0", "lib-v1.1.0"),
    ]
    made.git("tag", "lib-v1.1.0")
    made.commit("x", "core/x")
    plan = made.plan()
    assert [[reason.text for reason in each.reasons] for each in plan.packages] == [
        ["1 file changed"],
        ['core, of the same version group "lib", is released'],
    ]


def test_older_tags_are_read_until_there_is_a_new_one(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core", baseline_tags='["v{version}"]'), tags=None)
    made.git("tag", "v3.0.0")
    made.commit("x", "core/x")
    assert made.versions() == "core@3.0.1"
    made.git("tag", "core-v0.9.0")
    made.commit("x", "core/x")
    assert made.versions() == "core@0.9.1"


def test_a_registry_that_has_versions_stops_a_first_release(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"), tags=None)
    assert findings(asked(made, ("0.9.0", "1.4.0"))) == [
        (
            "error",
            "PIOT_ADOPT",
            "core has no release tag, but its registry has 1.4.0: 0.1.0 would be wrong",
        )
    ]
    assert findings(asked(made, ())) == []
    assert findings(asked(made, ("0.1.0", "0.0.0"))) == []  # a run that died before the tag, a reserved name
    assert [each[1] for each in findings(asked(made, None))] == ["PIOT_REGISTRY_UNASKED"]
    silent = findings(asked(made, MachineError("no answer")))
    assert silent == [
        ("warning", "PIOT_REGISTRY_SILENT", "whether core was released before could not be asked: no answer")
    ]


def test_adoption_tags_what_the_registry_has_and_goes_on_from_there(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"), tags=None)
    first = made.git("rev-parse", "HEAD")
    made.commit("x", "core/x")
    plan = asked(made, ("0.9.0", "1.4.0"), adopt=True, base="HEAD~1")
    assert made.git("rev-parse", "core-v1.4.0") == first
    assert [(each.name, each.version) for each in plan.packages] == [("core", "1.4.1")]


def test_adoption_of_an_unknown_version_asks_for_it(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"), tags=None)
    with pytest.raises(UsageError) as wrong:
        asked(made, None, adopt=True)
    assert str(wrong.value) == (
        "nothing says which version of core was released\n\nhint: say it: piot plan --adopt --bump core@1.2.3"
    )
    asked(made, None, adopt=True, bump="core@2.0.0")
    assert made.git("tag") == "core-v2.0.0"


def manifest(made: Repository, version: str) -> None:
    made.write("js/package.json", f'{{"name": "@my/js", "version": "{version}"}}\n')
    made.commit(f"version {version}")


def test_a_version_from_a_manifest_is_released_when_it_is_a_new_one(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, MANIFEST, tags=None)
    manifest(made, "1.0.0")
    (planned,) = made.plan().packages
    assert (planned.version, planned.bump, planned.reasons[0].text) == (
        "1.0.0",
        "manifest",
        "its manifest says 1.0.0, and no version was released yet",
    )
    made.git("tag", "@my/js-v1.0.0")
    assert made.versions() == ""
    made.commit("x", "js/x")
    assert findings(made.plan()) == [
        (
            "warning",
            "PIOT_VERSION_UNCHANGED",
            "@my/js changed since 1.0.0, which its manifest still says: it is not released",
        )
    ]
    manifest(made, "1.1.0")
    assert made.versions() == "@my/js@1.1.0"
    manifest(made, "0.9.0")
    with pytest.raises(Problems, match=r"the manifest of @my/js says 0.9.0, but 1.0.0 is released"):
        made.plan()


@pytest.mark.parametrize(
    ("known", "planned"),
    [
        ((), True),
        (("1.0.0",), True),  # a run that died before it made the tag
        (("0.0.0", "1.0.0"), True),
        (("0.9.0",), True),
        (("0.9.0", "1.0.0"), False),
    ],
)
def test_a_first_release_from_a_manifest_goes_on_where_it_died_but_not_where_others_were_before(
    tmp_path: Path, known: tuple[str, ...], planned: bool
) -> None:
    made = Repository.make(tmp_path, MANIFEST, tags=None)
    manifest(made, "1.0.0")
    plan = asked(made, known)
    assert [each.version for each in plan.packages] == (["1.0.0"] if planned else [])
    assert findings(plan) == (
        []
        if planned
        else [
            (
                "warning",
                "PIOT_ADOPT",
                "@my/js has no release tag, but its registry has 1.0.0, which its manifest says, and other "
                "versions: it is not released",
            )
        ]
    )


def test_a_manifest_version_cannot_be_chosen_by_hand(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, MANIFEST)
    manifest(made, "1.0.0")
    with pytest.raises(UsageError) as wrong:
        made.plan("@my/js@minor")
    assert str(wrong.value) == (
        "the version of @my/js comes from its manifest\n\nhint: piot bump writes the next one into it"
    )


def test_what_is_not_committed_is_not_planned_and_said(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"))
    made.write(".gitignore", "Cargo.lock\n")
    made.commit("x", "core/Cargo.toml")
    made.write("core/new", "x")
    made.write("elsewhere", "x")
    made.write("core/Cargo.lock", "ignored")
    made.write("putitoutthere.toml", HEAD + package("core") + "\n")
    assert findings(made.plan()) == [
        (
            "warning",
            "PIOT_UNCOMMITTED",
            "what is not committed is not in the plan: putitoutthere.toml and core/new",
        )
    ]


def test_a_clone_without_tags_is_not_taken_for_one_that_was_never_released(tmp_path: Path) -> None:
    made = Repository.make(tmp_path / "origin", package("core"))
    made.git("clone", "--quiet", "--no-tags", str(made.root), str(tmp_path / "clone"))
    with pytest.raises(Problems, match="PIOT_NO_TAGS"):
        Repository(root=tmp_path / "clone").plan()


def test_editing_a_pattern_alone_releases_nothing(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"), tags=None)
    made.commit("x", "other/x")
    made.git("tag", "core-v1.0.0")
    made.write("putitoutthere.toml", HEAD + package("core", paths='["core/**", "other/**"]'))
    made.commit("patterns")
    assert made.versions() == ""
    made.commit("x", "other/x")
    assert made.versions() == "core@1.0.1"
