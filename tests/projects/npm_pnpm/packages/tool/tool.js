#!/usr/bin/env node
console.log(`// made by a tool that sees ms ${require("ms/package.json").version}`);
