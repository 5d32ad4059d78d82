import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { detachKeysOf } from "../../../src/host/detach-keys.ts";

/** With a configuration of docker's. */
const world = (config: string | undefined) => ({
  env: { DOCKER_CONFIG: "/docker" },
  exists: () => config !== undefined,
  readFile: () => {
    if (config === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return Buffer.from(config);
  },
});

test.each([
  ["the option", { "detach-keys": "ctrl-x" }, '{"detachKeys":"ctrl-a"}', "\x18"],
  ["docker's configuration", {}, '{"detachKeys":"ctrl-a,d"}', "\x01d"],
  ["docker's defaults without configuration", {}, undefined, "\x10\x11"],
  ["docker's defaults where the configuration has none", {}, "{}", "\x10\x11"],
  ["docker's defaults where the configuration is invalid", {}, "{", "\x10\x11"],
])("takes the detach keys from %s", (_from, args, config, keys) =>
  expect(detachKeysOf(args, world(config)).toString()).toBe(keys),
);

test("names the configuration when its keys are invalid", () =>
  expect(() => detachKeysOf({}, world('{"detachKeys":"nope"}'))).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/^Invalid detachKeys of docker's config.json "nope": expected/),
    }),
  ));
