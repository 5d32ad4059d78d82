import { resolve } from "node:path";
import type { Secret } from "../../app/transfer.ts";
import { secretTooLarge, secretUnset, unreadable } from "../../errors/files.ts";
import { readWhole } from "../../streams/read-whole.ts";
import type { SecretValue } from "./upload-plan.ts";

const MAX_SECRET_BYTES = 1024 * 1024;

/** Reads the values of secrets, byte for byte. @throws OneoffError for a missing or too large value */
export function readSecrets(
  secrets: readonly Secret[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): SecretValue[] {
  return secrets.map(({ name, file }) => {
    if (file !== undefined) return { name, value: readValue(name, file, cwd) };
    const value = env[name];
    if (value === undefined) throw secretUnset(name);
    return { name, value: Buffer.from(value) };
  });
}

function readValue(name: string, file: string, cwd: string): Buffer {
  try {
    return readWhole(resolve(cwd, file), { maxBytes: MAX_SECRET_BYTES, allowPipe: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EFBIG") throw secretTooLarge(name, MAX_SECRET_BYTES);
    throw unreadable(`--secret ${name}:`, file, error);
  }
}
