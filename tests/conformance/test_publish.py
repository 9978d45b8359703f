"""Publishing: cases F of the reference, as far as they are decided before a registry is asked.

Those that need registries have tests of their own, named in ``ELSEWHERE``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.model.package import CratesSettings, NpmBuild, NpmSettings, Package, TargetSpec
from piot.model.release.artifact import Artifact, ArtifactKind, Observed, State
from piot.model.release.steps import Upload, steps
from piot.model.triple import Triple
from tests.conformance.cases import Case
from tests.support.plans import first_release

ROOT = Path(__file__).parents[1]

CASES = (
    *(Case(each) for each in ("F01", "F03", "F07", "F08", "F13", "F14", "F15", "F18", "F20", "X01", "X05")),
    Case("F02", "≠", "the tag is on the commit of the plan, whose bytes are those that are published"),
    Case("F04", "≠", "what does not need the failing package goes on; the exit code is 6"),
    Case("F22", "≠", "a tag that cannot be pushed fails the run, and the next one pushes it"),
)

ELSEWHERE = {
    "F02": "e2e/test_publish.py::test_a_killed_run_is_finished_by_another",
    "F03": "e2e/test_publish.py::test_a_release_goes_out_once",
    "F04": "e2e/test_publish.py::test_one_failure_keeps_nothing_unrelated_back",
    "F07": "e2e/test_publish.py::test_without_tokens_nothing_is_sent_and_all_that_lack_are_named",
    "F08": "model/release/test_completeness.py::test_f08_every_platform_needs_a_wheel",
    "F15": "release/publish/test_npm.py::test_a_tarball_is_sent_as_it_is_and_once",
    "F18": "e2e/test_publish.py::test_a_first_version_that_no_trusted_job_can_publish_stops_all",
    "F20": "e2e/test_publish.py::test_a_first_version_that_no_trusted_job_can_publish_stops_all",
    "F22": "effects/test_tags.py::test_a_push_that_fails_is_an_error",
    "X01": "e2e/test_publish.py::test_no_secret_is_shown_or_handed_to_a_program_as_a_word",
    "X05": "model/test_secrets.py::test_of_two_secrets_that_begin_alike_the_longer_goes_first",
}


@pytest.mark.parametrize("case", sorted(ELSEWHERE))
def test_a_case_that_is_tested_elsewhere_is_there(case: str) -> None:
    file, _, name = ELSEWHERE[case].partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def seen(package: str, name: str, kind: ArtifactKind, state: State) -> Observed:
    artifact = Artifact(package=package, kind=kind, registry_name=name, version="1.0.0", file=f"{name}.tgz")
    return Observed(artifact=artifact, state=state)


def test_f01_the_crate_goes_before_the_package_that_needs_it_whatever_the_order_of_the_file() -> None:
    js = Package(
        name="js", kind="npm", path="js", paths=(), settings=NpmSettings(npm="js"), depends_on=("core",)
    )
    core = Package(name="core", kind="crates", path="c", paths=(), settings=CratesSettings(crate="core"))
    observed = [seen("js", "js", "npm-package", "absent"), seen("core", "core", "crate", "absent")]
    found = steps(first_release("core", "js"), {"js": js, "core": core}, observed)
    assert [each.name for each in found][:2] == ["core core.tgz", "js js.tgz"]


TRIPLES = ("x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")


@pytest.mark.parametrize(("case", "there"), [("F13", 2), ("F14", 0)])
def test_of_a_family_what_is_missing_is_sent_and_the_umbrella_last(case: str, there: int) -> None:
    targets = tuple(TargetSpec(triple=Triple.parse(text), written=text) for text in TRIPLES)
    settings = NpmSettings(npm="n", build=(NpmBuild(mode="napi"),), targets=targets)
    package = Package(name="n", kind="npm", path="n", paths=(), settings=settings)
    observed = [
        seen("n", name, "npm-package" if name == "n" else "npm-platform", "same" if at < there else "absent")
        for at, name in enumerate(package.registry_names)
    ]
    found = [each for each in steps(first_release("n"), {"n": package}, observed) if isinstance(each, Upload)]
    sent = [each.artifact.registry_name for each in found if not each.settled]
    assert (case, len(sent), sent[-1]) == (case, 4 - there, "n")
    assert set(found[-1].after) == {each.name for each in found[:-1]}
