import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { openTransport } from "../../../../../src/engine/transport.ts";
import { TaskOutput } from "../../../../../src/oneoff/swarm/run/task-log.ts";
import { FrameParser } from "../../../../../src/streams/frames.ts";
import { fakeEngine } from "../../../../support/fake-engine.ts";
import { frame } from "../../../../support/frame.ts";

const LOGS = "GET /tasks/t1/logs";
const PART = "x".repeat(16_384);
const INCOMPLETE =
  "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. some logs could not be retrieved for the following reasons: node nlsx5x is not available\n";

/** An entry of second 7. */
const entry = (type: number, nanoseconds: number, text: string | Buffer) =>
  frame(
    type,
    Buffer.concat([Buffer.from(`2026-11-30T06:17:07.${String(nanoseconds).padStart(9, "0")}Z `), Buffer.from(text)]),
  );

const SECOND = Date.UTC(2026, 10, 30, 6, 17, 7) / 1000;

async function scene() {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), {
    timeoutsMs: { reconnectPause: 20, manager: 200, taskLog: 200 },
  });
  const end = Promise.withResolvers<boolean>();
  const output = new TaskOutput(transport, { taskId: "t1", ended: end.promise });
  const text = { stdout: "", stderr: "" };
  const frames = new FrameParser((channel, payload) => {
    text[channel] += payload.toString("latin1");
  });
  let isPaused = false;
  const read = () =>
    output.read((chunk) => {
      frames.push(chunk);
      return !isPaused;
    });
  return {
    ...{ engine, output, text, read },
    end: (isReadable = true) => end.resolve(isReadable),
    pause(value: boolean) {
      isPaused = value;
      if (!value) output.resume();
    },
    async [Symbol.asyncDispose]() {
      output[Symbol.dispose]();
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test("reads the log of a task that has ended with one request", async () => {
  await using s = await scene();
  s.end();
  const request = s.engine.on(LOGS);
  const done = s.read();
  const { query, acknowledge } = await request;
  expect(query).toMatchObject({ follow: "0", timestamps: "1", stdout: "1", stderr: "1" });
  expect(query).not.toHaveProperty("since");
  const body = Buffer.concat([
    entry(1, 1, "one\n"),
    entry(2, 2, "two\n"),
    entry(1, 3, Buffer.from([0xff, 0x00, 0x0d])),
  ]);
  acknowledge().end(body);
  await done;
  expect(s.text).toEqual({ stdout: "one\n\xff\0\r", stderr: "two\n" });
});

test("follows the log, then reads the end that the follower has lost", async () => {
  await using s = await scene();
  const followed = s.engine.on(LOGS);
  const done = s.read();
  const first = await followed;
  expect(first.query).toMatchObject({ follow: "1" });
  const response = first.acknowledge();
  response.write(Buffer.concat([entry(1, 1, "one\n"), entry(2, 3, "err\n"), entry(1, 4, PART), entry(1, 4, PART)]));
  await expect.poll(() => s.text.stdout.length).toBe(4 + 2 * PART.length);
  const tail = s.engine.on(LOGS);
  s.end();
  const { query, acknowledge } = await tail;
  expect(query).toMatchObject({ follow: "0", since: `${SECOND}.000000003` });
  acknowledge().end(
    Buffer.concat([
      ...[entry(2, 3, "err\n"), entry(1, 4, PART), entry(1, 4, PART), entry(1, 4, PART), entry(1, 4, "end")],
      entry(2, 5, "last\n"),
    ]),
  );
  await done;
  expect(s.text).toEqual({ stdout: `one\n${PART.repeat(3)}end`, stderr: "err\nlast\n" });
});

test("splits the log anywhere", async () => {
  await using s = await scene();
  s.end();
  const request = s.engine.on(LOGS);
  const done = s.read();
  const response = (await request).acknowledge();
  const body = Buffer.concat([entry(1, 1, "one\n"), entry(2, 2, "two\n"), entry(1, 3, "three")]);
  for (const byte of body) response.write(Buffer.from([byte]));
  response.end();
  await done;
  expect(s.text).toEqual({ stdout: "one\nthree", stderr: "two\n" });
});

test("restores the line feed that Engine 20.10 drops after a line in parts", async () => {
  await using s = await scene();
  s.end();
  const request = s.engine.on(LOGS);
  const done = s.read();
  (await request).acknowledge().end(Buffer.concat([entry(1, 1, PART), entry(1, 1, "y"), entry(1, 2, "next\n")]));
  await done;
  expect(s.text.stdout).toBe(`${PART}y\nnext\n`);
});

test("continues a follower whose connection was lost without repeating output", async () => {
  await using s = await scene();
  const followed = s.engine.on(LOGS);
  const done = s.read();
  const first = await followed;
  first.acknowledge().write(Buffer.concat([entry(1, 1, "one\n"), entry(2, 2, "err\n")]));
  await expect.poll(() => s.text.stderr).toBe("err\n");
  const again = s.engine.on(LOGS);
  first.socket.destroy();
  const second = await again;
  expect(second.query).toMatchObject({ follow: "1", since: `${SECOND}.000000001` });
  second.acknowledge().write(Buffer.concat([entry(1, 1, "one\n"), entry(2, 2, "err\n"), entry(1, 3, "two\n")]));
  await expect.poll(() => s.text.stdout).toBe("one\ntwo\n");
  const tail = s.engine.on(LOGS);
  s.end();
  (await tail).acknowledge().end(entry(1, 3, "two\n"));
  await done;
  expect(s.text).toEqual({ stdout: "one\ntwo\n", stderr: "err\n" });
});

test("repeats the last request while the manager has no leader", async () => {
  await using s = await scene();
  s.end();
  const message = "rpc error: code = Unknown desc = The swarm does not have a leader.";
  s.engine.on(LOGS, 500, { message });
  const request = s.engine.on(LOGS);
  const done = s.read();
  (await request).acknowledge().end(entry(1, 1, "one\n"));
  await done;
  expect(s.text.stdout).toBe("one\n");
});

test("repeats the last request while the node connects to a new leader", async () => {
  await using s = await scene();
  s.end();
  s.engine
    .on(LOGS)
    .then(({ acknowledge }) => acknowledge().end(Buffer.concat([entry(1, 1, "one\n"), frame(3, INCOMPLETE)])));
  const again = s.engine.on(LOGS);
  const done = s.read();
  (await again).acknowledge().end(Buffer.concat([entry(1, 1, "one\n"), entry(1, 2, "two\n")]));
  await done;
  expect(s.text.stdout).toBe("one\ntwo\n");
});

test("fails if the node of an ended task stays away", async () => {
  await using s = await scene();
  s.end();
  // The length of a frame in one character.
  s.engine.always(LOGS, 200, frame(3, INCOMPLETE.slice(0, 127)).toString());
  await expect(s.read()).rejects.toMatchObject({
    code: "output-lost",
    message: expect.stringContaining("incomplete log"),
  });
});

test("fails if the node sends nothing", async () => {
  await using s = await scene();
  s.end();
  const request = s.engine.on(LOGS);
  const done = s.read();
  await request;
  await expect(done).rejects.toMatchObject({ code: "output-lost" });
});

test("does not take a slow reader for a silent node", async () => {
  await using s = await scene();
  s.end();
  s.pause(true);
  const request = s.engine.on(LOGS);
  const done = s.read();
  const response = (await request).acknowledge();
  response.write(entry(1, 1, "one\n"));
  await expect.poll(() => s.text.stdout).toBe("one\n");
  await new Promise((resolve) => setTimeout(resolve, 400));
  s.pause(false);
  response.end(entry(1, 2, "two\n"));
  await done;
  expect(s.text.stdout).toBe("one\ntwo\n");
});

test("reads nothing more from a lost node", async () => {
  await using s = await scene();
  const followed = s.engine.on(LOGS);
  const done = s.read();
  (await followed).acknowledge().write(entry(1, 1, "one\n"));
  await expect.poll(() => s.text.stdout).toBe("one\n");
  s.end(false);
  await done;
  expect(s.engine.lines).toHaveLength(1);
});

test("reports a malformed log", async () => {
  await using s = await scene();
  const followed = s.engine.on(LOGS);
  const done = s.read();
  (await followed).acknowledge().write(frame(9, "?"));
  await expect(done).rejects.toMatchObject({ code: "bad-frame" });
});
