import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Credential } from "../engine/registry.ts";
import { helperFailed, helperMissing } from "../errors/host.ts";

/** How long one may take: it may have to ask somebody, in milliseconds. */
const CREDENTIALS_TIMEOUT_MS = 60_000;

/** What a helper answers that has nothing, with a code that is not 0. */
const NOTHING = /credentials not found/i;

/** Whom it names for a token. */
const TOKEN = "<token>";

/**
 * Asks a credential helper of docker's: it reads the registry from its stdin, and writes JSON.
 * @param helper `pass`, for `docker-credential-pass`. @returns undefined when it has none.
 */
export async function askProgram(helper: string, server: string): Promise<Credential | undefined> {
  const program = `docker-credential-${helper}`;
  const child = spawn(program, ["get"], { stdio: ["pipe", "pipe", "ignore"], timeout: CREDENTIALS_TIMEOUT_MS });
  const ended = new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
  // One that does not read is free to.
  child.stdin.on("error", () => {});
  child.stdin.end(server);
  const [said, code] = await Promise.all([text(child.stdout), ended]).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? helperMissing(program, server) : helperFailed(program, server, error.message);
  });
  if (code !== 0) {
    if (NOTHING.test(said)) return undefined;
    throw helperFailed(program, server, endedBy(code));
  }
  try {
    const { Username, Secret } = JSON.parse(said) as { Username: string; Secret: string };
    return Username === TOKEN ? { identitytoken: Secret } : { username: Username, password: Secret };
  } catch {
    throw helperFailed(program, server, "it did not answer in JSON");
  }
}

/** Not in its own words: what it writes to its stdout may be a secret, whatever its exit code. */
const endedBy = (code: number | null): string =>
  code === null ? "it took too long, or was killed" : `it ended with code ${code}`;
