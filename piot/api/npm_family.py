"""Families of npm packages: one per platform, and the umbrella that everybody installs.

The umbrella names each platform package in ``optionalDependencies``; npm installs the one whose ``os``,
``cpu`` and ``libc`` fit (npm docs, *package.json*).
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from piot.api import npm
from piot.api.context import Context
from piot.model.action import Input, Output, Produced, SourceFile, Text
from piot.model.platforms import PLATFORMS, SPELLINGS
from piot.model.proof import TarballProof
from piot.model.rule import Sources
from piot.model.triple import Triple

__all__ = ["Umbrella", "names", "overlay", "pack_platform", "read", "renaming"]

CARRIED = (
    *("description", "keywords", "author", "contributors", "homepage", "license", "engines"),
    *("repository", "bugs", "funding", "publishConfig"),
)
"""What a platform package has of its umbrella, as ``napi create-npm-dirs`` has it, and more of the kind."""

_LICENCE = re.compile(r"(licen[cs]e|copying|notice)([.-].*)?", re.IGNORECASE)
_README = re.compile(r"readme(\..*)?", re.IGNORECASE)
_FILLED = "{triple}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Umbrella:
    """The package.json that a family belongs to."""

    directory: str
    name: str
    version: str
    values: Mapping[str, Any] = field(repr=False)

    @property
    def path(self) -> str:
        return posixpath.normpath(posixpath.join(self.directory, "package.json"))

    @property
    def family(self) -> str:
        """What its platform packages are called when nobody says."""
        return f"{self.name}-{_FILLED}"

    def platform(self, name: str, triple: Triple, *files: str) -> str:
        """The package.json of the platform package ``name`` with its files, what it is for first."""
        platform: dict[str, object] = {"name": name, "version": self.version}
        limits = (("os", triple.npm_os), ("cpu", triple.npm_cpu), ("libc", triple.npm_libc))
        platform |= {key: list(values) for key, values in limits if values}
        platform |= {"main": files[0], "files": [*files]}
        return _dumped(platform | {key: self.values[key] for key in CARRIED if key in self.values})

    def text(self, families: Iterable[str], present: Iterable[str]) -> str:
        """Its own package.json with exact versions of the packages that are ``present``.

        What ``families`` call the packages of other platforms is taken out, whoever wrote it.
        """
        table = self.values.get("optionalDependencies")
        given = cast("dict[str, object]", table) if isinstance(table, dict) else {}
        ours = {name for family in families for name in _every(family)}
        optional = {name: wanted for name, wanted in given.items() if name not in ours}
        optional |= dict.fromkeys(present, self.version)
        return _dumped({**self.values, "optionalDependencies": dict(sorted(optional.items()))})


def read(ctx: Context, directory: str) -> Umbrella:
    """The package.json in ``directory``; ends the build where it has no name or version."""
    path = posixpath.normpath(posixpath.join(directory, "package.json"))
    text = ctx.text(path)
    if text is None:
        ctx.fail(f"no {path}")
    try:
        found: object = json.loads(text)
    except ValueError as error:
        ctx.fail(f"{path}: not JSON: {error}")
    values = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    for key in ("name", "version"):
        if not isinstance(values.get(key), str) or not values[key]:
            ctx.fail(f'{path} has no "{key}"', hint=f'add "{key}"')
    return Umbrella(directory=directory, name=values["name"], version=values["version"], values=values)


def names(family: str, triples: Iterable[Triple], spelled: Mapping[str, str]) -> dict[Triple, str]:
    """The platform packages of a family: ``{triple}`` filled in, by ``spelled`` or as Rust spells it."""
    return {each: family.replace(_FILLED, spelled.get(each.text, each.text)) for each in triples}


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


def pack_platform(ctx: Context, umbrella: Umbrella, name: str, made: Output, sources: Sources) -> Output:
    """The ``.tgz`` of one platform package, with the umbrella's README and licence."""
    triple, file = Triple.parse(ctx.triple), posixpath.basename(made.path)
    licences, readmes = _documents(ctx, umbrella, sources)
    files = (file, *(posixpath.basename(path) for path in licences))
    inputs: list[Input] = [
        Text(dest="package/package.json", content=umbrella.platform(name, triple, *files).encode()),
        Produced(output=made, dest=f"package/{file}"),
        *(SourceFile(path=path, dest=f"package/{posixpath.basename(path)}") for path in licences + readmes),
    ]
    if not readmes:
        text = f"# `{name}`\n\nThe **{triple}** binary of `{umbrella.name}`.\n"
        inputs.append(Text(dest="package/README.md", content=text.encode()))
    proof = TarballProof(name=name, version=umbrella.version, triple=triple.text)
    return npm.pack(ctx, "package", inputs, proof, name=name)


def _documents(ctx: Context, umbrella: Umbrella, sources: Sources) -> tuple[list[str], list[str]]:
    """Licence and README files of the umbrella's folder; the repository's licences where it has none."""
    folder = "" if umbrella.directory == "." else umbrella.directory
    own = [path for path in ctx.files(sources) if posixpath.dirname(path) == folder]
    licences = [path for path in own if _LICENCE.fullmatch(posixpath.basename(path))]
    if not licences:
        licences = [path for path in ctx.files(Sources(globs=("*",))) if _LICENCE.fullmatch(path)]
    return licences, [path for path in own if _README.fullmatch(posixpath.basename(path))]


OVERLAY = """\
#!/bin/sh
set -e
umask 022
mkdir -p "$PIOT_ROOT/out"
cd "$PIOT_ROOT/$1"
(cd "$PIOT_ROOT/.piot/bindings" && find . -type f) | while IFS= read -r file; do
  mkdir -p "${file%/*}"
  case $file in
    *.js | *.cjs | *.mjs) names=$PIOT_ROOT/.piot/names.sed ;;
    *) names=/dev/null ;;
  esac
  sed -f "$names" "$PIOT_ROOT/.piot/bindings/$file" > "$PIOT_ROOT/.piot/new"
  mv -f "$PIOT_ROOT/.piot/new" "$file"
done
npm pack --pack-destination "$PIOT_ROOT/out"
"""
"""Lays what was made over the package, with the true names in it."""


def overlay(
    ctx: Context,
    umbrella: Umbrella,
    inputs: Sequence[Input],
    bindings: Output,
    renamed: str,
    environment: Mapping[str, str],
) -> Output:
    """The ``.tgz`` of an umbrella of napi-rs: ``bindings`` are loader and types, ``renamed`` is for sed."""
    script = Text(dest=".piot/shims/pack", content=OVERLAY.encode(), executable=True)
    support = (
        script,
        Text(dest=".piot/names.sed", content=renamed.encode()),
        Produced(output=bindings, dest=".piot/bindings"),
    )
    (folder,) = ctx.run(
        script.dest,
        f"{npm.REPOSITORY}/{umbrella.directory}",
        mnemonic="npm pack",
        outputs=("out/",),
        inputs=(*(npm.staged(each) for each in inputs), *support),
        environment={**npm.ENVIRONMENT, **environment},
        tools=ctx.node().tools,
        proofs={"out": TarballProof(name=umbrella.name, version=umbrella.version)},
    )
    return folder


def _every(family: str) -> set[str]:
    """What the family calls a package of any platform, in any spelling."""
    return {family.replace(_FILLED, text) for text in (*PLATFORMS, *SPELLINGS)}


def _dumped(values: Mapping[str, object]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
