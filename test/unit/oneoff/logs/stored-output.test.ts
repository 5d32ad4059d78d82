import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { inspectContainer } from "../../../../src/engine/containers.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { LogConfig } from "../../../../src/engine/types.ts";
import { openStoredOutput } from "../../../../src/oneoff/logs/stored-output.ts";
import type { Event } from "../../../../src/output/events.ts";
import { details } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { frame } from "../../../support/frame.ts";

const LOGS = "GET /containers/c/logs";
const FULL: LogConfig = { Type: "local", Config: { "max-size": "100", "max-file": "2" } };

const stamped = (text: string, type: 1 | 2 = 1) => frame(type, `2026-11-29T01:24:38.5Z ${text}`);

/** The output of a log that the engine sends. */
async function read(answer: Buffer, { tail, server }: { tail?: number; server?: string } = {}) {
  await using fake = await fakeEngine({ ...(server && { server }) });
  await using engine = openTransport(() => ({ socketPath: fake.socketPath, from: "--host" }));
  // The engine is identified by its first response.
  fake.on("GET /containers/c/json", 200, details());
  await inspectContainer(engine, "c");
  const events: Event[] = [];
  const logs = fake.on(LOGS);
  const report = (event: Event) => void events.push(event);
  const opening = openStoredOutput(
    { engine, id: "c", name: "run.7364", tty: false, logConfig: FULL, report },
    { tail },
  );
  const { query, acknowledge } = await logs;
  acknowledge().end(answer);
  using output = await opening;
  const chunks: Buffer[] = [];
  const error = await output
    .read((chunk) => chunks.push(Buffer.from(chunk)) > 0)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return { query, events, error, output: Buffer.concat(chunks) };
}

test("encodes successive messages of a channel in one frame", async () => {
  const { output, query, events } = await read(
    Buffer.concat([stamped("one\n"), stamped("two\n"), stamped("err\n", 2)]),
    { tail: 3 },
  );
  expect(output).toEqual(Buffer.concat([frame(1, "one\ntwo\n"), frame(2, "err\n")]));
  expect(query).toMatchObject({ timestamps: "1", tail: "3" });
  expect(events).toEqual([]);
});

test("reports a full log once", async () => {
  const { events } = await read(Buffer.concat(Array.from({ length: 5 }, () => stamped("a line\n"))));
  expect(events).toEqual([{ type: "log-full", name: "run.7364", since: "2026-11-29T01:24:38.5Z" }]);
});

test("fails for a log that is cut within a message", async () => {
  const { error } = await read(stamped("one\n").subarray(0, -1));
  expect(error).toMatchObject({ code: "stream-cut" });
});

test("fails with an error that the engine writes into the log", async () => {
  const { error } = await read(Buffer.concat([stamped("one\n"), frame(3, "error grabbing logs: unexpected EOF")]));
  expect((error as Error).message).toContain("error grabbing logs: unexpected EOF");
});

test("passes on Podman's log unchanged", async () => {
  const { output, query } = await read(frame(1, "one\n"), { server: "Libpod/5.8.6 (linux)" });
  expect(output).toEqual(frame(1, "one\n"));
  expect(query).toMatchObject({ timestamps: "0" });
});
