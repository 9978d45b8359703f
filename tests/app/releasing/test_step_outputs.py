"""What steps after a release learn, however it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.app.publish import publish
from piot.app.releasing.prepared_release import PublishRequest
from piot.app.releasing.step_outputs import StepOutputs
from piot.app.session.where import Where
from piot.errors import MachineError
from piot.model.events import Event, Note
from piot.model.release.artifact import Artifact
from piot.model.release.steps import Outcome, Upload
from tests.support.plans import first_release

NOTHING = "released=false\nreleased_packages=[]\ndelegated=false\ndelegated_packages=[]\n"
STEP = Upload(
    artifact=Artifact(package="core", kind="crate", registry_name="core", version="1.0.0", file="x.crate")
)


def unsaid(text: str) -> None:
    raise AssertionError(text)


def test_a_run_that_is_interrupted_tells_what_it_has_sent(tmp_path: Path) -> None:
    into = tmp_path / "output"
    into.write_text("before=1\n", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt), StepOutputs({"GITHUB_OUTPUT": str(into)}, unsaid) as outputs:
        outputs.begins(first_release("core").packages, (STEP,))
        outputs.told(Outcome(step=STEP, fate="done"))
        raise KeyboardInterrupt
    assert into.read_text(encoding="utf-8") == (
        'before=1\nreleased=true\nreleased_packages=[{"name":"core","version":"1.0.0","tag":"core-v1.0.0"}]\n'
        "delegated=false\ndelegated_packages=[]\n"
    )


def test_outside_of_a_step_nothing_is_written() -> None:
    with StepOutputs({}, unsaid):
        pass


def test_outputs_that_cannot_be_written_do_not_fail_a_release(tmp_path: Path) -> None:
    said: list[str] = []
    with StepOutputs({"GITHUB_OUTPUT": str(tmp_path)}, said.append):
        pass
    assert said == [f"no outputs of this step: cannot write {tmp_path}: Is a directory"]


def test_a_run_that_cannot_begin_released_nothing(tmp_path: Path) -> None:
    said: list[Event] = []
    environ = {"GITHUB_OUTPUT": str(tmp_path / "output")}
    with pytest.raises(MachineError, match="publishing needs the network"):
        publish(
            PublishRequest(),
            Where(directory=tmp_path, environ=environ, offline=True),
            said.append,
            lambda _: None,
        )
    assert (tmp_path / "output").read_text(encoding="utf-8") == NOTHING
    assert not any(isinstance(each, Note) for each in said)
