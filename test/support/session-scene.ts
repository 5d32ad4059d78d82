import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { expect, onTestFinished } from "vitest";
import type { EngineTimeouts } from "../../src/engine/timeouts.ts";
import { openTransport } from "../../src/engine/transport.ts";
import type { OneoffError } from "../../src/errors/error.ts";
import type { ContainerCopy } from "../../src/oneoff/apps/copy.ts";
import type { Oneoff } from "../../src/oneoff/lookup/oneoff.ts";
import { attachOneoff } from "../../src/oneoff/session/attach.ts";
import type { CreateContext } from "../../src/oneoff/session/container.ts";
import { runAttached, runDetached } from "../../src/oneoff/session/run.ts";
import type { RunOptions } from "../../src/oneoff/spec/options.ts";
import { buildSpec } from "../../src/oneoff/spec/spec.ts";
import type { Event } from "../../src/output/events.ts";
import { fakeEngine } from "./fake-engine.ts";
import { fakeJournal } from "./fake-journal.ts";
import { fakeTerminal } from "./fake-terminal.ts";
import { QUICK_TIMEOUTS_MS } from "./quick-timeouts.ts";

export const CREATE = "POST /containers/create";
export const ATTACH = "POST /containers/c/attach";
export const WAIT = "POST /containers/c/wait";
export const START = "POST /containers/c/start";
export const RESIZE = "POST /containers/c/resize";
export const KILL = "POST /containers/c/kill";
export const STOP = "POST /containers/c/stop";
export const RENAME = "POST /containers/c/rename";
export const LOGS = "GET /containers/c/logs";
export const INSPECT = "GET /containers/c/json";
export const REMOVE = "DELETE /containers/c";
export const PULL = "POST /images/create";

type Settings = {
  options?: Partial<RunOptions>;
  /** The Server header of the engine. */
  server?: string;
  /** The app's container. */
  copy?: ContainerCopy;
  pull?: CreateContext["pull"];
  terminal?: ReturnType<typeof fakeTerminal>;
  timeoutsMs?: Partial<EngineTimeouts>;
};

/** A one-off of the app `my-app` whose container has the id `c`. */
export async function scene({
  options,
  pull = "never",
  terminal = fakeTerminal(),
  server,
  copy,
  timeoutsMs,
}: Settings = {}) {
  const engine = await fakeEngine({ ...(server && { server }) });
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), {
    timeoutsMs: { ...QUICK_TIMEOUTS_MS, ...timeoutsMs },
  });
  // Requested when the exit code is late.
  engine.always(INSPECT, 200, { State: { Running: false } });
  // Requested after a refusal that may be caused by a missing init.
  engine.always("GET /info", 200, { InitBinary: "/x/init" });
  const events: Event[] = [];
  const { input, outputIsTerminal } = terminal;
  const args = ["true"];
  const defaults = { args, env: new Map(), labels: new Map(), detach: false, binds: [], mounts: [] };
  const app = {
    name: "my-app",
    from: "--image",
    image: "img",
    env: new Map(),
    procfile: new Map(),
    settings: {},
  } as const;
  const owner = { self: "here:1", isAlive: () => true };
  const facts = { input, outputIsTerminal, size: terminal.size(), owner: owner.self };
  const spec = buildSpec(app, { ...defaults, ...options }, facts, copy);
  const journal = fakeJournal();
  let chance = 0;
  const context = {
    engine: transport,
    terminal,
    report: (event: Event) => events.push(event),
    random: () => chance++ / 8,
    pull,
    detachKeys: Buffer.from("\x10\x11"),
    journal,
    owner,
    cwd: "/cwd",
  };
  onTestFinished(() => {
    expect({ listeners: terminal.listeners, raw: terminal.isRaw }).toEqual({ listeners: 0, raw: false });
  });
  /** The exit code of a run, or its error. */
  const outcome = (running: Promise<unknown>) => running.catch((error: OneoffError) => error);
  return {
    engine,
    terminal,
    events,
    journal,
    /** The requests without query strings. */
    get routes() {
      return engine.requests.map(({ method, path }) => `${method} ${path}`);
    },
    run: () => outcome(runAttached(context, spec)),
    attach: (oneoff: Oneoff) => outcome(attachOneoff(context, oneoff)),
    runDetached: () => outcome(runDetached(context, spec)),
    /** Resolves when earlier requests have arrived: the fake engine answers three other requests. */
    async settle() {
      for (let n = 0; n < 3; n += 1) {
        engine.on("GET /_ping", 200);
        await (await transport.send({ method: "GET", path: "/_ping" })).drop();
      }
    },
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

export type Scene = Awaited<ReturnType<typeof scene>>;

/** Runs up to the start. */
export async function running(s: Scene) {
  s.engine.on(CREATE, 201, { Id: "c" });
  const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
  const resized = s.terminal.size() && s.engine.on(RESIZE, 200);
  const code = s.run();
  const socket: Socket = (await attach).upgrade();
  const waiting = await wait;
  const answer = waiting.acknowledge();
  (await start).reply(204);
  await resized;
  return {
    code,
    /** The engine's socket of the attach. */
    socket,
    /** The engine's socket of the wait. */
    waiting: waiting.socket,
    /** Answers the wait. */
    exit(StatusCode: number, failure: { Message: string } | null = null) {
      answer.end(JSON.stringify({ StatusCode, Error: failure }));
    },
  };
}

export const atTerminal = (size = { rows: 24, columns: 80 }) =>
  fakeTerminal({ input: "terminal", outputIsTerminal: true, size });
