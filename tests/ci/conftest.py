"""Workflows as the generators write them, for repositories of many shapes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import yaml

from piot.ci.workflow import Called, Workflow
from piot.model.package import CratesSettings, Kind, NpmBuild, NpmSettings, Package, PypiSettings, TargetSpec
from piot.model.settings import ReleaseTrigger
from piot.model.triple import Triple

FIVE = tuple(
    TargetSpec(triple=Triple.parse(text), written=text)
    for text in ("x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
)


def package(kind: Kind, name: str, **more: object) -> Package:
    """A package of a kind, as small as can be."""
    settings: dict[Kind, CratesSettings | PypiSettings | NpmSettings] = {
        "crates": CratesSettings(crate=name),
        "pypi": PypiSettings(pypi=name, build="maturin", targets=FIVE),
        "npm": NpmSettings(npm=name, build=(NpmBuild(mode="napi"),), targets=FIVE),
    }
    given = {"path": name, "paths": (f"{name}/**",), "settings": settings[kind], **more}
    return Package(name=name, kind=kind, **given)  # type: ignore[arg-type]


ALL = (package("crates", "core"), package("pypi", "core-py"), package("npm", "core-js"))


def workflows() -> Iterator[tuple[str, Workflow]]:
    """With names for messages: all kinds, triggers and ways of approval."""
    triggers: tuple[tuple[ReleaseTrigger, ...], ...] = (
        *(("push",), ("tag",), ("cron",), ("dispatch",)),
        ("push", "tag", "cron", "dispatch"),
    )
    one: dict[Kind, str] = {"crates": "release", "pypi": "release", "npm": "release"}
    own: dict[Kind, str] = {"crates": "crates-io", "pypi": "pypi", "npm": "npm"}
    some: dict[Kind, str] = {"pypi": "pypi"}
    for on, environments in itertools.product(triggers, ({}, one, own, some)):
        name = f"{'+'.join(on)} {'+'.join(sorted(set(environments.values()))) or 'no approval'}"
        workflow = Workflow(packages=ALL, on=on, environments=environments, action="me/piot@v0.1.0")
        yield name, workflow
        yield f"{name}, attested", replace(workflow, attestations=True, github_attestations=True)
    for kinds in (("crates",), ("pypi",), ("npm",), ("crates", "pypi")):
        chosen = tuple(each for each in ALL if each.kind in kinds)
        yield " ".join(kinds), Workflow(packages=chosen, rust=kinds != ("npm",), node="npm" in kinds)
    wheels = replace(ALL[1], build_workflow="wheels.yml")
    called = {"wheels.yml": Called(inputs=frozenset(("version", "os")), secrets=True)}
    workflow = Workflow(packages=(ALL[0], wheels, ALL[2]), called=called)
    yield "own wheels", workflow
    yield "own wheels, attested", replace(workflow, github_attestations=True)
    addons = replace(ALL[2], name="@me/core-js", build_workflow="addons.yml")
    yield "all are own, and approved", Workflow(packages=(wheels, addons), environments=own, called=called)


SHAPES = dict(workflows())


def parsed(text: str) -> dict[str, Any]:
    """YAML 1.1 takes the key ``on`` for true."""
    found: dict[Any, Any] = yaml.safe_load(text)
    return {("on" if key is True else key): value for key, value in found.items()}


def jobs(text: str) -> dict[str, Any]:
    found: dict[str, Any] = parsed(text)["jobs"]
    return found
