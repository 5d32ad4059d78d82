import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

const parse = (text: string) =>
  parseManifest(Buffer.from(text), "/srv/oneoff.yaml", { KEY: "shop_key", SWARM: "true" });
const app = (text: string) => parse(`{app: a, image: i, ${text}}`).apps.get("a");
const WHOLE = { uid: "0", gid: "0", mode: 0o444 };

describe("reads secrets and configs", () => {
  test("reads no setting of a Swarm by default", () => {
    expect(app("")).toEqual({ image: "i", warnings: [] });
    expect(app("swarm: false")).toEqual({ image: "i", swarm: false, warnings: [] });
  });

  test.each([
    ["[key]", { ...WHOLE, source: "key", target: "key" }],
    ["[$KEY]", { ...WHOLE, source: "shop_key", target: "shop_key" }],
    ["[{source: key}]", { ...WHOLE, source: "key", target: "key" }],
    ["[{source: key, target: /etc/key.pem}]", { ...WHOLE, source: "key", target: "/etc/key.pem" }],
    [
      "[{source: a.b-c, target: tls/key, uid: 1000, gid: '0100', mode: 0440}]",
      { source: "a.b-c", target: "tls/key", uid: "1000", gid: "0100", mode: 0o440 },
    ],
    ["[{source: key, mode: '0o2755'}]", { ...WHOLE, source: "key", target: "key", mode: 0o2755 }],
  ])("reads secrets: %s", (text, file) => {
    expect(app(`swarm: $SWARM, secrets: ${text}`)).toMatchObject({ swarm: true, secrets: [file] });
    expect(app(`swarm: true, configs: ${text}`)).toMatchObject({ swarm: true, configs: [file] });
  });

  const NAME = 'the name of a secret or config: at most 64 letters, digits, "-", "_" and "."';
  const MODE = '"mode": expected octal permissions such as 0440';
  test.each([
    ["key", '"secrets": expected a list, found a string'],
    ["[]", '"secrets": expected at least one item'],
    ["[a/b]", `"secrets": expected ${NAME}`],
    [`[${"a".repeat(65)}]`, `"secrets": expected ${NAME}`],
    ["[a-]", `"secrets": expected ${NAME}`],
    ["[{target: a}]", '"secrets": expected the key "source"'],
    ["[{source: a, target: b/}]", '"target": expected the path of a file in the container'],
    ["[{source: a, uid: root}]", '"uid": expected a numeric ID such as 1000'],
    ["[{source: a, gid: -1}]", '"gid": expected a numeric ID such as 1000'],
    // Decimal for YAML 1.2, octal for people.
    ["[{source: a, mode: 440}]", MODE],
    ["[{source: a, mode: 0480}]", MODE],
    ["[{source: a, mode: r}]", MODE],
    ["[{source: a, file: b}]", 'unknown key "file"; expected "source", "target", "uid", "gid" or "mode"'],
    ["[a, {source: b, target: a}]", '"/run/secrets/a" is in the list twice'],
    ["[a, {source: b, target: /run/secrets/a}]", '"/run/secrets/a" is in the list twice'],
  ])("rejects secrets: %s", (text, mistake) =>
    expect(() => app(`swarm: true, secrets: ${text}`)).toThrow(`: ${mistake}`),
  );

  test("accepts a secret and a config of one name, which are two files", () =>
    expect(() => app("swarm: true, secrets: [a], configs: [a]")).not.toThrow());

  test.each(["", "swarm: false, "])("rejects secrets and configs without a Swarm: {%s…}", (swarm) => {
    expect(() => app(`${swarm}secrets: [a]`)).toThrow(
      '"secrets" exists only on a Swarm; add "swarm: true" to deploy to a Swarm, or use "mounts"',
    );
    expect(() => app(`${swarm}configs: [a]`)).toThrow('"configs" exists only on a Swarm');
  });
});

describe("reads addresses of engines", () => {
  const ADDRESSES = ["ssh://deploy@10.0.0.2", "tcp://node2:2376", "unix:///run/node2.sock"];

  test.each(ADDRESSES)("reads %s, in both forms of the file", (address) => {
    const hosts = new Map([["node2.example", address]]);
    expect(parse(`hosts: {node2.example: "${address}"}`)).toEqual({ apps: new Map(), hosts });
    const short = parse(`{app: a, image: i, hosts: {node2.example: "${address}"}}`);
    expect(short).toMatchObject({ hosts, apps: new Map([["a", { image: "i" }]]) });
  });

  test.each(["node2", "unix://run", "http://node2", "'tcp://a b'", "''"])("rejects the address %s", (text) =>
    expect(() => parse(`hosts: {node2: ${text}}`)).toThrow(
      '"node2": expected an address such as ssh://deploy@10.0.0.2, tcp://10.0.0.2:2376 or unix:///run/node2.sock',
    ),
  );

  test("rejects a name that no node has", () =>
    expect(() => parse("hosts: {deploy@node2: ssh://node2}")).toThrow('"deploy@node2": expected the name of a node'));

  test("rejects hosts inside of an app", () =>
    expect(() => parse("apps: {a: {image: i, hosts: {n: ssh://n}}}")).toThrow('unknown key "hosts"'));
});
