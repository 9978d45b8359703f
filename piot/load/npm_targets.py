"""The targets of packages for npm: plain ones, and families of an umbrella and its platforms' packages."""

from __future__ import annotations

from piot.load.npm_siblings import NpmSiblings
from piot.load.package_graph import PackageGraph
from piot.load.rust_targets import program_target
from piot.model.package import NpmSettings, Package
from piot.model.rule import Plain, StringMap, Triples
from piot.model.target import Target


def npm_targets(
    graph: PackageGraph, package: Package, settings: NpmSettings, npm: NpmSiblings
) -> tuple[Target, ...]:
    """One package, or the family that ``build`` asks for."""
    if settings.build:
        return _family(graph, package, settings, npm)
    used = tuple(graph.label(each, "package") for each in npm.siblings(package))
    return (graph.target(package, "npm_package", "package", npm=settings.npm, packages=used),)


def _family(
    graph: PackageGraph, package: Package, settings: NpmSettings, npm: NpmSiblings
) -> tuple[Target, ...]:
    """The addon, the program, their platform packages, and the umbrella that everybody installs."""
    families = {build.mode: build.family(settings.npm) for build in settings.build}
    shared: dict[str, Plain] = {
        "targets": Triples(tuple(spec.triple.text for spec in settings.targets)),
        "spelled": StringMap.of({spec.triple.text: spec.written for spec in settings.targets}),
    }
    made: list[Target] = []
    if "napi" in families:
        made.append(graph.target(package, "napi_addon", "addon", targets=shared["targets"]))
        shared |= {"addon": made[-1].label, "addon_family": families["napi"]}
    if "bundled-cli" not in families:
        platforms = graph.target(package, "npm_platforms", "platforms", **shared)
        return (*made, platforms, graph.target(package, "napi_package", "package", **shared))
    umbrella = _program(graph, npm, package, settings, **shared, program_family=families["bundled-cli"])
    if settings.bundle_cli is None:
        return (*made, umbrella)  # which says that there is no program
    made.append(program_target(graph, package, settings.bundle_cli, settings.targets))
    shared |= {"program": made[-1].label, "program_family": families["bundled-cli"]}
    return (*made, graph.target(package, "npm_platforms", "platforms", **shared), umbrella)


def _program(
    graph: PackageGraph, npm: NpmSiblings, package: Package, settings: NpmSettings, **shared: Plain
) -> Target:
    used = tuple(graph.label(each, "package") for each in npm.siblings(package))
    cli = "" if settings.bundle_cli is None else settings.bundle_cli.bin
    own: dict[str, Plain] = {"npm": settings.npm, "program": cli, "packages": used}
    return graph.target(package, "npm_program", "package", **shared, **own)
