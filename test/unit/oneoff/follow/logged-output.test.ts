import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { inspectContainer } from "../../../../src/engine/containers.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { LogConfig } from "../../../../src/engine/types.ts";
import { openLoggedOutput } from "../../../../src/oneoff/follow/logged-output.ts";
import type { Event } from "../../../../src/output/events.ts";
import { details } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { frame } from "../../../support/frame.ts";

const LOGS = "GET /containers/c/logs";
const FULL: LogConfig = { Type: "local", Config: { "max-size": "100", "max-file": "2" } };

const stamped = (text: string, type: 1 | 2 = 1) => frame(type, `2026-11-29T01:24:38.5Z ${text}`);

/** What is read of a log that the engine answers with. */
async function read(answer: Buffer, { tail, server }: { tail?: number; server?: string } = {}) {
  await using fake = await fakeEngine({ ...(server && { server }) });
  await using engine = openTransport(() => ({ socketPath: fake.socketPath, from: "--host" }));
  // It is known by its first answer.
  fake.on("GET /containers/c/json", 200, details());
  await inspectContainer(engine, "c");
  const events: Event[] = [];
  const logs = fake.on(LOGS);
  const report = (event: Event) => void events.push(event);
  const opening = openLoggedOutput(
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

test("messages of a channel that follow each other have one frame", async () => {
  const { output, query, events } = await read(
    Buffer.concat([stamped("one\n"), stamped("two\n"), stamped("err\n", 2)]),
    { tail: 3 },
  );
  expect(output).toEqual(Buffer.concat([frame(1, "one\ntwo\n"), frame(2, "err\n")]));
  expect(query).toMatchObject({ timestamps: "1", tail: "3" });
  expect(events).toEqual([]);
});

test("a log that is full is reported once", async () => {
  const { events } = await read(Buffer.concat(Array.from({ length: 5 }, () => stamped("a line\n"))));
  expect(events).toEqual([{ type: "log-full", name: "run.7364", since: "2026-11-29T01:24:38.5Z" }]);
});

test("a log that is cut within a message is an error", async () => {
  const { error } = await read(stamped("one\n").subarray(0, -1));
  expect(error).toMatchObject({ code: "stream-cut" });
});

test("an error that the engine puts into the log is one here", async () => {
  const { error } = await read(Buffer.concat([stamped("one\n"), frame(3, "error grabbing logs: unexpected EOF")]));
  expect((error as Error).message).toContain("error grabbing logs: unexpected EOF");
});

test("Podman's log is taken as it is", async () => {
  const { output, query } = await read(frame(1, "one\n"), { server: "Libpod/5.8.6 (linux)" });
  expect(output).toEqual(frame(1, "one\n"));
  expect(query).toMatchObject({ timestamps: "0" });
});
