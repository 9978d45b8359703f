"""Workflows: triggers, permissions and steps in all the ways that GitHub reads them."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.inspect.marked import parse, workflow


@pytest.mark.parametrize(
    ("text", "triggers"),
    [
        ("on: push", {"push": (1, 5)}),
        ("on: [push, workflow_dispatch]", {"push": (1, 6), "workflow_dispatch": (1, 12)}),
        ("on:\n  push:\n    branches: [main]\n  schedule: []\n", {"push": (3, 5), "schedule": (4, 13)}),
        ('"on": push', {"push": (1, 7)}),
        ("name: x", {}),
        ("", {}),
        ("- a", {}),
    ],
)
def test_triggers(text: str, triggers: dict[str, tuple[int, int]]) -> None:
    found = workflow(text, "x.yml").triggers
    assert {name: (node.line, node.column) for name, node in found.items()} == triggers


@pytest.mark.parametrize(
    ("top", "job", "may"),
    [
        ("", "", False),
        ("permissions: write-all\n", "", True),
        ("permissions: read-all\n", "", False),
        ("permissions: { id-token: write }\n", "", True),
        ("permissions: { id-token: write }\n", "    permissions: { contents: read }\n", False),
        ("permissions: {}\n", "    permissions: { id-token: write }\n", True),
        ("permissions: {}\n", "    permissions: { id-token: none }\n", False),
    ],
)
def test_what_a_job_says_of_permissions_takes_the_place_of_the_workflows(
    top: str, job: str, may: bool
) -> None:
    found = workflow(f"{top}jobs:\n  a:\n    runs-on: x\n{job}", "x.yml")
    assert found.may(found.jobs["a"], "id-token") is may


def test_where_nothing_is_said_the_repositorys_settings_count() -> None:
    found = workflow("jobs:\n  a:\n    runs-on: x\n", "x.yml")
    assert found.may(found.jobs["a"], "contents", otherwise=True)


def test_actions_and_called_workflows_are_used() -> None:
    text = (
        "jobs:\n  a:\n    uses: o/r/.github/workflows/x.yml@v1\n"
        "  b:\n    steps:\n      - uses: o/a@v2\n      - run: x\n"
    )
    found = workflow(text, "x.yml")
    assert [(each.text, each.line) for each in found.uses()] == [
        ("o/r/.github/workflows/x.yml@v1", 3),
        ("o/a@v2", 6),
    ]
    assert [step.line for _, step in found.steps()] == [6, 7]


def test_an_alias_that_leads_back_ends_somewhere() -> None:
    found = parse("a: &a\n  b: *a\n", "x.yml")
    assert found.at("a", "b", "b", "b") is not None


def test_what_is_no_yaml_is_a_problem_at_its_place() -> None:
    with pytest.raises(Problems) as wrong:
        parse("a: [1\nb: 2\n", "x.yml")
    assert str(wrong.value).startswith("x.yml:2:2: PIOT_YAML: not YAML: ")
