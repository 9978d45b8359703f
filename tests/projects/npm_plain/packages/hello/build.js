import { copyFileSync, writeFileSync } from "node:fs";
import { red } from "@example/colours";
import { greeting } from "words";

copyFileSync("src/cli.js", "dist/cli.js");
writeFileSync("dist/sample.txt", red(greeting) + "\n");
