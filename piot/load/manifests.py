"""The Cargo workspaces and Python projects of a repository, read from the texts of their manifests."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Sequence

from piot.errors import Problem, Problems
from piot.load.cargo_targets import Files
from piot.load.cargo_workspace import WorkspaceFinder
from piot.load.config_reader import Section, problems
from piot.model.cargo.facts import Workspace
from piot.model.python.pyproject import Maturin, Pyproject
from piot.model.tables import is_table
from piot.model.toml_text import read_toml


def read_workspaces(
    read: Callable[[str], str | None], files: Sequence[str], directories: Iterable[str]
) -> tuple[Workspace, ...]:
    """The workspaces that the crates in ``directories`` belong to, sorted by root.

    ``read`` gives the text of a file or None, ``files`` are all files of the repository; directories
    without a ``Cargo.toml`` are passed over. Raises Problems with all that is wrong in the manifests
    and locks.
    """
    return WorkspaceFinder(read, Files.of(files)).workspaces(directories)


def workspaces_as_far(
    read: Callable[[str], str | None], files: Sequence[str], directories: Iterable[str]
) -> tuple[tuple[Workspace, ...], tuple[Problem, ...]]:
    """The same as far as the manifests can be read, and all that is wrong in them."""
    return WorkspaceFinder(read, Files.of(files)).as_far(directories)


def read_pyproject(text: str, path: str, then: Then | None = None) -> Pyproject:
    """The facts of a ``pyproject.toml``; raises Problems with all that is wrong in it.

    ``then`` looks at more of it, and notes what is wrong in the section that it is given.
    """
    found, wrong = pyproject_as_far(text, path, then)
    if wrong:
        raise Problems(wrong)
    return found


def pyproject_as_far(text: str, path: str, then: Then | None = None) -> tuple[Pyproject, tuple[Problem, ...]]:
    """The same with stand-ins for what is wrong; raises Problems when the text is not TOML."""
    top = Section(read_toml(text, path))
    project = top.table("project", "[project]") or top.inner({}, (), "[project]")
    build = top.table("build-system", "[build-system]") or top.inner({}, (), "[build-system]")
    tool = top.table("tool", "[tool]") or top.inner({}, (), "[tool]")
    scripts = project.table("scripts", "[project.scripts]")
    found = Pyproject(
        directory=posixpath.dirname(path) or ".",
        name=project.optional("name"),
        version=project.optional("version"),
        dynamic=project.texts("dynamic"),
        requires_python=_maybe_empty(project, "requires-python"),
        build_backend=build.optional("build-backend"),
        build_requires=build.texts("requires"),
        scripts=tuple(sorted(scripts.values)) if scripts else (),
        dependencies=project.texts("dependencies"),
        maturin=_maturin(tool),
        tools=tuple(sorted(tool.values)),
    )
    if then is not None:
        found = then(found, top)
    return found, problems(top.faults, text, path).problems if top.faults else ()


Then = Callable[[Pyproject, Section], Pyproject]


def _maybe_empty(section: Section, key: str) -> str | None:
    """A string that may be empty, as an empty requires-python is: what it means is for its reader to say."""
    return "" if section.values.get(key) == "" else section.optional(key)


def _maturin(tool: Section) -> Maturin | None:
    table = tool.table("maturin", "[tool.maturin]")
    if table is None:
        return None
    include = tuple(
        item if isinstance(item, str) else str(item["path"])
        for item in table.items("include")
        if isinstance(item, str) or (is_table(item) and "path" in item)
    )
    return Maturin(
        features=table.texts("features"),
        no_default_features=table.flag("no-default-features"),
        all_features=table.flag("all-features"),
        bindings=table.optional("bindings"),
        module_name=table.optional("module-name"),
        python_source=table.optional("python-source"),
        manifest_path=table.optional("manifest-path"),
        profile=table.optional("profile"),
        include=include,
        sdist_generator=table.text("sdist-generator", "cargo"),
        strip=table.flag("strip"),
    )
