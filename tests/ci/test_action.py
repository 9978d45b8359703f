"""piot's own action: its form, and the step that puts piot on PATH, with releases from a loopback server."""

from __future__ import annotations

import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from piot import __version__
from piot.ci.outputs import github_output, published_output

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PEX = '#!/bin/sh\necho "piot said: $*"\n'

posix = pytest.mark.skipif(sys.platform == "win32", reason="bash and chmod")


def test_it_has_these_inputs_and_all_are_optional() -> None:
    assert set(ACTION["inputs"]) == {"command", "working-directory", "version", "path", "extras"}
    assert all(not each.get("required") and "default" in each for each in ACTION["inputs"].values())


def test_outputs_are_those_that_plan_and_publish_write() -> None:
    written = github_output((), (), ()) + published_output((), (), ())
    names = [line.partition("=")[0] for line in written.splitlines()]
    step = next(each for each in ACTION["runs"]["steps"] if "command" in each.get("if", ""))
    assert {name: each["value"] for name, each in ACTION["outputs"].items()} == {
        name: f"${{{{ steps.{step['id']}.outputs.{name} }}}}" for name in names
    }


def test_inputs_reach_no_script_but_through_variables() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for step in ACTION["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a repository with releases, and the folder of this version's."""
    folder = tmp_path / "server/releases/download" / f"v{__version__}"
    folder.mkdir(parents=True)
    handler = partial(Quiet, directory=str(tmp_path / "server"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


def install(tmp_path: Path, **given: str) -> tuple[int, str, Path | None]:
    """Exit code, what it said, and the folder that it put on PATH."""
    temp, path = tmp_path / "temp", tmp_path / "path"
    temp.mkdir(exist_ok=True)
    path.touch()
    environment = {
        **{"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_PROXY": "*"},
        **{"ACTION_PATH": str(ROOT), "RELEASES": "http://127.0.0.1:9", "PIOT_PATH": ""},
        **{"PIOT_VERSION": "", "PIOT_EXTRAS": ""},
        **{"RUNNER_TEMP": str(temp), "GITHUB_PATH": str(path)},
        **given,
    }
    step = ACTION["runs"]["steps"][0]
    assert set(step["env"]) <= set(environment)
    words = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
    done = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    put = path.read_text(encoding="utf-8").strip()
    return done.returncode, done.stdout + done.stderr, Path(put) if put else None


def says(folder: Path | None, *words: str) -> str:
    assert folder is not None
    return subprocess.run([folder / "piot", *words], capture_output=True, text=True, check=True).stdout


@posix
def test_a_file_that_is_named_becomes_the_command(tmp_path: Path) -> None:
    pex = tmp_path / "some.pex"
    pex.write_text(PEX, encoding="utf-8")
    code, said, folder = install(tmp_path, PIOT_PATH=str(pex))
    assert code == 0, said
    assert says(folder, "build", "//x") == "piot said: build //x\n"


@posix
def test_one_file_has_no_extras(tmp_path: Path) -> None:
    (tmp_path / "some.pex").write_text(PEX, encoding="utf-8")
    code, said, _ = install(tmp_path, PIOT_PATH=str(tmp_path / "some.pex"), PIOT_EXTRAS="attest")
    assert (code, said) == (5, "::error::piot.pex has no extras: give the action a wheel or a checkout\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is known to have a file")
def test_the_file_of_the_release_is_taken_when_it_is_the_one_that_was_published(
    tmp_path: Path, releases: tuple[str, Path]
) -> None:
    address, folder = releases
    (folder / "piot.pex").write_text(PEX, encoding="utf-8")
    (folder / "piot.pex.sha256").write_text(f"{hashlib.sha256(PEX.encode()).hexdigest()}  piot.pex\n")
    code, said, place = install(tmp_path, RELEASES=address)
    assert code == 0, said
    assert says(place) == "piot said: \n"
    shutil.copytree(folder, folder.parent / "v9.9.9")
    assert install(tmp_path, RELEASES=address, PIOT_VERSION="v9.9.9")[0] == 0
    (folder / "piot.pex").write_text(PEX + "# changed\n", encoding="utf-8")
    code, said, _ = install(tmp_path, RELEASES=address)
    assert (code, said) == (
        5,
        f"::error::{address}/releases/download/v{__version__}/piot.pex is not the file that piot.pex.sha256 "
        "beside it names\n",
    )


@posix
def test_without_a_python_it_says_what_is_needed(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "sed", "rm", "uname"):
        (tools / name).symlink_to(shutil.which(name) or name)
    code, said, _ = install(tmp_path, PATH=str(tools))
    assert code == 5
    assert said == (
        "::error::piot needs Python 3.11 or newer: use actions/setup-python in a step before this one\n"
    )


def test_a_command_is_run_with_its_quotes(tmp_path: Path) -> None:
    (tmp_path / "piot").write_text('#!/bin/sh\nprintf "[%s]" "$@"\n', encoding="utf-8")
    (tmp_path / "piot").chmod(0o755)
    step = ACTION["runs"]["steps"][1]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PIOT_COMMAND": "query 'deps(//x)' --json"}
    words = ["bash", "-ec", step["run"]]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[query][deps(//x)][--json]"
