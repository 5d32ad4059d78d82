import { readlinkSync } from "node:fs";
import { decodePath } from "../streams/path-bytes.ts";
import { readWhole } from "../streams/read-whole.ts";

const REPLACED = "\ufffd";

/**
 * The arguments as bytes: Node decodes them as UTF-8 and replaces invalid bytes. Linux has them in /proc; other
 * systems use Node's strings, and file names on macOS are always UTF-8.
 */
export function exactArgs(args: readonly string[], readCommandLine = () => readWhole("/proc/self/cmdline")): string[] {
  if (!args.some((arg) => arg.includes(REPLACED))) return [...args];
  try {
    const exact = splitNul(readCommandLine()).slice(-args.length);
    return args.map((arg, index) => (exact[index]?.toString() === arg ? decodePath(exact[index]) : arg));
  } catch {
    return [...args];
  }
}

/** The working directory as bytes. */
export function exactFolder(folder: string): string {
  if (!folder.includes(REPLACED)) return folder;
  try {
    return decodePath(readlinkSync("/proc/self/cwd", "buffer"));
  } catch {
    return folder;
  }
}

function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    parts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return parts;
}
