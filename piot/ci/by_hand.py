"""What people have to do once, because no program may: names at registries, approvals, first releases."""

from __future__ import annotations

from dataclasses import dataclass

from piot.ci.pins import OWN
from piot.ci.workflow import Workflow, needs_rust
from piot.model.package import Kind, NpmSettings, Package, PypiSettings

UNKNOWN = "(your account or organisation)", "(this repository)"
"""Owner and name where the checkout has no remote that says them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A title and what to do, line by line."""

    title: str
    lines: tuple[str, ...]


def by_hand(
    workflow: Workflow, repository: tuple[str, str] | None, *, pinned: bool = True
) -> tuple[Step, ...]:
    """All of it, in the order in which it has to be done.

    ``repository`` is owner and name, ``pinned`` says whether there is a ``piot.lock``.
    """
    found = [
        *([_action()] if workflow.action == OWN else []),
        *_unwritten(workflow),
        *([] if pinned else _pins(workflow)),
        *(_publisher(workflow, kind, repository or UNKNOWN) for kind in workflow.kinds),
    ]
    if workflow.environments:
        names = sorted(set(workflow.environments.values()))
        branches = " and ".join(workflow.branches)
        lines = tuple(f"{name}: add who has to approve, and allow {branches} only" for name in names)
        found.append(Step(title="Environments, in the settings of the repository", lines=lines))
    return tuple(found)


def _action() -> Step:
    return Step(
        title="Where piot comes from",
        lines=(
            f"The workflows say {OWN}, which nobody can own, so they do not run yet.",
            "Name the repository with piot's action: piot init --action OWNER/NAME@REF --yes",
        ),
    )


def _unwritten(workflow: Workflow) -> list[Step]:
    """Workflows that build packages, and that nobody wrote yet: GitHub starts no release without them."""
    lacking: dict[str, list[str]] = {}
    for each in workflow.packages:
        if each.build_workflow is not None and each.build_workflow not in workflow.called:
            lacking.setdefault(each.build_workflow, []).append(each.name)
    lines = tuple(f".github/workflows/{file}: builds {', '.join(names)}" for file, names in lacking.items())
    again = "Then run piot init again: it is told what it declares as inputs."
    return [Step(title="Workflows of your own", lines=(*lines, again))] if lines else []


def _pins(workflow: Workflow) -> list[Step]:
    """Python packages that are not maturin's are built with what ``piot.lock`` pins, and not without."""
    packages = [each for each in workflow.packages if isinstance(each.settings, PypiSettings)]
    plain = [each.name for each in packages if not (needs_rust(each) or each.build_workflow)]
    lines = (f"for {', '.join(plain)}: piot lock, and commit piot.lock",)
    return [Step(title="Pin what Python packages are built with", lines=lines)] if plain else []


def _publisher(workflow: Workflow, kind: Kind, repository: tuple[str, str]) -> Step:
    environment = workflow.environments.get(kind)
    own = [each for each in workflow.packages if each.kind == kind]
    fields = {
        "crates": ("Repository owner", "Repository name", "Workflow filename", "Environment"),
        "pypi": ("Owner", "Repository name", "Workflow name", "Environment name"),
        "npm": ("Organization or user", "Repository", "Workflow filename", "Environment name"),
    }[kind]
    values = (*repository, workflow.release, environment or "(leave empty)")
    return Step(
        title={
            "crates": "crates.io: a trusted publisher for each crate (its settings, Trusted Publishing)",
            "pypi": "PyPI: a trusted publisher for each project (Publishing, GitHub Actions)",
            "npm": "npm: a trusted publisher for each package (its settings, Trusted publishing)",
        }[kind],
        lines=(
            f"for {', '.join(_names(own))}",
            *(f"{field}: {value}" for field, value in zip(fields, values, strict=True)),
            _FIRST[kind],
        ),
    )


_FIRST: dict[Kind, str] = {
    "crates": "A new crate: publish its first version by hand (cargo publish), then register.",
    "pypi": "A new project: register a pending publisher instead, one at a time for each environment.",
    "npm": "A new name: publish its first version by hand (npm publish), then register.",
}


def _names(packages: list[Package]) -> list[str]:
    """The names on the registry, those for the platforms too."""
    found: list[str] = []
    for package in packages:
        found.append(package.registry_name)
        if isinstance(package.settings, NpmSettings):
            npm, builds = package.settings.npm, package.settings.build
            found += [each.platform_name(npm, spec) for each in builds for spec in package.settings.targets]
    return found
