"""Says which files of the checkout failed actions missed, and the line to add for each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from piot.app.session.session import Session
from piot.effects import files
from piot.errors import InputError
from piot.model.action import ActionId, CommandAction, SourceFile, Text
from piot.model.label import Label
from piot.model.plan import BuildPlan
from piot.model.rule import AttrType
from piot.model.target import Target
from piot.run.outcome import Outcome
from piot.run.undeclared import Missed, Seen, missed

IN_BUBBLEWRAP = "/build"

_EXEC_ROOT = re.compile(r"(?:[A-Za-z]:)?/[^\s'\"`:]*/\d+-[0-9a-f]{12}-\d+/root\b")
"""An exec root of another level, wherever it stands (`run.exec_folder`, `effects.files.unique`)."""


def undeclared(
    session: Session, plan: BuildPlan, ran: Mapping[ActionId, Outcome]
) -> dict[ActionId, tuple[str, ...]]:
    """For every action that failed for a file that it does not have: lines that name file and remedy."""
    failed = [(plan.actions[name], outcome) for name, outcome in ran.items() if outcome.status == "failed"]
    found = {action.id: tuple(_lines(session, action, outcome)) for action, outcome in failed}
    return {name: lines for name, lines in found.items() if lines}


def _lines(session: Session, action: CommandAction, outcome: Outcome) -> list[str]:
    label = Label.parse(action.label) if ":" in action.label else None
    if outcome.log is None or label is None or label not in session.graph:
        return []
    log = files.read_file(outcome.log).decode("utf-8", "replace")
    target = session.graph[label]
    return [
        f"{each.path} is in the checkout but not declared: add {_remedy(session, target, each)}"
        for each in missed(log, _seen(session, action, log))
    ]


def _seen(session: Session, action: CommandAction, log: str) -> Seen:
    below = _below(action)
    sources = {
        item.place.removeprefix(below): item.path for item in action.inputs if isinstance(item, SourceFile)
    }
    texts = {item.dest.removeprefix(below): item.content for item in action.inputs if isinstance(item, Text)}
    boxes = (IN_BUBBLEWRAP, *dict.fromkeys(_EXEC_ROOT.findall(log)))

    def read(place: str) -> str | None:
        if place in texts:
            return texts[place].decode("utf-8", "replace")
        try:
            return session.text(sources[place])
        except InputError:  # no text
            return None

    return Seen(
        staged=frozenset((*sources, *texts)),
        present=frozenset(session.repository.tree.paths),
        roots=(*(f"{box}/{below}".rstrip("/") for box in boxes), *boxes),
        read=read,
    )


def _below(action: CommandAction) -> str:
    """The folder that all sources are staged in, with a ``/`` at its end; empty for the exec root."""
    sources = [item for item in action.inputs if isinstance(item, SourceFile)]
    found = {item.place.removesuffix(item.path) for item in sources if item.place.endswith(item.path)}
    return found.pop() if len(found) == 1 else ""


def _remedy(session: Session, target: Target, file: Missed) -> str:
    """The package of the crate that needs it, else the target's own, else the BUILD file's ``srcs``."""
    owners = [each for each in session.config.packages if each.path == file.crate]
    owners += [each for each in session.config.packages if each.name == target.package]
    if owners:
        return f'"{file.path}" to paths of package "{owners[0].name}" ({owners[0].location})'
    sources = [
        attr.name for attr in session.graph.schema(target.label).attrs if attr.type is AttrType.SOURCES
    ]
    attribute = sources[0] if sources else "sources"
    return f"{_item(file.path, target.label.package)} to {attribute} of {target.label} ({target.location})"


def _item(path: str, folder: str) -> str:
    """As a BUILD file in ``folder`` writes it: relative, or as a label when it lies elsewhere."""
    inside = path if not folder else path.removeprefix(f"{folder}/")
    if not folder or inside != path:
        return f'glob(["{inside}"])' if inside.endswith("/**") else f'"{inside}"'
    above, _, name = path.rpartition("/")
    if name == "**":
        return f'every file of "{above}"'
    return f'"//{above}:{name}"'
