"""Any command over files and the outputs of other targets: to make files, or to pass as a test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from piot.api import Context, Files, Input, Label, Produced, SourceFile, Sources, StringMap, Tested, rule


@dataclass(frozen=True)
class Command:
    """Runs a command and keeps the files that it makes.

    argv: the command; ``$(location //x:y)`` is where the output of a dependency stands
    outputs: files that it makes, relative to the folder it runs in; a folder ends in ``/``
    srcs: files that it reads, at their places in the repository
    deps: targets whose outputs it reads
    env: its environment
    tools: programs of this machine that it may call, such as python3
    """

    argv: tuple[str, ...]
    outputs: tuple[str, ...]
    srcs: Sources = Sources()
    deps: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()


@rule(configured_by=("triple",))
def command(ctx: Context, attrs: Command) -> tuple[Files]:
    return _made(ctx, attrs)


@rule
def host_command(ctx: Context, attrs: Command) -> tuple[Files]:
    """Runs a command once for all platforms, with dependencies that are built for this machine.

    For files that are the same everywhere, such as shell completions that the program itself prints.
    """
    return _made(ctx, attrs)


def _made(ctx: Context, attrs: Command) -> tuple[Files]:
    inputs, argv = _staged(ctx, attrs.argv, attrs.srcs, attrs.deps)
    made = ctx.run(
        *argv,
        mnemonic=f"command {argv[0]}",
        outputs=attrs.outputs,
        inputs=inputs,
        environment=attrs.env,
        tools=[ctx.program(name) for name in attrs.tools],
    )
    return (Files(outputs=made),)


@dataclass(frozen=True)
class Test:
    """Runs a command that passes when it ends with 0; a passed test runs again only when an input changed.

    argv: the command; ``$(location //x:y)`` is where the output of a dependency stands
    srcs: files that it reads, at their places in the repository
    deps: targets whose outputs it reads
    env: its environment
    tools: programs of this machine that it may call, such as python3
    timeout: seconds after which it has failed
    """

    argv: tuple[str, ...]
    srcs: Sources = Sources()
    deps: tuple[Label, ...] = ()
    env: Mapping[str, str] = StringMap()
    tools: tuple[str, ...] = ()
    timeout: int = 300


@rule(configured_by=("triple",), test=True)
def test(ctx: Context, attrs: Test) -> tuple[Tested]:
    inputs, argv = _staged(ctx, attrs.argv, attrs.srcs, attrs.deps)
    ctx.run(
        *argv,
        mnemonic="test",
        outputs=(),
        inputs=inputs,
        environment=attrs.env,
        tools=[ctx.program(name) for name in attrs.tools],
        timeout_seconds=attrs.timeout,
    )
    return (Tested(),)


def _staged(
    ctx: Context, argv: Sequence[str], srcs: Sources, deps: Sequence[Label]
) -> tuple[list[Input], list[str]]:
    """Sources at their places, outputs of dependencies below ``deps/``, and argv with their places in it."""
    if not argv:
        ctx.fail("argv is empty", hint='name the program: argv = ["sh", "-c", "…"]')
    inputs: list[Input] = [SourceFile(path=path) for path in ctx.files(srcs)]
    words = list(argv)
    for label in deps:
        for output in ctx.outputs(label):
            place = f"deps/{label.path}/{output.path.rpartition('/')[2]}"
            inputs.append(Produced(output=output, dest=place))
            for name in _names(ctx, label):
                words = [word.replace(f"$(location {name})", place) for word in words]
    for word in words:
        if "$(location " in word:
            ctx.fail(f"{word!r} names no output of a dependency", hint='list the target in "deps"')
    return inputs, words


def _names(ctx: Context, label: Label) -> tuple[str, ...]:
    """How a BUILD file may call the target: in full, or with a colon in its own folder."""
    own = (f":{label.name}",) if label.package == ctx.label.package else ()
    return (str(label), *own)
