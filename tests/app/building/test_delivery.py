"""Results go into ``dist/``, bit for bit, and nothing that piot did not make is touched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from pathlib import Path

import pytest

from piot.effects.locks import FileLock
from piot.errors import InputError
from tests.support.checkout import HOST, Checkout, MakeCheckout, command

TOOL = command("tool", "cat in > tool; chmod +x tool", srcs=["in"], outputs=("tool",))
PAGES = command(
    "pages", "mkdir -p out/sub; cp in out/a-1.0.whl; cp in out/sub/b", srcs=["in"], outputs=("out/",)
)


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(TOOL + PAGES)
    made.write("in", "content")
    return made


def listed(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Everything below a folder but piot's own files: content and executable bit."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), os.access(path, os.X_OK))
        for path in folder.rglob("*")
        if path.is_file() and path.name not in (".gitignore", ".piot-manifest.json")
    }


EXPECTED = {
    f"{HOST}/tool": (b"content", True),
    "a-1.0.whl": (b"content", False),
    "sub/b": (b"content", False),
}


def test_folders_deliver_what_is_in_them_and_files_stand_by_triple(checkout: Checkout) -> None:
    checkout.build()
    assert listed(checkout.root / "dist") == EXPECTED
    assert (checkout.root / "dist/.gitignore").read_text() == "*\n"


def test_the_manifest_names_every_file_with_its_digest(checkout: Checkout) -> None:
    run = checkout.build()
    manifest = json.loads((checkout.root / "dist/.piot-manifest.json").read_text())
    digest = hashlib.sha256(b"content").hexdigest()
    assert manifest == {"schema": 1, "files": dict.fromkeys(sorted(EXPECTED), digest)}
    (tool,) = run.target("//:tool").outputs
    assert (tool.path, tool.sha256, tool.size) == (f"dist/{HOST}/tool", digest, 7)
    assert [each.path for each in run.target("//:pages").outputs] == ["dist/a-1.0.whl", "dist/sub/b"]


def test_a_deleted_dist_is_restored_without_running(checkout: Checkout) -> None:
    checkout.build()
    shutil.rmtree(checkout.root / "dist")
    run = checkout.build()
    assert set(run.actions.values()) == {"cached"}
    assert listed(checkout.root / "dist") == EXPECTED


def test_a_deleted_state_folder_is_harmless(checkout: Checkout) -> None:
    checkout.build()
    shutil.rmtree(checkout.root / ".piot")
    run = checkout.build()
    assert set(run.actions.values()) == {"cached"}
    assert listed(checkout.root / "dist") == EXPECTED
    assert (checkout.root / ".piot/.gitignore").read_text() == "*\n"


def test_a_delivered_file_that_was_spoilt_is_put_right(checkout: Checkout) -> None:
    checkout.build()
    tool = checkout.root / f"dist/{HOST}/tool"
    tool.write_text("spoilt!")
    tool.chmod(0o644)
    (checkout.root / "dist/a-1.0.whl").unlink()
    checkout.build()
    assert listed(checkout.root / "dist") == EXPECTED


def test_a_file_that_is_the_same_is_left_alone(checkout: Checkout) -> None:
    checkout.build()
    before = (checkout.root / "dist/a-1.0.whl").stat()
    checkout.build()
    after = (checkout.root / "dist/a-1.0.whl").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_earlier_builds_delivered_stays_in_the_manifest_while_it_is_there(checkout: Checkout) -> None:
    checkout.build("//:tool")
    checkout.build("//:pages")
    manifest = checkout.root / "dist/.piot-manifest.json"
    assert list(json.loads(manifest.read_text())["files"]) == sorted(EXPECTED)
    (checkout.root / "dist/a-1.0.whl").unlink()
    checkout.build("//:tool")
    assert list(json.loads(manifest.read_text())["files"]) == ["sub/b", f"{HOST}/tool"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"files": 3}'])
def test_a_damaged_manifest_is_written_anew(checkout: Checkout, damage: str) -> None:
    checkout.build()
    manifest = checkout.root / "dist/.piot-manifest.json"
    before = manifest.read_text()
    manifest.write_text(damage)
    checkout.build()
    assert manifest.read_text() == before


REFUSED = (
    "dist/ was not made by piot, so nothing is written there\n\n"
    "hint: move it away, or name another folder with --out"
)


def test_a_dist_that_piot_did_not_make_is_refused_before_anything_runs(checkout: Checkout) -> None:
    checkout.write("dist/precious", "mine")
    with pytest.raises(InputError) as caught:
        checkout.build()
    assert str(caught.value) == REFUSED
    assert listed(checkout.root / "dist") == {"precious": (b"mine", False)}
    assert not (checkout.store.root / "results").exists()
    checkout.build(out=Path("elsewhere"))
    assert listed(checkout.root / "elsewhere") == EXPECTED


def test_a_file_called_dist_is_refused(checkout: Checkout) -> None:
    checkout.write("dist", "mine")
    with pytest.raises(InputError) as caught:
        checkout.build()
    assert str(caught.value) == REFUSED


def test_a_link_called_dist_is_refused(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (checkout.root / "dist").symlink_to(tmp_path / "other")
    with pytest.raises(InputError) as caught:
        checkout.build()
    assert str(caught.value) == REFUSED


def test_an_empty_dist_is_as_good_as_none(checkout: Checkout) -> None:
    (checkout.root / "dist").mkdir()
    checkout.build()
    assert listed(checkout.root / "dist") == EXPECTED


def test_another_folder_takes_the_results_beside_what_is_there(checkout: Checkout, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("mine")
    run = checkout.build(out=out)
    assert listed(out) == EXPECTED | {"mine": (b"mine", False)}
    assert run.target("//:tool").outputs[0].path == (out / f"{HOST}/tool").as_posix()
    assert not (checkout.root / "dist").exists()


def test_two_targets_with_different_files_of_one_name_are_refused_before_anything_is_written(
    make_checkout: MakeCheckout,
) -> None:
    checkout = make_checkout(
        command("a", "echo 1 > x", outputs=("x",))
        + command("b", "echo 2 > x", outputs=("x",))
        + command("c", "echo 3 > other", outputs=("other",))
    )
    with pytest.raises(InputError) as caught:
        checkout.build()
    assert str(caught.value) == (
        "different files would get the same place:\n"
        f"  {HOST}/x: from //:a@triple={HOST} and from //:b@triple={HOST}\n\n"
        "hint: rename one of them, or build the targets one by one into folders of their own (--out)"
    )
    assert not (checkout.root / "dist").exists()
    assert checkout.build("//:b", "//:c").report.ok


def test_two_targets_with_the_same_file_of_one_name_are_fine(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(
        command("a", "echo 1 > x", outputs=("x",)) + command("b", "echo 1 > x", outputs=("x",))
    )
    assert checkout.build().report.ok
    assert checkout.read("x") == "1\n"


def test_a_file_where_another_target_has_a_folder_is_refused(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(
        command("a", "mkdir out; echo 1 > out/x", outputs=("out/",))
        + command("b", "mkdir -p out/x; echo 1 > out/x/y", outputs=("out/",))
    )
    with pytest.raises(InputError) as caught:
        checkout.build()
    assert caught.value.message == (
        "different files would get the same place:\n"
        f"  x/y: from //:b@triple={HOST}, and x from //:a@triple={HOST}"
    )


def test_what_was_built_is_delivered_although_other_targets_failed(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(
        command("a", "echo 1 > x", outputs=("x",)) + command("b", "exit 1", outputs=("y",))
    )
    run = checkout.build(keep_going=True)
    assert run.report.exit_code == 1
    assert listed(checkout.root / "dist") == {f"{HOST}/x": (b"1\n", False)}
    assert run.target("//:b").outputs == ()


def test_tests_deliver_nothing(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout('test(name = "t", argv = ["true"])\n')
    assert checkout.build(tests=True).report.ok
    assert not (checkout.root / "dist").exists()


def test_one_process_delivers_at_a_time(checkout: Checkout) -> None:
    with FileLock(checkout.root / ".piot/delivery.lock"):
        process = checkout.start("build", "//:all", "--sandbox", "dir")
        results = checkout.store.root / "results"
        until = time.monotonic() + 30
        while len(list(results.rglob("?" * 64))) < 2:
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(0.3)
        assert not (checkout.root / "dist").exists()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert listed(checkout.root / "dist") == EXPECTED
