"""Tags that people push to have something released: what they ask for, and what they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.app.releasing.release_plan import PlanRequest, planned
from piot.app.session.where import Where
from piot.errors import InputError, UsageError
from piot.model.release.plan import ReleasePlan
from tests.support.history import Repository, package

GROUP = package("core", version_group='"lib"') + package("py", version_group='"lib"')
MANIFEST = package("@my/js", version_from='"manifest"')


def plan(made: Repository, **request: object) -> ReleasePlan:
    where = Where(directory=made.root, environ=made.environ, offline=True)
    return planned(PlanRequest(**request), where)  # type: ignore[arg-type]


def versions(found: ReleasePlan) -> list[tuple[str, str, str]]:
    return [(each.name, each.version, each.tag) for each in found.packages]


def test_the_package_of_the_tag_is_released_and_no_other(tmp_path: Path) -> None:
    made = Repository.make(tmp_path)
    made.commit("x", "core/x", "js/x")
    made.git("tag", "--annotate", "--message=x", "core-v1.4.0")
    assert versions(plan(made, tag="core-v1.4.0")) == [("core", "1.4.0", "core-v1.4.0")]
    assert [each.text for each in plan(made, tag="core-v1.4.0").packages[0].reasons] == [
        "the tag core-v1.4.0 names it"
    ]
    assert "core" not in [each.name for each in plan(made).packages], "without --tag it is a release"


def test_a_first_release_can_be_a_tag(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, package("core"), tags=None)
    made.git("tag", "core-v0.3.0-rc.1")
    assert versions(plan(made, tag="core-v0.3.0-rc.1")) == [("core", "0.3.0-rc.1", "core-v0.3.0-rc.1")]


def test_packages_that_share_a_tag_are_released_together(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, GROUP, tags=None)
    made.git("tag", "lib-v2.0.0")
    found = versions(plan(made, tag="lib-v2.0.0"))
    assert found == [("core", "2.0.0", "lib-v2.0.0"), ("py", "2.0.0", "lib-v2.0.0")]


def test_a_manifest_has_to_say_the_version_of_the_tag(tmp_path: Path) -> None:
    made = Repository.make(tmp_path, MANIFEST, tags=None)
    made.write("js/package.json", '{"name": "@my/js", "version": "0.4.0"}\n')
    made.commit("x")
    made.git("tag", "@my/js-v0.4.0")
    assert versions(plan(made, tag="@my/js-v0.4.0")) == [("@my/js", "0.4.0", "@my/js-v0.4.0")]
    made.git("tag", "@my/js-v0.5.0")
    with pytest.raises(InputError) as caught:
        plan(made, tag="@my/js-v0.5.0")
    assert str(caught.value) == (
        "the tag says that @my/js is 0.5.0, and its manifest says 0.4.0\n\n"
        "hint: tag the commit whose manifest has the version: piot bump writes it"
    )


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"tag": "nope"}, 'git knows no tag "nope"\n\nhint: see: git tag --list; git fetch --tags'),
        ({"tag": "nightly"}, "the tag nightly is of no package\n\nhint: tags are core-v{version}"),
        (
            {"tag": "nightly", "bump": "core"},
            "--tag says what is released, and so do --bump, --base and --adopt\n\n"
            "hint: leave out one of them",
        ),
    ],
)
def test_what_no_tag_can_ask_for(tmp_path: Path, request_: dict[str, str], message: str) -> None:
    made = Repository.make(tmp_path, package("core"))
    made.git("tag", "nightly")
    with pytest.raises(UsageError) as caught:
        plan(made, **request_)
    assert str(caught.value) == message
