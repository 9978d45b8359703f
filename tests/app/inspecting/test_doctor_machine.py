"""What `doctor` sees of a machine that is not this one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from piot.app.inspecting import doctor_machine
from piot.app.machine import toolchain_rows as table
from piot.app.machine.toolchain_rows import Row, Tool
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects import capacity
from piot.model.toolchain import Lack
from piot.model.triple import Triple
from piot.run import bubblewrap
from tests.support.history import HEAD, package

LINUX, MAC = Triple.parse("x86_64-unknown-linux-gnu"), Triple.parse("aarch64-apple-darwin")
OTHER = Lack(candidate="this machine", reason="is Linux", remedy="build it on macos-latest")
BUILDS = Row(
    triple=LINUX,
    host=True,
    rustc=Tool(name="rustc", version="rustc 1.90.0 (1159e78c4 2025-09-14)", path="/bin/rustc"),
    linker="native cc",
    tools=(
        Tool(name="cc", version="x86_64-linux-gnu-gcc-12 (Debian 12.2.0-14) 12.2.0", path="/bin/cc"),
        Tool(name="ziglang", version="0.15.1"),
        Tool(name="odd", version="unknown"),
    ),
    glibc="2.17",
)


def session(root: Path, packages: str, **environ: str) -> Session:
    (root / "putitoutthere.toml").write_text(HEAD + packages, encoding="utf-8")
    own = {"HOME": str(root), "PIOT_CONFIG": str(root / "none"), "PIOT_CACHE_DIR": str(root / "cache")}
    return Session(Where(directory=root, environ={**own, **environ}), lambda _: None, anywhere=True)


WHEEL = package("py", build='"maturin"', targets='["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"]')


def rows(monkeypatch: pytest.MonkeyPatch, *found: Row) -> None:
    def told(_session: Session) -> Sequence[Row]:
        return found

    monkeypatch.setattr(table, "rows", told)


def test_a_toolchain_is_one_line_and_names_who_is_built_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(monkeypatch, BUILDS, Row(triple=MAC, host=False, lacks=(OTHER,)))
    here, there = doctor_machine.toolchains(session(tmp_path, package("core") + WHEEL))
    assert (here.packages, here.rustc) == (("core", "py"), "1.90.0")
    assert here.summary == (
        "rustc 1.90.0, native cc, cc 12.2.0, ziglang 0.15.1, odd unknown, glibc 2.17 or later"
    )
    assert (there.packages, there.elsewhere, there.lacks) == (("py",), "macos-latest", (OTHER,))


def test_without_anything_to_compile_no_toolchain_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(monkeypatch, BUILDS)
    plain = package("py", build='"hatch"') + package("@my/js")
    assert doctor_machine.toolchains(session(tmp_path, plain)) == ()


def test_one_program_with_two_names_hides_nothing(tmp_path: Path) -> None:
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
    for folder in ("one", "three"):
        (tmp_path / folder / "git").write_text(folder)
        (tmp_path / folder / "git").chmod(0o755)
    (tmp_path / "two/git").symlink_to("../one/git")
    places = [str(tmp_path / name) for name in ("one", "two", "three", "four")]
    found = doctor_machine.search_path({"PATH": ":".join(places)})
    assert (found.entries, found.missing) == (tuple(places), (places[3],))
    assert found.programs["git"] == (f"{places[0]}/git", f"{places[2]}/git")
    assert doctor_machine.search_path({}).entries == ()


@pytest.mark.parametrize(
    ("asked", "obstacle", "level"),
    [("auto", None, "bwrap"), ("auto", "no", "dir"), ("dir", None, "dir"), ("bwrap", "no", "bwrap")],
)
def test_the_level_is_the_one_that_a_build_would_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, obstacle: str | None, level: str
) -> None:
    def told(*_: object) -> str | None:
        return obstacle

    monkeypatch.setattr(bubblewrap, "obstacle", told)
    view = doctor_machine.sandbox(session(tmp_path, package("core"), PIOT_SANDBOX=asked))
    assert (view.level, view.asked, view.obstacle) == (level, asked, obstacle)


def test_the_store_is_measured_or_why_it_cannot_be_used(tmp_path: Path) -> None:
    view = doctor_machine.store(session(tmp_path, package("core")))
    assert (view.folder, view.used, view.trouble) == (str(tmp_path / "cache"), 0, None)
    assert view.free > 0 and view.limit == 20 * 1024**3
    (tmp_path / "file").write_text("")
    broken = doctor_machine.store(session(tmp_path, package("core"), PIOT_CACHE_DIR=str(tmp_path / "file")))
    assert broken.trouble is not None and str(tmp_path / "file") in broken.trouble


def test_where_piot_is_and_what_it_runs_with(tmp_path: Path) -> None:
    view = doctor_machine.installation(session(tmp_path, package("core") + package("@my/js")))
    assert Path(view.place, "cli", "main.py").is_file()
    assert (view.root, view.packages) == (str(tmp_path), 2)
    assert f"{capacity.cpu_count()} processors" in view.host
