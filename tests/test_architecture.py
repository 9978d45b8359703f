"""The walls of the house, from syntax trees: who imports whom, who touches the world, how large it is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

BELOW = {
    "errors": set[str](),
    "model": {"errors"},
    "effects": {"model", "errors"},
    "api": {"model", "errors"},
    "load": {"api", "effects", "model", "errors"},
    "plan": {"api", "model", "errors"},
    "run": {"effects", "model", "errors"},
    "query": {"api", "model", "errors"},
    "cascade": {"model", "errors"},
    "release": {"effects", "model", "errors"},
    "inspect": {"effects", "model", "errors"},
    "ci": {"model", "errors"},
    "testing": {"app", "model", "run"},
    "app": {
        *("load", "plan", "run", "query", "cascade", "release", "inspect", "ci"),
        *("api", "effects", "model", "errors"),
    },
    "cli": {"app", "effects", "model", "errors"},
}
"""What each room of ``piot/`` may import besides itself; ``piot`` itself holds the version only."""

DOORS = {
    *("ctypes", "fcntl", "mmap", "msvcrt", "select", "selectors"),
    *("fileinput", "glob", "shutil", "sqlite3", "tempfile"),
    *("asyncio", "git", "multiprocessing", "pty", "subprocess"),
    *("ftplib", "http", "httpx", "requests", "smtplib", "socket", "ssl", "urllib", "webbrowser"),
    *("datetime", "random", "secrets", "time", "uuid"),
}
"""Modules through which a program reaches disk, processes, network, git, the clock or chance."""

HARMLESS = {"urllib.parse", "http.HTTPStatus"}

OS_CALLS = {"fsdecode", "fsencode", "fspath", "get_terminal_size", "getcwd", "getpid"}
"""Functions of ``os`` that change nothing and read no file; everything else of it belongs to effects."""

DIRECT = {
    "piot/cli/terminal.py": "a broken pipe is replaced below Python's own stream",
    "piot/run/jobserver.py": "the fifo is the protocol: bytes are read and written without blocking",
    "piot/run/mounts.py": "owner and mode of the shared folder decide whether it can be trusted",
}
"""Files outside of effects that call the system themselves, and why."""

HEAVY = {
    *("asyncio", "concurrent", "grpc", "httpx", "pypi_attestations", "sigstore", "urllib3"),
    *("auditwheel", "elftools", "git", "networkx", "packaging", "pip", "rich", "starlark", "tomlkit", "yaml"),
}
"""Modules that would cost start-up time: imported inside of the functions that need them."""

FILE_LINES = 400
FUNCTION_LINES = 40
SOURCES = ("piot", "rules", "toolchains", "scripts")


def paths(*folders: str) -> list[Path]:
    """The Python files in ``folders``, but for those of the projects that tests build."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if not path.is_relative_to(ROOT / "tests/projects"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(node: ast.AST) -> tuple[str, ...]:
    """What an import statement names, in full: ``from piot import errors`` is ``piot.errors``."""
    if isinstance(node, ast.Import):
        return tuple(alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        if node.module in ("piot", "urllib", "http"):
            return tuple(f"{node.module}.{alias.name}" for alias in node.names)
        return (node.module or "",)
    return ()


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file with its line, those for type checkers and inside of functions too."""
    for node in ast.walk(tree_of(path)):
        for module in modules(node):
            yield getattr(node, "lineno", 0), module


def at_start(statements: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    """The imports that run with the module: not those for type checkers or inside of functions."""
    for node in statements:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or "TYPE_CHECKING" in ast.unparse(
            getattr(node, "test", ast.Constant(""))
        ):
            continue
        for module in modules(node):
            yield node.lineno, module
        for part in ("body", "orelse", "finalbody"):
            yield from at_start(getattr(node, part, []))


def room(path: Path) -> str:
    """The room of a file of ``piot/``: its folder, or its own name at the top."""
    return path.relative_to(ROOT / "piot").parts[0].removesuffix(".py")


@pytest.mark.parametrize("name", sorted(BELOW))
def test_a_room_imports_only_what_is_below_it(name: str) -> None:
    folder = ROOT / "piot" / name
    found = [
        f"{shown(path)}:{line}: {name} imports {module}"
        for path in (paths(f"piot/{name}") if folder.is_dir() else [folder.with_suffix(".py")])
        for line, module in imports(path)
        if module.startswith("piot.")
        and module.split(".")[1] not in {*BELOW[name], name, "__version__", "__file__"}
    ]
    assert found == []


def test_what_verbs_share_knows_no_verb() -> None:
    verbs = {f"piot.app.{path.stem}" for path in (ROOT / "piot/app").glob("*.py")} - {"piot.app.__init__"}
    found = [
        f"{shown(path)}:{line}: {module}"
        for path in paths("piot/app")
        if path.parent.name != "app"
        for line, module in imports(path)
        if module in verbs or module == "piot.app"
    ]
    assert found == []


def test_every_room_has_its_place() -> None:
    rooms = {room(path) for path in paths("piot")} - {"__init__", "__main__", "prelude"}
    assert rooms == set(BELOW)


@pytest.mark.parametrize("path", paths("rules", "toolchains"), ids=shown)
def test_rules_and_toolchains_come_through_the_same_door_as_a_users(path: Path) -> None:
    found = [
        f"{shown(path)}:{line}: {module}"
        for line, module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not f"{module}.".startswith("piot.api.")
    ]
    assert found == []


def test_only_effects_opens_doors_to_the_world() -> None:
    found = [
        f"{shown(path)}:{line}: {module}"
        for path in paths("piot", "rules", "toolchains")
        if room_or_none(path) != "effects"
        for line, module in imports(path)
        if module.split(".")[0] in DOORS and module not in HARMLESS
    ]
    assert found == []


def room_or_none(path: Path) -> str | None:
    return room(path) if path.is_relative_to(ROOT / "piot") else None


def test_only_effects_calls_the_system() -> None:
    found = {
        shown(path)
        for path in paths("piot", "rules", "toolchains")
        if room_or_none(path) != "effects"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and calls_the_system(node.func)
    }
    assert found == set(DIRECT)


def calls_the_system(function: ast.expr) -> bool:
    match function:
        case ast.Name(id="open"):
            return True
        case ast.Attribute(value=ast.Name(id="os"), attr=name):
            return name not in OS_CALLS
        case _:
            return False


def test_heavy_modules_are_imported_where_they_are_used() -> None:
    found = [
        f"{shown(path)}:{line}: {module}"
        for path in paths("piot")
        for line, module in at_start(tree_of(path).body)
        if module.split(".")[0] in HEAVY
    ]
    assert found == []


def test_imports_are_absolute() -> None:
    found = [
        f"{shown(path)}:{node.lineno}"
        for path in paths(*SOURCES, "tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.level > 0
    ]
    assert found == []


def test_init_files_are_empty_but_for_the_version_and_the_door() -> None:
    found = {shown(path) for path in paths("piot") if path.name == "__init__.py" and path.stat().st_size}
    assert found == {"piot/__init__.py", "piot/api/__init__.py"}
    other = [shown(path) for path in paths("rules", "toolchains", "tests") if path.name == "__init__.py"]
    assert [path for path in other if not path.startswith("tests/projects/")] == []


def test_files_stay_small() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths(*SOURCES)}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_functions_stay_small() -> None:
    found = {
        f"{shown(path)}:{node.lineno} {node.name}": lines
        for path in paths(*SOURCES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert found == {}


def tracked() -> list[Path]:
    """The files that are committed or would be; none where this is no git checkout."""
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [path for name in done.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def mentions(pattern: str) -> list[str]:
    """``path:line`` of every line of a tracked text file that the pattern is found in."""
    wanted = re.compile(pattern)
    return [
        f"{shown(path)}:{number}"
        for path in tracked()
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), start=1)
        if wanted.search(line)
    ]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    names = {
        "org": (
            "pypi",
            "pythonhosted",
            "registry.npmjs",
            "deb.debian",
            "security.debian",
            "repo.maven.apache",
        ),
        "maven.org": ("repo1",),
        "io": ("index.crates", "static.crates"),
        "com": ("registry.yarnpkg",),
        "golang.org": ("proxy", "sum"),
    }
    hosts = [f"{name}.{zone}" for zone, group in names.items() for name in group]
    assert mentions("|".join(map(re.escape, hosts))) == []


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    places = {str(ROOT), *({sys.prefix} if sys.prefix != sys.base_prefix else ())}
    patterns = [rf"{re.escape(place)}(?![\w-])" for place in sorted(places)]
    if str(Path.home()) not in ("/", "/home/me", "/home/you"):
        patterns.append(f"{re.escape(str(Path.home()))}/")
    assert mentions(rf"(?<![\w.])(?:{'|'.join(patterns)})") == []
