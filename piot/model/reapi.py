"""Remote Execution API v2 messages: values, canonical bytes, digests.

Written by hand, so that keys need no protobuf at start-up; golden tests compare the bytes with
protobuf's. Field numbers are those of ``build.bazel.remote.execution.v2``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from piot.errors import InputError
from piot.model import wire
from piot.model.digest import Digest
from piot.model.nodes import check_path, decode_digest, decode_directory, encode_digest, encode_directory
from piot.model.result import ActionResult, Execution, OutputDirectory, OutputFile, OutputSymlink
from piot.model.tree import Tree

__all__ = [
    "Action",
    "Command",
    "decode_digest",
    "decode_directory",
    "decode_result",
    "decode_tree",
    "encode_action",
    "encode_command",
    "encode_digest",
    "encode_directory",
    "encode_result",
    "encode_tree",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One process: argv, environment (name and value), declared outputs, all relative to the exec root."""

    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    output_paths: tuple[str, ...] = ()
    working_directory: str = ""
    platform: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> Digest:
        return Digest.of(encode_command(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A command and its inputs; the digest of its bytes is the key of its result.

    ``salt`` is key material that no worker is matched on; ``platform`` is what a runner declares.
    ``timeout_seconds`` is None when there is no limit.
    """

    command: Digest
    input_root: Digest
    timeout_seconds: int | None = None
    do_not_cache: bool = False
    salt: bytes = b""
    platform: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> Digest:
        return Digest.of(encode_action(self))


def encode_command(command: Command) -> bytes:
    """Canonical ``Command``: environment and platform sorted, output paths sorted and unique.

    ``platform`` is filled although deprecated: older servers match workers on it alone.
    """
    parts = [wire.message(1, wire.utf8(argument)) for argument in command.arguments]
    parts += [wire.message(2, pair) for pair in _pairs(command.environment)]
    parts.append(_platform(5, command.platform))
    parts.append(wire.text(6, command.working_directory))
    parts += [wire.message(7, wire.utf8(path)) for path in sorted(set(command.output_paths))]
    return b"".join(parts)


def encode_action(action: Action) -> bytes:
    """Canonical ``Action``."""
    timeout = action.timeout_seconds
    return b"".join(
        (
            wire.message(1, encode_digest(action.command)),
            wire.message(2, encode_digest(action.input_root)),
            b"" if timeout is None else wire.message(6, wire.integer(1, timeout)),
            wire.integer(7, action.do_not_cache),
            wire.data(9, action.salt),
            _platform(10, action.platform),
        )
    )


def encode_tree(tree: Tree) -> bytes:
    """Canonical ``Tree``: the root, then every other directory once, parents before children.

    Raises KeyError when a subtree of ``tree`` was grafted, because its directories are elsewhere.
    """
    root, *children = tree.topological()
    return wire.message(1, root) + b"".join(wire.message(2, child) for child in children)


def decode_tree(encoded: bytes) -> Tree:
    """Back from bytes, each directory under the digest of its own bytes; InputError when malformed."""
    fields = wire.Fields.parse(encoded)
    root = fields.message(1) or b""
    directories = {Digest.of(each): each for each in (root, *fields.messages(2))}
    return Tree(root=Digest.of(root), directories=directories)


def encode_result(result: ActionResult) -> bytes:
    """Canonical ``ActionResult``: outputs sorted by path; nothing is inlined."""
    parts = [wire.message(2, _output_file(each)) for each in sorted(result.files, key=lambda o: o.path)]
    directories = sorted(result.directories, key=lambda output: output.path)
    parts += [wire.message(3, _output_directory(each)) for each in directories]
    parts.append(wire.integer(4, result.exit_code))
    if result.stdout is not None:
        parts.append(wire.message(6, encode_digest(result.stdout)))
    if result.stderr is not None:
        parts.append(wire.message(8, encode_digest(result.stderr)))
    metadata = _metadata(result.metadata)
    parts.append(wire.data(9, metadata))
    for link in sorted(result.symlinks, key=lambda output: output.path):
        parts.append(wire.message(12, wire.text(1, link.path) + wire.text(2, link.target)))
    return b"".join(parts)


def decode_result(encoded: bytes) -> ActionResult:
    """Back from bytes; raises InputError when malformed or when a path leaves the exec root."""
    fields = wire.Fields.parse(encoded)
    stdout, stderr = fields.message(6), fields.message(8)
    return ActionResult(
        files=tuple(_read_file(each) for each in fields.messages(2)),
        directories=tuple(_read_directory(each) for each in fields.messages(3)),
        symlinks=tuple(_read_symlink(each) for each in fields.messages(12)),
        exit_code=_int32(fields.integer(4)),
        stdout=None if stdout is None else decode_digest(stdout),
        stderr=None if stderr is None else decode_digest(stderr),
        metadata=_read_metadata(fields.message(9) or b""),
    )


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[bytes]:
    return [wire.text(1, name) + wire.text(2, value) for name, value in sorted(pairs)]


def _platform(number: int, properties: tuple[tuple[str, str], ...]) -> bytes:
    return wire.data(number, b"".join(wire.message(1, pair) for pair in _pairs(properties)))


def _output_file(output: OutputFile) -> bytes:
    digest = wire.message(2, encode_digest(output.digest))
    return wire.text(1, output.path) + digest + wire.integer(4, output.executable)


def _output_directory(output: OutputDirectory) -> bytes:
    """``is_topologically_sorted`` is set, because ``encode_tree`` keeps that promise."""
    tree = wire.message(3, encode_digest(output.tree)) + wire.integer(4, True)
    return wire.text(1, output.path) + tree + wire.message(5, encode_digest(output.root))


def _metadata(execution: Execution) -> bytes:
    started, finished = _timestamp(execution.started_ns), _timestamp(execution.finished_ns)
    return wire.text(1, execution.worker) + wire.data(7, started) + wire.data(8, finished)


def _timestamp(nanoseconds: int) -> bytes:
    seconds, rest = divmod(nanoseconds, 10**9)
    return wire.integer(1, seconds) + wire.integer(2, rest)


def _read_timestamp(encoded: bytes | None) -> int:
    fields = wire.Fields.parse(encoded or b"")
    return fields.integer(1) * 10**9 + fields.integer(2)


def _read_metadata(encoded: bytes) -> Execution:
    fields = wire.Fields.parse(encoded)
    return Execution(
        worker=fields.text(1),
        started_ns=_read_timestamp(fields.message(7)),
        finished_ns=_read_timestamp(fields.message(8)),
    )


def _read_file(encoded: bytes) -> OutputFile:
    fields = wire.Fields.parse(encoded)
    digest = decode_digest(fields.message(2) or b"")
    return OutputFile(path=check_path(fields.text(1)), digest=digest, executable=bool(fields.integer(4)))


def _read_directory(encoded: bytes) -> OutputDirectory:
    fields = wire.Fields.parse(encoded)
    root = fields.message(5)
    if root is None:
        raise InputError("an output directory without root_directory_digest")
    tree = decode_digest(fields.message(3) or b"")
    return OutputDirectory(path=check_path(fields.text(1)), root=decode_digest(root), tree=tree)


def _read_symlink(encoded: bytes) -> OutputSymlink:
    fields = wire.Fields.parse(encoded)
    return OutputSymlink(path=check_path(fields.text(1)), target=fields.text(2))


def _int32(value: int) -> int:
    """REAPI's ``exit_code``, taken from the low 32 bits as protobuf does."""
    low = value & 0xFFFFFFFF
    return low - (1 << 32) if low >= 1 << 31 else low
