"""What is left to people, with the words of each registry's form."""

from __future__ import annotations

from piot.ci.by_hand import by_hand
from piot.ci.workflow import Workflow
from tests.ci.conftest import ALL, package


def test_every_registry_has_its_form_filled_in() -> None:
    environments = {"crates": "crates-io", "npm": "npm"}
    workflow = Workflow(packages=ALL, environments=environments, action="me/piot@v1")  # type: ignore[arg-type]
    steps = by_hand(workflow, ("me", "words"))
    assert [(step.title, step.lines) for step in steps] == [
        (
            "crates.io: a trusted publisher for each crate (its settings, Trusted Publishing)",
            (
                "for core",
                "Repository owner: me",
                "Repository name: words",
                "Workflow filename: release.yml",
                "Environment: crates-io",
                "A new crate: publish its first version by hand (cargo publish), then register.",
            ),
        ),
        (
            "PyPI: a trusted publisher for each project (Publishing, GitHub Actions)",
            (
                "for core-py",
                "Owner: me",
                "Repository name: words",
                "Workflow name: release.yml",
                "Environment name: (leave empty)",
                "A new project: register a pending publisher instead, one at a time for each environment.",
            ),
        ),
        (
            "npm: a trusted publisher for each package (its settings, Trusted publishing)",
            (
                "for core-js, core-js-x86_64-unknown-linux-gnu, core-js-aarch64-apple-darwin, "
                "core-js-x86_64-pc-windows-msvc",
                "Organization or user: me",
                "Repository: words",
                "Workflow filename: release.yml",
                "Environment name: npm",
                "A new name: publish its first version by hand (npm publish), then register.",
            ),
        ),
        (
            "Environments, in the settings of the repository",
            (
                "crates-io: add who has to approve, and allow main only",
                "npm: add who has to approve, and allow main only",
            ),
        ),
    ]


def test_only_registries_that_are_used_are_named() -> None:
    workflow = Workflow(packages=(package("pypi", "words"),), action="me/piot@v1", release="ship.yml")
    (step,) = by_hand(workflow, None)
    assert step.lines[:4] == (
        "for words",
        "Owner: (your account or organisation)",
        "Repository name: (this repository)",
        "Workflow name: ship.yml",
    )
