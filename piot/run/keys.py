"""The key of an action: the digest of a REAPI ``Action``, and the parts that explain it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from piot.model.action import CommandAction
from piot.model.digest import Digest
from piot.model.reapi import Action, Command, encode_action, encode_command
from piot.run.inputs import Staged

ENGINE = 1
"""Raised by hand when results change their meaning, so that no older result is taken."""

LEVELS = ("none", "dir", "bwrap", "remote")
"""Sandbox levels, weakest first; a look-up also takes results of stronger levels (none < dir < bwrap < remote)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """An action whose inputs are known, at one sandbox level: its messages and its key."""

    command: bytes
    action: bytes
    key: Digest


def keyed(action: CommandAction, staged: Staged, level: str) -> Keyed:
    """The REAPI messages of ``action``; equal for equal contents, whoever builds where."""
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
            input_root=staged.whole.root,
            timeout_seconds=action.timeout_seconds,
            salt=salt(action, level),
        )
    )
    return Keyed(command=command, action=message, key=Digest.of(message))


def salt(action: CommandAction, level: str) -> bytes:
    """What no worker is matched on but every result depends on, as canonical JSON."""
    tools = {tool.name: [tool.version, tool.digest] for tool in action.tools}
    proofs = [[path, repr(proof)] for path, proof in action.proofs]
    content = {"engine": ENGINE, "sandbox": level, "tools": tools, "proofs": proofs}
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def stronger(level: str) -> tuple[str, ...]:
    """``level`` and every level whose results it may take, itself first."""
    return LEVELS[LEVELS.index(level) :]


def parts(action: CommandAction, staged: Staged, level: str) -> dict[str, str]:
    """Everything in the key by the name that ``piot explain`` gives it."""
    named = {"sandbox": level, "engine": str(ENGINE), "command line": json.dumps(action.argv)}
    named.update({f"variable {name}": value for name, value in action.environment})
    named.update({f"tool {tool.name}": f"{tool.version} {tool.digest}" for tool in action.tools})
    named.update(staged.parts)
    named["outputs"] = " ".join(output.path for output in action.outputs)
    named["proofs"] = repr(action.proofs)
    return named


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
    if name == "command line" and old is not None and new is not None:
        return f"the rule's command line changed: {old} -> {new}"
    if kind == "file":
        return f"input {'changed' if old and new else 'added' if new else 'removed'}: {rest}"
    if kind == "variable":
        return f"variable {rest}: {old!r} -> {new!r}"
    if kind == "tool":
        return f"{rest}: {_version(old)} -> {_version(new)}"
    if kind == "mount":
        return f"{rest} changed: {_short(old)} -> {_short(new)}"
    if kind == "text":
        return f"generated input {'changed' if old and new else 'added' if new else 'removed'}: {rest}"
    return f"{name} changed: {_short(old)} -> {_short(new)}"


def _version(text: str | None) -> str:
    return text.rpartition(" ")[0] + f" ({text.rpartition(' ')[2][:12]})" if text else "none"


def _short(text: str | None) -> str:
    return "none" if text is None else text if len(text) < 40 else text[:12]
