"""Analysis of graphs that are made in memory, by rules that are written in the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from piot.api.rule import Rule
from piot.errors import InputError
from piot.model.action import Text
from piot.model.label import Label
from piot.model.npm.project import NpmProject
from piot.model.pins import Pins
from piot.model.rule import Attr, AttrType, RuleSchema
from piot.model.target import Target, TargetGraph
from piot.model.toolchain import Lack
from piot.model.triple import Triple
from piot.plan.analyze import Analysis
from piot.plan.context import Surroundings
from piot.plan.facts import Facts
from piot.plan.toolchains import Machine, Toolchains

HOST = Triple.parse("x86_64-unknown-linux-gnu")


def no_npm(directory: str) -> NpmProject:
    raise InputError(f"no package.json in {directory}")


def no_python(requires: tuple[str, ...], *, headers: bool) -> tuple[Lack, ...]:
    return (Lack(candidate="python3", reason=f"none for {requires}, headers {headers}"),)


SURROUNDINGS = Surroundings(
    facts=Facts(
        files=("a/x", "a/y", "b/x"),
        texts={"Cargo.lock": "lock"},
        workspaces=(),
        pyprojects={},
        npm=no_npm,
        packages=(),
    ),
    toolchains=Toolchains(
        (), Machine(host=HOST, glibc=(2, 36), found={}, pinned=frozenset()), glibc="2.17", channel=None
    ),
    node=lambda: (Lack(candidate="node", reason="is not on PATH"),),
    programs={},
    system={},
    pins=Pins(),
    host=HOST,
    profile="release",
    launcher=Text(dest=".piot/launch", content=b"#!/bin/sh\n", executable=True),
    interpreters=no_python,
)


class Analyse(Protocol):
    def __call__(self, rule: Rule[Any], edges: Mapping[str, tuple[str, ...]], **changes: Any) -> Analysis: ...


@pytest.fixture(scope="session")
def analyse() -> Analyse:
    """An analysis of targets ``//:NAME`` of one rule, each with the ``deps`` that ``edges`` names."""

    def make(rule: Rule[Any], edges: Mapping[str, tuple[str, ...]], **changes: Any) -> Analysis:
        schema = RuleSchema(
            name="thing",
            attrs=(Attr(name="deps", type=AttrType.LABELS), Attr(name="depends_on", type=AttrType.LABELS)),
            location="@piot//rules:thing.py:1",
            configured_by=rule.configured_by,
        )
        targets = (
            Target(
                label=Label("", name),
                rule="thing",
                attrs=(("deps", tuple(Label("", dep) for dep in deps)),),
            )
            for name, deps in edges.items()
        )
        around = Surroundings(
            **{**{name: getattr(SURROUNDINGS, name) for name in SURROUNDINGS.__slots__}, **changes}
        )
        return Analysis(TargetGraph.of(targets, {"thing": schema}), around, lambda _key: rule)

    return make
