"""The example library published in full: crates, wheels with sdist, a napi family; installed and called."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.conftest import NewPolyglot, Piot, Result, commit_all, run
from tests.support import cargo_registry, python_index
from tests.support.cargo_registry import CargoRegistry
from tests.support.loopback import Fault, Front, Reply, Request
from tests.support.mirrored import mirror
from tests.support.npm_registry import verdaccio
from tests.support.python_index import PyPI
from tests.support.repository import do

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the names that are expected are those of Linux on x86_64",
    ),
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node.js with npm"),
]

HOST, CROSS = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
TRIPLES = (CROSS, HOST)
"""What Linux can build without anything of others; an addon for it is a platform package of its own."""
TAGS = [f"{name}-v0.1.0" for name in ("rakelet-py", "rakelet-stopwords", "rakelet-ts", "rakelet")]
WHEEL = "rakelet-0.1.0-cp39-abi3-manylinux2014_{0}.manylinux_2_17_{0}.whl"
LINES = [
    "rakelet-stopwords rakelet-stopwords-0.1.0.crate",
    "rakelet rakelet-0.1.0.crate",
    f"rakelet {WHEEL.format('aarch64')}",
    f"rakelet {WHEEL.format('x86_64')}",
    "rakelet rakelet-0.1.0.tar.gz",
    f"@rakelet/node-{CROSS} node-{CROSS}-0.1.0.tgz",
    f"@rakelet/node-{HOST} node-{HOST}-0.1.0.tgz",
    "@rakelet/node node-0.1.0.tgz",
]
"""Every file, in the order in which they go out."""
TEXT = "The build graph keeps the build graph small."
RUST = """\
fn main() {{
    for each in rakelet::keywords("{text}", 1).iter().take(1) {{ println!("{{}}", each.phrase) }}
}}
"""
PYTHON = f"import rakelet; print(rakelet.keywords({TEXT!r}, 1)[0].phrase)"
NODE = f"console.log(require('@rakelet/node').keywords({json.dumps(TEXT)}, 1)[0].phrase)"


class Npm(Front):
    """verdaccio behind a server that notes what it is asked."""

    def answer(self, request: Request) -> Reply:
        return self.forward(request)


@dataclass(frozen=True, kw_only=True)
class Example:
    """The clone with its files built, and its registries."""

    clone: Path
    crates: CargoRegistry
    pypi: PyPI
    npm: Npm
    env: Mapping[str, str] = field(repr=False)

    def publish(self, piot: Piot, *, ok: bool = True) -> Result:
        return piot("publish", cwd=self.clone, env=self.env, ok=ok)

    @property
    def tags(self) -> list[str]:
        return do(self.clone.parent / "remote.git", "tag", "--list").split()


@pytest.fixture(scope="module")
def example(
    piot: Piot,
    new_polyglot: NewPolyglot,
    tmp_path_factory: pytest.TempPathFactory,
    environment: Mapping[str, str],
) -> Generator[Example, None, None]:
    folder = tmp_path_factory.mktemp("published")
    clone, crates, pypi = new_polyglot(folder / "polyglot"), CargoRegistry(lag=1.0), PyPI()
    mirror(crates, clone, folder / "cargo", environment)
    with crates.running(), pypi.running(), verdaccio(folder / "verdaccio") as server:
        npm = Npm(server.url)
        with npm.running():
            _configure(clone, crates)
            commit_all(clone, environment)
            do(folder, "init", "--quiet", "--bare", "remote.git")
            do(clone, "remote", "add", "origin", str(folder / "remote.git"))
            targets = (word for triple in TRIPLES for word in ("--target", triple))
            piot("build", "//packages/...", "//crates/stopwords/...", *targets, cwd=clone)
            secrets = {
                "PIOT_REGISTRY_CRATES_IO_TOKEN": cargo_registry.TOKEN,
                "TWINE_PASSWORD": python_index.TOKEN,
                "NPM_TOKEN": server.token,
            }
            own = {
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_INDEX_URL": pypi.index.simple,
                "TWINE_REPOSITORY_URL": pypi.index.upload,
                "npm_config_registry": npm.url,
                "NO_PROXY": "127.0.0.1",
            }
            yield Example(clone=clone, crates=crates, pypi=pypi, npm=npm, env={**secrets, **own})


def _configure(clone: Path, crates: CargoRegistry) -> None:
    """The platforms that can be built here, and crates that go to the loopback."""
    file = clone / "putitoutthere.toml"
    lines = [
        line for line in file.read_text().splitlines() if "apple-darwin" not in line and "windows" not in line
    ]
    file.write_text("\n".join([*lines, "", "[piot.registry.crates-io]", f'index = "{crates.index}"', ""]))


@pytest.fixture(scope="module")
def published(piot: Piot, example: Example) -> tuple[Result, Result]:
    """A run that stops in the middle, as the index refuses a wheel, and the run that finishes it."""
    refused = Fault(what="status", method="POST", path="/legacy/", skip=1, times=1, reply=Reply(status=400))
    example.pypi.faults.append(refused)
    return example.publish(piot, ok=False), example.publish(piot)


def test_all_goes_out_once_in_its_order(published: tuple[Result, Result], example: Example) -> None:
    first, second = published
    assert first.code == 6, first.text
    wheel, sdist = LINES[3], LINES[4]
    fates = {wheel: "failed", sdist: "left", "tag rakelet-py-v0.1.0": "left"}
    tags = [f"tag {name}-v0.1.0" for name in ("rakelet-stopwords", "rakelet", "rakelet-py", "rakelet-ts")]
    assert said(first) == [
        f"{each}: {fates.get(each, 'tagged' if each in tags else 'published')}" for each in (*LINES, *tags)
    ]
    there = f"{LINES[2]}: there already"
    assert said(second) == [
        there,
        f"{wheel}: published",
        f"{sdist}: published",
        "tag rakelet-py-v0.1.0: tagged",
    ]
    assert example.crates.uploads == ["rakelet-stopwords@0.1.0", "rakelet@0.1.0"]
    assert sorted(example.pypi.uploads) == sorted(each.partition(" ")[2] for each in LINES[2:5])
    assert example.npm.count("PUT", "/@rakelet", 201) == 3
    assert example.tags == TAGS


def said(result: Result) -> list[str]:
    return [line for line in result.stdout.splitlines() if not line.startswith(" ")]


@pytest.mark.usefixtures("published")
def test_pip_installs_the_wheel_and_it_works(
    example: Example, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path, env=environment)
    index = ("--index-url", example.pypi.index.simple, "--no-cache-dir")
    python = tmp_path / "venv/bin/python"
    own = {**environment, **example.env}
    run(python, "-m", "pip", "install", "-q", *index, "rakelet==0.1.0", cwd=tmp_path, env=own)
    assert run(python, "-c", PYTHON, cwd=tmp_path, env=environment).stdout == "build graph keeps\n"


@pytest.mark.usefixtures("published")
def test_npm_installs_the_family_and_it_works(
    example: Example, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    (tmp_path / "package.json").write_text('{"private": true}')
    words = ("--no-audit", "--registry", example.npm.url, "--cache", str(tmp_path / "cache"))
    run("npm", "install", *words, "@rakelet/node@0.1.0", cwd=tmp_path, env=environment)
    (tmp_path / "call.js").write_text(NODE)
    assert run("node", "call.js", cwd=tmp_path, env=environment).stdout == "build graph keeps\n"
    assert sorted(each.name for each in (tmp_path / "node_modules/@rakelet").iterdir()) == [
        "node",
        f"node-{HOST}",
    ]


@pytest.mark.usefixtures("published")
def test_cargo_builds_with_the_crate_and_it_works(
    example: Example, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text(
        '[package]\nname = "user"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nrakelet = "0.1"\n'
    )
    (tmp_path / "src/main.rs").write_text(RUST.format(text=TEXT))
    (tmp_path / ".cargo").mkdir()
    (tmp_path / ".cargo/config.toml").write_text(
        f'[source.crates-io]\nreplace-with = "loop"\n[source.loop]\nregistry = "{example.crates.index}"\n'
    )
    own = {**environment, "CARGO_HOME": str(tmp_path / "cargo"), "NO_PROXY": "127.0.0.1"}
    done = run("cargo", "run", "--quiet", cwd=tmp_path, env=own)
    assert done.stdout == "build graph keeps\n"
