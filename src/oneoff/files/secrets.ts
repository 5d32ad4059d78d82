import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Secret } from "../../app/transfer.ts";
import { secretTooLarge, secretUnset, unreadable } from "../../errors.ts";
import type { SecretValue } from "./upload-plan.ts";

/** In bytes. */
const LARGEST = 1024 * 1024;

/** The values of secrets, byte for byte. @throws OneoffError for one that is not there, or is no secret but a file. */
export function readSecrets(
  secrets: readonly Secret[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SecretValue[]> {
  return Promise.all(
    secrets.map(async ({ name, file }) => {
      if (file !== undefined) return { name, value: await readValue(name, file, cwd) };
      const value = env[name];
      if (value === undefined) throw secretUnset(name);
      return { name, value: Buffer.from(value) };
    }),
  );
}

async function readValue(name: string, file: string, cwd: string): Promise<Buffer> {
  const path = resolve(cwd, file);
  try {
    // A pipe has no size, and is read to its end.
    if ((await stat(path)).size <= LARGEST) return await readFile(path);
  } catch (error) {
    throw unreadable(`--secret ${name}:`, file, error);
  }
  throw secretTooLarge(name, LARGEST);
}
