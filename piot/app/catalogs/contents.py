"""What stands in the files of a checkout, by the ids that git has for them; only what it has not is read."""

from __future__ import annotations

from collections.abc import Mapping

from piot.app.session.session import Session
from piot.effects import blobs, worktree
from piot.model.history import FILE


def contents_of(session: Session) -> Mapping[str, str]:
    """Mode and id by path, of planned versions as they would be stamped."""
    environ = session.where.environ
    sources = session.sources
    index: list[dict[str, str]] = []
    seen = worktree.glance(
        session.root,
        environ,
        lambda: sources.untracked,
        meanwhile=(lambda: index.append(blobs.in_index(session.root, environ)),),
    )
    if seen is None or sources.hidden:
        found = blobs.of_files(session.root, sources.paths)
    else:
        found = index[0] if index else blobs.in_index(session.root, environ)
        like = next(iter(found.values()), "")
        for path in seen.paths:
            found.pop(path, None)
        found |= blobs.of_files(session.root, seen.paths, like=like)
    long = len(next(iter(found.values()), "").rpartition(" ")[2]) == 64
    for path, text in session.repository.overlay.items():
        mode = found.get(path, f"{FILE} ").partition(" ")[0]
        found[path] = f"{mode} {blobs.blob_id(text.encode(), long=long)}"
    return found
