import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import type { Credential } from "../engine/registry.ts";
import { helperFailed, helperMissing } from "../errors/host.ts";

/** Time limit of a helper in milliseconds; it may prompt the user. */
const CREDENTIALS_TIMEOUT_MS = 60_000;

/** The answer of a helper without credentials, with a non-zero exit code. */
const NOTHING = /credentials not found/i;

/** The user name that marks a token. */
const TOKEN = "<token>";

/**
 * Runs a credential helper of docker, which reads the registry from stdin and prints JSON.
 * @param helper `pass`, for `docker-credential-pass`. @returns undefined if it has no credentials.
 */
export async function askProgram(helper: string, server: string): Promise<Credential | undefined> {
  const program = `docker-credential-${helper}`;
  const child = spawn(program, ["get"], { stdio: ["pipe", "pipe", "ignore"], timeout: CREDENTIALS_TIMEOUT_MS });
  const ended = new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
  // A helper need not read its stdin.
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
    throw helperFailed(program, server, "its output is not JSON");
  }
}

/** Errors do not contain stdout of a helper, which may be a secret with any exit code. */
const endedBy = (code: number | null): string => (code === null ? "timeout, or killed" : `exit code ${code}`);
