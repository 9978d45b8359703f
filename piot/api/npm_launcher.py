"""The program of an npm package that starts the binary of the platform package that npm installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from piot.model.triple import Triple

Modules = Literal["commonjs", "module"]
"""How Node.js reads a file: by its ending, ``.js`` by "type" in package.json (Node.js docs, *Packages*)."""

HEADS: dict[Modules, str] = {
    "commonjs": """\
#!/usr/bin/env node
"use strict";

const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { constants } = require("node:os");
""",
    "module": """\
#!/usr/bin/env node
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";

const require = createRequire(import.meta.url);
""",
}

BODY = """\

const NAME = {name};
const PACKAGES = {packages};

function fits(each) {{
  return each.os.includes(process.platform) && each.cpu.includes(process.arch);
}}

function find(each) {{
  try {{
    return require.resolve(`${{each.package}}/${{each.file}}`);
  }} catch {{
    return undefined;
  }}
}}

function libc() {{
  try {{
    process.report.excludeNetwork = true;
    const report = process.report.getReport();
    if (report.header.glibcVersionRuntime) return "glibc";
    if (report.sharedObjects.some((path) => /(libc\\.|ld-)musl-/.test(path))) return "musl";
  }} catch {{}}
  try {{
    return readFileSync("/usr/bin/ldd", "utf8").includes("musl") ? "musl" : "glibc";
  }} catch {{
    return "glibc";
  }}
}}

function choose() {{
  const there = PACKAGES.filter(fits).filter(find);
  if (there.length < 2) return there[0];
  const own = libc();
  const best = [own, "musl"].map((name) => there.find((each) => each.libc.includes(name)));
  return best[0] ?? best[1] ?? there[0];
}}

function fail(...lines) {{
  for (const line of lines) console.error(`${{NAME}}: ${{line}}`);
  process.exit(1);
}}

function missing() {{
  const wanted = PACKAGES.filter(fits).map((each) => each.package);
  const here = `${{process.platform}}-${{process.arch}}`;
  if (wanted.length === 0) {{
    const pairs = ({{ os, cpu }}) => os.flatMap((system) => cpu.map((chip) => `${{system}}-${{chip}}`));
    const all = PACKAGES.flatMap(pairs);
    fail(`there is no program for ${{here}}, only for ${{[...new Set(all)].join(", ")}}`);
  }}
  fail(
    `the program for ${{here}} is not installed: ${{wanted.join(" or ")}}`,
    "--omit=optional and lock files of other platforms leave it out;",
    `install the package again without them, or run: npm install ${{wanted[0]}}`,
  );
}}

function explain(file, each, error) {{
  const glibc = each.libc.includes("glibc");
  const reasons = {{
    EACCES: "it is not executable, or its file system is mounted noexec",
    ENOENT: glibc ? "it needs glibc, which is not here" : "its loader, or the current folder, is not there",
  }};
  const reason = reasons[error.code] ?? `it is built for ${{each.triple}}`;
  fail(`cannot start ${{file}} (${{error.code}}): ${{reason}}`);
}}

function run(each) {{
  const file = find(each);
  const windows = process.platform === "win32";
  const passed = windows ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR2"];
  let child;
  for (const signal of passed) {{
    const typed = windows || (process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT"));
    process.on(signal, () => typed || child.kill(signal)); // what is typed, the terminal sends to both
  }}
  child = spawn(file, process.argv.slice(2), {{ stdio: "inherit" }});
  child.on("error", (error) => explain(file, each, error));
  child.on("exit", (code, signal) => {{
    if (signal === null) process.exit(code);
    for (const each of passed) process.removeAllListeners(each);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 200); // Node.js ignores some signals
  }});
}}

const chosen = choose();
if (chosen === undefined) missing();
else run(chosen);
"""


def launcher(name: str, packages: Mapping[Triple, str], modules: Modules) -> str:
    """The text of the launcher of a program; ``packages`` are the platform packages that have it.

    It starts the program of the package that is there (of several, the one for this C library), passes
    arguments, standard streams and signals on, and ends as the program ends. It says why it cannot.
    """
    rows = [
        {
            "package": package,
            "triple": triple.text,
            "os": [*triple.npm_os],
            "cpu": [*triple.npm_cpu],
            "libc": [*triple.npm_libc],
            "file": f"{name}{triple.exe_suffix}",
        }
        for triple, package in sorted(packages.items())
    ]
    listed = "".join(f"  {json.dumps(row)},\n" for row in rows)
    return HEADS[modules] + BODY.format(name=json.dumps(name), packages=f"[\n{listed}]")


def modules_of(path: str, manifest: Mapping[str, object]) -> Modules:
    """How Node.js reads the file at ``path`` of a package."""
    if path.endswith((".cjs", ".mjs")):
        return "module" if path.endswith(".mjs") else "commonjs"
    return "module" if manifest.get("type") == "module" else "commonjs"
