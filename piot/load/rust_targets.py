"""The targets that cargo builds: crates, and programs for packages of other kinds."""

from __future__ import annotations

from collections.abc import Sequence

from piot.load.package_graph import PackageGraph, by_triple, cargo_settings, defaults_off
from piot.model.package import BundleCli, CratesSettings, Package, TargetSpec
from piot.model.rule import Triples
from piot.model.target import Target


def crate_target(graph: PackageGraph, package: Package, settings: CratesSettings) -> Target:
    """The ``.crate`` of a package."""
    return graph.target(
        package,
        "rust_crate",
        "crate",
        features=settings.features,
        no_default_features=settings.no_default_features,
        system=package.system,
        crates=graph.sibling_crates(package.path),
    )


def program_target(
    graph: PackageGraph, package: Package, cli: BundleCli, targets: Sequence[TargetSpec]
) -> Target:
    """The program of ``bundle_cli``; its crate may stand anywhere in the repository.

    In a wheel, features of a platform are the extension's; an npm package has nothing else to compile.
    """
    own = targets if package.kind == "npm" else ()
    return graph.target(
        package,
        "rust_binary",
        "cli",
        directory=cli.crate_path,
        bin=cli.bin,
        targets=Triples(tuple(spec.triple.text for spec in targets)),
        features=by_triple(own, cli.features, lambda its: its.features and (*cli.features, *its.features)),
        no_default_features=by_triple(own, cli.no_default_features, defaults_off),
        **cargo_settings(package, targets),
    )
