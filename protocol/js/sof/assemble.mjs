/**
 * Writes parts/table.js from the list of functions, and sof.js from the parts: one classic script
 * for pages that know no modules. The rule: the parts in their order, without imports and the
 * word `export`, inside one function, in ASCII. `node assemble.mjs FOLDER` writes both below FOLDER.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const PARTS = [
  "table",
  "faults",
  "spelling",
  "der",
  "certificate",
  "functions",
  "asking",
  "pin_fields",
  "calls",
  "page",
  "main",
];
const LIST = "../../signet_protocol/sof_migrate/functions.json";
const HEAD = `/**
 * The SOF_ functions of older pages over Signet. See docs/sof-migration.md for its use.
 * Put together from parts/ by assemble.mjs; change those.
 */
`;

const here = (path) => new URL(path, import.meta.url);
const read = (path) => readFileSync(here(path), "utf-8");

function table() {
  const { errors, functions } = JSON.parse(read(LIST));
  const rows = functions.map(({ name, aliases, parameters, result, where, error, failure }) => ({
    name,
    aliases,
    parameters,
    result,
    where,
    ...(where === "refused" && { error }),
    failure,
  }));
  const lines = (list) => list.map((each) => `    ${JSON.stringify(each)},\n`).join("");
  return `/** What assemble.mjs took from signet_protocol/sof_migrate/functions.json. */
export const TABLE = {
  errors: [
${lines(errors)}  ],
  functions: [
${lines(rows)}  ],
};
`;
}

function bare(text) {
  return text.replace(/^import [^;]+;\n/gm, "").replace(/^export /gm, "");
}

/** Old pages are in GBK, and a classic script is read in the encoding of its page. */
function ascii(text) {
  const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/[^\0-\x7f]/g, escape);
}

function script() {
  const parts = PARTS.map((name) => bare(name === "table" ? table() : read(`parts/${name}.js`)));
  const body = parts.join("\n").replace(/\n{3,}/g, "\n\n");
  return ascii(`${HEAD}(() => {\n"use strict";\n\n${body}})();\n`);
}

const target = process.argv[2];
mkdirSync(`${target}/parts`, { recursive: true });
writeFileSync(`${target}/parts/table.js`, table());
writeFileSync(`${target}/sof.js`, script());
