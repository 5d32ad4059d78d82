import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { cli } from "../../../../src/cli/program.ts";
import type { ContainerDetails, ContainerSummary } from "../../../../src/engine/types.ts";
import type { JournalEntry, LifeEvent } from "../../../../src/oneoff/journal/journal.ts";
import { details, oneoffOf } from "../../../support/deployed.ts";
import { fakeContext, NOW } from "../../../support/fake-context.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { fakeJournal } from "../../../support/fake-journal.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { frame } from "../../../support/frame.ts";
import { LoggedContainer } from "../../../support/logged-container.ts";
import { SlowOutput } from "../../../support/slow-output.ts";

const LIST = "GET /containers/json";
const EVENTS = "GET /events";
const INSPECT = "GET /containers/c/json";
const LOGS = "GET /containers/c/logs";
const WAIT = "POST /containers/c/wait";

const at = (second: number, fraction = "000000000") =>
  `2013-03-13T15:38:${String(second).padStart(2, "0")}.${fraction}Z`;
const line = (second: number, text: string, channel = 1) => frame(channel, `${at(second)} ${text}\n`);

const labels = { "dev.oneoff.retain": "60", "dev.oneoff.command": "./import" };
const oneoff = (given: Partial<ContainerSummary> = {}): ContainerSummary => {
  const one = oneoffOf("my-app");
  return { ...one, Id: "c", Labels: { ...one.Labels, ...labels }, ...given };
};
const running = (State: Partial<ContainerDetails["State"]> = {}, host = {}, config = {}) =>
  details(config, host, {
    Created: at(1),
    State: { Running: true, StartedAt: at(2), FinishedAt: "0001-01-01T00:00:00Z", ExitCode: 0, ...State },
  });
const over = { Running: false, FinishedAt: at(9), ExitCode: 3 };

const event = (Action: string, second: number, more: Record<string, string> = {}, ID = "c") => {
  const Attributes = { ...oneoff().Labels, name: "my-app.run.7364", ...more };
  return `${JSON.stringify({ Action, Actor: { ID, Attributes }, timeNano: Date.parse(at(second)) * 1e6 })}\n`;
};

const entry = (second: number, happening: LifeEvent, container = "c", app = "my-app"): JournalEntry => ({
  time: at(second, "000"),
  app,
  name: "run.7364",
  containerId: container,
  ...happening,
});
const starting = entry(1, { event: "starting", command: "./import", detached: true });

async function scene(words: readonly string[], entries: JournalEntry[] = [], terminal = fakeTerminal()) {
  const engine = await fakeEngine({ time: NOW / 1000 });
  const journal = fakeJournal([...entries]);
  const context = fakeContext({ engine, journal, terminal });
  return {
    engine,
    journal,
    terminal,
    run: () => cli(["logs", ...words], context),
    /** Waits for lines on stdout, in the form of a one-off's log without its times, also for the log of an app. */
    sees: (...lines: string[]) =>
      expect
        .poll(() =>
          terminal.out
            .replaceAll(/^\d\S+Z /gm, "")
            .replaceAll(/^(?:oneoff *\| (\S+): |(\S+) *\| )/gm, (_, own, name) =>
              own ? `oneoff[${own}]: ` : `app[${name}]: `,
            ),
        )
        .toBe(lines.map((one) => `${one}\n`).join("")),
  };
}

const STARTING = "oneoff[run.7364]: Starting process with command `./import`";
const UP = "oneoff[run.7364]: State changed from starting to up";
const exited = (code: number, to: string) => [
  `oneoff[run.7364]: Process exited with status ${code}`,
  `oneoff[run.7364]: State changed from up to ${to}`,
];
const said = (text: string) => `app[run.7364]: ${text}`;

test("prints entries of the journal and of the engine, and output between them", async () => {
  const s = await scene(["--timestamps", "my-app"], [starting, entry(0, { event: "starting", command: "ls" }, "gone")]);
  s.engine.on(LIST, 200, [oneoff({ State: "exited", Status: "Exited (3) 1 second ago" })]);
  s.engine.on(INSPECT, 200, running(over));
  const logs = s.engine.on(LOGS);
  const code = s.run();
  const { query, acknowledge } = await logs;
  expect(query).toEqual({ stdout: "1", stderr: "1", follow: "0", timestamps: "1", tail: "100" });
  acknowledge().end(Buffer.concat([line(4, "one"), line(5, "two", 2)]));
  expect(await code).toBe(0);
  expect(s.terminal.out).toBe(`oneoff   | 2013-03-13T15:38:00.000Z run.7364: Starting process with command \`ls\`
oneoff   | 2013-03-13T15:38:01.000Z run.7364: Starting process with command \`./import\`
oneoff   | 2013-03-13T15:38:02.000Z run.7364: State changed from starting to up
run.7364 | 2013-03-13T15:38:04.000Z one
run.7364 | 2013-03-13T15:38:05.000Z two
oneoff   | 2013-03-13T15:38:09.000Z run.7364: Process exited with status 3
oneoff   | 2013-03-13T15:38:09.000Z run.7364: State changed from up to crashed
`);
  expect(s.terminal.err).toBe("");
});

test("passes on -n and --since to the engine", async () => {
  const s = await scene(["-n", "2", "--since", "4s", "my-app"]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 200, running());
  const logs = s.engine.on(LOGS);
  const code = s.run();
  const { query, acknowledge } = await logs;
  expect(query).toMatchObject({ tail: "2", since: "1363189085.000000000" });
  acknowledge().end(Buffer.concat([line(5, "a"), line(6, "b"), line(7, "c")]));
  expect(await code).toBe(0);
  await s.sees(said("b"), said("c"));
});

test("requests no log of a one-off that exited before --since", async () => {
  const s = await scene(["--since", "2013-03-13T15:38:10Z", "my-app"]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 200, running(over));
  expect(await s.run()).toBe(0);
  await s.sees();
});

test("requests no log with -n 0", async () => {
  const s = await scene(["-n", "0", "my-app"], [starting]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 200, running());
  expect(await s.run()).toBe(0);
  await s.sees();
});

test.each([404, 409])("prints the entries of a one-off that is removed before its log is read: %i", async (status) => {
  const s = await scene(["my-app"], [starting]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 200, running());
  s.engine.on(LOGS, status, { message: "gone" });
  expect(await s.run()).toBe(0);
  await s.sees(STARTING, UP);
});

test("prints the entries of a one-off that is removed before its inspect", async () => {
  const s = await scene(["my-app"], [starting]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 404, { message: "No such container" });
  expect(await s.run()).toBe(0);
  await s.sees(STARTING);
});

test("reports a log that cannot be read", async () => {
  const s = await scene(["run.7364"]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 200, running());
  s.engine.on(LOGS, 501, { message: "configured logging driver does not support reading" });
  expect(await s.run()).toBe(0);
  expect(s.terminal.err).toBe("oneoff: the output of run.7364 goes to a log that the engine cannot read\n");
  await s.sees(STARTING, UP);
});

test("prints the output of a one-off with a TTY as one stream, with its line ends", async () => {
  const s = await scene(["run.7364"]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 200, running({}, {}, { Tty: true }));
  const logs = s.engine.on(LOGS);
  const code = s.run();
  (await logs).acknowledge().end(`${at(3)} one\r\n${at(4)} $ `);
  expect(await code).toBe(0);
  await s.sees(STARTING, UP, said("one"), said("$ "));
});

test("fails if the log is cut", async () => {
  const s = await scene(["my-app"]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 200, running());
  const logs = s.engine.on(LOGS);
  const code = s.run();
  const { acknowledge, socket } = await logs;
  acknowledge().write(line(3, "one"));
  socket.end();
  expect(await code).toBe(1);
  expect(s.terminal.err).toMatch(/^oneoff: The connection to the engine broke before the download was complete\n/);
});

/** The container of the running one-off, with a log. */
async function runningContainer(
  { engine }: { engine: FakeEngine },
  { tty = false, state = running({}, {}, { Tty: tty }) } = {},
) {
  const container = new LoggedContainer(engine, { tty, second: "2013-03-13T15:38:03" }).serve();
  engine.always(INSPECT, 200, state);
  const waiting = engine.on(WAIT).then((wait) => wait.acknowledge());
  return {
    container,
    /** Closes the live stream and responds to the wait, as the engine does. */
    async exit(StatusCode: number) {
      container.end();
      (await waiting).end(JSON.stringify({ StatusCode }));
    },
  };
}

/** Follows an app or its running one-off, which has written one line. */
async function following(words: readonly string[], entries: JournalEntry[] = [starting]) {
  const s = await scene(words, entries);
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, [oneoff()]);
  const one = await runningContainer(s);
  one.container.write(1, "old\n");
  const code = s.run();
  const heard = await events;
  const tell = heard.acknowledge();
  await s.sees(STARTING, UP, said("old"));
  return { ...s, ...one, code, tell, heard };
}

test.each([["-f"], ["--follow"], ["-t"], ["--tail"]])(
  "continues after the old output with %s, until ^C",
  async (option) => {
    const s = await following([option, "my-app"]);
    expect(JSON.parse(s.heard.query.filters ?? "")).toEqual({
      type: ["container"],
      event: ["start", "die", "died", "destroy", "remove"],
    });
    s.container.write(1, "new\n");
    await s.sees(STARTING, UP, said("old"), said("new"));
    s.terminal.signal("SIGINT");
    expect(await s.code).toBe(130);
    await expect.poll(() => s.container.listeners).toBe(0);
    expect(s.terminal.listeners).toBe(0);
  },
);

test("sends no request with follow for a log", async () => {
  const s = await following(["-f", "run.7364"]);
  s.tell.write(event("die", 9, { exitCode: "0" }));
  await s.exit(0);
  expect(await s.code).toBe(0);
  const logs = s.engine.requests.filter(({ path }) => path.endsWith("/logs"));
  expect(new Set(logs.map(({ query }) => query.follow))).toEqual(new Set(["0"]));
});

test("prints an exit after the last output, and continues to follow the app", async () => {
  const s = await following(["-f", "my-app"]);
  s.tell.write(event("die", 9, { exitCode: "7" }));
  s.container.write(1, "last\n");
  await s.sees(STARTING, UP, said("old"), said("last"));
  await s.exit(7);
  await s.sees(STARTING, UP, said("old"), said("last"), ...exited(7, "crashed"));
  s.terminal.signal("SIGTERM");
  expect(await s.code).toBe(143);
});

test("follows a single one-off until its exit", async () => {
  const s = await following(["-f", "run.7364"]);
  s.tell.write(event("die", 9, { exitCode: "0" }));
  s.container.write(1, "last");
  await s.exit(0);
  expect(await s.code).toBe(0);
  await s.sees(STARTING, UP, said("old"), said("last"), ...exited(0, "complete"));
});

test("prints no entries of other one-offs", async () => {
  const s = await following(["-f", "run.7364"]);
  s.tell.write(event("start", 4, {}, "other") + event("die", 5, { exitCode: "1" }, "other"));
  s.journal.entries.push(entry(4, { event: "up" }, "other"), entry(4, { event: "up" }, "c", "other-app"));
  s.journal.entries.push(entry(6, { event: "stopping", signal: "SIGTERM" }));
  await s.sees(STARTING, UP, said("old"), "oneoff[run.7364]: Stopping process with SIGTERM");
  s.terminal.signal("SIGINT");
  await s.code;
});

test("prints and follows a one-off once if it started while old output was read", async () => {
  const s = await following(["-f", "run.7364"]);
  s.tell.write(event("start", 2) + event("die", 9, { exitCode: "0" }));
  s.container.write(1, "last\n");
  await s.exit(0);
  expect(await s.code).toBe(0);
  await s.sees(STARTING, UP, said("old"), said("last"), ...exited(0, "complete"));
});

test("stops following a one-off that is removed without an exit event", async () => {
  const s = await following(["-f", "run.7364"]);
  await s.exit(0);
  s.tell.write(event("destroy", 9));
  expect(await s.code).toBe(0);
});

test("follows a one-off that starts later from its first line, and prints its start once", async () => {
  const s = await scene(["-f", "my-app"], [entry(0, { event: "starting", command: "ls" }, "gone")]);
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, []);
  const code = s.run();
  const tell = (await events).acknowledge();
  const LS = "oneoff[run.7364]: Starting process with command `ls`";
  await s.sees(LS);
  const { container, exit } = await runningContainer(s);
  s.journal.entries.push({ ...starting, user: "alice@host" });
  container.write(1, "first\n");
  tell.write(event("start", 2));
  s.journal.entries.push(entry(2, { event: "up" }));
  await s.sees(LS, `${STARTING} by user alice@host`, UP, said("first"));
  tell.write(event("die", 9, { exitCode: "137" }));
  await exit(137);
  await s.sees(LS, `${STARTING} by user alice@host`, UP, said("first"), ...exited(137, "killed"));
  s.terminal.signal("SIGINT");
  expect(await code).toBe(130);
});

test("prints the entries of attached one-offs, which have no log, also from engine events alone", async () => {
  const s = await scene(["-f", "-n", "0", "my-app"]);
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, [oneoffOf("my-app", 1234)]);
  s.engine.on("GET /containers/id-of-my-app.run.1234/json", 200, running({}, { LogConfig: { Type: "none" } }));
  const code = s.run();
  const tell = (await events).acknowledge();
  s.engine.on(INSPECT, 200, running({}, { LogConfig: { Type: "none" } }));
  tell.write(event("start", 2) + event("die", 3, { exitCode: "0" }));
  await s.sees(STARTING, UP, ...exited(0, "complete"));
  s.terminal.signal("SIGINT");
  expect(await code).toBe(130);
});

test("prints no old output with -n 0 --follow", async () => {
  const s = await scene(["-f", "-n", "0", "run.7364"], [starting]);
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, [oneoff()]);
  const { container, exit } = await runningContainer(s);
  container.write(1, "old\n");
  const attached = container.attached();
  const code = s.run();
  const tell = (await events).acknowledge();
  await attached;
  container.write(1, "new\n");
  await s.sees(said("new"));
  tell.write(event("die", 9, { exitCode: "0" }));
  await exit(0);
  expect(await code).toBe(0);
  await s.sees(said("new"), ...exited(0, "complete"));
});

test("does not follow after --until, and ends at a time in the future", async () => {
  for (const [until, isPast] of [
    ["1s", true],
    [new Date(NOW + 300).toISOString(), false],
  ] as const) {
    const s = await scene(["-f", "--until", until, "my-app"], [starting]);
    const events = s.engine.on(EVENTS);
    s.engine.on(LIST, 200, []);
    const began = performance.now();
    const code = s.run();
    (await events).acknowledge();
    expect(await code).toBe(0);
    expect(isPast || performance.now() - began > 290).toBe(true);
    expect(s.terminal.err).toBe("");
    await s.sees(STARTING);
  }
});

test("does not follow a one-off that has exited", async () => {
  const s = await scene(["-f", "run.7364"], [starting, entry(9, { event: "exited", exitCode: 0 })]);
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, []);
  const code = s.run();
  (await events).acknowledge();
  expect(await code).toBe(0);
  expect(s.terminal.err).toBe("oneoff: the output of run.7364 was removed with its container\n");
});

test("fails if the engine is lost while following", async () => {
  const s = await scene(["-f", "my-app"], [starting]);
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, []);
  const code = s.run();
  (await events).acknowledge();
  await s.sees(STARTING);
  await s.engine.vanish();
  expect(await code).toBe(1);
  expect(s.terminal.err).toMatch(/^oneoff: Cannot reach the engine at .*engine\.sock: /);
});

test("reconnects from the last event when the connection is cut, and prints nothing twice", async () => {
  const s = await following(["-f", "my-app"]);
  s.engine.always(LIST, 200, [oneoff()]);
  s.tell.write(event("start", 2));
  const [again, third] = [s.engine.on(EVENTS), s.engine.on(EVENTS)];
  s.tell.end();
  const reopened = await again;
  expect(reopened.query.since).toBe("1363189081.999999");
  const tell = reopened.acknowledge();
  tell.write(event("start", 2));
  tell.end();
  (await third).acknowledge().write(event("die", 9, { exitCode: "7" }));
  await s.exit(7);
  await s.sees(STARTING, UP, said("old"), ...exited(7, "crashed"));
  s.terminal.signal("SIGINT");
  expect(await s.code).toBe(130);
});

test("fails if the engine closes the event stream and refuses another one", async () => {
  const s = await scene(["-f", "my-app"], [starting]);
  s.engine.always(EVENTS, 503, { message: "shutting down" });
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, []);
  const code = s.run();
  (await events).acknowledge().end();
  expect(await code).toBe(1);
  expect(s.terminal.err).toContain("it closed the connection");
});

test("prints only unchanged output by channel with --raw", async () => {
  const s = await scene(["--raw", "run.7364"], [starting]);
  s.engine.on(LIST, 200, [oneoff()]);
  s.engine.on(INSPECT, 200, running());
  const logs = s.engine.on(LOGS);
  const code = s.run();
  const { query, acknowledge } = await logs;
  expect(query).toEqual({ stdout: "1", stderr: "1", follow: "0", timestamps: "1" });
  const stamped = (type: 1 | 2, second: number, text: string) => frame(type, `2013-03-13T15:38:0${second}Z ${text}`);
  const [first, second] = ["x".repeat(16 * 1024), "y".repeat(100)];
  // Engine 20.10 drops the line feed of a line that it stores in parts.
  acknowledge().end(
    Buffer.concat([stamped(1, 1, first), stamped(1, 1, second), stamped(2, 2, "err"), stamped(1, 3, "out\0\r\n")]),
  );
  expect(await code).toBe(0);
  expect([s.terminal.out, s.terminal.err]).toEqual([`${first}${second}\nout\0\r\n`, "err"]);
});

test("follows with --raw until the one-off exits", async () => {
  const s = await scene(["--raw", "-f", "-n", "1", "run.7364"], []);
  s.engine.on(LIST, 200, [oneoff()]);
  const { container, exit } = await runningContainer(s, { tty: true });
  container.write(1, "old\r\n");
  container.write(1, "last\r\n");
  const code = s.run();
  await expect.poll(() => s.terminal.out).toBe("last\r\n");
  container.write(1, "new\r\n");
  await expect.poll(() => s.terminal.out).toBe("last\r\nnew\r\n");
  await exit(0);
  expect(await code).toBe(0);
  expect(s.terminal.out).toBe("last\r\nnew\r\n");
});

test("blocks the engine while the reader is slow, and loses no output", async () => {
  const stdout = new SlowOutput();
  const s = await scene(["-f", "run.7364"], [starting], fakeTerminal({}, { stdout }));
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, [oneoff()]);
  const { container, exit } = await runningContainer(s);
  const attached = container.attached();
  const code = s.run();
  const tell = (await events).acknowledge();
  await attached;
  const count = 100_000;
  container.write(1, Array.from({ length: count }, (_, n) => `${n} ${"x".repeat(60)}\n`).join(""));
  tell.write(event("die", 9, { exitCode: "0" }));
  await exit(0);
  await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(stdout.writableLength).toBeLessThan(1_000_000);
  stdout.release();
  expect(await code).toBe(0);
  const lines = stdout.bytes.toString().split("\n");
  expect(lines.filter((one) => one.includes("app[")).map((one) => one.split(" ")[2])).toEqual(
    Array.from({ length: count }, (_, n) => String(n)),
  );
});

test.each([
  ["returns 141 without a message when the reader closes the output", "EPIPE", 141, ""],
  [
    "fails when the disk is full",
    "ENOSPC",
    1,
    expect.stringMatching(/^oneoff: The output is incomplete: write ENOSPC\n/),
  ],
])("%s", async (_, reason, status, message) => {
  const stdout = new SlowOutput();
  const s = await scene(["-f", "my-app"], [starting], fakeTerminal({}, { stdout }));
  const events = s.engine.on(EVENTS);
  s.engine.on(LIST, 200, []);
  const code = s.run();
  (await events).acknowledge();
  await expect.poll(() => stdout.writableLength).toBeGreaterThan(0);
  stdout.breakWith(reason);
  expect(await code).toBe(status);
  expect(s.terminal.err).toEqual(message);
});

test.each([
  ["stdout", 141],
  ["stderr", 1],
] as const)("returns from --raw when %s is closed, with %i", async (channel, status) => {
  const slow = new SlowOutput();
  const s = await scene(["--raw", "-f", "run.7364"], [], fakeTerminal({}, { [channel]: slow }));
  s.engine.on(LIST, 200, [oneoff()]);
  const { container } = await runningContainer(s);
  container.write(channel === "stdout" ? 1 : 2, "some\n");
  const code = s.run();
  await expect.poll(() => slow.writableLength).toBeGreaterThan(0);
  slow.breakWith("EPIPE");
  expect(await code).toBe(status);
});
