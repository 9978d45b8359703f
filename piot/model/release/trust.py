"""What registries compare of a job that publishes, each in its own way.

PyPI looks at the file that a job is defined in (``job_workflow_ref``), crates.io and npm at the one that was
started (``workflow_ref``): their documentation and, for the first two, their sources.
"""

from __future__ import annotations

from collections.abc import Mapping

from piot.model.package import Kind

REGISTRIES: Mapping[Kind, str] = {"crates": "crates.io", "pypi": "PyPI", "npm": "npm"}

REFUSED: Mapping[Kind, tuple[str, ...]] = {
    "crates": ("pull_request_target", "workflow_run"),
    "pypi": ("pull_request_target",),
    "npm": (),
}
"""Events of GitHub whose tokens a registry refuses."""


def same_repository(kind: Kind, wanted: str, there: str) -> bool:
    """npm compares letter by letter."""
    return wanted == there if kind == "npm" else wanted.casefold() == there.casefold()


def same_environment(kind: Kind, wanted: str, there: str, *, gitlab: bool) -> bool:
    """npm compares letter by letter, and so does PyPI for GitLab."""
    exact = kind == "npm" or (gitlab and kind == "pypi")
    return wanted == there if exact else wanted.casefold() == there.casefold()
