import { Duplex, Writable } from "node:stream";
import type { Context } from "../src/cli/context.ts";
import { cli } from "../src/cli/program.ts";
import { createContainer, startContainer } from "../src/engine/containers.ts";
import { openTransport } from "../src/engine/transport.ts";
import { waitContainer } from "../src/engine/wait.ts";
import { fileJournal } from "../src/host/journal-file.ts";

/** What only the snapshot's builder has, or has not. */
const builder = globalThis as unknown as { WebAssembly?: unknown; forgetParser(): void };

/**
 * Goes once through what every run goes through while the snapshot is taken, so that what V8 has compiled is in it:
 * some 20 ms that need not be spent each time. It must leave nothing open behind.
 */
export async function rehearse(): Promise<void> {
  using _ = withoutTimers();
  await cli(["version"], context);
  await cli(["run"], context);
  builder.WebAssembly = new FakeWebAssembly();
  await using engine = openTransport(() => ({ socketPath: "", from: "default" }), {
    connect: async () => new FakeSocket(),
    // The clock of undici would wait for a tick that never occurs in the restored program.
    timeoutsMs: { body: 0 },
  });
  await createContainer(engine, "app.run.1", {} as never);
  await (await waitContainer(engine, "1", "next-exit")).exit;
  await startContainer(engine, "1");
  // Nothing can be written there.
  fileJournal({ XDG_STATE_HOME: "/dev/null" }, () => 0, engine).append(ENTRY);
  await engine[Symbol.asyncDispose]();
  builder.forgetParser();
  delete builder.WebAssembly;
}

/**
 * Node's timers remember the time of the next timer. A snapshot would contain a time of the build: the restored program
 * would wait for it forever, and so would all of its later timers.
 */
function withoutTimers(): Disposable {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (() => ({ unref() {} })) as never;
  return {
    [Symbol.dispose]() {
      globalThis.setTimeout = setTimeout;
    },
  };
}

const ENTRY = { app: "app", name: "run.1", containerId: "1", event: "starting", command: "command" } as const;

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

const unavailable = () => {
  throw new Error("not in a rehearsal");
};

const context: Context = {
  commands: new Set(),
  env: {},
  cwd: "/",
  shellCwd: "/",
  terminal: {
    get stdin(): never {
      return unavailable();
    },
    stdout: nowhere(),
    stderr: nowhere(),
    flush: async () => undefined,
    input: "stream",
    outputIsTerminal: false,
    size: () => undefined,
    errorIsTerminal: false,
    errorSize: () => undefined,
    openPipe: unavailable,
    raw: unavailable,
    onResize: unavailable,
    onSignal: unavailable,
    suspend: unavailable,
  },
  report: () => () => {},
  openEngine: () => openTransport(unavailable),
  page: unavailable,
  readFile: unavailable,
  exists: () => false,
  createFile: unavailable,
  appendFile: unavailable,
  random: Math.random,
  token: unavailable,
  now: Date.now,
  monotonic: () => 0,
  owner: { self: "", isAlive: unavailable },
  cache: { get: unavailable, set: unavailable },
  openJournal: unavailable,
  envStore: { read: () => new Map(), write: unavailable },
  credentials: unavailable,
  fileTrust: () => undefined,
  properties: { read: unavailable, change: unavailable },
  schedulers: { usual: unavailable, open: unavailable, unlingering: unavailable },
  program: [],
};

/** The engine's end of a connection. It answers at once, with as many bytes as the parser expects. */
class FakeSocket extends Duplex {
  override _read() {}
  override _write(_chunk: Buffer, _encoding: string, done: () => void) {
    setImmediate(() => this.push(Buffer.from(ANSWER)));
    done();
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
}

const HEADERS = [
  ["Api-Version", "1.44"],
  ["Content-Type", "application/json"],
] as const;
const BODY = '{"Id":"1","StatusCode":0}';
const ANSWER = [HEADERS.flat().join(""), BODY].join("");

type Callbacks = Record<string, (...facts: unknown[]) => number>;

/** The snapshot's builder has no WebAssembly. This stands in for undici's parser: it finds the same answer in anything. */
class FakeWebAssembly {
  Module = class {};
  Instance = class {
    exports: unknown;
    constructor(_module: unknown, { env }: { env: Callbacks }) {
      const call = (name: string, ...facts: unknown[]) => env[`wasm_on_${name}`]?.(1, ...facts);
      this.exports = {
        memory: { buffer: new ArrayBuffer(65536) },
        malloc: () => 8,
        free: () => {},
        llhttp_alloc: () => 1,
        llhttp_free: () => {},
        llhttp_execute: () => {
          let at = 8;
          const next = (name: string, text: string) => {
            call(name, at, text.length);
            at += text.length;
          };
          call("message_begin");
          for (const [name, value] of HEADERS) {
            next("header_field", name);
            next("header_value", value);
          }
          call("headers_complete", 200, 0, 1);
          next("body", BODY);
          call("message_complete");
          return 0;
        },
      };
    }
  };
}
