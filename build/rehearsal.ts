import { Writable } from "node:stream";
import promises from "node:timers/promises";
import { COMMAND_NAMES } from "../src/cli/commands.ts";
import { type Context, systemContext } from "../src/cli/context.ts";
import { cli } from "../src/cli/program.ts";
import { reporter } from "../src/cli/reporting.ts";
import { dockerSettings } from "../src/engine/client-settings.ts";
import { resolveEndpoint } from "../src/engine/endpoint/endpoint-chain.ts";
import { openTransport } from "../src/engine/transport.ts";
import { fileJournal } from "../src/host/journal-file.ts";
import { versionMemory } from "../src/host/version-memory.ts";
import type { Terminal } from "../src/terminal/terminal.ts";
import { withDisposableStacks } from "./disposable-stack.ts";
import { fakeEngine } from "./fake-engine.ts";

/**
 * Goes once through what every run and exec goes through while the snapshot is taken, so that what V8 has compiled is in it:
 * some 20 ms that need not be spent each time. It must leave nothing open behind.
 */
export async function rehearse(): Promise<void> {
  using _stacks = withDisposableStacks();
  const context = rehearsedContext();
  await cli(["version"], context);
  for (const line of ["run --image image app command", "exec there command"]) {
    const code = await cli(line.split(" "), context);
    if (code !== 0) throw new Error(`${line}: the rehearsal exited with ${code}`);
  }
}

/**
 * Node's timers remember the time of the next timer. A snapshot would contain a time of the build: the restored program
 * would wait for it forever, and so would all of its later timers. Until it is restored there are none, as a connection of
 * the rehearsal may be given one when the rehearsal has ended.
 * @returns gives the program its timers.
 */
export function withholdTimers(): () => void {
  const { setTimeout } = globalThis;
  const { setTimeout: pause } = promises;
  globalThis.setTimeout = (() => ({ unref() {} })) as never;
  promises.setTimeout = () => new Promise(() => {});
  return () => {
    globalThis.setTimeout = setTimeout;
    promises.setTimeout = pause;
  };
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

const unavailable = () => {
  throw new Error("not in a rehearsal");
};

const listenNever = () => ({ [Symbol.dispose]() {} });

const terminal: Terminal = {
  get stdin(): never {
    return unavailable();
  },
  stdout: nowhere(),
  stderr: nowhere(),
  flush: async () => undefined,
  input: "empty",
  outputIsTerminal: false,
  size: () => undefined,
  errorIsTerminal: false,
  errorSize: () => undefined,
  openPipe: unavailable,
  raw: unavailable,
  onResize: listenNever,
  onSignal: listenNever,
  suspend: unavailable,
};

/** The program's own context, as far as a snapshot can contain it. */
const rehearsedContext = (): Context => {
  const files = { exists: () => false, readFile: unavailable };
  const system = systemContext(COMMAND_NAMES);
  const standIns: Partial<Context> = {
    ...files,
    terminal,
    report: (options) => reporter(context)(options),
    openEngine: () =>
      openTransport(() => resolveEndpoint({ host: "unix:///docker.sock" }, { env: {}, ...files }), {
        connect: fakeEngine(),
        readSettings: () => dockerSettings({ env: {}, ...files }),
        versions: versionMemory(system.cache),
        // The clock of undici would wait for a tick that never occurs in the restored program.
        timeoutsMs: { body: 0 },
      }),
    // Nothing can be written there.
    openJournal: (engine) => fileJournal({ XDG_STATE_HOME: "/dev/null" }, () => 0, engine),
  };
  const context: Context = Object.create(system, Object.getOwnPropertyDescriptors(standIns));
  return context;
};
