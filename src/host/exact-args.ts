import { readlinkSync } from "node:fs";
import { decodePath } from "../streams/path-bytes.ts";
import { readWhole } from "../streams/read-whole.ts";

const REPLACED = "\ufffd";

/**
 * Our arguments with every byte: Node reads them as UTF-8 and replaces what is not. Linux keeps them in /proc; elsewhere they
 * stay as Node has them, and macOS has no file names that are not UTF-8.
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

/** The working folder with every byte. */
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
