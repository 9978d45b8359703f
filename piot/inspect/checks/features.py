"""Programs that are bundled, and features that are asked for: whether their crates have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piot.errors import near
from piot.inspect.view import View, bundle_cli, inside
from piot.model.cargo.facts import Crate
from piot.model.finding import Finding
from piot.model.package import BundleCli, CratesSettings, Package
from piot.model.toml_scan import Where


def bundled(view: View) -> Iterator[Finding]:
    """The program of every ``bundle_cli``."""
    for package in view.packages:
        cli = bundle_cli(package)
        if cli is None:
            continue
        crate, manifest = view.crate(cli.crate_path), inside(cli.crate_path, "Cargo.toml")
        if view.has(manifest) and not view.documents.table(manifest):
            continue  # not readable, which has been said
        key: tuple[str, ...] = ("bundle_cli", "bin")
        if crate is None:
            folder = "the root" if cli.crate_path == "." else cli.crate_path
            message = f'there is no crate in {folder} that could have the program "{cli.bin}"'
        elif cli.bin in [each.name for each in crate.binaries]:
            continue
        else:
            message = f'{crate.manifest} does not declare the program "{cli.bin}"'
        fix = _hint(view, cli, crate)
        yield view.at_package("PIOT_CRATES_MISSING_BIN", "error", message, package, *key, fix=fix)


def _hint(view: View, cli: BundleCli, crate: Crate | None) -> str:
    """The crate of the repository that has the program, else what the named one has."""
    for folder in sorted(view.workspaces):
        other = view.crate(folder)
        if other is not None and cli.bin in [each.name for each in other.binaries]:
            return f'set crate_path = "{folder}", which has it'
    names = [each.name for each in crate.binaries] if crate else []
    return near(cli.bin, names) or (
        f"it has {', '.join(names)}" if names else "add [[bin]] to its Cargo.toml"
    )


def features(view: View) -> Iterator[Finding]:
    """Every feature that the configuration or a pyproject.toml asks a crate for."""
    for package in view.packages:
        for directory, path, where, asked in _asked(view, package):
            crate = view.crate(directory)
            for index, feature in enumerate(asked):
                # features of dependencies ("name/feature") are for cargo to know
                if crate is None or "/" in feature or feature in crate.features:
                    continue
                yield view.at(
                    "PIOT_CRATES_FEATURE_NOT_DECLARED",
                    "error",
                    f'package "{package.name}" asks for the feature "{feature}", '
                    f"which {crate.manifest} does not have",
                    path,
                    (*where, index),
                    package=package,
                    fix=near(feature, crate.features)
                    or f"it has {', '.join(crate.features) or 'no features'}",
                )


def _asked(view: View, package: Package) -> Iterator[tuple[str, str, Where, Sequence[str]]]:
    """The folder of a crate, and where which features are asked for."""
    main, cli = view.main_crate(package), bundle_cli(package)
    project = view.pyprojects.get(package.path)
    if isinstance(package.settings, CratesSettings):
        yield main, view.config, view.place(package, "features"), package.settings.features
    if project is not None and project.maturin is not None and package.kind == "pypi":
        path = "pyproject.toml" if project.directory == "." else f"{project.directory}/pyproject.toml"
        yield main, path, ("tool", "maturin", "features"), project.maturin.features
    if cli is not None:
        where = view.place(package, "bundle_cli", "features")
        yield cli.crate_path, view.config, where, cli.features
    # of a wheel they are the extension's, of an npm package the program's or the addon's
    folder = cli.crate_path if cli is not None and package.kind == "npm" else main
    for index, spec in enumerate(package.targets):
        where = view.place(package, "targets", index, "features")
        yield folder, view.config, where, spec.settings.features
