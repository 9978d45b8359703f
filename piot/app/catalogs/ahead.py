"""What a query will need of git, asked before what answers it is even imported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from piot.app.session.where import Where
from piot.effects import git, plumbing

if TYPE_CHECKING:
    from piot.effects.revisions import Begun

_AFFECTED = re.compile(r"\baffected(?:\s*\(\s*|\s+)([^\s(),\"'$-][^\s(),\"']*)\s*(?:\)|$)")
"""Where a query compares the work tree with a revision."""


def begin(query: str, where: Where) -> dict[str, Begun]:
    """What was asked, by the text of the revision; nothing where the query does not need it.

    Comparing looks at every file, which git does on another processor meanwhile. What turns out not to be
    needed is not waited for. Raises InputError outside of a checkout.
    """
    asked = _AFFECTED.search(query)
    root = git.find_root(where.directory) if asked else None
    if asked is None or root is None or plumbing.repository(root) is None:
        return {}
    from piot.effects import revisions

    return {asked[1]: revisions.begin(root, asked[1], where.environ)}
