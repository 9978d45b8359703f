#!/usr/bin/env node
import { greeting } from "./words.js";

console.log(`export const greeting = ${JSON.stringify(greeting)};`);
