"""Only what is named goes out of a plan, as jobs with approvals of their own need it."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Piot
from tests.e2e.test_publish import Release, release

__all__ = ["release"]

pytestmark = pytest.mark.e2e


def test_packages_that_are_not_named_stay_where_they_are(piot: Piot, release: Release) -> None:
    release.run(piot, "core")
    assert (release.sent, release.tags) == (["core@1.0.0"], ["core-v1.0.0"])
    release.run(piot, "js", "my-py")
    assert release.tags == ["core-v1.0.0", "js-v1.0.0", "my-py-v1.0.0"]
    assert release.run(piot, "//py:publish").stdout.splitlines() == [
        "my-py my_py-1.0.0-py2.py3-none-any.whl: there already",
        "my-py my_py-1.0.0.tar.gz: there already",
        "tag my-py-v1.0.0: there already",
    ]
    wrong = release.run(piot, "cor", ok=False)
    assert wrong.code == 2
    assert wrong.stderr.startswith('error: no package matches cor\n\nhint: did you mean "core"?\n')


def test_the_graph_has_what_is_published_and_nothing_builds_it(piot: Piot, release: Release) -> None:
    root, env = release.checkout.root, release.env
    assert piot("query", "deps", "//py:publish", cwd=root, env=env).stdout.split() == [
        *("//core:crate", "//core:publish", "//py:publish", "//py:sdist", "//py:wheel")
    ]
    assert "publish" not in piot("query", "//...", cwd=root, env=env).stdout
    refused = piot("build", "//py:publish", cwd=root, env=env, ok=False)
    assert (refused.code, refused.stderr) == (
        2,
        "error: //py:publish is not built but published\n\nhint: use `piot publish //py:publish`\n",
    )
