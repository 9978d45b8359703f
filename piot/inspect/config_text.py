"""A ``putitoutthere.toml`` to read and to go on with, from packages that were found."""

from __future__ import annotations

from collections.abc import Iterator

from piot.inspect.discover.discover import Discovery
from piot.model.package import (
    DEFAULT_FIRST_VERSION,
    DEFAULT_PLATFORM_NAME,
    DEFAULT_TAG_FORMAT,
    BundleCli,
    NpmBuild,
    NpmSettings,
    Package,
    PypiSettings,
    TargetSpec,
)
from piot.model.toml_text import array, inline

WIDTH = 100
"""Columns; a longer list has a line for each of its entries."""

HEAD = """\
# What this repository releases. `piot init` wrote it from the manifests: change it as you like, and
# run `piot check` afterwards. `piot query //...` lists the targets that follow from it.

[putitoutthere]
version = 1
cadence = "immediate"  # every push releases what changed; "scheduled": once a day, what gathered
"""

MAIN = "main"
"""The branch that is released from when nothing else is said."""


def config_text(found: Discovery, branch: str = MAIN) -> str:
    """The whole file for a repository that is released from ``branch``.

    Raises ValueError when there is no package, since a file needs one.
    """
    if not found.packages:
        raise ValueError("a configuration has at least one package")
    release = [] if branch == MAIN else [f"[piot.release]\nbranches = [{inline(branch)}]\n"]
    parts = [HEAD, *release, *(_package(each, found.remarks.get(each.name, ())) for each in found.packages)]
    if found.shared_tag is not None:
        parts.append(_shared(found.shared_tag))
    if found.left_out:
        lines = (f"# - {each.name} ({each.path}): {each.reason}\n" for each in found.left_out)
        parts.append(f"# Left out:\n{''.join(lines)}")
    return "\n".join(parts)


def package_text(package: Package) -> str:
    """One ``[[package]]``, to be put into a file that is there already."""
    return _package(package, ())


def _package(package: Package, remarks: tuple[str, ...]) -> str:
    said = "".join(f"# {each}\n" for each in remarks)
    lines = "".join(f"{line}\n" for line in _lines(package))
    return f"{said}[[package]]\n{lines}"


def _lines(package: Package) -> Iterator[str]:
    """Its keys in the order of the reference; what is as always is left out."""
    own = {"crates": "crate", "pypi": "pypi", "npm": "npm"}[package.kind]
    yield f"name = {inline(package.name)}"
    yield f"kind = {inline(package.kind)}"
    if package.registry_name != package.name:
        yield f"{own} = {inline(package.registry_name)}"
    yield f"path = {inline(package.path)}"
    yield _list("paths", package.paths)
    if package.depends_on:
        yield _list("depends_on", package.depends_on)
    yield from _versions(package)
    match package.settings:
        case PypiSettings() as settings:
            yield f"build = {inline(settings.build)}"
            yield from _built(settings.targets, settings.bundle_cli)
        case NpmSettings() as settings:
            if settings.access != "public":
                yield f"access = {inline(settings.access)}"
            if settings.build:
                yield f"build = {_builds(settings.build)}"
            yield from _built(settings.targets, settings.bundle_cli)
        case _:
            pass


def _versions(package: Package) -> Iterator[str]:
    if package.first_version != DEFAULT_FIRST_VERSION:
        yield f"first_version = {inline(package.first_version)}"
    if package.tag_format != DEFAULT_TAG_FORMAT:
        yield f"tag_format = {inline(package.tag_format)}"
    if package.version_group is not None:
        yield f"version_group = {inline(package.version_group)}"
    if package.baseline_tags:
        yield _list("baseline_tags", package.baseline_tags)


def _built(targets: tuple[TargetSpec, ...], cli: BundleCli | None) -> Iterator[str]:
    if targets:
        yield _list("targets", tuple(each.written for each in targets))
    if cli is not None:
        staged = {} if cli.stage_to is None else {"stage_to": cli.stage_to}
        words = {"bin": cli.bin, **staged, "crate_path": cli.crate_path}
        pairs = ", ".join(f"{key} = {inline(value)}" for key, value in words.items())
        yield f"bundle_cli = {{ {pairs} }}"


def _builds(builds: tuple[NpmBuild, ...]) -> str:
    if all(each.name == DEFAULT_PLATFORM_NAME for each in builds):
        return inline(builds[0].mode) if len(builds) == 1 else array([each.mode for each in builds])
    entries = (f"{{ mode = {inline(each.mode)}, name = {inline(each.name)} }}" for each in builds)
    return f"[{', '.join(entries)}]"


def _list(key: str, values: tuple[str, ...]) -> str:
    line = f"{key} = {array(values)}"
    if len(line) <= WIDTH:
        return line
    entries = "".join(f"  {inline(each)},\n" for each in values)
    return f"{key} = [\n{entries}]"


def _shared(tag: str) -> str:
    return (
        f"# The tag {tag} gave one version to the whole repository. From now on every package has tags of\n"
        "# its own (tag_format); until its first one, baseline_tags says what was released. With\n"
        "# version_group all go on sharing one version.\n"
    )
