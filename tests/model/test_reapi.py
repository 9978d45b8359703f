"""The hand-written bytes of REAPI messages against those of protobuf."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError
from piot.model import reapi
from piot.model.digest import Digest
from piot.model.reapi import Action, Command
from piot.model.result import ActionResult, Execution, OutputDirectory, OutputFile, OutputSymlink
from piot.model.tree import Directory, DirectoryNode, FileNode, SymlinkNode, TreeBuilder

WORDS = st.text(st.characters(codec="utf-8"), max_size=6)
NAMES = WORDS.filter(lambda name: name not in ("", ".", "..") and not set(name) & set("/\0"))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
DIGESTS = st.builds(
    Digest, st.binary(min_size=32, max_size=32).map(bytes.hex), st.integers(0, 1 << 50) | st.just(0)
)
PAIRS = st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple)
TIMES = st.integers(0, 10**19)

COMMANDS = st.builds(
    Command,
    arguments=st.lists(WORDS, max_size=4).map(tuple),
    environment=PAIRS,
    output_paths=st.lists(WORDS, max_size=4).map(tuple),
    working_directory=WORDS,
    platform=PAIRS,
)
ACTIONS = st.builds(
    Action,
    command=DIGESTS,
    input_root=DIGESTS,
    timeout_seconds=st.none() | st.integers(0, 1 << 40),
    do_not_cache=st.booleans(),
    salt=st.binary(max_size=200),
    platform=PAIRS,
)
DIRECTORIES = st.builds(
    Directory,
    files=st.lists(st.builds(FileNode, name=NAMES, digest=DIGESTS, executable=st.booleans())).map(tuple),
    directories=st.lists(st.builds(DirectoryNode, name=NAMES, digest=DIGESTS)).map(tuple),
    symlinks=st.lists(st.builds(SymlinkNode, name=NAMES, target=WORDS)).map(tuple),
)
RESULTS = st.builds(
    ActionResult,
    files=st.lists(st.builds(OutputFile, path=PATHS, digest=DIGESTS, executable=st.booleans())).map(tuple),
    directories=st.lists(st.builds(OutputDirectory, path=PATHS, root=DIGESTS, tree=DIGESTS)).map(tuple),
    symlinks=st.lists(st.builds(OutputSymlink, path=PATHS, target=WORDS)).map(tuple),
    exit_code=st.integers(-(1 << 31), (1 << 31) - 1),
    stdout=st.none() | DIGESTS,
    stderr=st.none() | DIGESTS,
    metadata=st.builds(Execution, worker=WORDS, started_ns=TIMES, finished_ns=TIMES),
)


@pytest.fixture(scope="module")
def pb(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The subset of REAPI in ``protos/``, compiled by protoc."""
    out = tmp_path_factory.mktemp("protos")
    protos = Path(__file__).with_name("protos")
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}", f"--python_out={out}"]
    subprocess.run([*protoc, "reapi_subset.proto"], check=True)
    spec = importlib.util.spec_from_file_location("reapi_subset_pb2", out / "reapi_subset_pb2.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def digest_of(pb: Any, digest: Digest) -> Any:
    return pb.Digest(hash=digest.hash, size_bytes=digest.size)


def platform_of(pb: Any, pairs: tuple[tuple[str, str], ...]) -> Any:
    if not pairs:
        return None
    return pb.Platform(properties=[pb.Platform.Property(name=n, value=v) for n, v in sorted(pairs)])


def same(ours: bytes, theirs: Any) -> None:
    """Equal bytes, and protobuf reads ours as the message that it wrote."""
    assert ours == theirs.SerializeToString(deterministic=True)
    assert theirs.FromString(ours) == theirs


@given(command=COMMANDS)
def test_a_command_has_the_bytes_of_protobuf(pb: Any, command: Command) -> None:
    variable = pb.Command.EnvironmentVariable
    theirs = pb.Command(
        arguments=command.arguments,
        environment_variables=[variable(name=n, value=v) for n, v in sorted(command.environment)],
        output_paths=sorted(set(command.output_paths), key=str.encode),
        working_directory=command.working_directory,
        platform=platform_of(pb, command.platform),
    )
    same(reapi.encode_command(command), theirs)


@given(action=ACTIONS)
def test_an_action_has_the_bytes_of_protobuf(pb: Any, action: Action) -> None:
    theirs = pb.Action(
        command_digest=digest_of(pb, action.command),
        input_root_digest=digest_of(pb, action.input_root),
        do_not_cache=action.do_not_cache,
        salt=action.salt,
        platform=platform_of(pb, action.platform),
    )
    if action.timeout_seconds is not None:
        theirs.timeout.SetInParent()
        theirs.timeout.seconds = action.timeout_seconds
    same(reapi.encode_action(action), theirs)


@given(directory=DIRECTORIES)
def test_a_directory_has_the_bytes_of_protobuf_sorted_by_utf8(pb: Any, directory: Directory) -> None:
    def by_name(nodes: Any) -> Any:
        return sorted(nodes, key=lambda node: node.name.encode())

    theirs = pb.Directory(
        files=[
            pb.FileNode(name=n.name, digest=digest_of(pb, n.digest), is_executable=n.executable)
            for n in by_name(directory.files)
        ],
        directories=[
            pb.DirectoryNode(name=n.name, digest=digest_of(pb, n.digest))
            for n in by_name(directory.directories)
        ],
        symlinks=[pb.SymlinkNode(name=n.name, target=n.target) for n in by_name(directory.symlinks)],
    )
    same(reapi.encode_directory(directory), theirs)
    back = reapi.decode_directory(theirs.SerializeToString())
    assert back.files == tuple(by_name(directory.files))
    assert reapi.encode_directory(back) == reapi.encode_directory(directory)


@given(result=RESULTS)
def test_a_result_has_the_bytes_of_protobuf_and_is_read_from_them(pb: Any, result: ActionResult) -> None:
    def by_path(outputs: Any) -> Any:
        return sorted(outputs, key=lambda output: output.path.encode())

    theirs = pb.ActionResult(
        output_files=[
            pb.OutputFile(path=o.path, digest=digest_of(pb, o.digest), is_executable=o.executable)
            for o in by_path(result.files)
        ],
        output_directories=[
            pb.OutputDirectory(
                path=o.path,
                tree_digest=digest_of(pb, o.tree),
                is_topologically_sorted=True,
                root_directory_digest=digest_of(pb, o.root),
            )
            for o in by_path(result.directories)
        ],
        output_symlinks=[pb.OutputSymlink(path=o.path, target=o.target) for o in by_path(result.symlinks)],
        exit_code=result.exit_code,
        stdout_digest=digest_of(pb, result.stdout) if result.stdout else None,
        stderr_digest=digest_of(pb, result.stderr) if result.stderr else None,
    )
    fill_metadata(theirs, result.metadata)
    same(reapi.encode_result(result), theirs)
    back = reapi.decode_result(theirs.SerializeToString())
    assert (back.files, back.directories) == (
        tuple(by_path(result.files)),
        tuple(by_path(result.directories)),
    )
    assert (back.exit_code, back.stdout, back.stderr) == (result.exit_code, result.stdout, result.stderr)
    assert back.metadata == result.metadata


def fill_metadata(theirs: Any, execution: Execution) -> None:
    if execution.worker:
        theirs.execution_metadata.worker = execution.worker
    if execution.started_ns:
        stamp = theirs.execution_metadata.execution_start_timestamp
        stamp.seconds, stamp.nanos = divmod(execution.started_ns, 10**9)
    if execution.finished_ns:
        stamp = theirs.execution_metadata.execution_completed_timestamp
        stamp.seconds, stamp.nanos = divmod(execution.finished_ns, 10**9)


@given(paths=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), DIGESTS)))
def test_a_tree_holds_each_directory_once_parents_first(
    pb: Any, paths: list[tuple[str, str, Digest]]
) -> None:
    builder = TreeBuilder()
    for number, (outer, inner, digest) in enumerate(paths):
        if number % 2:
            builder.add_file(f"{outer}/{inner}/{number}", digest)
        builder.add_empty(f"{outer}/{inner}/empty")
    tree = builder.build()
    encoded = reapi.encode_tree(tree)
    theirs = pb.Tree.FromString(encoded)
    same(encoded, theirs)
    order = [Digest.of(each.SerializeToString()) for each in (theirs.root, *theirs.children)]
    assert order[0] == tree.root
    assert sorted(order) == sorted(tree.directories)
    for position, each in enumerate((theirs.root, *theirs.children)):
        for child in each.directories:
            assert order.index(Digest(child.digest.hash, child.digest.size_bytes)) > position
    assert reapi.decode_tree(encoded) == tree


def test_the_salt_the_platform_and_the_timeout_are_part_of_the_key() -> None:
    digest = Digest.of(b"x")
    actions = [
        Action(command=digest, input_root=digest),
        Action(command=digest, input_root=digest, salt=b"1"),
        Action(command=digest, input_root=digest, platform=(("a", "b"),)),
        Action(command=digest, input_root=digest, timeout_seconds=0),
        Action(command=digest, input_root=digest, timeout_seconds=1),
        Action(command=digest, input_root=digest, do_not_cache=True),
    ]
    assert len({action.digest for action in actions}) == len(actions)


def test_a_variable_that_is_empty_differs_from_one_that_is_absent() -> None:
    assert Command(arguments=("a",), environment=(("A", ""),)).digest != Command(arguments=("a",)).digest


def test_the_order_of_the_environment_and_of_outputs_does_not_change_the_key() -> None:
    one = Command(arguments=("a",), environment=(("A", "1"), ("B", "2")), output_paths=("x", "y", "x"))
    two = Command(arguments=("a",), environment=(("B", "2"), ("A", "1")), output_paths=("y", "x"))
    assert one.digest == two.digest


def test_unknown_fields_are_skipped_and_inlined_logs_are_not_taken_for_digests(pb: Any) -> None:
    theirs = pb.ActionResult(exit_code=3, stdout_raw=b"hello")
    assert reapi.decode_result(theirs.SerializeToString() + b"\xa1\x06" + bytes(8)) == ActionResult(
        exit_code=3
    )


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a//b", "a/./b", ""])
def test_a_result_whose_path_leaves_the_exec_root_is_not_read(path: str) -> None:
    result = ActionResult(files=(OutputFile(path=path, digest=Digest.of(b"")),))
    with pytest.raises(InputError, match="not a path inside the tree"):
        reapi.decode_result(reapi.encode_result(result))


@pytest.mark.parametrize("name", ["..", ".", "a/b", "", "a\0"])
def test_a_directory_with_a_name_that_leads_elsewhere_is_not_read(name: str) -> None:
    encoded = reapi.encode_directory(Directory(files=(FileNode(name=name, digest=Digest.of(b"")),)))
    with pytest.raises(InputError, match="not "):
        reapi.decode_directory(encoded)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_but_never_crash(data: bytes) -> None:
    for decode in (reapi.decode_result, reapi.decode_directory, reapi.decode_tree, reapi.decode_digest):
        try:
            decode(data)
        except InputError:
            continue


def test_a_digest_whose_hash_is_a_path_is_not_read(pb: Any) -> None:
    with pytest.raises(InputError, match="not a digest"):
        reapi.decode_digest(pb.Digest(hash="../../../etc/passwd", size_bytes=3).SerializeToString())
