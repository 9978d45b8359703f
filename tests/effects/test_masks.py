"""What a job of GitHub is told to hide."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest

from piot.effects.masks import masker


def test_a_job_of_github_is_told_line_by_line_and_not_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    masker({"GITHUB_ACTIONS": "true"})("one%\ntwo")
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", "::add-mask::one%25\n::add-mask::two\n")


def test_a_stream_that_nobody_reads_ends_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", buffering=1) as unread:
        monkeypatch.setattr("sys.stderr", unread)
        masker({"GITHUB_ACTIONS": "true"})("one")
        with suppress(BrokenPipeError):
            unread.close()


def test_nobody_else_is_told_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    masker({"GITLAB_CI": "true"})("one")
    assert capsys.readouterr() == ("", "")
