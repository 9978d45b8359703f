"""What the workflows of ``piot init`` follow from: the configuration, and the workflows that are there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from piot.ci.pins import OWN
from piot.ci.workflow import CHECK, KINDS, RELEASE, Called, Workflow, needs_rust, triggers
from piot.errors import Problems
from piot.inspect import marked
from piot.load.repository import Reader
from piot.model.package import Kind, Package, TrustPolicy
from piot.model.settings import Config

FOLDER = ".github/workflows"
_INSTALL = re.compile(r"- name: Install piot\n\s+uses: (\S+)")


def workflow_of(reader: Reader, config: Config, action: str | None) -> Workflow:
    """What follows from a configuration, and from the workflows that are there.

    ``action`` is piot's own action, else the one that they take it from.
    """
    policies: list[tuple[Kind, TrustPolicy]] = [
        (each.kind, each.trust_policy) for each in config.packages if each.trust_policy is not None
    ]
    settings = config.settings.release
    approvals = dict(settings.environments)
    environments: dict[Kind, str] = {kind: approvals[kind] for kind in KINDS if kind in approvals}
    for kind, policy in policies:
        if policy.environment:
            environments.setdefault(kind, policy.environment)
    release = next((policy.workflow for _, policy in policies if policy.workflow), RELEASE)
    return Workflow(
        packages=config.packages,
        branches=settings.branches,
        on=triggers(config.cadence, settings.on),
        cron=settings.cron,
        environments=environments,
        action=action or _used(reader, release) or OWN,
        release=release,
        rust=any(needs_rust(each) for each in config.packages),
        node=any(each.kind == "npm" for each in config.packages),
        attestations=settings.attestations is True,
        github_attestations=settings.github_attestations,
        called=_called(reader, config.packages),
    )


def _called(reader: Reader, packages: Iterable[Package]) -> dict[str, Called]:
    """The packages' own workflows; of one that is no YAML nothing is known, as ``piot check`` tells."""
    found: dict[str, Called] = {}
    for name in {each.build_workflow for each in packages if each.build_workflow is not None}:
        path = f"{FOLDER}/{name}"
        text = reader.text(path)
        with suppress(Problems):
            if text is not None:
                read = marked.workflow(text, path)
                found[name] = Called(inputs=frozenset(read.inputs), secrets=read.reads_secrets)
    return found


def _used(reader: Reader, release: str) -> str | None:
    """Where the workflows that are there take piot from."""
    for name in (release, CHECK):
        match = _INSTALL.search(reader.text(f"{FOLDER}/{name}") or "")
        if match and not match[1].startswith("OWNER-/"):
            return match[1]
    return None
