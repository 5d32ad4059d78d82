import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Env } from "../../src/app/env.ts";
import { COMMAND_NAMES } from "../../src/cli/commands.ts";
import type { Context } from "../../src/cli/context.ts";
import { reporter } from "../../src/cli/reporting.ts";
import { dockerSettings } from "../../src/engine/client-settings.ts";
import { engineClock } from "../../src/engine/clock.ts";
import { resolveEndpoint } from "../../src/engine/endpoint/endpoint-chain.ts";
import { openTransport } from "../../src/engine/transport.ts";
import { propertiesFile } from "../../src/host/properties-file.ts";
import { hostSchedulers } from "../../src/host/schedulers/schedulers.ts";
import { type ReadLimits, readWhole } from "../../src/streams/read-whole.ts";
import type { FakeEngine } from "./fake-engine.ts";
import { type FakeJournal, fakeJournal } from "./fake-journal.ts";
import { fakeSchedulerPrograms } from "./fake-scheduler-programs.ts";
import { type FakeTerminal, fakeTerminal } from "./fake-terminal.ts";
import { QUICK_TIMEOUTS_MS } from "./quick-timeouts.ts";

export interface FakeWorld {
  readonly cwd?: string;
  /** Files above this folder do not exist for the test. */
  readonly root?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly terminal?: FakeTerminal;
  /** Defaults to the engine of `--host` or DOCKER_HOST. */
  readonly engine?: FakeEngine | undefined;
  readonly journal?: FakeJournal;
}

export const NOW = Date.UTC(2013, 2, 13, 15, 38, 9);

export function fakeContext(world: FakeWorld = {}): Context & { readonly terminal: FakeTerminal } {
  const stored = new Map<string, Env>();
  const { cwd = "/cwd", root = cwd, env = {}, terminal = fakeTerminal(), engine, journal = fakeJournal() } = world;
  const owner: Context["owner"] = {
    self: "here:1",
    isAlive: (owner) => (owner.startsWith("here:") ? owner === "here:1" : undefined),
  };
  const exists = (path: string) => path.startsWith(`${root}/`) && existsSync(path);
  const readFile = (path: string, limits?: ReadLimits) => {
    const file = resolve(cwd, path);
    try {
      return readWhole(file, limits);
    } catch (error) {
      // Errors show relative paths, as if the process ran in `cwd`.
      (error as Error).message = (error as Error).message.replace(`'${file}'`, `'${path}'`);
      throw error;
    }
  };
  const appendFile: Context["appendFile"] = (path, text) => appendFileSync(resolve(cwd, path), text);
  const now = () => NOW;
  const monotonic = () => 0;
  const token = () => "token";
  return {
    env,
    cwd,
    shellCwd: cwd,
    terminal,
    report: reporter({ terminal, env, now, monotonic, token, appendFile }),
    openEngine: (options) =>
      openTransport(
        () =>
          engine
            ? { socketPath: engine.socketPath, from: "default" }
            : resolveEndpoint(options, { env, exists, readFile }),
        {
          readSettings: () => dockerSettings({ env, exists, readFile }),
          clock: engineClock(
            () => NOW / 1000,
            () => 0,
          ),
          timeoutsMs: QUICK_TIMEOUTS_MS,
        },
      ),
    cache: { get: () => undefined, set: () => {} },
    openJournal: () => journal,
    commands: COMMAND_NAMES,
    envStore: { read: (app) => stored.get(app) ?? new Map(), write: (app, values) => void stored.set(app, values) },
    page: async (pager, text) => {
      if (pager === "missing") return false;
      terminal.stdout.write(`(${pager} shows ${text.trimEnd().split("\n").length} lines)\n`);
      return true;
    },
    readFile,
    fileTrust: () => undefined,
    exists,
    credentials: async () => undefined,
    createFile: (path, text) => writeFileSync(path, text, { flag: "wx" }),
    appendFile,
    random: () => 0.7364,
    token,
    now,
    monotonic,
    owner,
    // `crontab` is a file of the test, and `systemctl` succeeds.
    schedulers: hostSchedulers({
      env: { HOME: root, ...env },
      exists: (path) => env.FAKE_SYSTEMD !== undefined && path === "/run/systemd/system",
      user: () => "me",
      isRoot: env.FAKE_SYSTEMD === "root",
      unitFolder: join(root, "systemd"),
      run: fakeSchedulerPrograms(join(root, "crontab")),
      owner,
    }),
    program: ["/usr/local/bin/oneoff"],
    properties: propertiesFile({ XDG_CONFIG_HOME: join(root, ".config"), ...env }, owner),
  };
}
