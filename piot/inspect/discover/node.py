"""The npm packages that can be released: plain ones, addons of napi-rs, and programs of cargo's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from piot.errors import InputError
from piot.inspect.discover.crates import programs
from piot.inspect.discover.draft import Draft, LeftOut
from piot.inspect.discover.facts import Facts, inside
from piot.inspect.discover.python import default_targets
from piot.model.cargo.facts import CargoTarget, Crate
from piot.model.npm.project import NpmManifest
from piot.model.package import Access, BundleCli, NpmBuild, NpmSettings, TargetSpec
from piot.model.platforms import PLATFORMS, SPELLINGS
from piot.model.tables import table_at
from piot.model.triple import Triple

CLI_FAMILY = "{name}-cli-{triple}"
"""How the packages of a program's platforms are called where those of an addon have the plain name."""

USED = ("dependencies", "optionalDependencies", "devDependencies")
"""Tables that may hold packages whose code goes into this one: bundlers take it from devDependencies too."""

_CODE = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx", ".json", ".node", ".wasm", ".css")
_MANIFEST_PATH = re.compile(r"--(?:manifest-path|cargo-cwd)[= ]+(\S+)")
_TRIPLES = "|".join(map(re.escape, sorted((*PLATFORMS, *SPELLINGS), key=len, reverse=True)))
_PLATFORM = re.compile(rf"(.+?)-({_TRIPLES})")


def packages(facts: Facts) -> Iterator[Draft | LeftOut]:
    """One by one in the order of their folders; a private one is no news."""
    names = {manifest.name: folder for folder, manifest in facts.npm.items()}
    for directory, manifest in sorted(facts.npm.items()):
        if manifest.values.get("private") is True:
            continue
        if not manifest.version:
            yield LeftOut(path=manifest.path, name=manifest.name, reason="it has no version")
        elif platform := _platform_of(manifest, names):
            reason = f"it is the package of {platform} of a family, which piot makes itself"
            yield LeftOut(path=manifest.path, name=manifest.name, reason=reason)
        else:
            needed = (names.get(each) for each in manifest.needs(*USED))
            siblings = tuple(sorted({each for each in needed if each is not None and each != directory}))
            yield _draft(facts, directory, manifest, siblings)


def _draft(facts: Facts, directory: str, manifest: NpmManifest, siblings: tuple[str, ...]) -> Draft:
    addon = "napi" in manifest.values or "@napi-rs/cli" in manifest.needs("devDependencies")
    program, guesses = _program(facts, directory, manifest, addon=addon)
    builds = _builds(manifest, addon=addon, program=program is not None)
    if not manifest.values.get("license"):
        guesses = (*guesses, f"{manifest.name} has no licence: add license to its package.json")
    crate = program[0] if program else None
    cli = BundleCli(bin=program[1].name, crate_path=program[0].directory) if program else None
    crates = ([_addon_crate(directory, manifest)] if addon else []) + ([crate.directory] if crate else [])
    return Draft(
        kind="npm",
        registered=manifest.name,
        directory=directory,
        settings=NpmSettings(
            npm=manifest.name,
            access=_access(manifest),
            build=builds,
            targets=_targets(manifest) if builds else (),
            bundle_cli=cli,
        ),
        version=manifest.version,
        crates=tuple(dict.fromkeys(each for each in crates if each in facts.crates)),
        siblings=siblings,
        guesses=guesses,
    )


def _builds(manifest: NpmManifest, *, addon: bool, program: bool) -> tuple[NpmBuild, ...]:
    """The families; their names as ``optionalDependencies`` has them, which released packages have."""
    found = {family for family, _ in _families(manifest)}
    both = addon and program
    own = [each for each in sorted(found) if each.startswith(manifest.name.rpartition("/")[0])]
    programs_own = next((each for each in own if "-cli" in each.removeprefix(manifest.name)), None)
    addons_own = next((each for each in own if each != programs_own), None)
    builds: list[NpmBuild] = []
    if addon:
        builds.append(NpmBuild(mode="napi", name=_template(addons_own, manifest, "{name}-{triple}")))
    if program:
        usual = CLI_FAMILY if both else "{name}-{triple}"
        given = programs_own if both else next(iter(own), None)
        builds.append(NpmBuild(mode="bundled-cli", name=_template(given, manifest, usual)))
    return tuple(builds)


def _template(family: str | None, manifest: NpmManifest, usual: str) -> str:
    if family is None:
        return usual
    start = manifest.name
    ending = family.removeprefix(start)
    return f"{{name}}{ending}-{{triple}}" if family.startswith(start) else f"{family}-{{triple}}"


def _families(manifest: NpmManifest) -> Iterator[tuple[str, str]]:
    """The packages for platforms among the optional dependencies: their name without it, and the platform."""
    for name in manifest.needs("optionalDependencies"):
        if match := _PLATFORM.fullmatch(name):
            yield match[1], match[2]


def _platform_of(manifest: NpmManifest, names: Mapping[str, str]) -> str:
    """The platform that a package is for, when it says so itself or another one's name makes it so."""
    match = _PLATFORM.fullmatch(manifest.name)
    limited = "os" in manifest.values and "cpu" in manifest.values
    return match[2] if match and (limited or match[1] in names) else ""


def _program(
    facts: Facts, directory: str, manifest: NpmManifest, *, addon: bool
) -> tuple[tuple[Crate, CargoTarget] | None, tuple[str, ...]]:
    """The program of cargo's that a package carries, and what to check about it.

    It does when it names packages for platforms and is no addon, when a command of it is a file that nothing
    makes, or when there is no code in it at all.
    """
    known = programs(facts)
    makes = "build" in manifest.scripts and not addon
    absent = [path for path in manifest.programs().values() if not facts.has(inside(directory, path))]
    families = {family for family, _ in _families(manifest)}
    carries = (
        len(families) > 1
        or (families and not addon)
        or (absent and not makes)
        or not (addon or manifest.scripts or _has_code(facts, directory))
    )
    if not carries or not known:
        return None, ()
    scope, _, base = manifest.name.rpartition("/")
    wanted = (*manifest.programs(), base, base.removesuffix("-cli"), scope.removeprefix("@"))
    name = next((each for each in wanted if each in known), next(iter(known)))
    sure = len(known) == 1 or name in wanted
    guess = f"the program {name} goes into it: check bundle_cli" + ("" if sure else ", which is a guess")
    return known[name][0], (guess,)


def _has_code(facts: Facts, directory: str) -> bool:
    own = (path for path in facts.below(directory) if not path.endswith(("package.json", "lock.json")))
    return any(path.endswith(_CODE) for path in own)


def _addon_crate(directory: str, manifest: NpmManifest) -> str:
    """The folder of the crate that napi builds: what a script names, else the package's own."""
    for line in manifest.scripts.values():
        if match := _MANIFEST_PATH.search(line):
            named = inside(directory, match[1])
            return named.rpartition("/")[0] or "." if named.endswith(".toml") else named
    return directory


def _targets(manifest: NpmManifest) -> tuple[TargetSpec, ...]:
    """The platforms that napi-rs is told (``targets``, formerly ``triples``), else the usual five."""
    napi = table_at(manifest.values, "napi")
    named = napi.get("targets")
    found: list[TargetSpec] = []
    for text in cast("list[object]", named) if isinstance(named, list) else ():
        try:
            triple = Triple.parse(str(text))
        except InputError:
            continue
        if triple.napi:
            found.append(TargetSpec(triple=triple, written=str(text)))
    return tuple(found) or default_targets()


def _access(manifest: NpmManifest) -> Access:
    """Who may install it, by ``publishConfig``."""
    return (
        "restricted" if table_at(manifest.values, "publishConfig").get("access") == "restricted" else "public"
    )
