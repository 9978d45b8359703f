"""The targets of packages for npm: plain ones, and families of an umbrella and its platforms' packages."""

from __future__ import annotations

from piot.load.npm_siblings import NpmSiblings
from piot.load.package_graph import PackageGraph, by_triple, cargo_settings, defaults_off
from piot.load.rust_targets import program_target
from piot.model.package import NpmMode, NpmSettings, Package
from piot.model.rule import Plain, StringMap, Triples
from piot.model.target import Target

PLATFORMS = "platforms"
"""The target with the packages of a family's platforms; with a dash and the mode, where there are several."""


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
    families, spelled = _names(settings)
    common: dict[str, Plain] = {
        "targets": Triples(tuple(spec.triple.text for spec in settings.targets)),
        "spelled": StringMap.of(spelled),
    }
    made: list[Target] = []
    modes: dict[NpmMode, dict[str, Plain]] = {}
    if "napi" in families:
        made.append(_addon(graph, package, settings))
        modes["napi"] = {"addon": made[-1].label, "addon_family": families["napi"]}
    if "bundled-cli" not in families:
        platforms = graph.target(package, "npm_platforms", "platforms", **common, **modes["napi"])
        return (*made, platforms, graph.target(package, "napi_package", "package", **common, **modes["napi"]))
    addon = common | modes.get("napi", {})
    umbrella = _program(graph, npm, package, settings, **addon, program_family=families["bundled-cli"])
    if settings.bundle_cli is None:
        return (*made, umbrella)  # which says that there is no program
    made.append(program_target(graph, package, settings.bundle_cli, settings.targets))
    modes["bundled-cli"] = {"program": made[-1].label, "program_family": families["bundled-cli"]}
    return (*made, *_platforms(graph, package, common, modes), umbrella)


def _platforms(
    graph: PackageGraph, package: Package, common: dict[str, Plain], modes: dict[NpmMode, dict[str, Plain]]
) -> tuple[Target, ...]:
    """The packages of all modes in one target, and where there are several, those of each in one too.

    So a machine of the matrix makes what its row names; files that two targets have alike are made once.
    """
    every = common | {name: value for each in modes.values() for name, value in each.items()}
    whole = graph.target(package, "npm_platforms", PLATFORMS, **every)
    if len(modes) == 1:
        return (whole,)
    return whole, *(
        graph.target(package, "npm_platforms", f"{PLATFORMS}-{mode}", **common, **own)
        for mode, own in modes.items()
    )


def _names(settings: NpmSettings) -> tuple[dict[NpmMode, str], dict[str, str]]:
    """The template of every build, and what stands for ``{triple}``: whole names, where one has its own."""
    if not any(spec.name for spec in settings.targets):
        families: dict[NpmMode, str] = {each.mode: each.family(settings.npm) for each in settings.build}
        return families, {spec.triple.text: spec.written for spec in settings.targets}
    (build,) = settings.build
    whole: dict[NpmMode, str] = {build.mode: "{triple}"}
    return whole, {spec.triple.text: build.platform_name(settings.npm, spec) for spec in settings.targets}


def _addon(graph: PackageGraph, package: Package, settings: NpmSettings) -> Target:
    targets = settings.targets
    return graph.target(
        package,
        "napi_addon",
        "addon",
        targets=Triples(tuple(spec.triple.text for spec in targets)),
        features=by_triple(targets, (), lambda its: its.features),
        no_default_features=by_triple(targets, False, defaults_off),
        **cargo_settings(package, targets),
    )


def _program(
    graph: PackageGraph, npm: NpmSiblings, package: Package, settings: NpmSettings, **shared: Plain
) -> Target:
    used = tuple(graph.label(each, "package") for each in npm.siblings(package))
    cli = "" if settings.bundle_cli is None else settings.bundle_cli.bin
    own: dict[str, Plain] = {"npm": settings.npm, "program": cli, "packages": used}
    return graph.target(package, "npm_program", "package", **shared, **own)
