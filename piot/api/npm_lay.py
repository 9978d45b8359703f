"""What Node.js runs to lay out the packages of a lock file of pnpm, Yarn or Bun."""

from __future__ import annotations

import json

from piot.model.npm.graph import NpmGraph
from piot.model.npm.layout import NpmLayout
from piot.model.triple import Triple

SCRIPT = """\
"use strict";

const { execFileSync } = require("node:child_process");
const { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } = require("node:fs");
const { dirname, join, relative } = require("node:path").posix;

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const packages = dirname(process.argv[2]);

function about(place) {
  const file = join(place, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8").replace(/^\\uFEFF/, "")) : {};
}

function allows(asked, own) {
  const list = [asked ?? []].flat();
  const wanted = list.filter((each) => !each.startsWith("!"));
  if (list.length === 0 || own.length === 0 || list.includes("any")) return true;
  if (own.some((each) => list.includes(`!${each}`))) return false;
  return wanted.length === 0 || own.some((each) => wanted.includes(each));
}

function link(place, target) {
  mkdirSync(dirname(place), { recursive: true });
  if (existsSync(target) && !lstatSync(place, { throwIfNoEntry: false }))
    symlinkSync(relative(dirname(place), target), place);
}

function programs({ name = "", bin }) {
  if (typeof bin === "string") return [[name.split("/").pop(), bin]];
  return Object.entries(bin ?? {}).map(([program, file]) => [program.split("/").pop(), file]);
}

function run(...command) {
  execFileSync(command[0], command.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
}

for (const { archive, place, doubtful, patch, called } of plan.packages) {
  mkdirSync(place, { recursive: true });
  const options = ["--strip-components", "1", "--no-same-owner", "--no-same-permissions"];
  run("tar", "-xzf", join(packages, archive), "-C", place, ...options);
  run("chmod", "-R", "u+rwX,go+rX,go-w", place);
  if (patch) require("./patch.cjs")(place, join(packages, patch), called);
  if (doubtful) {
    const limits = about(place);
    const fits = ["os", "cpu", "libc"].every((each) => allows(limits[each], plan.host[each]));
    if (!fits) rmSync(place, { recursive: true });
  }
}
for (const [place, target] of plan.links) link(place, target);
for (const [folder, places] of plan.programs) {
  for (const place of places) {
    for (const [name, file] of programs(about(place))) {
      const path = join(place, file);
      if (!existsSync(path)) continue;
      chmodSync(path, 0o755);
      link(join(folder, name), path);
    }
  }
}
"""


def plan_text(graph: NpmGraph, layout: NpmLayout, host: Triple) -> str:
    """What the script is told; archive N stands beside it as ``N.tgz``, its patch as ``N.patch``."""
    doubtful = graph.doubtful()
    rows: list[dict[str, object]] = [
        {
            "archive": f"{number}.tgz",
            "place": layout.places[key],
            "doubtful": key in doubtful,
            **({"patch": f"{number}.patch", "called": package.patch} if package.patch else {}),
        }
        for number, (key, package) in enumerate(graph.packages.items())
    ]
    return json.dumps(
        {
            "host": {"os": host.npm_os, "cpu": host.npm_cpu, "libc": host.npm_libc},
            "packages": rows,
            "links": sorted(layout.links.items()),
            "programs": sorted(layout.programs.items()),
        },
        indent=1,
    )
