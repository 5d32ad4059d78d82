import { type ChildProcessByStdio, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { debianRoot } from "./debian-root.ts";
import { api, type ContainerSummary, socketOf } from "./docker-api.ts";
import { type EngineKind, engineKind } from "./engine-kind.ts";
import { inPlace } from "./engine-place.ts";
import { install, PATH } from "./packages.ts";
import { isAlive } from "./process.ts";

export interface TestEngine {
  /** `unix:///…` */
  host: string;
  /** Where it keeps all it has; its log is `log` in there. */
  dir: string;
  version: string;
  /** TERM, INT and KILL resolve once the daemon has ended, STOP once it stands still, others once they were sent. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends the daemon properly, unless a test has killed it already, and starts it on the same data. */
  restart(): Promise<void>;
  /** A command as it is run where the engine's own ports are. */
  inside(argv: readonly string[]): string[];
  [Symbol.asyncDispose](): Promise<void>;
}

// Not os.tmpdir(): a unix socket's path may have 108 bytes, and containerd's lies deep inside.
const TMP = "/tmp";
const PREFIX = "oneoff-e-";

/**
 * Runs as the engine's only way out: it is (under tini) the first process of a pid namespace, so when it ends the kernel
 * kills daemon, shims and containers, and with the mount and network namespaces go all mounts, bridges and rules. It ends
 * when its stdin does, which is a pipe from us: even if we are killed with -9, no engine outlives us.
 * A daemon has many threads, and a stop is only done when the last of them has noticed.
 */
const supervision = ({ daemon = 'cat "$0/pid"', startsAlone = false }: EngineKind) => `
while read -r verb signal; do
  case $verb in
    start)
      ${startsAlone ? "kill -s KILL -- -1 2>/dev/null" : ""}
      rm -f "$0"/*pid
      { sh -c 'echo $$ >"$0/pid"; exec "$@"' "$0" "$@" </dev/null >>"$0/log" 2>&1; echo gone; } & ;;
    kill)
      pid=$(${daemon})
      kill -s "$signal" "$pid"
      while [ "$signal" = STOP ] && [ "$(grep -L 'State:.T' /proc/$pid/task/*/status)" ]; do sleep 0.01; done
      echo sent ;;
  esac
done`;

const within = async <T>(ms: number, promise: Promise<T>): Promise<T | "late"> => {
  const stop = new AbortController();
  const late = sleep(ms, "late" as const, { signal: stop.signal });
  late.catch(() => {});
  return Promise.race([promise, late]).finally(() => stop.abort());
};

const remove = (dir: string) => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });

/** The folders of test runs that were killed: their engines went with them. */
const removeStale = async () => {
  for (const name of await readdir(TMP)) {
    const owner = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (!owner || isAlive(owner)) continue;
    // The owner may live in another pid namespace that shares this folder: an engine that is there is not stale.
    const ping = within(1_000, api(`unix://${join(TMP, name, "socket")}`).get("/_ping"));
    const there = await ping.then(() => true).catch(() => false);
    // What resists is not worth failing for: the next run tries again.
    if (!there) await remove(join(TMP, name)).catch(() => {});
  }
};

const version = async (host: string) => (await api(host).get("/version")).body.Version as string;

const given = async (host: string): Promise<TestEngine> => {
  const refuse = () => Promise.reject(new Error(`The engine at ${host} is not the tests' own: they may not end it`));
  const dir = dirname(socketOf(host));
  const inside = () => {
    throw new Error(`The engine at ${host} is not the tests' own: where its ports are is not known`);
  };
  return {
    host,
    dir,
    version: await version(host),
    kill: refuse,
    restart: refuse,
    inside,
    async [Symbol.asyncDispose]() {},
  };
};

/** The files of a kind's root, below a folder. */
const writeFiles = async ({ files = {} }: EngineKind, folder: string) => {
  await mkdir(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
};

/**
 * An engine that nobody else uses, up and answering: this machine's Docker Engine, or the one that ONEOFF_TEST_ENGINE names;
 * or that which ONEOFF_TEST_HOST names, left running.
 * @param options.kind the name of another engine, whatever these variables say.
 * @param options.args more words for the daemon.
 * @param options.hostname of its own, instead of the machine's.
 */
export const startEngine = async (
  options: { kind?: string; liveRestore?: boolean; args?: string[]; hostname?: string } = {},
): Promise<TestEngine> => {
  if (process.env.ONEOFF_TEST_HOST && !options.kind) return given(process.env.ONEOFF_TEST_HOST);
  const kind = engineKind(options.kind);
  await install("tini", "ip", ...(kind.suite ? [] : (["dockerd", "iptables"] as const)));
  const root = kind.suite && (await debianRoot(kind.suite));
  await removeStale();

  const dir = await mkdtemp(join(TMP, `${PREFIX}${process.pid}-`));
  const host = `unix://${dir}/socket`;
  await writeFiles(kind, join(dir, "files"));
  const command = kind.command({ dir, liveRestore: options.liveRestore ?? false });
  const argv = inPlace(kind, supervision(kind), dir, [...command, ...(options.args ?? [])]);
  const log = openSync(join(dir, "log"), "a");
  // detached: ^C at the terminal is for the tests, who then end the engine in their own time.
  const supervisor = spawn(argv[0] as string, argv.slice(1), {
    stdio: ["pipe", "pipe", log],
    detached: true,
    // A container takes ten short processes in Go: a sixth of their time is the collection of garbage that ends with them.
    env: { ...process.env, PATH, ROOT: root, NODE_NAME: options.hostname, GOGC: "800" },
  }) as ChildProcessByStdio<Socket, Socket, null>;
  closeSync(log);
  supervisor.stdin.on("error", () => {});
  for (const handle of [supervisor, supervisor.stdin, supervisor.stdout]) handle.unref();

  const ended = new Promise<void>((resolve) => supervisor.once("exit", () => resolve()).once("error", () => resolve()));
  let gone = Promise.withResolvers<void>();
  let sent = Promise.withResolvers<void>();
  let running = false;
  const onGone = () => {
    running = false;
    gone.resolve();
  };
  ended.then(onGone);
  createInterface(supervisor.stdout).on("line", (line) => (line === "gone" ? onGone() : sent.resolve()));

  const failure = async (what: string) => {
    const tail = (await readFile(join(dir, "log"), "utf8")).split("\n").slice(-30).join("\n");
    return new Error(`dockerd ${what}; the end of its log:\n${tail}`);
  };

  const start = async () => {
    gone = Promise.withResolvers();
    running = true;
    supervisor.stdin.write("start\n");
    const until = Date.now() + 60_000;
    for (;;) {
      const answer = await within(5_000, api(host).get("/_ping")).catch(() => "refused" as const);
      if (typeof answer === "object" && answer.status === 200) return;
      if (!running) throw await failure("ended at once");
      if (Date.now() > until) throw await failure("did not answer within 60 s");
      await sleep(50);
    }
  };

  const kill = async (signal: NodeJS.Signals, ms = 60_000) => {
    if (!running) throw new Error("This engine is not running");
    sent = Promise.withResolvers();
    supervisor.stdin.write(`kill ${signal.replace("SIG", "")}\n`);
    await within(ms, sent.promise);
    const deadly = ["SIGTERM", "SIGINT", "SIGKILL"].includes(signal);
    if (deadly && (await within(ms, gone.promise)) === "late") throw await failure(`survived ${signal} for ${ms} ms`);
  };

  // On SIGTERM the engine gives every container ten seconds, and many a `sleep` takes them.
  const killContainers = async () => {
    // Its tasks go with the Swarm, which would start killed ones again.
    await api(host).post("/swarm/leave?force=1");
    const { body } = await api(host).get<ContainerSummary[]>("/containers/json");
    await Promise.all(body.map(({ Id }) => api(host).post(`/containers/${Id}/kill`)));
  };

  const dispose = async () => {
    if (running) {
      await kill("SIGCONT").catch(() => {});
      await within(5_000, killContainers()).catch(() => {});
      // A clean end takes the containers' cgroups along; what follows, if need be, does not.
      await kill("SIGTERM", 15_000).catch(() => {});
    }
    supervisor.stdin.end();
    if ((await within(15_000, ended)) === "late") supervisor.kill("SIGKILL");
    await within(15_000, ended);
    await remove(dir);
  };

  try {
    await start();
    return {
      host,
      dir,
      version: await version(host),
      kill: (signal) => kill(signal),
      inside: (argv) => ["nsenter", `--net=/proc/${supervisor.pid}/ns/net`, ...argv],
      async restart() {
        if (running) await kill("SIGTERM");
        await start();
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};
