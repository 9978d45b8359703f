"""A row of the CI matrix: one artifact, and the machine that builds it; or all work of one machine."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from piot.model.package import BundleCli, Kind

JsonRow = dict[str, object]

LIMIT = 256
"""Jobs that a matrix may have (GitHub's *Usage limits*)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One artifact of a planned package; the first fields are those of the published matrix, in its order.

    ``target`` is a triple as the configuration spells it, or ``noarch``, ``sdist``, ``any`` or ``main``;
    ``triple`` is Rust's spelling where there is one. ``runs_on`` is the label of a CI machine.
    ``artifact_path`` is relative to the root. ``python_version`` is that of the interpreter that a job sets
    up; ``python`` the one that the wheel is for, where it is for one.

    ``libc`` (``gnu`` or ``musl``) stands on rows for Linux, ``compatibility``, which is what maturin is told,
    on those of wheels. ``build_workflow`` is the file name of the user's own workflow. ``label`` is the
    target that builds it. ``input_key`` is the hex digest of declared inputs and configuration, ``key`` that
    of the action, None while it is not known; ``key_waits_for`` says what for.
    """

    name: str
    kind: Kind
    version: str
    target: str
    runs_on: str
    artifact_name: str
    artifact_path: str
    path: str
    build: str | None = None
    python_version: str | None = None
    bundle_cli: BundleCli | None = None
    rust_target: str | None = None
    manylinux: str | None = None
    libc: str | None = None
    compatibility: str | None = None
    build_workflow: str | None = None
    label: str = ""
    triple: str | None = None
    python: str | None = None
    input_key: str = ""
    key: str | None = None
    key_waits_for: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The words after ``piot`` that build it, for a shell."""
        return _command([self.label], self.triple, self.python)

    def as_json(self) -> JsonRow:
        """The row as ``plan --json`` has it; fields that a row has not are left out."""
        known: JsonRow = {
            "name": self.name,
            "kind": self.kind,
            "version": self.version,
            "target": self.target,
            "runs_on": self.runs_on,
            "artifact_name": self.artifact_name,
            "artifact_path": self.artifact_path,
            "path": self.path,
            "build": self.build,
            "python_version": self.python_version,
            "bundle_cli": _bundled(self),
            "rust_target": self.rust_target,
            "manylinux": self.manylinux,
            "libc": self.libc,
            "compatibility": self.compatibility,
            "build_workflow": self.build_workflow,
            "label": self.label,
            "runner": self.runs_on,
            "triple": self.triple,
            "command": self.command,
            "input_key": self.input_key,
        }
        row = {name: value for name, value in known.items() if value is not None}
        row["key"] = self.key
        return row if self.key else row | {"key_waits_for": list(self.key_waits_for)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerRow:
    """All work of one machine as one job; rows of different ``build_workflow`` are not put together."""

    runs_on: str
    rows: tuple[Row, ...]

    @property
    def build_workflow(self) -> str | None:
        """The one of all its rows."""
        return self.rows[0].build_workflow

    @property
    def artifact_name(self) -> str:
        """What its one upload is called."""
        workflow = self.build_workflow
        name = f"piot-{self.runs_on}" + (f"-{workflow}" if workflow else "")
        return "".join(each if each.isalnum() or each in "-._" else "_" for each in name)

    @property
    def commands(self) -> tuple[str, ...]:
        """What builds its rows: each command once, and one for all that is made for the same platform."""
        labels: dict[tuple[str | None, str | None], list[str]] = {}
        for row in self.rows:
            chosen = labels.setdefault((row.triple, row.python), [])
            if row.label not in chosen:
                chosen.append(row.label)
        return tuple(_command(chosen, *how) for how, chosen in labels.items())

    def as_json(self) -> JsonRow:
        """The job as ``plan --json --rows runner`` has it."""
        return {
            "runs_on": self.runs_on,
            "runner": self.runs_on,
            "artifact_name": self.artifact_name,
            **({"build_workflow": self.build_workflow} if self.build_workflow else {}),
            "commands": list(self.commands),
            "rows": [row.as_json() for row in self.rows],
        }


def _command(labels: list[str], triple: str | None, python: str | None) -> str:
    words = ["build", *labels]
    words += ["--target", triple] if triple else []
    words += ["--python", python] if python else []
    return shlex.join(words)


def _bundled(row: Row) -> JsonRow | None:
    cli = row.bundle_cli
    if cli is None:
        return None
    staged = {"stage_to": cli.stage_to} if row.kind == "pypi" and cli.stage_to is not None else {}
    return {
        "bin": cli.bin,
        **staged,
        "crate_path": cli.crate_path,
        "features": list(cli.features),
        "no_default_features": cli.no_default_features,
    }
