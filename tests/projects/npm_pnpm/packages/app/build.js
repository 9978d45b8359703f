const { mkdirSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");

const from = (place) => createRequire(require.resolve(place));
const version = (found, name) => found(`${name}/package.json`).version;
const places = { app: require, base: from("@example/base"), odd: from("is-odd") };
const versions = {};
for (const [who, name] of [
  ["app", "react"],
  ["app", "number"],
  ["app", "ms"],
  ["base", "react"],
  ["odd", "is-number"],
])
  versions[`${who} gets ${name}`] = version(places[who], name);
versions["peer of app"] = version(createRequire(require.resolve("use-sync-external-store")), "react");

mkdirSync("dist", { recursive: true });
writeFileSync("dist/index.js", `module.exports = ${JSON.stringify(versions, null, 2)};\n`);
