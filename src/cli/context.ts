import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, statSync, writeFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { dockerSettings } from "../engine/client-settings.ts";
import { engineClock, uptime } from "../engine/clock.ts";
import { type EndpointOptions, resolveEndpoint } from "../engine/endpoint/endpoint-chain.ts";
import type { Credentials } from "../engine/registry.ts";
import type { EngineTimeouts } from "../engine/timeouts.ts";
import { openTransport, type Transport } from "../engine/transport.ts";
import { fileCache } from "../host/cache.ts";
import { askProgram } from "../host/credential-program.ts";
import { dockerCredentials } from "../host/docker-credentials.ts";
import { envFiles } from "../host/env-files.ts";
import { exactFolder } from "../host/exact-args.ts";
import { fileTrust } from "../host/file-trust.ts";
import { fileJournal } from "../host/journal-file.ts";
import { processOwner } from "../host/process-owner.ts";
import { type PropertiesFile, propertiesFile } from "../host/properties-file.ts";
import { programRunner } from "../host/schedulers/run-program.ts";
import { hostSchedulers, type Schedulers } from "../host/schedulers/schedulers.ts";
import { userName } from "../host/user-name.ts";
import { versionMemory } from "../host/version-memory.ts";
import type { EnvStore } from "../oneoff/apps/env-store.ts";
import type { Cache } from "../oneoff/apps/image-procfile.ts";
import type { FileTrust } from "../oneoff/apps/manifest-trust.ts";
import type { Journal } from "../oneoff/journal/journal.ts";
import type { Owner } from "../oneoff/reaping/owner.ts";
import type { Report } from "../output/events.ts";
import { fsPath } from "../streams/path-bytes.ts";
import { type ReadLimits, readWhole } from "../streams/read-whole.ts";
import { page } from "../terminal/page.ts";
import { systemTerminal, type Terminal } from "../terminal/terminal.ts";
import { type ReportOptions, reporter } from "./reporting.ts";

/** The environment of a command. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The working directory as the shell names it, with symlinks: Compose names a project after it. */
  readonly shellCwd: string;
  readonly terminal: Terminal;
  report(options: ReportOptions): Report;
  openEngine(options: EndpointOptions, timeoutsMs?: Partial<EngineTimeouts>): Transport;
  /** Shows a text in a pager. @returns false if the pager failed. */
  page(pager: string, text: string): Promise<boolean>;
  /** @throws NodeJS.ErrnoException */
  readFile(path: string, limits?: ReadLimits): Uint8Array;
  /** The users that can write a file. */
  fileTrust(path: string): FileTrust | undefined;
  exists(path: string): boolean;
  /** Creates a file atomically. @throws NodeJS.ErrnoException, EEXIST if it exists. */
  createFile(path: string, text: string): void;
  /** @throws NodeJS.ErrnoException */
  appendFile(path: string, text: string): void;
  random(): number;
  /** Cannot be guessed. */
  token(): string;
  /** In milliseconds since 1970. */
  now(): number;
  /** Milliseconds of a monotonic clock, for durations. */
  monotonic(): number;
  readonly owner: Owner;
  readonly cache: Cache;
  /** The journal of an engine. */
  openJournal(engine: Transport): Journal;
  readonly properties: PropertiesFile;
  readonly envStore: EnvStore;
  /** The names of all commands. */
  readonly commands: ReadonlySet<string>;
  readonly credentials: Credentials;
  readonly schedulers: Schedulers;
  /** The command line that starts oneoff. */
  readonly program: readonly string[];
}

/** The working directory may have been removed; it is then empty and not needed. */
function workingFolder(env: Context["env"]): string {
  try {
    return exactFolder(process.cwd());
  } catch {
    return env.PWD ?? "/";
  }
}

/** PWD, if it is the working directory. */
function shellFolder(cwd: string, { PWD = "" }: Context["env"]): string {
  const [shell, own] = [PWD, "."].map((path) => statSync(fsPath(path), { throwIfNoEntry: false }));
  return isAbsolute(PWD) && shell?.ino === own?.ino && shell?.dev === own?.dev ? PWD : cwd;
}

const files = { exists: (path: string) => existsSync(fsPath(path)), readFile: readWhole };

/** @param commands the names of all commands. @param script the path of the sources if Node runs them. */
export function systemContext(commands: ReadonlySet<string>, script?: string): Context {
  const terminal = systemTerminal();
  const { env } = process;
  const cwd = workingFolder(env);
  const owner = processOwner();
  const now = Date.now;
  const monotonic = () => uptime() * 1000;
  const cache = fileCache(env, Math.random);
  const token = () => randomBytes(16).toString("hex");
  const appendFile: Context["appendFile"] = (path, text) => appendFileSync(path, text);
  return {
    env,
    cwd,
    get shellCwd() {
      return shellFolder(cwd, env);
    },
    terminal,
    report: reporter({ terminal, env, now, monotonic, token, appendFile }),
    openEngine: (options, timeoutsMs) =>
      openTransport(() => resolveEndpoint(options, { env, ...files }), {
        timeoutsMs,
        readSettings: () => dockerSettings({ env, ...files }),
        clock: engineClock(() => now() / 1000),
        versions: versionMemory(cache),
      }),
    ...files,
    // Output is always UTF-8.
    page: (pager, text) => page(pager, text, { LESSCHARSET: "utf-8", ...env }),
    fileTrust: (path) => fileTrust(path, env),
    createFile: (path, text) => writeFileSync(fsPath(path), text, { flag: "wx" }),
    appendFile,
    random: Math.random,
    token,
    now,
    monotonic,
    owner,
    cache,
    openJournal: (engine) => fileJournal(env, () => engine.clock.now() * 1000, engine),
    properties: propertiesFile(env, owner),
    envStore: envFiles(env),
    commands,
    credentials: dockerCredentials({ env, ...files }, askProgram),
    schedulers: hostSchedulers({
      env,
      exists: existsSync,
      user: userName,
      isRoot: process.getuid?.() === 0,
      unitFolder: "/etc/systemd/system",
      run: programRunner(env),
      owner,
    }),
    program: script === undefined ? [process.execPath] : [process.execPath, script],
  };
}
