// @module-tag full
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { BINARY, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { type Relay, relayTo } from "../support/relay.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

/** A proxy that closes idle connections, as many do, only sooner. */
const IDLE_MS = 1_500;

let relay: Relay;
beforeAll(async () => {
  relay = await relayTo(host.slice("unix://".length), { idleMs: IDLE_MS });
});
afterAll(() => relay[Symbol.asyncDispose]());

const far = async (...args: string[]) =>
  said(await start([BINARY, ...args], { env: { DOCKER_HOST: `tcp://127.0.0.1:${relay.port}` }, timeout: 60_000 }));

/** The command is silent for longer than the proxy's timeout, more than once. */
const SCRIPT = "echo one; sleep 4; echo two; sleep 4; printf three; exit 7";

describe("through a proxy that closes idle connections", () => {
  test.concurrent.each([[[]], [["--tty"]]])(
    "wait and attach deliver everything through a proxy that closes idle connections, with %j",
    async (options) => {
      await using s = suite.apart();
      const container = await s.detached([...options, "app", "sh", "-c", SCRIPT]);
      const text = options.length > 0 ? "one\r\ntwo\r\nthree" : "one\ntwo\nthree";
      const [wait, attach, raw] = await Promise.all([
        far("wait", container),
        far("attach", "--quiet", container),
        far("logs", "-f", "--raw", container),
      ]);
      expect(wait).toEqual({ code: 7, stdout: "", stderr: "" });
      expect(attach).toEqual({ code: 7, stdout: text, stderr: "" });
      expect(raw).toEqual({ code: 0, stdout: text, stderr: "" });
    },
  );

  test.concurrent("logs --follow prints everything once through a proxy that closes idle connections, and ends", async () => {
    await using s = suite.apart();
    const container = await s.detached(["app", "sh", "-c", SCRIPT]);
    const { code, stdout, stderr } = await far("logs", "-f", container);
    const lines = stdout.split("\n").map((line) => line.replace(/^\S+ (app|oneoff)\[run\.\d+\]: /, ""));
    expect({ code, stderr, lines }).toEqual({
      ...{ code: 0, stderr: "" },
      lines: [
        expect.stringMatching(/^Starting process with command/),
        "State changed from starting to up",
        ...["one", "two", "three"],
        "Process exited with status 7",
        "State changed from up to crashed",
        "",
      ],
    });
  });
});
