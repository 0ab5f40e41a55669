// Bundles the editor into the folder given: the script, its licences, a manifest that says what it was built from.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { build } from "esbuild";

const [out, inputs] = process.argv.slice(2);

const { metafile } = await build({
  entryPoints: ["src/editor.js"],
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // THIRD-PARTY.txt has the whole licences
  metafile: true,
  logLevel: "warning",
});
await writeFile(join(out, "THIRD-PARTY.txt"), await licences(Object.keys(metafile.inputs)));
await writeFile(join(out, "manifest.json"), JSON.stringify({ inputs }, null, 2) + "\n");

/** Return name, version and licence of each package that the bundled files come from. */
async function licences(files) {
  const found = files.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean);
  const texts = [...new Set(found)].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    if (!file) throw new Error(`${name} has no licence file`);
    return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}
