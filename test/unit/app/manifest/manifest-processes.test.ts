import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

const processes = (text: string) =>
  parseManifest(Buffer.from(`{app: a, image: i, processes: ${text}}`), "/srv/oneoff.yaml", { PORT: "8080" }).apps.get(
    "a",
  )?.processes;

describe("reads settings of processes", () => {
  test("sets nothing by default", () => expect(processes("{}")).toEqual({}));

  test.each([
    ["5000", { port: 5000, protocol: "tcp" }],
    ["'8080:5000'", { port: 5000, protocol: "tcp", hostPort: 8080 }],
    ["'127.0.0.1:80:5000/udp'", { port: 5000, protocol: "udp", hostPort: 80, hostAddress: "127.0.0.1" }],
    ["'$PORT:65535/tcp'", { port: 65_535, protocol: "tcp", hostPort: 8080 }],
  ])("reads publish: [%s]", (text, port) => expect(processes(`{publish: [${text}]}`)).toEqual({ publish: [port] }));

  test.each([
    "0",
    "65536",
    "'80:'",
    "':80'",
    "'1.2.3:80:80'",
    "'256.1.1.1:80:80'",
    "'80:80/sctp'",
    "'a:80'",
    "'::1:80:80'",
    "'0:80'",
  ])("rejects publish: [%s]", (text) =>
    expect(() => processes(`{publish: [${text}]}`)).toThrow('"publish": expected [[ADDRESS:]HOST-PORT:]PORT'),
  );

  test("rejects an empty list of ports, and a port that is published twice", () => {
    expect(() => processes("{publish: ['80:80', '80:80/tcp']}")).toThrow("is in the list twice");
    expect(() => processes("{publish: []}")).toThrow("expected at least one item");
  });

  test.each([
    ["no", { name: "no" }],
    ["always", { name: "always" }],
    ["unless-stopped", { name: "unless-stopped" }],
    ["on-failure", { name: "on-failure" }],
    ["on-failure:3", { name: "on-failure", retries: 3 }],
  ])("reads restart: %s", (text, restart) => expect(processes(`{restart: '${text}'}`)).toEqual({ restart }));

  test.each(["never", "always:3", "on-failure:", "on-failure:-1"])("rejects restart: %s", (text) =>
    expect(() => processes(`{restart: '${text}'}`)).toThrow('"restart": expected no, always, unless-stopped'),
  );

  test("reads durations in seconds", () =>
    expect(processes("{stop-grace: 1m, health-wait: 5}")).toEqual({ stopGrace: 60, healthWait: 5 }));

  test.each([
    ["0s", 0],
    ["0", 0],
    ["2s", 2],
    ["1m", 60],
  ])("reads drain: %s as %i s", (text, drain) => expect(processes(`{drain: ${text}}`)).toEqual({ drain }));

  test.each(["-1s", "0.5s", "0m", "25d", "''"])("rejects drain: %s", (text) =>
    expect(() => processes(`{drain: ${text}}`)).toThrow('"drain": expected 0s or a duration such as 2s or 1m'),
  );

  test("reads how names of services resolve", () => {
    expect(processes("{endpoint-mode: dnsrr}")).toEqual({ endpointMode: "dnsrr" });
    expect(() => processes("{endpoint-mode: tcp}")).toThrow('"endpoint-mode": expected vip or dnsrr');
  });

  test("accepts labels, and rejects reserved names", () => {
    expect(processes("{labels: {traefik.enable: true, a: ''}}")?.labels).toEqual(
      new Map([
        ["traefik.enable", "true"],
        ["a", ""],
      ]),
    );
    for (const name of ["dev.oneoff.app", "com.dokku.x", "org.label-schema.vendor"])
      expect(() => processes(`{labels: {${name}: a}}`)).toThrow(`"${name}": expected the name of a label`);
  });
});
