"""``piot cache info|gc|verify|rm``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from piot.app import cache
from piot.cli.invocation import Invocation
from piot.cli.render import cache_text, findings_text
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.cli.words import counted
from piot.errors import UsageError
from piot.model.amounts import size

FINDINGS = 7
"""The exit code of a verb that looks for what is wrong and found some."""


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Each sub-verb prints its result to stdout; ``verify`` ends with 7 when something was damaged."""
    what = invocation.arguments[0]
    if what != "gc" and invocation.number("max_size") is not None:
        raise UsageError(f"cache {what} does not take --max-size", hint="it is a flag of cache gc")
    if what != "rm" and len(invocation.arguments) > 1:
        raise UsageError(
            f'cache {what} does not take "{invocation.arguments[1]}"', hint="see: piot help cache"
        )
    return VERBS[what](invocation, terminal)


def _info(invocation: Invocation, terminal: Terminal) -> int:  # noqa: ARG001
    found, limit = cache.info(where(invocation))
    if invocation.globals.json:
        return _json(
            {
                "folder": str(found.root),
                "results": found.results,
                "blobs": found.blobs,
                "blob_bytes": found.blob_bytes,
                "trees": found.trees,
                "tree_bytes": found.tree_bytes,
                "total_bytes": found.total_bytes,
                "max_bytes": limit,
                "sessions": found.sessions,
            }
        )
    facts = [
        ("folder", str(found.root)),
        ("results", str(found.results)),
        ("blobs", f"{found.blobs}, {size(found.blob_bytes)}"),
        ("unpacked trees", f"{found.trees}, {size(found.tree_bytes)}"),
        ("size", f"{size(found.total_bytes)} of {size(limit)}"),
    ]
    in_use = [("in use by", counted(found.sessions, "other run"))] if found.sessions else []
    write_data(sys.stdout, cache_text([*facts, *in_use]))
    return 0


def _gc(invocation: Invocation, terminal: Terminal) -> int:  # noqa: ARG001
    done = cache.gc(where(invocation), invocation.number("max_size"))
    if invocation.globals.json:
        return _json({"removed": done.removed, "freed_bytes": done.freed, "kept_bytes": done.kept})
    write_data(
        sys.stdout, f"freed {size(done.freed)} ({counted(done.removed, 'item')}); {size(done.kept)} left\n"
    )
    return 0


def _verify(invocation: Invocation, terminal: Terminal) -> int:
    done = cache.verify(where(invocation))
    code = FINDINGS if done.corrupt or done.incomplete else 0
    if invocation.globals.json:
        found = {"checked": done.checked, "corrupt": done.corrupt, "incomplete": done.incomplete}
        return _json(found, code)
    problems = [
        *(f"{path} was damaged and is removed" for path in done.corrupt),
        *(f"{path} lacked some of its files and is removed" for path in done.incomplete),
    ]
    write_data(sys.stdout, findings_text(problems))
    if not invocation.globals.quiet:
        terminal.write(f"checked {done.checked}; what was removed is made again when it is needed\n")
    return code


def _rm(invocation: Invocation, terminal: Terminal) -> int:  # noqa: ARG001
    names = invocation.arguments[1:]
    if not names:
        raise UsageError("nothing is given to cache rm", hint="piot cache rm KEY|LABEL…")
    done = cache.forget(names, where(invocation))
    if invocation.globals.json:
        return _json({"forgotten": dict(done)})
    lines = [f"{name}: {counted(count, 'result')} forgotten" for name, count in done if count]
    lines += [f"{name}: nothing is stored" for name, count in done if not count]
    write_data(sys.stdout, "".join(f"{line}\n" for line in lines))
    return 0


def _json(values: Mapping[str, object], code: int = 0) -> int:
    write_data(sys.stdout, json.dumps({"schema": 1, **values}) + "\n")
    return code


VERBS = {"info": _info, "gc": _gc, "verify": _verify, "rm": _rm}
