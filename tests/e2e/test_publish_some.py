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
    wrong = release.run(piot, "cor", ok=False)
    assert wrong.code == 2
    assert wrong.stderr.startswith('error: no package matches cor\n\nhint: did you mean "core"?\n')
