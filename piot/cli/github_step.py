"""Tells GitHub Actions what came of a build: annotations into the log, a table onto the step's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from piot.cli import github
from piot.cli.progress import Progress
from piot.cli.terminal import Terminal
from piot.effects import chance, files
from piot.effects.appending import append
from piot.errors import MachineError
from piot.model import events
from piot.model.report import BuildReport, TargetReport


class GithubProgress(Progress):
    """Plain lines in which the output of actions is folded when they succeed, and gives no commands."""

    def _lines(self, event: events.Event) -> list[str]:
        lines = super()._lines(event)
        if not isinstance(event, events.ActionFinished) or len(lines) < 2:
            return lines
        output = github.fenced(lines[1:], chance.token())
        return github.grouped(lines[0], output) if event.status == "ran" else [lines[0], *output]


def tell(
    report: BuildReport, words: Sequence[str], root: Path, terminal: Terminal, environ: Mapping[str, str]
) -> None:
    """Failures as errors, and every target in the summary; a dry run has nothing to tell."""
    failed = [target for target in report.targets if target.status == "failed"]
    for target in failed[: github.MOST_ANNOTATIONS]:
        terminal.write(github.target_annotation(target, _place(target, root)) + "\n")
    page = environ.get("GITHUB_STEP_SUMMARY")
    if page and not report.dry_run:
        try:
            append(Path(page), github.step_summary(words, report))
        except MachineError as error:
            terminal.write(f"note: no summary of this step: {error.message}\n")


def _place(target: TargetReport, root: Path) -> tuple[str, str, str] | None:
    """Where a compiler says that the error is, if that is a file of the checkout."""
    try:
        log = b"" if target.log is None else files.read_file(Path(target.log))
    except (FileNotFoundError, MachineError):
        return None
    place = github.place_in(log.decode("utf-8", "replace"))
    inside = place is not None and not place[0].startswith("/") and ".." not in place[0].split("/")
    return place if place is not None and inside and files.look(root / place[0]) else None
