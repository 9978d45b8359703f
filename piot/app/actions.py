"""``piot actions``: the action graph of targets, with all that is known before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from piot.app.building.foresight import Foreseen, foresight, waiting_for
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.model.action import MOUNTS, Fetched, Produced, SourceFile, Text
from piot.model.digest import Digest
from piot.model.events import Emit
from piot.run.execute import Executor


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionInput:
    """Something in the exec root at ``path``.

    ``kind`` is file (of the checkout), text (written by the rule), output (``source`` says of which action),
    fetched (a pinned file) or mount (a read-only tree). ``digest`` is ``SHA-256/size``, of a folder that of
    its REAPI ``Directory``; None while it is not known.
    """

    path: str
    kind: str
    source: str
    digest: str | None
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A part of the toolchain with its identity."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartView:
    """A folder that makes an action end sooner and is no part of its key; ``action`` says what is in it.

    It is there already (``cached``), or ``reason`` says why the action would make it.
    """

    folder: str
    action: str
    cached: bool
    reason: str
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """One action. ``waits_for`` says what its key waits for; folders among ``outputs`` end in ``/``.

    ``environment`` is all of its environment but for places of tools. ``by_hand`` is a shell command, only
    where asked for.
    """

    id: str
    label: str
    triple: str | None
    action: str
    cached: bool
    reason: str
    key: str | None
    waits_for: tuple[str, ...]
    sandbox: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    timeout_seconds: int | None
    tools: tuple[Tool, ...]
    inputs: tuple[ActionInput, ...]
    outputs: tuple[str, ...]
    starts_from: StartView | None
    by_hand: str | None = None


def actions(
    request: BuildRequest, where: Where, emit: Emit, *, by_hand: bool
) -> tuple[tuple[ActionView, ...], tuple[str, ...]]:
    """The actions in an order in which they can run, and what cannot be built here at all.

    With ``by_hand``, the inputs of every action that are known are laid out in folders that stay.
    """
    with foresight(request, where, emit) as seen:
        views = (_view(seen.executor, each, by_hand=by_hand) for each in seen.actions)
        return tuple(views), seen.lacking


def _view(executor: Executor, each: Foreseen, *, by_hand: bool) -> ActionView:
    action, outcome, key = each.action, each.outcome, each.key
    return ActionView(
        id=action.id,
        label=action.label,
        triple=action.triple,
        action=action.mnemonic,
        cached=outcome.status == "cached",
        reason=outcome.reason,
        key=key,
        waits_for=() if key else tuple(waiting_for(executor, action)),
        sandbox=executor.options.level,
        argv=action.argv,
        environment=dict(sorted(action.environment)),
        timeout_seconds=action.timeout_seconds,
        tools=tuple(Tool(name=one.name, version=one.version, digest=one.digest) for one in action.tools),
        inputs=tuple(sorted(_inputs(executor, each), key=lambda one: one.path)),
        outputs=tuple(f"{one.path}/" if one.directory else one.path for one in action.outputs),
        starts_from=None if each.start is None else _start(each.start),
        by_hand=executor.by_hand(each.prepared) if by_hand and each.prepared else None,
    )


def _start(each: Foreseen) -> StartView:
    return StartView(
        folder=each.action.outputs[0].path,
        action=each.action.mnemonic,
        cached=each.outcome.status == "cached",
        reason=each.outcome.reason,
        key=each.key,
    )


def _inputs(executor: Executor, each: Foreseen) -> Iterator[ActionInput]:
    sources = executor.sources(each.action)
    for item in each.action.inputs:
        match item:
            case SourceFile(path=path):
                digest, executable = sources[path]
                yield _input(item.place, "file", path, digest, executable=executable)
            case Text(dest=dest, content=content):
                yield _input(dest, "text", "", Digest.of(content), executable=item.executable)
            case Produced(output=output):
                made = f"{output.path} of {output.action}"
                known, program = dict(_outputs(each, output.action)).get(output.path, (None, False))
                yield _input(item.dest, "output", made, known, executable=program)
            case Fetched(archive=archive, dest=dest):
                yield _input(dest, "fetched", str(archive), executor.fetched(archive))
    mounts = {name: digest for name, digest, _ in each.prepared.staged.mounts} if each.prepared else {}
    for mount in each.action.mounts:
        yield _input(f"{MOUNTS}/{mount.name}", "mount", mount.name, mounts.get(mount.name))


def _outputs(each: Foreseen, name: str) -> Iterator[tuple[str, tuple[Digest, bool]]]:
    """What an action that this one needs has made; files may be executable."""
    if each.prepared is not None:
        result = each.prepared.results[name]
        yield from ((file.path, (file.digest, file.executable)) for file in result.files)
        yield from ((folder.path, (folder.root, False)) for folder in result.directories)


def _input(
    path: str, kind: str, source: str, digest: Digest | None, *, executable: bool = False
) -> ActionInput:
    said = None if digest is None else str(digest)
    return ActionInput(path=path, kind=kind, source=source, digest=said, executable=executable)
