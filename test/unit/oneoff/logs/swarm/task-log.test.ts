import { expect, test } from "vitest";
import { openTransport } from "../../../../../src/engine/transport.ts";
import { TaskLog } from "../../../../../src/oneoff/logs/swarm/task-log.ts";
import { fakeEngine } from "../../../../support/fake-engine.ts";
import { frame } from "../../../../support/frame.ts";

const LOGS = "GET /tasks/t1/logs";

const entry = (second: number, text: string, type = 1) =>
  frame(type, `2013-03-13T15:38:${String(second).padStart(2, "0")}.000000001Z ${text}\n`);

async function scene() {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), {
    timeoutsMs: { taskLog: 100 },
  });
  const log = new TaskLog(transport, { id: "t1", tty: false });
  const { signal } = new AbortController();
  return {
    engine,
    log,
    /** The new lines, and why the log is incomplete. */
    async stored(range: { tail?: number; since?: string } = {}) {
      const lines: string[] = [];
      for (const messages = log.readStored(range, signal); ; ) {
        const { done, value } = await messages.next();
        if (done) return [lines.join(""), value];
        lines.push(...value.map(({ bytes }) => bytes.toString()));
      }
    },
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test("reads a stored log, and then only what is new", async () => {
  await using s = await scene();
  const first = s.engine.on(LOGS);
  const reading = s.stored({ since: "7.0" });
  (await first).acknowledge().end(Buffer.concat([entry(1, "one"), entry(1, "error", 2), entry(2, "two")]));
  expect(await reading).toEqual(["one\nerror\ntwo\n", undefined]);
  expect((await first).query).toMatchObject({ follow: "0", timestamps: "1", since: "7.0" });
  const next = s.engine.on(LOGS);
  const rest = s.stored({ since: "7.0" });
  (await next).acknowledge().end(Buffer.concat([entry(1, "error", 2), entry(2, "two"), entry(3, "three")]));
  expect(await rest).toEqual(["three\n", undefined]);
  expect((await next).query).toMatchObject({ since: expect.stringMatching(/^\d+\.\d{9}$/) });
});

test("does not go back behind the last lines that were read first", async () => {
  await using s = await scene();
  const first = s.engine.on(LOGS);
  const reading = s.stored({ tail: 1 });
  (await first).acknowledge().end(entry(4, "four"));
  expect(await reading).toEqual(["four\n", undefined]);
  const next = s.engine.on(LOGS);
  const rest = s.stored({ tail: 1 });
  (await next).acknowledge().end(Buffer.concat([entry(3, "old", 2), entry(4, "four"), entry(5, "new", 2)]));
  expect(await rest).toEqual(["new\n", undefined]);
  expect((await next).query).not.toHaveProperty("tail");
});

test("ends for a node that does not respond", async () => {
  await using s = await scene();
  const request = s.engine.on(LOGS);
  const reading = s.stored();
  (await request).acknowledge().write(entry(1, "one"));
  expect(await reading).toEqual(["one\n", "late"]);
});

test("ends for a node that is down, and for a service that was removed", async () => {
  await using s = await scene();
  const request = s.engine.on(LOGS);
  const reading = s.stored();
  const reason = "warning: incomplete log stream. some logs could not be retrieved: node x1y2z3 is not available";
  (await request).acknowledge().end(frame(3, reason));
  expect(await reading).toEqual(["", "down"]);
  s.engine.on(LOGS, 404, { message: "task t1 not found" });
  expect(await s.stored()).toEqual(["", undefined]);
});
