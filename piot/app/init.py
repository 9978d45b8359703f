"""``piot init``: reads a repository and says which configuration and workflows it should have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from piot.app.inspecting.init_facts import read_facts
from piot.app.inspecting.init_workflow import FOLDER, workflow_of
from piot.app.session.where import Where
from piot.ci.by_hand import Step, by_hand
from piot.ci.check_text import check_text
from piot.ci.release_text import release_text
from piot.ci.workflow import CHECK, Workflow
from piot.effects import files, remote
from piot.errors import InputError, Problem, near
from piot.inspect.config_text import config_text, package_text
from piot.inspect.discover.discover import Discovery, discover
from piot.inspect.discover.draft import LeftOut
from piot.inspect.discover.facts import Facts
from piot.inspect.launcher_text import Launcher, launcher
from piot.load.config import parse_config
from piot.load.repository import CONFIG, Reader
from piot.model.package import Package
from piot.model.pins import LOCK
from piot.model.settings import Config
from piot.model.tables import table_at

_UNENDED = "\n\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A file as it should be; ``before`` is what stands there, None when nothing does."""

    path: str
    text: str
    before: str | None

    @property
    def differs(self) -> bool:
        """Whether another text stands there."""
        return self.before is not None and self.before != self.text

    @property
    def diff(self) -> str:
        """What would change, as a unified diff; empty when nothing would."""
        import difflib

        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True),
            self.text.splitlines(keepends=True),
            "/dev/null" if self.before is None else f"a/{self.path}",
            f"b/{self.path}",
        )
        return "".join(line if line.endswith("\n") else f"{line}{_UNENDED}" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Init:
    """All that was found, and the files that follow; nothing is written yet.

    ``unknown`` are packages that a configuration which is there does not have, as text to put into it.
    ``problems`` is what is wrong with manifests; they were passed over.
    """

    root: Path
    packages: tuple[Package, ...]
    proposals: tuple[Proposal, ...]
    steps: tuple[Step, ...]
    unknown: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()

    def write(self, replace: Callable[[Proposal], bool]) -> dict[str, str]:
        """Writes what is new, and what differs where ``replace`` says so; what became of each path.

        ``new``, ``same``, ``replaced`` or ``kept``.
        """
        done: dict[str, str] = {}
        for each in self.proposals:
            done[each.path] = "same" if each.text == each.before else "new" if each.before is None else "kept"
            if each.differs and replace(each):
                done[each.path] = "replaced"
            if done[each.path] in ("new", "replaced"):
                files.write_atomic(self.root / each.path, each.text.encode())
        return done


def init(where: Where, action: str | None = None, launched: str | None = None) -> Init:
    """Looks at the repository around the folder that piot was started in.

    A configuration that is there stays as it is, and the workflows follow from it. ``action`` is piot's own
    action as it stands behind ``uses:``; without it, the one of the workflows that are there counts.
    ``launched`` is a package whose program gets a launcher. Raises InputError when there is nothing to
    release, or no such program.
    """
    root = remote.top(where.directory)
    reader = Reader(root)
    facts, problems = read_facts(reader, where.environ)
    found = discover(facts)
    written = reader.text(CONFIG)
    if written is None and not found.packages:
        raise _nothing(found, problems)
    text = config_text(found, remote.main_branch(root, where.environ)) if written is None else written
    config = parse_config(text, CONFIG)
    workflow = workflow_of(reader, config, action)
    pinned = reader.text(LOCK) is not None
    starter = None if launched is None else _launcher(facts, config, launched)
    return Init(
        root=root,
        packages=config.packages,
        proposals=tuple(_proposals(reader, workflow, text if written is None else None, starter)),
        steps=(
            *([] if starter is None else [_script(config, launched, starter)]),
            *by_hand(workflow, remote.owner_and_name(root, where.environ), pinned=pinned),
        ),
        unknown=tuple(package_text(each) for each in _unknown(found.packages, config)),
        left_out=found.left_out if written is None else (),
        problems=problems,
    )


def _proposals(
    reader: Reader, workflow: Workflow, config: str | None, starter: Launcher | None
) -> Iterator[Proposal]:
    """The files; a ``config`` only where there is none yet."""
    texts = {
        CONFIG: config,
        f"{FOLDER}/{workflow.release}": release_text(workflow),
        f"{FOLDER}/{CHECK}": check_text(workflow),
        **({} if starter is None else {starter.path: starter.text}),
    }
    for path, text in texts.items():
        if text is not None:
            yield Proposal(path=path, text=text, before=reader.text(path))


def _launcher(facts: Facts, config: Config, name: str) -> Launcher:
    package = config.package(name)
    if package is None:
        hint = near(name, [each.name for each in config.packages])
        raise InputError(f'no package is called "{name}"', hint=hint)
    project = facts.pyprojects.get(package.path, {})
    source = table_at(project, "tool", "maturin").get("python-source", ".")
    return launcher(package, source if isinstance(source, str) else ".")


def _script(config: Config, name: str | None, starter: Launcher) -> Step:
    package = config.package(name or "")
    place = "pyproject.toml" if package is None or package.path == "." else f"{package.path}/pyproject.toml"
    return Step(title=f"The command, in [project.scripts] of {place}", lines=(starter.script,))


def _unknown(found: Iterable[Package], config: Config) -> list[Package]:
    """What was found and is not configured: by registry and name, as people rename packages."""
    known = {(each.kind, each.registry_name) for each in config.packages}
    return [each for each in found if (each.kind, each.registry_name) not in known]


def _nothing(found: Discovery, problems: Iterable[Problem]) -> InputError:
    reasons = [f"{each.path}: {each.reason}" for each in found.left_out]
    reasons += [f"{each.path}: {each.message}" for each in problems]
    listed = "".join(f"\n  {reason}" for reason in reasons)
    return InputError(
        f"there is nothing to release here{':' if reasons else ''}{listed}",
        hint="a package has a Cargo.toml, a pyproject.toml or a package.json that may be published",
    )
