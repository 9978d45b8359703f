"""What `piot init` reads of a checkout; what cannot be read is passed over, and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from piot.effects import git
from piot.effects.file_list import list_files
from piot.errors import InputError, Problem, Problems
from piot.inspect.discover.facts import Facts, folder_of
from piot.load.manifests import read_workspaces
from piot.load.repository import Reader
from piot.model.cargo.facts import Workspace


def read_facts(reader: Reader, environ: Mapping[str, str]) -> tuple[Facts, tuple[Problem, ...]]:
    """The facts that discovery starts from, and what is wrong with manifests of Cargo."""
    paths = list_files(reader.root, environ=environ).paths
    workspaces, problems = _workspaces(reader, paths)
    tags = git.reachable_tags(reader.root, environ)
    return Facts(files=paths, read=_lenient(reader), workspaces=workspaces, tags=tags), problems


def _workspaces(reader: Reader, paths: Iterable[str]) -> tuple[tuple[Workspace, ...], tuple[Problem, ...]]:
    """The Cargo workspaces, and what is wrong with folders that were passed over for it."""
    folders = {folder_of(path) for path in paths if path.rpartition("/")[2] == "Cargo.toml"}
    wrong: list[Problem] = []
    while True:
        try:
            return read_workspaces(reader.text, tuple(paths), sorted(folders)), tuple(wrong)
        except Problems as error:
            bad = {folder_of(problem.path) for problem in error.problems}
            if not bad & folders:
                raise
            folders -= bad
            wrong += error.problems


def _lenient(reader: Reader) -> Callable[[str], str | None]:
    """Reads texts; what is not UTF-8 counts as absent."""

    def read(path: str) -> str | None:
        try:
            return reader.text(path)
        except InputError:
            return None

    return read
