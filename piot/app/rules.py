"""``piot rules``: the rules that BUILD files can use, read from syntax trees; none of them runs."""

from __future__ import annotations

from collections.abc import Iterator

from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import UsageError, listed, near
from piot.load import repository, rule_files
from piot.load.build_files import BuildFiles
from piot.model.label import Label
from piot.model.rule import RuleSchema


def rules(where: Where) -> tuple[RuleSchema, ...]:
    """Piot's own rules by name, then those that the checkout's BUILD files load, by file."""
    session = Session(where, lambda _: None, anywhere=True)
    own = sorted(repository.builtin_schemas(session.root).values(), key=lambda schema: schema.name)
    return (*own, *(_loaded(session) if session.in_checkout else ()))


def rule(name: str, where: Where) -> RuleSchema:
    """One rule by its name, or by ``//file:label.py%name`` where several have it; raises UsageError.

    For piot's own rules no BUILD file is read, so that they can be looked up while one is broken.
    """
    own = repository.builtin_schemas(where.directory)
    if name in own:
        return own[name]
    known = rules(where)
    found = [schema for schema in known if name in (schema.name, schema.key)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f'several rules are called "{name}"', hint=f"say which: {listed([each.key for each in found])}"
        )
    names = [schema.name for schema in known]
    raise UsageError(f'no rule is called "{name}"', hint=near(name, names) or f"there are {listed(names)}")


def _loaded(session: Session) -> Iterator[RuleSchema]:
    found = session.repository
    build_files = BuildFiles(
        root=found.root,
        schemas=repository.builtin_schemas(found.root),
        tree=found.tree,
        read=repository.read,
    )
    read = [path for folder in found.tree.build_files for path, _ in build_files.evaluate(folder).files]
    for path in sorted({path for path in read if path.endswith(".py")}):
        folder, _, name = path.rpartition("/")
        yield from rule_files.schemas(rule_files.find(Label(folder, name), found.root, repository.read))
