"""``piot build`` and ``piot test``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from piot.app.building.repeat import Repeat
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.cli.invocation import Globals, Invocation
from piot.cli.render import build_json, build_summary, output_paths
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.clock import stopwatch
from piot.errors import UsageError
from piot.model.report import BuildReport


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Builds, shows progress and the summary on stderr, and paths or JSON on stdout."""
    flags = invocation.globals
    place = where(invocation)
    request = request_of(invocation)
    repeat = Repeat(request, place)
    report = None if flags.verbose else repeat.answer()
    if report is None:
        report = _built(request, place, repeat, terminal, flags)
    if not (flags.quiet and report.ok):
        terminal.write(build_summary(report, terminal.style))
    if terminal.github:
        from piot.cli.github_step import tell
        from piot.effects.git import find_root

        tell(report, invocation.words, find_root(place.directory), terminal, place.environ)
    if flags.json:
        write_data(sys.stdout, build_json(report))
    elif invocation.verb == "build":
        from piot.effects.git import find_root

        write_data(sys.stdout, output_paths(report, find_root(place.directory), Path.cwd()))
    return report.exit_code


def _built(
    request: BuildRequest, place: Where, repeat: Repeat, terminal: Terminal, flags: Globals
) -> BuildReport:
    from piot.app.build import build
    from piot.cli.progress import progress_on

    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        return build(request, place, progress.emit, repeat)


def request_of(invocation: Invocation) -> BuildRequest:
    """The request of a command line that builds: ``build``, ``run``, ``test``, ``fetch``, ``explain``.

    Raises UsageError for flags that contradict each other.
    """
    options = invocation.options
    if _on(invocation, "incremental") and _on(invocation, "force"):
        raise UsageError(
            "--incremental and --force exclude each other: one stores no result, the other a new one",
            hint="--incremental --no-cache runs cargo though there is a result",
        )
    return BuildRequest(
        patterns=invocation.arguments,
        triples=invocation.texts("target") if "target" in options else (),
        pythons=invocation.texts("python") if "python" in options else (),
        profile=invocation.text("profile") or "release",
        out=_file(invocation, "out"),
        jobs=invocation.number("jobs") if "jobs" in options else None,
        sandbox=invocation.text("sandbox") if "sandbox" in options else None,
        keep_going=_on(invocation, "keep_going"),
        force=_on(invocation, "force"),
        no_cache=_on(invocation, "no_cache"),
        incremental=_on(invocation, "incremental"),
        keep_sandbox=_on(invocation, "keep_sandbox"),
        dry_run=_on(invocation, "dry_run"),
        tests=invocation.verb == "test",
        versions=_versions(invocation),
        events=_file(invocation, "events"),
        trace=_file(invocation, "trace"),
    )


def _versions(invocation: Invocation) -> tuple[tuple[str, str], ...]:
    """Those of ``--plan``, with ``--set-version`` over them."""
    given = tuple(_assigned(text) for text in invocation.texts("set_version"))
    plan = _file(invocation, "plan")
    if plan is None:
        return given
    from piot.app.building.plan_file import planned_versions

    return tuple((planned_versions(plan) | dict(given)).items())


def _on(invocation: Invocation, key: str) -> bool:
    return key in invocation.options and invocation.on(key)


def _file(invocation: Invocation, key: str) -> Path | None:
    """The place that a flag names, relative to the current folder, whatever ``-C`` says."""
    name = invocation.text(key) if key in invocation.options else None
    return None if name is None else Path(os.path.abspath(name))  # noqa: PTH100 - links are kept


def _assigned(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value
