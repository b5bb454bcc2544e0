// Copies what the pages use out of node_modules into web/static/vendor, with licences and a manifest.
//
//     cd tools/vendor && npm ci && npm run build
//
// The result is committed, so that running Tabuh needs neither Node nor the network.

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = join(here, "..", "..", "web", "static", "vendor");
const font = "@fontsource-variable/plus-jakarta-sans";

const files = [
  ["htmx.org", "dist/htmx.min.js", "htmx.min.js"],
  ["htmx.org", "LICENSE", "htmx.LICENSE.txt"],
  [font, "files/plus-jakarta-sans-latin-wght-normal.woff2", "plus-jakarta-sans-latin.woff2"],
  [font, "files/plus-jakarta-sans-latin-ext-wght-normal.woff2", "plus-jakarta-sans-latin-ext.woff2"],
  [font, "LICENSE", "plus-jakarta-sans.LICENSE.txt"],
];

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
const manifest = {};
for (const [name, from, to] of files) {
  const bytes = await readFile(join(modules, name, from));
  const { version, license } = JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"));
  await writeFile(join(vendor, to), bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  manifest[to] = { package: name, version, licence: license, file: from, bytes: bytes.length, sha256 };
}
await writeFile(join(vendor, "MANIFEST.json"), JSON.stringify(manifest, null, 2) + "\n");
console.log(`${files.length} files in ${vendor}`);
