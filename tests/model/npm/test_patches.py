"""Patches that lock files of pnpm and Bun name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from piot.model.npm.graph import NpmGraph
from piot.model.npm.locks import read_lock
from tests.model.npm.test_graphs import BUN, HOST, PNPM, graph, messages, project


@pytest.mark.parametrize("told", ["{hash: abc, path: x.patch}", "abc"])
def test_a_patch_of_pnpm_is_found_by_its_hash(told: str) -> None:
    text = PNPM.replace("1.0.0(peer", "1.0.0(patch_hash=abc)(peer")
    text = text.replace("importers:", f"patchedDependencies: {{x@1.0.0: {told}}}\nimporters:")
    of = project("pnpm-lock.yaml", text, root={"pnpm": {"patchedDependencies": {"x@1.0.0": "x.patch"}}})
    for each in (of, replace(project("pnpm-lock.yaml", text), workspace=of.top["pnpm"])):  # type: ignore[arg-type]  # a table
        found = read_lock(each, HOST)
        assert isinstance(found, NpmGraph)
        assert {key: row.patch for key, row in found.packages.items() if row.patch} == {
            "x@1.0.0(patch_hash=abc)(peer@1.0.0)": "js/x.patch"
        }


def test_a_patch_of_bun_is_for_a_version() -> None:
    patches = {"patchedDependencies": {"x@2.0.0": "patches/x.patch"}}
    text = BUN.replace('"packages":', f'{json.dumps(patches)[1:-1]},\n"packages":')
    found = graph("bun.lock", text, root=patches)
    assert {key: row.patch for key, row in found.packages.items() if row.patch} == {"y": "js/patches/x.patch"}
    assert messages(project("bun.lock", text)) == [
        "it is out of date: the patches are not those that were locked"
    ]
