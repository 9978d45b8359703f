"""What changed since a release: the commits that touch what a package is made of."""

from __future__ import annotations

from collections.abc import Iterable

from piot.app.session.session import Session
from piot.effects.commit_paths import changes
from piot.model.globs import Globs
from piot.model.package import Package


def subjects_of(
    session: Session, packages: Iterable[Package], since: str | None, until: str = "HEAD"
) -> tuple[str, ...]:
    """The first lines of those commits, the oldest first; ``since`` None means from the first on."""
    globs = [Globs.parse(each.paths) for each in packages]
    return tuple(
        change.subject
        for change in changes(session.root, session.where.environ, since, until)
        if any(each.matches(path) for each in globs for path in change.paths)
    )
