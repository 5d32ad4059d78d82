import { existsSync, readFileSync } from "node:fs";
import { resolveEndpoint } from "../engine/endpoint.ts";
import { openTransport, type Transport } from "../engine/transport.ts";
import type { Cache } from "../oneoff/image-procfile.ts";
import type { Owner } from "../oneoff/owner.ts";
import type { Report } from "../output/events.ts";
import { humanReport } from "../output/human.ts";
import { systemTerminal, type Terminal } from "../terminal/terminal.ts";
import { fileCache } from "./cache.ts";
import { processOwner } from "./process-owner.ts";

/** Everything a command needs of the world outside. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly terminal: Terminal;
  report(quiet: boolean): Report;
  /** @param host what `--host` says. */
  openEngine(host: string | undefined): Transport;
  /** @throws NodeJS.ErrnoException */
  readFile(path: string): Uint8Array;
  exists(path: string): boolean;
  random(): number;
  /** In milliseconds since 1970. */
  now(): number;
  readonly owner: Owner;
  readonly cache: Cache;
}

/** It may have been removed under us: then there is nothing in it, and nothing that needs it. */
function workingFolder(env: Context["env"]): string {
  try {
    return process.cwd();
  } catch {
    return env.PWD ?? "/";
  }
}

export function systemContext(): Context {
  const terminal = systemTerminal();
  const { env } = process;
  return {
    env,
    cwd: workingFolder(env),
    terminal,
    report: (quiet) => (quiet ? () => {} : humanReport(terminal)),
    openEngine: (host) => openTransport(() => resolveEndpoint(host, env, existsSync)),
    readFile: (path) => readFileSync(path),
    exists: existsSync,
    random: Math.random,
    now: Date.now,
    owner: processOwner(),
    cache: fileCache(env, Math.random),
  };
}
