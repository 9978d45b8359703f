"""The names of an npm package's platform packages: possible, and no two the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from piot.load.config_reader import Section
from piot.model.package import NpmBuild, TargetSpec

NPM_NAME = re.compile(r"(?:@[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,213}")
"""https://docs.npmjs.com/cli/configuring-npm/package-json#name; old packages have upper case."""


def check_names(
    section: Section, npm_name: str, builds: Sequence[NpmBuild], targets: Sequence[TargetSpec]
) -> None:
    """Notes names that cannot be, that are taken, and ``name`` where two packages could be meant."""
    taken = {npm_name: "the package itself"}
    _check_templates(section, npm_name, builds, targets)
    for index, spec in enumerate(targets):
        where = ("targets", index, *(("name",) if spec.name else ()))
        if spec.name and len(builds) > 1:
            hint = 'remove it, and write two templates in "build"'
            section.fault(where, "PIOT_PLATFORM_NAME", '"name" does not go with two builds', hint=hint)
            continue
        if spec.name and not NPM_NAME.fullmatch(spec.name):
            hint = "write the name that is published already"
            message = f'"{spec.name}" cannot be a name on npm'
            section.fault(where, "PIOT_REGISTRY_NAME", message, hint=hint)
        for build in builds:
            name = build.platform_name(npm_name, spec)
            if name in taken:
                message = f'the package of "{spec.written}" is called "{name}", as is {taken[name]}'
                hint = 'give it a "name" of its own, or put more into the template: {triple}'
                section.fault(where, "PIOT_PLATFORM_NAME", message, hint=hint)
            taken[name] = f'that of "{spec.written}"'


def _check_templates(
    section: Section, npm_name: str, builds: Sequence[NpmBuild], targets: Sequence[TargetSpec]
) -> None:
    for build in builds:
        names = (build.platform_name(npm_name, spec) for spec in targets if not spec.name)
        if wrong := next((name for name in names if not NPM_NAME.fullmatch(name)), None):
            message = f'"name" is "{build.name}", which makes "{wrong}", and that cannot be a name on npm'
            hint = "write letters, digits, -, _ and ., behind a scope or without one"
            section.fault(("build",), "PIOT_NAME_TEMPLATE", message, hint=hint)
