"""Releases of which a part is there already, or cannot go: the rest goes, and nothing before its turn."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Piot
from tests.e2e.test_publish import ALL, TAGS, Release, release
from tests.support.loopback import Fault, Reply
from tests.support.repository import do

__all__ = ["release"]

pytestmark = pytest.mark.e2e

WHEEL, SDIST = ALL[1:3]


def said(stdout: str) -> list[str]:
    return [line for line in stdout.splitlines() if not line.startswith(" ")]


def test_a_version_that_is_there_in_part_is_completed_with_the_same_bytes(
    piot: Piot, release: Release
) -> None:
    release.checkout.pypi.add("my-py", WHEEL, (release.files / WHEEL).read_bytes())
    assert said(release.run(piot, "core", "my-py").stdout) == [
        "core core-1.0.0.crate: published",
        f"my-py {WHEEL}: there already",
        f"my-py {SDIST}: published",
        "tag core-v1.0.0: tagged",
        "tag my-py-v1.0.0: tagged",
    ]
    assert release.checkout.pypi.uploads == [SDIST]


def test_a_version_that_is_there_in_part_with_other_bytes_is_refused(piot: Piot, release: Release) -> None:
    release.checkout.pypi.add("my-py", WHEEL, b"of another build")
    done = release.run(piot, "my-py", ok=False)
    assert done.code == 3, done.text
    assert done.stderr.startswith(
        "error: other files are published under these names, so nothing was sent:\n"
    )
    assert (release.checkout.pypi.uploads, release.tags) == ([], [])


def test_a_version_that_lacks_a_file_never_counts_as_done(piot: Piot, release: Release) -> None:
    """Only the sdist is refused, so the version is on the index, and has no tag."""
    refused = Fault(what="status", method="POST", path="/legacy/", skip=1, times=1, reply=Reply(status=400))
    release.checkout.pypi.faults.append(refused)
    done = release.run(piot, "core", "my-py", ok=False)
    assert (done.code, release.checkout.pypi.uploads, release.tags) == (6, [WHEEL], ["core-v1.0.0"])
    assert release.run(piot, "core", "my-py").code == 0
    assert (release.checkout.pypi.uploads, release.tags) == ([WHEEL, SDIST], ["core-v1.0.0", "my-py-v1.0.0"])


@pytest.mark.parametrize(("ours", "code"), [(True, 0), (False, 3)])
def test_a_yanked_version_is_there(piot: Piot, release: Release, *, ours: bool, code: int) -> None:
    data = (release.files / "core-1.0.0.crate").read_bytes() if ours else b"of another build"
    release.checkout.crates.add("core", "1.0.0", data, yanked=True)
    done = release.run(piot, "core", ok=False)
    assert (done.code, release.checkout.crates.uploads) == (code, []), done.text


def test_a_failure_never_lets_go_what_depends_on_it(piot: Piot, release: Release) -> None:
    refused = Fault(what="status", method="PUT", path="/api/v1/crates/new", times=9, reply=Reply(status=403))
    release.checkout.crates.faults.append(refused)
    done = release.run(piot, ok=False)
    assert done.code == 6, done.text
    assert said(done.stdout) == [
        "core core-1.0.0.crate: failed",
        f"my-py {WHEEL}: left",
        f"my-py {SDIST}: left",
        "@x/js js-1.0.0.tgz: published",
        "tag core-v1.0.0: left",
        "tag my-py-v1.0.0: left",
        "tag js-v1.0.0: tagged",
    ]
    refused.times = 0
    release.run(piot)
    assert (sorted(release.sent), release.tags) == (sorted(ALL), TAGS)


def test_a_tag_is_on_the_commit_that_was_built_however_far_the_branch_has_gone_on(
    piot: Piot, release: Release
) -> None:
    root = release.checkout.root
    built = do(root, "rev-parse", "HEAD").strip()
    do(root, "commit", "--quiet", "--allow-empty", "--message=later")
    release.run(piot, "js")
    remote = root.parent / "remote.git"
    assert do(remote, "rev-parse", "js-v1.0.0^{commit}").strip() == built


def test_files_of_a_crate_that_are_not_committed_stop_it_and_others_do_not(
    piot: Piot, release: Release
) -> None:
    root = release.checkout.root
    for path in ("core/stray.txt", "js/stray.txt", "stray.txt"):
        (root / path).write_text("not of the commit\n")
    done = release.run(piot, ok=False)
    assert (done.code, release.sent, release.tags) == (3, [], [])
    assert done.stderr == (
        "error: these files of crates are not committed, so nothing was sent:\n  core: core/stray.txt\n\n"
        "hint: commit them, move them away, or let git ignore them\n"
    )
    release.run(piot, "js")
    (root / "core/stray.txt").unlink()
    release.run(piot)
    assert (sorted(release.sent), release.tags) == (sorted(ALL), TAGS)
