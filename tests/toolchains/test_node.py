"""The Node.js and npm of this machine: found together, identified by all that npm consists of."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from piot.api.toolchain import Answer, Request
from piot.load import repository, rule_files
from piot.model.label import Label
from piot.model.toolchain import Found, Lack, NodeToolchain
from piot.model.triple import Triple
from piot.run.probe import probe
from tests.support.checkout import ROOT

HOST = Triple.parse("x86_64-unknown-linux-gnu")
LABEL = Label.parse("@piot//toolchains:node.py")
FILE: Any = rule_files.execute(rule_files.find(LABEL, ROOT, repository.read))


def found(name: str, version: str) -> Found:
    return Found(
        probe=name,
        program=f"/bin/{name}",
        version=version,
        answers=(),
        lists=(),
        siblings=(),
        roots=(),
        digest=name,
    )


def ask(**tools: Found) -> Answer:
    known = {name: (tools[name],) if name in tools else () for name in ("node", "npm")}
    request = Request(host=HOST, target=HOST, glibc="2.17", found=known, pinned=frozenset())
    answer: Answer = FILE.node.function(request)
    return answer


def test_both_are_taken_with_their_versions() -> None:
    answer = ask(node=found("node", "v20.1.0"), npm=found("npm", "11.0.0"))
    assert isinstance(answer, NodeToolchain)
    assert [(each.name, each.version, each.digest, each.programs) for each in answer.tools] == [
        ("node", "v20.1.0", "node", (("node", "/bin/node"),)),
        ("npm", "11.0.0", "npm", (("npm", "/bin/npm"),)),
    ]


def test_what_is_missing_is_named() -> None:
    reason = "is not on PATH, or does not run (install Node.js with npm)"
    lacks = ask()
    assert isinstance(lacks, tuple)
    assert [str(each) for each in lacks] == [f"node: {reason}", f"npm: {reason}"]


@pytest.mark.parametrize("version", ["6.14.4", "what?"])
def test_an_old_npm_is_not_enough(version: str) -> None:
    assert ask(node=found("node", "v12.0.0"), npm=found("npm", version)) == Lack(
        candidate="npm (/bin/npm)",
        reason=f"is version {version}, and 8 is the oldest that works",
        remedy="run `npm install --global npm`",
    )


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_a_copy_of_npm_is_another_npm_when_any_of_its_files_differs(tmp_path: Path) -> None:
    real = Path(os.path.realpath(shutil.which("npm") or "")).parent.parent
    shutil.copytree(real, tmp_path / "npm", symlinks=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/npm").symlink_to("../npm/bin/npm-cli.js")
    environ = {**os.environ, "PATH": os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]])}
    cache = tmp_path / "cache"
    same, original = probe(FILE.NPM, environ=environ, cache=cache)[:2]
    assert same.digest == original.digest != ""
    assert same.roots == (str(tmp_path / "npm"),)
    deep = next((tmp_path / "npm/node_modules").rglob("index.js"))
    deep.write_text(deep.read_text() + "\n")
    assert probe(FILE.NPM, environ=environ, cache=cache)[0].digest != same.digest
