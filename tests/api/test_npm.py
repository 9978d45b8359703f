"""Inputs of npm actions stand below a folder of their own."""

from __future__ import annotations

from piot.api import npm
from piot.model.action import Output, Produced, SourceFile, Text


def test_every_kind_of_input_can_be_staged_in_a_folder() -> None:
    output = Output(action="//:x", path="out/a")
    assert npm.staged(SourceFile(path="a/b")) == SourceFile(path="a/b", dest="repo/a/b")
    assert npm.staged(SourceFile(path="a", dest="b")) == SourceFile(path="a", dest="repo/b")
    assert npm.staged(Text(dest="a", content=b"")) == Text(dest="repo/a", content=b"")
    assert npm.staged(Produced(output=output, dest="a")) == Produced(output=output, dest="repo/a")
