import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { archive, type Entry, entryOf, gzip, xz } from "./archive.ts";
import { makeBinary } from "./binary.ts";
import { bundle } from "./bundle.ts";
import { contents } from "./contents.ts";
import { licences } from "./licences.ts";
import { origin } from "./origin.ts";
import { publish } from "./publish.ts";
import { sbom } from "./sbom.ts";
import { split } from "./split.ts";
import { fetchBase, TARGETS, type Target } from "./targets.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = `${root}dist`;
const from = origin();

/**
 * `npm run release`: makes binary and archives for every target, or for the named ones, and SHA256SUMS. The archives contain
 * all required licences. Builds are reproducible: the same commit gives byte-identical archives.
 */
async function release(target: Target, work: string): Promise<string[]> {
  const name = `oneoff-${target.name}`;
  const platform = target.name.startsWith("macos") ? "macos" : "linux";
  // Only this machine's own Node can take a snapshot here.
  const snapshot = target.name === "linux-x64";
  const file = `${work}/oneoff.cjs`;
  const { metafile, assets } = await (snapshot ? split : bundle)(file, from);
  const base = fetchBase(target.base, work);
  const generator = `${fetchBase(target.generator, work)}/bin/node`;
  const made = { bundle: file, assets, platform, node: `${base}/bin/node`, generator, snapshot } as const;
  await makeBinary(made, `${work}/${name}`);
  publish(`${work}/${name}`, name);

  const binary = readFileSync(`${work}/${name}`);
  const parts = contents(metafile, target.base, { folder: base, generator });
  const folder = `oneoff-${from.version}-${target.name}`;
  const installed: Entry[] = [{ path: "oneoff", content: binary, executable: true }, ...documents()];
  const entries: Entry[] = [
    ...installed,
    { path: "oneoff.sha256", content: Buffer.from(sums(installed)) },
    { path: "oneoff.cdx.json", content: Buffer.from(sbom(binary, from, target.name, parts)) },
    { path: "THIRD-PARTY-LICENSES", content: Buffer.from(licences(parts)) },
    entryOf(`${root}install.sh`, "install.sh", true),
    entryOf(`${root}LICENSE`, "LICENSE"),
  ];
  const tar = await archive(folder, entries, from.time);
  writeFileSync(`${dist}/${folder}.tar.gz`, gzip(tar));
  writeFileSync(`${dist}/${folder}.tar.xz`, await xz(tar));
  return [name, `${folder}.tar.gz`, `${folder}.tar.xz`];
}

/** What the build for this machine has made of the binary's own words: they are the same for all. */
const documents = () =>
  ["oneoff.1", ...["oneoff.bash", "_oneoff", "oneoff.fish"].map((file) => `completions/${file}`)].map((file) =>
    entryOf(`${dist}/${file}`, file),
  );

/** As `sha256sum` writes them. */
const sums = (files: readonly Entry[]) =>
  files.map(({ path, content }) => `${createHash("sha256").update(content).digest("hex")}  ${path}\n`).join("");

if (process.platform !== "linux" || process.arch !== "x64") throw new Error("Releases are made on linux-x64");
const work = mkdtempSync(`${tmpdir()}/oneoff-release-`);
try {
  copyFileSync(`${root}install.sh`, `${dist}/install.sh`);
  const made = ["install.sh"];
  const named = process.argv.slice(2);
  for (const target of TARGETS.filter(({ name }) => named.length === 0 || named.includes(name))) {
    const files = await release(target, work);
    made.push(...files);
    process.stdout.write(files.map((file) => `dist/${file}\n`).join(""));
  }
  writeFileSync(`${dist}/SHA256SUMS`, sums(made.sort().map((file) => entryOf(`${dist}/${file}`, file))));
} finally {
  rmSync(work, { recursive: true });
}
