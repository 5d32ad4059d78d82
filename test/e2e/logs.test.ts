import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, oneoffs, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const suite = oneoffs(host, `test.oneoff=${randomUUID()}`);
afterAll(() => suite[Symbol.asyncDispose]());

/** A user's journal, and an app that no other test runs. */
async function place() {
  const home = await folder();
  const app = `logs-${randomUUID().slice(0, 8)}`;
  const env = { XDG_STATE_HOME: home.path, USER: "alice", SUDO_USER: undefined };
  return {
    app,
    env,
    ...home,
    run: (...words: string[]) => suite.run(words, { env }),
    /** @returns the container's id. */
    detach: async (...words: string[]) => (await suite.run(["--detach", "--quiet", ...words], { env })).stdout.trim(),
    live: (...words: string[]) =>
      start([BINARY, "logs", ...words], { env: { DOCKER_HOST: host, ...env }, timeout: 60_000 }),
    logs: async (...words: string[]) =>
      said(
        await start([BINARY, "logs", "--timestamps", ...words], {
          env: { DOCKER_HOST: host, ...env },
          timeout: 60_000,
        }),
      ),
  };
}

/** The log of an app in the form of the log of a one-off, which has times and no prefixes. */
const unprefixed = (line: string) =>
  line.replace(/^(?:oneoff *\| (\S+) (\S+): |(\S+) *\| (\S+) )/, (_, time, own, name, written) =>
    own ? `${time} oneoff[${own}]: ` : `${written} app[${name}]: `,
  );

/** Removes the variable parts of lines, and checks that their times do not decrease. */
function lines(text: string) {
  const all = text.split("\n").slice(0, -1).map(unprefixed);
  const times = all.map((line) => line.slice(0, 24));
  expect(times).toEqual([...times].sort());
  expect(times.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time))).toBe(true);
  return all.map((line) =>
    line
      .slice(25)
      .replace(/run\.\d+/g, "run.N")
      .replace(/ by user alice@\S+$/, " by alice"),
  );
}

const began = (command: string) => [
  `oneoff[run.N]: Starting process with command \`${command}\` by alice`,
  "oneoff[run.N]: State changed from starting to up",
];
const ended = (code: number, state: string) => [
  `oneoff[run.N]: Process exited with status ${code}`,
  `oneoff[run.N]: State changed from up to ${state}`,
];

/** Waits until the container of a detached one-off has exited. */
const over = (id: string) =>
  eventually(async () => {
    const one = (await suite.containers()).find(({ Id }) => Id === id);
    expect(one?.State).toBe("exited");
  });

test.concurrent("records the events of an attached one-off in a journal that any program can read", async () => {
  await using p = await place();
  expect((await p.run(p.app, "sh", "-c", "echo secret-output; exit 3")).code).toBe(3);
  const { code, stdout, stderr } = await p.logs(p.app);
  expect(lines(stdout)).toEqual([...began("sh -c 'echo secret-output; exit 3'"), ...ended(3, "crashed")]);
  expect([code, stderr]).toEqual([0, ""]);
  const journal = join(p.path, "oneoff/journal");
  const [file = ""] = readdirSync(journal);
  const entries = readFileSync(join(journal, file), "utf8").trim().split("\n");
  expect(entries.map((line) => JSON.parse(line).event)).toEqual(["starting", "up", "exited"]);
});

test.concurrent("finds a removed one-off by its name, with its exit code", async () => {
  await using p = await place();
  const name = `${p.app}-nightly`;
  expect((await p.run("--name", name, p.app, "exit 3")).code).toBe(3);
  const { stdout } = await p.logs(name);
  expect(lines(stdout)).toEqual([...began("exit 3"), ...ended(3, "crashed")]);
  const [, number = ""] = /\[(run\.\d+)\]/.exec(stdout) ?? [];
  for (const word of [name, number]) {
    expect(await suite.oneoff(["wait", word], { env: p.env })).toEqual({ code: 3, stdout: "", stderr: "" });
  }
  expect((await suite.oneoff(["wait", `${name}x`], { env: p.env })).code).toBe(125);
});

test.concurrent("records a one-off that is killed, and a one-off that cannot be started", async () => {
  await using p = await place();
  expect((await p.run(p.app, "kill -9 $$")).code).toBe(137);
  expect((await p.run("--no-init", p.app, "nosuchcommand")).code).toBe(127);
  const { stdout } = await p.logs(p.app);
  expect(lines(stdout)).toEqual([
    ...began("kill -9 $$"),
    ...ended(137, "killed"),
    "oneoff[run.N]: Starting process with command `nosuchcommand` by alice",
    "oneoff[run.N]: State changed from starting to crashed",
  ]);
});

test.concurrent("ignores a journal that cannot be written", async () => {
  await using p = await place();
  const env = { ...p.env, XDG_STATE_HOME: "/dev/null/state" };
  expect(await suite.run([p.app, "echo", "fine"], { env })).toEqual({ code: 0, stdout: "fine\n", stderr: "" });
});

const between = "prints the output of a detached one-off between its start and its end, to every client";
test.concurrent(between, needs("unended last lines"), async () => {
  await using p = await place();
  const id = await p.detach(p.app, "echo one; sleep 0.2; echo two >&2; sleep 0.2; printf rest; exit 7");
  await over(id);
  const written = ["app[run.N]: one", "app[run.N]: two", "app[run.N]: rest"];
  const command = "echo one; sleep 0.2; echo two >&2; sleep 0.2; printf rest; exit 7";
  const mine = await p.logs(p.app);
  expect(lines(mine.stdout)).toEqual([...began(command), ...written, ...ended(7, "crashed")]);
  await using other = await place();
  const theirs = await other.logs(p.app);
  expect(lines(theirs.stdout)).toEqual([
    `oneoff[run.N]: Starting process with command \`${command}\``,
    ...lines(mine.stdout).slice(1),
  ]);
  expect(lines((await p.logs("-n", "3", id)).stdout)).toEqual([...written.slice(2), ...ended(7, "crashed")]);
});

test.concurrent("logs --raw prints the output stream by stream, byte for byte", async () => {
  await using p = await place();
  const id = await p.detach(p.app, "printf 'a\\000\\tb\\r\\n\\303\\251'; printf err >&2");
  await over(id);
  expect(await p.logs("--raw", id)).toEqual({ code: 0, stdout: "a\0\tb\r\né", stderr: "err" });
});

test.concurrent("prints a line of megabytes whole with --raw, and in parts otherwise", {
  ...needs("lines in parts"),
  tags: ["full"],
}, async () => {
  await using p = await place();
  const size = 3_000_000;
  const id = await p.detach(p.app, `head -c ${size} /dev/zero | tr '\\0' x; echo; echo end`);
  await over(id);
  expect((await p.logs("--raw", id)).stdout).toBe(`${"x".repeat(size)}\nend\n`);
  const { stdout } = await p.logs("-n", "100000", id);
  const parts = lines(stdout).filter((line) => line.startsWith("app["));
  expect(parts.at(-1)).toBe("app[run.N]: end");
  expect(
    parts
      .slice(0, -1)
      .map((line) => line.slice("app[run.N]: ".length))
      .join(""),
  ).toBe("x".repeat(size));
});

test.concurrent("prints one stream for a detached one-off with a TTY", async () => {
  await using p = await place();
  const id = await p.detach("--tty", p.app, "echo out; echo err >&2; test -t 1 && echo terminal");
  await over(id);
  const { stdout } = await p.logs(id);
  expect(lines(stdout).slice(2, -2)).toEqual(["app[run.N]: out", "app[run.N]: err", "app[run.N]: terminal"]);
  expect((await p.logs("--raw", id)).stdout).toBe("out\r\nerr\r\nterminal\r\n");
});

test.concurrent("follows a one-off line by line, and exits when the one-off has exited", async () => {
  await using p = await place();
  const command = "echo one; sleep 5; echo two; sleep 1; exit 7";
  const id = await p.detach(p.app, command);
  await using live = await p.live("-f", id);
  await eventually(() => expect(live.stdout.toString()).toMatch(/app.*: one\n/));
  expect(live.stdout.toString()).not.toMatch(/app.*: two/);
  const { code, stdout, stderr } = await said(live);
  expect(lines(stdout)).toEqual([...began(command), "app[run.N]: one", "app[run.N]: two", ...ended(7, "crashed")]);
  expect([code, stderr]).toEqual([0, ""]);
});

test.concurrent("follows a fast writer without loss or duplicates, including an unfinished last line", async () => {
  await using p = await place();
  const id = await p.detach(p.app, "seq 20000; printf end");
  const { code, stdout } = await p.logs("--follow", "--since", "1h", id);
  const written = stdout.split("\n").flatMap((line) => /app\[run\.\d+\]: (.*)$/.exec(line)?.[1] ?? []);
  expect(code).toBe(0);
  expect(written).toEqual([...Array.from({ length: 20_000 }, (_, n) => String(n + 1)), "end"]);
});

test.concurrent("follows an app through all its one-offs, of any user, until ^C", async () => {
  await using p = await place();
  expect((await p.run(p.app, "true")).code).toBe(0);
  await using live = await p.live("--follow", p.app);
  const text = () => live.stdout.toString();
  await eventually(() => expect(text()).toContain("complete"));
  await using other = await place();
  await suite.run([p.app, "exit", "5"], { env: other.env });
  await eventually(() => expect(text()).toMatch(/exited with status (127|1)$/m));
  await suite.run([p.app, "exit 5; true"], { env: other.env });
  await eventually(() => expect(text()).toContain("exited with status 5"));
  await p.detach(p.app, "echo detached");
  await eventually(() => expect(text().match(/to complete/g)).toHaveLength(2));
  expect(text()).toMatch(/^run\.\d+ \| detached\n.*exited with status 0\n.*up to complete\n$/m);
  expect(text().match(/Starting process/g)).toHaveLength(4);
  live.child.kill("SIGINT");
  expect(await said(live)).toMatchObject({ code: 130, stderr: "" });
});

test.concurrent("exits silently when the reader of a log exits", async () => {
  await using p = await place();
  const id = await p.detach(p.app, "while :; do echo line; sleep 0.01; done");
  const script = `"$0" logs -f -n 1000 ${id} | head -n 3; exit "\${PIPESTATUS[0]}"`;
  const env = { DOCKER_HOST: host, ...p.env };
  const { code, stdout, stderr } = await said(await start(["bash", "-c", script, BINARY], { env, timeout: 60_000 }));
  expect([code, stdout.split("\n").length, stderr]).toEqual([141, 4, ""]);
});

test.concurrent("prints lines as JSON for programs, one each", { tags: ["full"] }, async () => {
  await using p = await place();
  await p.run(p.app, "true");
  const { stdout } = await p.logs("--format", "json", p.app);
  const parsed = execFileSync("tail", ["-n", "1"], { input: stdout, encoding: "utf8" });
  expect(JSON.parse(parsed)).toMatchObject({ app: p.app, source: "oneoff", event: "state-changed", stream: null });
});
