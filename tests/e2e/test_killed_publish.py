"""``piot publish`` ended by SIGKILL at every request that it makes: another run ends as if nothing was."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.e2e.conftest import PATIENCE
from tests.e2e.republished import PACKAGE, Asked, State, World, made, undisturbed
from tests.e2e.test_publish import ALL, TAGS
from tests.support.killer import Killer
from tests.support.loopback import Breakage, Fault

__all__ = ["made", "undisturbed"]

pytestmark = pytest.mark.e2e

UPLOADS: dict[Asked, int] = {
    ("crates", "PUT", "/api/v1/crates/new"): 1,
    ("pypi", "POST", "/legacy/"): 2,
    ("npm", "PUT", PACKAGE): 1,
}
OTHERS: dict[Asked, int] = {
    ("crates", "DELETE", "/api/v1/trusted_publishing/tokens"): 1,
    ("crates", "GET", "/api/v1/crates/core/1.0.0"): 1,
    ("crates", "GET", "/index/co/re/core"): 5,
    ("crates", "GET", "/index/config.json"): 4,
    ("crates", "POST", "/api/v1/trusted_publishing/tokens"): 1,
    ("issuer", "GET", "/token"): 3,
    ("npm", "GET", PACKAGE): 4,
    ("npm", "POST", f"/-/npm/v1/oidc/token/exchange/package{PACKAGE}"): 1,
    ("pypi", "GET", "/_/oidc/audience"): 1,
    ("pypi", "GET", "/simple/my-py/"): 3,
    ("pypi", "POST", "/_/oidc/burn-token"): 1,
    ("pypi", "POST", "/_/oidc/mint-token"): 1,
}
"""Every request of a run that nothing disturbs, those of cargo and npm among them, and how often it comes."""

MOMENTS: tuple[Breakage, ...] = ("kill before", "kill stored", "kill answered")
CASES = [
    *(
        (asked, number, moment)
        for asked, times in UPLOADS.items()
        for number in range(times)
        for moment in MOMENTS
    ),
    *((asked, number, "kill stored") for asked, times in OTHERS.items() for number in range(times)),
]
"""Uploads have three moments; whether what changes nothing, or only a token, was done makes one of them."""
PUSHES = [(tag, hook) for tag in TAGS for hook in ("pre-receive", "post-receive")]
"""Moments of a tag: it is made here and is not at the remote, and it is there and nobody was told."""
HOOK = """\
#!/bin/sh
read old new ref
[ "$ref" != "refs/tags/{tag}" ] || kill -9 "-$(cat '{file}')"
"""


def test_the_table_has_every_request_of_an_undisturbed_run(
    undisturbed: tuple[State, Counter[Asked]],
) -> None:
    assert undisturbed[1] == {**UPLOADS, **OTHERS}
    assert (len(CASES), len(PUSHES)) == (4 * 3 + 26, 6)


@pytest.mark.parametrize(
    ("asked", "number", "moment"), CASES, ids=[f"{' '.join(each[0])} {each[1]} {each[2]}" for each in CASES]
)
def test_a_run_that_is_killed_at_a_request_is_finished_by_another(
    made: World, undisturbed: tuple[State, Counter[Asked]], asked: Asked, number: int, moment: Breakage
) -> None:
    made.set_back()
    killer, (server, method, path) = Killer(), asked
    made.server(server).faults.append(
        Fault(what=moment, method=method, path=path, skip=number, kill=killer, whole=True)
    )
    with made.started() as process:
        killer.watch(process.pid)
        process.communicate(timeout=PATIENCE)
    assert (killer.struck, process.returncode) == (True, -9)
    assert made.tagged_unseen() == []
    _finished(made, undisturbed[0])
    attempts = {each: times for each, times in made.asked().items() if each in UPLOADS}
    again = 1 if moment == "kill before" else 0
    assert attempts == {each: times + (again if each == asked else 0) for each, times in UPLOADS.items()}


@pytest.mark.parametrize(("tag", "hook"), PUSHES, ids=[" ".join(each) for each in PUSHES])
def test_a_run_that_is_killed_at_a_tag_is_finished_by_another(
    made: World, undisturbed: tuple[State, Counter[Asked]], tag: str, hook: str
) -> None:
    made.set_back()
    file, script = made.remote / "process", made.remote / "hooks" / hook
    with made.started() as process:
        file.write_text(str(process.pid))
        script.write_text(HOOK.format(tag=tag, file=file))
        script.chmod(0o755)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == -9
    assert made.tagged_unseen() == []
    assert (tag in made.release.tags) is (hook == "post-receive")
    script.unlink()
    _finished(made, undisturbed[0])


def _finished(made: World, expected: State) -> None:
    """By one more run, with everything sent once."""
    done = made.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert made.state() == expected
    assert sorted(made.release.sent) == sorted(ALL)
