"""What Node.js runs to lay a patch over a third-party package: git's diff, as pnpm, Yarn and Bun keep it."""

from __future__ import annotations

SCRIPT = r"""
"use strict";

const { mkdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path").posix;

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/;
const OTHER = /^(rename from|copy from|GIT binary patch|Binary files)/;

function linesOf(text) {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function named(line) {
  const path = line.slice(4).split("\t")[0].trim();
  return path === "/dev/null" ? null : path.split("/").slice(1).join("/");
}

/* One file: hunks hold exactly where they say, or not at all. */
function changed(old, lines, at, misfit) {
  const made = [];
  let read = 0;
  for (let hunk; (hunk = HUNK.exec(lines[at] ?? "")); ) {
    let left = Number(hunk[2] ?? 1);
    let more = Number(hunk[3] ?? 1);
    const begin = Number(hunk[1]) - (left ? 1 : 0);
    made.push(...old.slice(read, begin));
    read = begin;
    at += 1;
    while (left > 0 || more > 0) {
      const line = lines[at++] ?? misfit(read + 1);
      const bare = (lines[at] ?? "").startsWith("\\");
      const text = bare ? line.slice(1).replace(/\n$/, "") : line.slice(1) || "\n";
      if (bare) at += 1;
      if (line[0] !== "+") {
        if (!" -\n".includes(line[0]) || old[read] !== text) misfit(read + 1);
        read += 1;
        left -= 1;
      }
      if (line[0] !== "-") {
        made.push(text);
        more -= 1;
      }
    }
  }
  return [[...made, ...old.slice(read)].join(""), at];
}

module.exports = function patch(folder, file, called) {
  const stop = (what) => {
    console.error(`${called} ${what}`);
    process.exit(1);
  };
  const lines = linesOf(readFileSync(file, "latin1"));
  for (let at = 0; at < lines.length; ) {
    if (OTHER.test(lines[at])) stop(`does more than change lines: ${lines[at].trim()}`);
    if (!lines[at].startsWith("--- ") || !(lines[at + 1] ?? "").startsWith("+++ ")) {
      at += 1;
      continue;
    }
    const [from, to] = [named(lines[at]), named(lines[at + 1])];
    const misfit = (line) => stop(`does not fit ${from ?? to}, line ${line}`);
    let old = [];
    try {
      if (from !== null) old = linesOf(readFileSync(join(folder, from), "latin1"));
    } catch {
      stop(`changes ${from}, which is not there`);
    }
    const [text, next] = changed(old, lines, at + 2, misfit);
    at = next;
    if (to === null) {
      rmSync(join(folder, from));
    } else {
      mkdirSync(dirname(join(folder, to)), { recursive: true });
      writeFileSync(join(folder, to), text, "latin1");
    }
  }
};
"""
"""Bytes are kept as they are: Latin-1 has a letter for each."""
