"""Families of npm packages: one per platform, and the umbrella that everybody installs.

The umbrella names each platform package in ``optionalDependencies``; npm installs the one whose ``os``,
``cpu`` and ``libc`` fit (npm docs, *package.json*).
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping

from piot.api import npm
from piot.api.context import Context
from piot.model.action import Input, Output, Produced, SourceFile, Text
from piot.model.npm.package_lock import without
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.package import platform_name
from piot.model.platforms import PLATFORMS, SPELLINGS
from piot.model.proof import TarballProof
from piot.model.provider import NpmPackage
from piot.model.rule import Sources
from piot.model.triple import Triple

__all__ = ["apart", "family_of", "names", "overlaid", "pack_platform", "platform", "renaming", "umbrella"]

CARRIED = (
    *("description", "keywords", "author", "contributors", "homepage", "license", "engines"),
    *("repository", "bugs", "funding", "publishConfig"),
)
"""What a platform package has of its umbrella, as ``napi create-npm-dirs`` has it, and more of the kind."""

_LICENCE = re.compile(r"(licen[cs]e|copying|notice)([.-].*)?", re.IGNORECASE)
_README = re.compile(r"readme(\..*)?", re.IGNORECASE)
_FILLED = "{triple}"


def family_of(manifest: NpmManifest) -> str:
    """What the platform packages of a package are called when nobody says."""
    return f"{manifest.name}-{_FILLED}"


def platform(manifest: NpmManifest, name: str, triple: Triple, *files: str) -> str:
    """The package.json of the platform package ``name`` with its files, what it is for first."""
    limits = (("os", triple.npm_os), ("cpu", triple.npm_cpu), ("libc", triple.npm_libc))
    values: dict[str, object] = {"name": name, "version": manifest.version}
    values |= {key: list(allowed) for key, allowed in limits if allowed}
    values |= {"main": files[0], "files": [*files]}
    if not files[0].endswith(".node"):
        values["preferUnplugged"] = True  # or Yarn leaves the program inside of an archive
    return npm.dumped(values | {key: manifest.values[key] for key in CARRIED if key in manifest.values})


def umbrella(manifest: NpmManifest, families: Iterable[str], present: Iterable[str]) -> str:
    """The package.json with exact versions of the platform packages that are ``present``.

    What ``families`` call the packages of other platforms is taken out, whoever wrote it.
    """
    ours = {name for family in families for name in _every(family)}
    given = manifest.needs("optionalDependencies")
    optional = {name: wanted for name, wanted in given.items() if name not in ours}
    optional |= dict.fromkeys(present, manifest.version)
    return npm.dumped({**manifest.values, "optionalDependencies": dict(sorted(optional.items()))})


def apart(project: NpmProject, families: Iterable[str]) -> NpmProject:
    """The project without its own platform packages, which nobody can install before they are published."""
    return without(project, {name for family in families for name in _every(family)})


def names(family: str, triples: Iterable[Triple], spelled: Mapping[str, str]) -> dict[Triple, str]:
    """The platform packages of a family: its template filled in, by ``spelled`` or as Rust spells it."""
    return {each: platform_name(family, each, spelled.get(each.text, each.text)) for each in triples}


def renaming(family: str, present: Mapping[Triple, str]) -> str:
    """A script of sed that has a loader of napi-rs ask for the packages that there are.

    The loader calls them ``family``, with napi's spelling of the triple, in quotes.
    """
    called = {family.replace(_FILLED, triple.napi): name for triple, name in present.items() if triple.napi}
    return "".join(
        f"s|\\(['\"]\\){re.escape(old)}\\(['\"/]\\)|\\1{new}\\2|g\n"
        for old, new in sorted(called.items())
        if old != new
    )


def pack_platform(
    ctx: Context, manifest: NpmManifest, name: str, made: Output, sources: Sources
) -> NpmPackage:
    """The ``.tgz`` of one platform package, with the README and licence of its umbrella."""
    triple, file = Triple.parse(ctx.triple), posixpath.basename(made.path)
    licences, readmes = _documents(ctx, manifest, sources)
    files = (file, *(posixpath.basename(path) for path in licences))
    inputs: list[Input] = [
        Text(dest="package/package.json", content=platform(manifest, name, triple, *files).encode()),
        Produced(output=made, dest=f"package/{file}"),
        *(SourceFile(path=path, dest=f"package/{posixpath.basename(path)}") for path in licences + readmes),
    ]
    if not readmes:
        text = f"# `{name}`\n\nThe **{triple}** binary of `{manifest.name}`.\n"
        inputs.append(Text(dest="package/README.md", content=text.encode()))
    proof = TarballProof(name=name, version=manifest.version, triple=triple.text)
    folder = npm.pack(ctx, "package", inputs, proof, name=name)
    return NpmPackage(name=name, version=manifest.version, folder=folder)


def _documents(ctx: Context, manifest: NpmManifest, sources: Sources) -> tuple[list[str], list[str]]:
    """Licence and README files of the umbrella's folder; the repository's licences where it has none."""
    folder = posixpath.dirname(manifest.path)
    own = [path for path in ctx.files(sources) if posixpath.dirname(path) == folder]
    licences = [path for path in own if _LICENCE.fullmatch(posixpath.basename(path))]
    if not licences:
        licences = [path for path in ctx.files(Sources(globs=("*",))) if _LICENCE.fullmatch(path)]
    return licences, [path for path in own if _README.fullmatch(posixpath.basename(path))]


def overlaid(directory: str, bindings: Output, renamed: str) -> npm.Parts:
    """What lays loader and types of napi-rs (``bindings``) over a package; ``renamed`` is for sed."""
    return npm.Parts(
        support=(
            Text(dest=".piot/names.sed", content=renamed.encode()),
            Produced(output=bindings, dest=".piot/bindings"),
        ),
        steps=(OVERLAY.format(directory=shlex.quote(directory)),),
    )


OVERLAY = """\
(cd "$PIOT_ROOT/.piot/bindings" && find . -type f) | while IFS= read -r file; do
  place={directory}/$file names=/dev/null
  case $file in *.js | *.cjs | *.mjs) names=$PIOT_ROOT/.piot/names.sed ;; esac
  mkdir -p "${{place%/*}}"
  sed -f "$names" "$PIOT_ROOT/.piot/bindings/$file" > "$PIOT_ROOT/.piot/new"
  mv -f "$PIOT_ROOT/.piot/new" "$place"
done"""


def _every(family: str) -> set[str]:
    """What the family calls a package of any platform, in any spelling."""
    return {platform_name(family, Triple.parse(text), text) for text in (*PLATFORMS, *SPELLINGS)}
