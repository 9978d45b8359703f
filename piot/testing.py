"""For tests of your own rules: small repositories in which they are planned and built for real."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from piot.app.build import build
from piot.app.building.planning import make_plan
from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.model import events
from piot.run import launcher

__all__ = ["Repository"]

CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "any"
kind = "npm"
path = "any"
paths = ["any/**"]
"""
"""What a repository needs to be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository in an empty folder, with a store of its own beside it.

    ``environ`` is all that piot knows of the machine: PATH says which programs there are.
    """

    root: Path
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    @classmethod
    def with_copies(cls, folder: Path, *paths: str, source: Path | None = None) -> Repository:
        """With copies of these files of ``source`` (the current folder), at the same places."""
        environ = {**os.environ, "PIOT_CACHE_DIR": str(folder / "cache"), "PIOT_CONFIG": str(folder / "none")}
        made = cls(root=folder / "repository", environ=environ)
        made.write("putitoutthere.toml", CONFIG)
        for path in paths:
            made.write(path, ((source or Path.cwd()) / path).read_text(encoding="utf-8"))
        return made

    def write(self, path: str, text: str) -> Path:
        """A file of the repository; its folders are made."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def commands(self, *patterns: str, triples: tuple[str, ...] = ()) -> tuple[tuple[str, ...], ...]:
        """The command lines that would make these targets, dependencies first; nothing is run.

        Raises Problems with what rules and BUILD files refuse.
        """
        request = BuildRequest(patterns=patterns, triples=triples, dry_run=True)
        with closing(Session(self._where, lambda _: None)) as session:
            actions = make_plan(session, request).actions.values()
        return tuple(
            action.argv[1:] if action.argv[0] == launcher.PATH else action.argv for action in actions
        )

    def build(self, *patterns: str, triples: tuple[str, ...] = ()) -> dict[str, bytes]:
        """Builds, and gives the bytes of all that was delivered by its path below ``dist/``.

        Raises AssertionError with what a command printed that failed, or with what this machine lacks, and
        Problems as ``commands`` does.
        """
        said: list[events.Event] = []
        request = BuildRequest(patterns=patterns, triples=triples)
        report = build(request, self._where, said.append)
        if not report.ok:
            raise AssertionError("\n".join(_failures(said)) or "not built: this machine lacks what it takes")
        paths = [output.path for target in report.targets for output in target.outputs]
        return {path.removeprefix("dist/"): (self.root / path).read_bytes() for path in paths}

    @property
    def _where(self) -> Where:
        return Where(directory=self.root, environ=self.environ)


def _failures(said: list[events.Event]) -> list[str]:
    return [
        f"{each.label}: {each.description}: {each.reason}\n{each.output.decode(errors='replace')}"
        for each in said
        if isinstance(each, events.ActionFinished) and each.status == "failed"
    ]
