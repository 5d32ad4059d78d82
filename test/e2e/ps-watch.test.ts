import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { ofDokku } from "../support/deployed.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, ended, eventually, oneoffSuite, see } from "../support/oneoff-suite.ts";
import { install } from "../support/packages.ts";
import { start } from "../support/process.ts";
import { openPty, type Pty } from "../support/pty.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const OTHERS = `test.oneoff.ps-watch=${randomUUID()}`;
afterAll(() => removeByLabel(host, OTHERS));

const appName = () => `app-${randomUUID().slice(0, 8)}`;
const watching = (words: readonly string[], options = {}) =>
  openPty([BINARY, "ps", "--watch", ...words], { env: { DOCKER_HOST: host }, cols: 120, ...options });

/** The cells of a row in the last complete frame. */
function rowOf({ output }: Pty, name: string): Record<string, string> {
  const frame = output.split("\x1b[H").at(-2) ?? "";
  const [headings = "", ...rows] = frame.replaceAll(/\x1b\[[\d;?]*[A-Za-z]|\r/g, "").split("\n");
  const row = rows.find((line) => line.startsWith(name)) ?? "";
  const starts = Array.from(headings.matchAll(/\S+/g), ({ 0: heading, index }) => [heading, index] as const);
  return Object.fromEntries(
    starts.map(([heading, from], at) => [heading, row.slice(from, starts[at + 1]?.[1]).trim()]),
  );
}

const mebibytes = (cell: string) => {
  const [, amount, unit = ""] = /^([\d.]+) ?([KMG])iB/.exec(cell) ?? [];
  return Number(amount) * ({ K: 1 / 1024, M: 1, G: 1024 }[unit] ?? Number.NaN);
};

/** A container of an app of dokku. */
async function deployed(app: string, type: string, script: string, HostConfig = {}): Promise<string> {
  const [key, value] = OTHERS.split("=") as [string, string];
  const Labels = { ...ofDokku(app, type).Labels, [key]: value };
  const body = { Image: "busybox:local", Cmd: ["sh", "-c", script], Labels, HostConfig };
  const { body: made } = await engine.post(`/containers/create?name=${app}.${type}.1`, body);
  await engine.post(`/containers/${made.Id}/start`);
  return made.Id;
}

test("ps --watch updates every second until ^C or q, and restores the terminal", async () => {
  const app = appName();
  await using mine = suite.apart();
  await using there = await folder();
  const script =
    'stty -g > before; "$@"; echo "code $?"; "$@"; echo "then $?"; stty -g > after; cmp before after && echo same';
  await using pty = await openPty(["bash", "-c", script, "bash", BINARY, "ps", "--watch", app], {
    env: { DOCKER_HOST: host },
    cwd: there.path,
  });
  await see(pty, `No one-offs of ${app} are running`);
  await using live = await mine.start([app, "sleep", "600"]);
  await see(pty, "NAME");
  // A signal can be lost before the init has been executed.
  await see(pty, /\bup\b.*sleep 600/);
  live.child.kill("SIGTERM");
  await see(pty, `No one-offs of ${app} are running`);
  pty.write("\x03");
  await see(pty, "\x1b[?25h\x1b[?1049l");
  await see(pty, "code 130");
  await see(pty, `No one-offs of ${app} are running`);
  pty.write("q");
  await see(pty, "\x1b[?25h\x1b[?1049l");
  await see(pty, "then 0");
  await see(pty, "same");
  await ended(pty);
});

test("ps --watch shows CPU and memory as docker stats does", needs("limits", "a single sample of stats"), async () => {
  await install("docker");
  const app = appName();
  await using mine = suite.apart();
  const burn = "dd if=/dev/zero of=/dev/shm/held bs=1M count=40; while :; do :; done";
  const id = await mine.detached(["--memory", "128m", app, "sh", "-c", burn]);
  await deployed(app, "idle", "sleep 600");
  await using pty = await watching([app]);
  // Both measure one busy CPU of a machine with other work.
  await eventually(async () => {
    const format = ["--no-stream", "--format", "{{.CPUPerc}} {{.MemUsage}}"];
    const stats = await start(["docker", "-H", host, "stats", ...format, id], { timeout: 30_000 });
    const [, cpu, memory = ""] = /^([\d.]+)% (\S+) \//.exec((await stats.done).stdout.toString()) ?? [];
    const row = rowOf(pty, "run.");
    expect(Number(cpu)).toBeGreaterThan(5);
    expect(Number.parseFloat(row.CPU ?? "") / Number(cpu)).toBeGreaterThan(0.5);
    expect(Number.parseFloat(row.CPU ?? "") / Number(cpu)).toBeLessThan(2);
    expect(Math.abs(mebibytes(row.MEMORY ?? "") - mebibytes(memory))).toBeLessThan(3);
    expect(mebibytes(memory)).toBeGreaterThan(40);
    expect(row.MEMORY).toMatch(/ \/ 128 MiB$/);
    expect(row.RESTARTS).toBe("0");
    const idle = rowOf(pty, "idle.1");
    expect(Number.parseFloat(idle.CPU ?? "")).toBeLessThan(1);
    expect(idle.MEMORY).not.toContain("/");
  });
});

test("ps --watch shows restarts, and follows processes that start and exit", async () => {
  const app = appName();
  const script = "sleep 1; exit 1";
  await deployed(app, "web", script, { RestartPolicy: { Name: "always" } });
  await using pty = await watching([app]);
  await eventually(() => expect(Number(rowOf(pty, "web.1").RESTARTS)).toBeGreaterThan(1));
  const worker = await deployed(app, "worker", "sleep 600");
  await eventually(() => expect(rowOf(pty, "worker.1").MEMORY).toMatch(/iB$/));
  await engine.delete(`/containers/${worker}?force=1`);
  await eventually(() => expect(rowOf(pty, "worker.1").STATE).toBe(""));
  expect(rowOf(pty, "web.1").COMMAND).toContain(script);
  pty.write("q");
  expect(await ended(pty)).toMatchObject({ code: 0 });
});
