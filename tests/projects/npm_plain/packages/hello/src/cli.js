#!/usr/bin/env node
import { red } from "@example/colours";
import { greeting } from "./words.js";

console.log(red(greeting));
