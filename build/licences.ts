import type { Part } from "./contents.ts";

/** THIRD-PARTY-LICENSES: what everything in the binary asks to be handed on with it. */
export const licences = (parts: readonly Part[]) =>
  [
    "oneoff contains the following software, under the licences that follow.\n",
    ...parts.map(({ name, version, licence, purl, licenceText }) => {
      const title = `${name} ${version} (${licence}) ${purl}`;
      return `${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n\n${licenceText}\n`;
    }),
  ].join("\n");
