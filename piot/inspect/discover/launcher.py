"""Finds the program that a wheel carries: an entry point whose function starts a staged binary."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from piot.inspect.discover.crates import programs
from piot.inspect.discover.facts import Facts, inside
from piot.model.package import BundleCli
from piot.model.tables import Table, table_at

STARTERS = frozenset(("execv", "execve", "execvp", "execl", "run", "call", "Popen", "spawnv", "check_call"))
"""Functions of ``os`` and ``subprocess`` that start a program."""

_JOINERS = frozenset(("with_name", "joinpath", "join"))


def bundled_program(facts: Facts, directory: str, table: Table) -> tuple[BundleCli | None, tuple[str, ...]]:
    """``bundle_cli`` of a maturin project, and what to check about it; None when no entry point starts one.

    A module counts when it calls one of `STARTERS` and holds the name of a program of the repository.
    """
    known = programs(facts)
    for path, tree in _modules(facts, directory, table):
        words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        names = sorted(name for name in known if name in words or f"{name}.exe" in words)
        if not names or not any(_starts(node) for node in ast.walk(tree)):
            continue
        crate, _ = known[names[0]][0]
        folders = [each for each in _folders(tree) if each.removesuffix(".exe") not in known]
        place = path.rpartition("/")[0]
        staged = inside(place, "/".join(folders)) if folders else place
        cli = BundleCli(
            bin=names[0],
            stage_to=staged.removeprefix(f"{directory}/") if directory != "." else staged,
            crate_path=crate.directory,
        )
        return cli, (f"{path} starts the program {names[0]} out of the wheel: check bundle_cli",)
    return None, ()


def _modules(facts: Facts, directory: str, table: Table) -> Iterator[tuple[str, ast.Module]]:
    """The modules behind ``[project.scripts]`` that are files of the project, as syntax trees."""
    source = table_at(table, "tool", "maturin").get("python-source", ".")
    base = inside(directory, source if isinstance(source, str) else ".")
    for entry in table_at(table, "project", "scripts").values():
        module = str(entry).partition(":")[0].replace(".", "/")
        for name in (f"{module}.py", f"{module}/__init__.py"):
            path = inside(base, name)
            if facts.has(path):
                try:
                    yield path, ast.parse(facts.read(path) or "")
                except (SyntaxError, ValueError):
                    continue


def _starts(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in STARTERS


def _folders(tree: ast.Module) -> Iterator[str]:
    """The folders that a path is put together of, in the order of the text."""
    found: list[tuple[int, int, str]] = []
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _JOINERS:
            parts = node.args
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = [node.right]
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                found.append((part.lineno, part.col_offset, part.value))
    return (text for _, _, text in sorted(found))
