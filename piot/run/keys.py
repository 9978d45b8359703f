"""The key of an action: the digest of a REAPI ``Action``, and the parts that explain it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from piot.model.action import CommandAction
from piot.model.digest import Digest
from piot.model.fetch import PypiFetch
from piot.model.reapi import Action, Command, encode_action, encode_command
from piot.run.staged import EXECUTABLE, Staged

ENGINE = 1
"""Raised by hand when results change their meaning, so that no older result is taken."""

LEVELS = ("none", "dir", "bwrap", "remote")
"""Sandbox levels, weakest first; a look-up also takes results of stronger levels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """An action whose inputs are known, at one sandbox level: its messages and its key."""

    command: bytes
    action: bytes
    key: Digest


def keyed(action: CommandAction, root: Digest, level: str) -> Keyed:
    """The REAPI messages of ``action`` over an input root; equal for equal contents, whoever builds where."""
    command = encode_command(
        Command(
            arguments=action.argv,
            environment=tuple(sorted(action.environment)),
            output_paths=tuple(output.path for output in action.outputs),
        )
    )
    message = encode_action(
        Action(
            command=Digest.of(command),
            input_root=root,
            timeout_seconds=action.timeout_seconds,
            salt=salt(action, level),
        )
    )
    return Keyed(command=command, action=message, key=Digest.of(message))


def salt(action: CommandAction, level: str) -> bytes:
    """What no worker is matched on but every result depends on, as canonical JSON."""
    content = {
        "engine": ENGINE,
        "sandbox": level,
        "tools": sorted([tool.name, tool.version, tool.digest] for tool in action.tools),
        "folders": sorted(output.path for output in action.outputs if output.directory),
        "proofs": [[path, repr(proof)] for path, proof in action.proofs],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def stronger(level: str) -> tuple[str, ...]:
    """``level`` and every level whose results it may take, itself first."""
    return LEVELS[LEVELS.index(level) :]


def parts(action: CommandAction, staged: Staged, level: str) -> dict[str, str]:
    """Everything in the key by the name that ``piot explain`` gives it."""
    outputs = (f"{output.path}/" if output.directory else output.path for output in action.outputs)
    named = [
        ("sandbox", level),
        ("engine", str(ENGINE)),
        ("command line", json.dumps(action.argv, ensure_ascii=False)),
        ("time limit", "none" if action.timeout_seconds is None else f"{action.timeout_seconds} s"),
        ("outputs", " ".join(sorted(outputs))),
        ("proofs", repr(action.proofs)),
        *((f"variable {name}", value) for name, value in action.environment),
        *((f"tool {tool.name}", f"{tool.version}\n{tool.digest}") for tool in action.tools),
        *_pinned(action),
        *staged.parts,
    ]
    joined: dict[str, list[str]] = {}
    for name, value in named:
        joined.setdefault(name, []).append(value)
    return {name: ", ".join(values) for name, values in joined.items()}


def _pinned(action: CommandAction) -> Iterator[tuple[str, str]]:
    """Fetched tools by version too, which says more than the digest of the mounted tree."""
    for mount in action.mounts:
        for _, entry in mount.entries:
            if isinstance(entry.archive, PypiFetch):
                yield f"tool {mount.name}", f"{entry.archive.version}\n{entry.archive.sha256}"


_DIGEST = re.compile(r"[0-9a-f]{64}/")

ORDER = ("command line", "tool ", "mount ", "variable ", "file ", "text ", "output ")


def difference(before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    """The first difference in words, the most telling kind first; None when there is none."""
    for name in _ranked(set(before) | set(now)):
        old, new = before.get(name), now.get(name)
        if old != new:
            return _worded(name, old, new)
    return None


def _ranked(names: Iterable[str]) -> list[str]:
    def rank(name: str) -> tuple[int, str]:
        found = [index for index, prefix in enumerate(ORDER) if name.startswith(prefix)]
        return (found[0] if found else len(ORDER), name)

    return sorted(names, key=rank)


def _worded(name: str, old: str | None, new: str | None) -> str:
    kind, _, rest = name.partition(" ")
    match kind:
        case "command" if old is not None and new is not None:
            return f"the rule's command line changed: {_words(old, new)}"
        case "file":
            return _input("input", rest, old, new)
        case "text":
            return _input("generated input", rest, old, new)
        case "variable":
            return f"variable {rest}: {_value(old)} -> {_value(new)}"
        case "tool":
            return f"{rest}: {_version(rest, old)} -> {_version(rest, new)}"
        case "mount":
            return f"{rest} changed: {_short(old)} -> {_short(new)}"
        case "proofs":
            return "what its results are checked for changed"
        case _:
            return f"{name} changed: {_short(old)} -> {_short(new)}"


def _input(what: str, path: str, old: str | None, new: str | None) -> str:
    if old is None or new is None:
        return f"{what} {'added' if old is None else 'removed'}: {path}"
    if old.replace(EXECUTABLE, "") == new.replace(EXECUTABLE, ""):
        return f"{what} is {'now' if EXECUTABLE in new else 'no longer'} executable: {path}"
    return f"{what} changed: {path}"


def _words(old: str, new: str) -> str:
    """The words of two command lines that differ, without what is the same at both ends."""
    before, now = json.loads(old), json.loads(new)
    while before and now and before[0] == now[0]:
        del before[0], now[0]
    while before and now and before[-1] == now[-1]:
        del before[-1], now[-1]
    return f"{shlex.join(before) or 'nothing'} -> {shlex.join(now) or 'nothing'}"


def _value(text: str | None) -> str:
    return "not set" if text is None else repr(text)


def _version(tool: str, text: str | None) -> str:
    """``1.85.0 (59807616e 2026-04-14) (e75650d95888 0a951ee6cb2f)``: what it says of itself, its digests."""
    version, _, digests = (text or "").partition("\n")
    shown = " ".join(digest[:12] for digest in digests.split())
    return "none" if text is None else f"{version.removeprefix(f'{tool} ')} ({shown})"


def _short(text: str | None) -> str:
    """A digest by its first letters, anything else as it is."""
    return "none" if text is None else text[:12] if _DIGEST.match(text) else text
