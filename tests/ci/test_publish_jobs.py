"""The jobs that publish: how many, who approves them, what they wait for and what they sign."""

from __future__ import annotations

from typing import Any

import pytest

from piot.ci.release_text import release_text
from piot.ci.workflow import Workflow
from tests.ci.conftest import ALL, SHAPES, jobs


def test_one_approval_for_all_is_one_job() -> None:
    found = jobs(release_text(SHAPES["push release"]))
    assert list(found) == ["plan", "build", "publish"]
    assert found["publish"]["environment"] == "release"


def test_registries_with_approvals_of_their_own_have_jobs_of_their_own() -> None:
    found = jobs(release_text(SHAPES["push crates-io+npm+pypi"]))
    assert list(found) == ["plan", "build", "publish-crates", "publish-pypi", "publish-npm"]
    assert [found[name]["environment"] for name in list(found)[2:]] == ["crates-io", "pypi", "npm"]
    assert found["publish-npm"]["needs"] == ["plan", "build", "publish-pypi"]
    assert found["publish-npm"]["if"] == "${{ !cancelled() && needs.build.result == 'success' }}"
    assert "if" not in found["publish-crates"]
    words = [found[name]["steps"][-1]["run"].split()[:3] for name in list(found)[2:]]
    assert words == [["piot", "publish", name] for name in ("core", "core-py", "core-js")]


def test_publishing_waits_for_all_that_is_planned_and_not_for_what_is_not() -> None:
    found = jobs(release_text(SHAPES["all are own, and approved"]))
    conditions = {found[f"publish-{kind}"]["if"] for kind in ("pypi", "npm")}
    assert conditions == {
        "${{ !cancelled() && needs.plan.result == 'success' && needs.plan.outputs.any == 'true' "
        "&& contains('success skipped', needs.build.result) "
        "&& contains('success skipped', needs.build-core-py.result) "
        "&& contains('success skipped', needs.build-me-core-js.result) }}"
    }


@pytest.mark.parametrize("environments", [{}, {"pypi": "pypi"}])
def test_what_signs_is_installed_only_where_it_is_asked_for_and_pypi_is_published_to(
    environments: dict[Any, str],
) -> None:
    def has_extras(found: list[dict[str, Any]]) -> bool:
        return any("extras" in step.get("with", {}) for step in found)

    def signing(**more: Any) -> list[str]:
        found = jobs(release_text(Workflow(packages=ALL, environments=environments, **more)))
        return [name for name, job in found.items() if has_extras(job["steps"])]

    assert signing() == []
    assert signing(attestations=True) == ["publish-pypi" if environments else "publish"]
