import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";
import { partsOfNode } from "./node-parts.ts";
import type { Base } from "./targets.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A piece of software that is in a binary. */
export interface Part {
  readonly name: string;
  readonly version: string;
  /** As SPDX writes it. */
  readonly licence: string;
  readonly purl: string;
  /** Of its npm package, in base 64. */
  readonly sha512?: string;
  /** The text that its licence requires in copies. */
  readonly licenceText: string;
  /** The purls of its dependencies. */
  readonly needs: readonly string[];
  /** The packages that it contains. */
  readonly parts: readonly Pick<Part, "name" | "version" | "licence" | "purl">[];
}

/** The contents of a binary besides oneoff: the packages with bytes in the bundle, and Node. */
export const contents = (metafile: Metafile, base: Base, node: Node): readonly Part[] => [
  ...packages(metafile),
  nodeOf(base, node),
];

export interface Node {
  /** The folder of its licence. */
  readonly folder: string;
  /** Node for this machine, in the same version: its `process.versions` lists its parts. */
  readonly generator: string;
}

interface Lock {
  readonly packages: Record<string, { version: string; integrity: string; license: string; dependencies?: object }>;
}

function packages(metafile: Metafile): Part[] {
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as Lock;
  const folders = new Set(
    Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []),
  );
  const purlOf = (folder: string) => purl(nameOf(folder), lock.packages[folder]?.version ?? "");
  return [...folders].sort().map((folder) => {
    const locked = lock.packages[folder];
    if (!locked) throw new Error(`${folder} is in the bundle, but not in package-lock.json`);
    const needs = Object.keys(locked.dependencies ?? {}).map((name) => `node_modules/${name}`);
    return {
      name: nameOf(folder),
      version: locked.version,
      licence: locked.license,
      purl: purlOf(folder),
      sha512: sha512Of(locked.integrity),
      licenceText: licenceText(`${root}${folder}`),
      needs: needs.filter((needed) => folders.has(needed)).map(purlOf),
      parts: [],
    };
  });
}

function nodeOf(base: Base, { folder, generator }: Node): Part {
  const versions = JSON.parse(
    execFileSync(generator, ["-p", "JSON.stringify(process.versions)"], { encoding: "utf8" }),
  );
  return {
    name: "node",
    version: base.version,
    licence: "MIT",
    purl: purl(base.package, base.version),
    sha512: sha512Of(base.integrity),
    licenceText: licenceText(folder),
    needs: [],
    parts: partsOfNode(versions),
  };
}

const nameOf = (folder: string) => folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
const purl = (name: string, version: string) => `pkg:npm/${name.replace("@", "%40")}@${version}`;
const sha512Of = (integrity: string) => integrity.replace(/^sha512-/, "");

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  if (!file) throw new Error(`${folder} has no licence that could be handed on`);
  return readFileSync(`${folder}/${file}`, "utf8").trim();
}
