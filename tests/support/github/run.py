"""Runs a workflow here: job by job, row by row of the matrix, step by step, with the real commands."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from tests.support.github.expressions import Expressions, text
from tests.support.github.stand_ins import STAND_INS, Forge, Machine, own

SHELL = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")
"""What ``shell: bash`` means (GitHub's *Workflow syntax*)."""


@dataclass(kw_only=True)
class Step:
    """A step that ran: its name, and what it printed."""

    job: str
    name: str
    ok: bool
    output: str = ""


@dataclass(kw_only=True)
class Job:
    """``result`` is success, failure or skipped."""

    result: str
    outputs: dict[str, str] = field(default_factory=dict[str, str])
    steps: list[Step] = field(default_factory=list[Step])


@dataclass(kw_only=True)
class Run:
    """One run of a workflow; ``within`` is the job that called it."""

    forge: Forge
    environ: Mapping[str, str]
    event: Mapping[str, Any]
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rows: int = 256
    skip: frozenset[str] = frozenset()
    within: str = ""
    jobs: dict[str, Job] = field(default_factory=dict[str, Job])

    def workflow(self, path: Path) -> dict[str, Job]:
        """All jobs by name, those that need others after them."""
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        graph = {name: _list(job.get("needs")) for name, job in found["jobs"].items()}
        for name in TopologicalSorter(graph).static_order():
            self.jobs[name] = self._job(name, found, found["jobs"][name])
        return self.jobs

    def _job(self, name: str, workflow: dict[str, Any], job: dict[str, Any]) -> Job:
        if name in self.skip:
            return Job(result="skipped")
        needs = {
            each: {"result": self.jobs[each].result, "outputs": self.jobs[each].outputs}
            for each in _list(job.get("needs"))
        }
        contexts: dict[str, Any] = {"needs": needs, "github": self._github(), "inputs": dict(self.inputs)}
        before = Expressions(contexts, {"cancelled": lambda: False})
        condition = str(job.get("if", "true"))
        fine = all(each["result"] == "success" for each in needs.values()) or "cancelled()" in condition
        if not (fine and before.condition(condition)):
            return Job(result="skipped")
        if "uses" in job:
            return self._call(name, job, before)
        include = before.filled(job.get("strategy", {}).get("matrix", {}).get("include", [{}]))
        assert 1 <= len(include) <= 256, "a matrix has 1 to 256 rows"
        done = Job(result="success")
        for number, row in enumerate(include[: self.rows]):
            one = self._on_machine(
                f"{self.within}{name}-{number}", workflow, job, {**contexts, "matrix": row}
            )
            done.steps += one.steps
            done.outputs |= one.outputs
            done.result = one.result if one.result != "success" else done.result
        return done

    def _call(self, name: str, job: dict[str, Any], before: Expressions) -> Job:
        """A workflow of the repository, as a job of the one that calls it; refused where GitHub refuses."""
        path = self.forge.repository / job["uses"]
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        declared: dict[str, Any] = found[True]["workflow_call"].get("inputs", {})
        given = before.filled(job.get("with", {}))
        assert set(given) <= set(declared), f"{path.name} takes no {set(given) - set(declared)}"
        required = {each for each, how in declared.items() if how.get("required")}
        assert required <= set(given), f"{path.name} asks for {required - set(given)}"
        called = replace(self, inputs=given, within=f"{self.within}{name}-", jobs={})
        jobs = called.workflow(path).values()
        ends = [each.result for each in jobs]
        return Job(
            result="failure" if "failure" in ends else "success" if "success" in ends else "skipped",
            steps=[step for each in jobs for step in each.steps],
        )

    def _on_machine(
        self, name: str, workflow: dict[str, Any], job: dict[str, Any], contexts: dict[str, Any]
    ) -> Job:
        folder = self.forge.folder / "machines" / name
        machine = Machine(
            forge=self.forge, workspace=folder / "workspace", temp=folder / "temp", home=folder / "home"
        )
        for place in (machine.workspace, machine.temp, machine.home):
            place.mkdir(parents=True)
        runner = {"os": platform.system(), "arch": platform.machine(), "temp": str(machine.temp)}
        contexts = {**contexts, "runner": runner, "steps": {}}

        def hashed(*globs: str) -> str:
            return _hashed(machine.workspace, globs)

        expressions = Expressions(contexts, {"hashFiles": hashed})
        variables = {**workflow.get("env", {}), **job.get("env", {})}
        done = Job(result="success")
        for step in job["steps"]:
            ran = self._step(name, step, machine, expressions, contexts, variables)
            done.steps.append(ran)
            if not ran.ok:
                done.result = "failure"
                return done
        for after in machine.afterwards:
            after()
        done.outputs = {key: text(value) for key, value in expressions.filled(job.get("outputs", {})).items()}
        return done

    def _step(
        self,
        job: str,
        step: dict[str, Any],
        machine: Machine,
        expressions: Expressions,
        contexts: dict[str, Any],
        variables: Mapping[str, Any],
    ) -> Step:
        done = Step(job=job, name=step["name"], ok=True)
        if "if" in step and not expressions.condition(str(step["if"])):
            return done
        if "uses" in step:
            action = step["uses"].partition("@")[0]
            STAND_INS.get(action, own)(machine, expressions.filled(step.get("with", {})))
            return done
        assert step["shell"] == "bash"
        output = machine.temp / f"output-{len(contexts['steps'])}"
        output.touch()
        given = expressions.filled({**variables, **step.get("env", {})})
        environment = {
            **self.environ,
            "PATH": ":".join([*machine.path, self.environ["PATH"]]),
            "HOME": str(machine.home),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(output),
            "RUNNER_TEMP": str(machine.temp),
            **{key: text(value) for key, value in given.items()},
        }
        ran = subprocess.run(
            [*SHELL, step["run"]],
            cwd=machine.workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        contexts["steps"][step.get("id", job)] = {"outputs": dict(_outputs(output.read_text()))}
        done.ok, done.output = ran.returncode == 0, ran.stdout
        return done

    def _github(self) -> dict[str, Any]:
        return {"event": dict(self.event), "ref": "refs/heads/main", "token": "no token"}


def _outputs(written: str) -> Iterator[tuple[str, str]]:
    for line in written.splitlines():
        name, _, value = line.partition("=")
        yield name, value


def _hashed(workspace: Path, globs: tuple[str, ...]) -> str:
    """As hashFiles: nothing when nothing matches."""
    files = sorted({file for pattern in globs for file in workspace.glob(pattern) if file.is_file()})
    digests = b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)
    return hashlib.sha256(digests).hexdigest() if files else ""


def _list(value: Any) -> list[str]:
    """``needs`` is one name or several."""
    return [value] if isinstance(value, str) else list(value or [])


def rows_of(job: Job) -> list[dict[str, Any]]:
    """The matrix that a job put out."""
    found: list[dict[str, Any]] = json.loads(job.outputs["matrix"])
    return found
