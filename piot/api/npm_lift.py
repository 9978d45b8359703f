"""``publishConfig`` of packages that pnpm locks: what stands in it is what others get."""

from __future__ import annotations

import json
import shlex

from piot.model.action import Text
from piot.model.npm.project import NpmProject

LIFTED = (
    *("bin", "browser", "cpu", "engines", "es2015", "esnext", "exports", "imports", "libc", "main", "module"),
    *("os", "type", "types", "typesVersions", "typings", "umd:main", "unpkg"),
)
"""The keys that ``pnpm pack`` takes from there (pnpm.io, *package.json*, publishConfig)."""

SCRIPT = """\
const { readFileSync, writeFileSync } = require("node:fs");
const about = JSON.parse(readFileSync("package.json", "utf8"));
const given = about.publishConfig;
for (const key of KEYS.filter((each) => each in given)) {
  about[key] = given[key];
  delete given[key];
}
if (Object.keys(given).length === 0) delete about.publishConfig;
writeFileSync("package.json", JSON.stringify(about, null, 2) + "\\n");
"""

FILE = ".piot/npm/lift.cjs"


def lifting(project: NpmProject) -> tuple[tuple[Text, ...], tuple[str, ...]]:
    """A file beside the repository and the line that runs it, after the build and before the packing."""
    given = project.manifest.values.get("publishConfig")
    pnpms = (project.lock or "").endswith("pnpm-lock.yaml")
    if not pnpms or not isinstance(given, dict) or not {*LIFTED} & given.keys():
        return (), ()
    text = SCRIPT.replace("KEYS", json.dumps(LIFTED))
    line = f'(cd {shlex.quote(project.directory)} && node "$PIOT_ROOT/{FILE}")'
    return (Text(dest=FILE, content=text.encode()),), (line,)
