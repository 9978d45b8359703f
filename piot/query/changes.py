"""What a change reaches: the edges over which the result of one target goes into another."""

from __future__ import annotations

from piot.errors import UsageError, near
from piot.model.catalog import Catalog
from piot.query.expression import Expression
from piot.query.values import Arguments, Asked, texts

ORDER = "depends_on"
"""What built-in rules call the targets that are only released before (`piot.ci.input_keys`)."""


def affected(asked: Asked, arguments: Arguments) -> frozenset[int]:
    """``affected(base[, head])``: what is made otherwise, and what is made from that."""
    base, *rest = [_commit(asked, each) for each in arguments]
    start = asked.revisions.changed(base, rest[0] if rest else None)
    return made_from(asked.catalog, start)


def made_from(catalog: Catalog, start: frozenset[int]) -> frozenset[int]:
    """``start`` and all that is built with a result of it, directly or not."""
    seen = set(start)
    waiting = list(start)
    while waiting:
        number = waiting.pop()
        fresh = [
            user for user in catalog.backward[number] if user not in seen and uses(catalog, user, number)
        ]
        seen.update(fresh)
        waiting += fresh
    return frozenset(seen) - catalog.publishing


def uses(catalog: Catalog, user: int, number: int) -> bool:
    """Whether the result of a target may go into one that names it; in user's own rules every name may."""
    own = "%" in catalog.rows()[user][0]
    return any(own or name != ORDER for name in naming(catalog, user, catalog.labels[number]))


def naming(catalog: Catalog, user: int, label: str) -> tuple[str, ...]:
    """The attributes of a target in which a label stands."""
    attrs = catalog.rows()[user][2]
    return tuple(name for name, data in attrs.items() if label in texts(data))


def _commit(asked: Asked, expression: Expression) -> str:
    text = asked.text(expression)
    found = asked.revisions.commit(text)
    if found is None:
        raise unknown(asked, text, expression)
    return found


def unknown(asked: Asked, text: str, expression: Expression) -> UsageError:
    """An error for what is no revision."""
    hint = near(text, ("HEAD", "main", "master")) if len(text) > 2 else None
    return asked.fault(
        f'git knows no revision "{text}"',
        expression,
        hint or "name a commit, tag or branch; a shallow clone lacks older ones: git fetch --unshallow",
    )
