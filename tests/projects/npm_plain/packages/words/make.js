import { writeFileSync } from "node:fs";

writeFileSync("words.js", 'export const greeting = "hello";\n');
