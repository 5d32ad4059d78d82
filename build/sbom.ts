import { createHash } from "node:crypto";
import type { Part } from "./contents.ts";
import type { Origin } from "./origin.ts";

/** What is in a binary, as CycloneDX 1.6 in JSON. Of the same binary it is the same text. */
export function sbom(binary: Buffer, { version, commit, time }: Origin, platform: string, parts: readonly Part[]) {
  const sha256 = createHash("sha256").update(binary).digest("hex");
  const self = `pkg:generic/oneoff@${version}?platform=${platform}`;
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuid(sha256)}`,
    version: 1,
    metadata: {
      timestamp: new Date(time * 1000).toISOString(),
      component: {
        type: "application",
        "bom-ref": self,
        name: "oneoff",
        version,
        hashes: [{ alg: "SHA-256", content: sha256 }],
        ...licence("MIT"),
        purl: self,
        properties: [{ name: "commit", value: commit }],
      },
    },
    components: parts.map(component),
    dependencies: [
      { ref: self, dependsOn: parts.map(({ purl }) => purl) },
      ...parts.map(({ purl, needs }) => ({ ref: purl, dependsOn: needs })),
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const component = ({ sha512, parts, ...rest }: Part) => ({
  ...described(rest),
  type: parts.length > 0 ? "platform" : "library",
  ...(sha512 && { hashes: [{ alg: "SHA-512", content: Buffer.from(sha512, "base64").toString("hex") }] }),
  // The parts of Node have no packages.
  ...(parts.length > 0 && {
    components: parts.map((part) => ({ type: "library", ...described(part, `${rest.purl}#`) })),
  }),
});

const described = ({ name, version, licence: spdx, purl }: Part["parts"][number], within = "") => ({
  "bom-ref": `${within}${purl}`,
  name,
  version,
  ...licence(spdx),
  purl,
});

const licence = (spdx: string) => ({
  licenses: [spdx.includes(" ") ? { expression: spdx } : { license: { id: spdx } }],
});

/** Version 8 of it: made of something else, and the same for the same. */
function uuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
