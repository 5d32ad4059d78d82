import { Buffer } from "node:buffer";
import {
  procfileBadLine,
  procfileConflict,
  procfileEmpty,
  procfileLineTooLong,
  procfileNameTooLong,
  procfileNoCommand,
  procfileTwice,
} from "../errors/app.ts";
import { bare, startsWord } from "./shell-words.ts";

/** Process types and their commands, in the order of the file. */
export type Procfile = ReadonlyMap<string, string>;

/** Bytes without the line feed: the limit of dokku's line scanner. */
const maxLine = 64 * 1024;
const maxName = 63;

/** Whether `name` is valid: at most 63 letters, digits, `-` and `_`. */
export const isProcessType = (name: string) => name.length <= maxName && /^[A-Za-z0-9_-]+$/.test(name);

/**
 * Parses a Procfile by dokku's rules. Unlike Heroku, one invalid line invalidates the file: a missing release
 * phase costs more than a rejected deploy.
 * @param source the file's name, for errors.
 * @throws `bad-procfile` at the first invalid line.
 */
export function parseProcfile(text: string, source = "Procfile"): Procfile {
  const entries = new Map<string, string>();
  const lineNumbers = new Map<string, number>();
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  for (const [index, raw] of lines.entries()) {
    const where = `${source}:${index + 1}`;
    const line = raw.trim();
    if (Buffer.byteLength(raw) > maxLine) throw procfileLineTooLong(where, Buffer.byteLength(raw), maxLine);
    if (line === "" || line.startsWith("#") || line.startsWith("//")) continue;
    if (/^([<>=|])\1{6}(\s|$)/.test(line)) throw procfileConflict(where, line);

    const [, name, rest] = /^([A-Za-z0-9_-]+)\s*:\s*([^\0\r]*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) {
      throw procfileBadLine(where, line, lines[index - 1]?.trimEnd().endsWith("\\") ?? false);
    }
    if (name.length > maxName) throw procfileNameTooLong(where, name, maxName);
    const first = lineNumbers.get(name);
    if (first !== undefined) throw procfileTwice(where, name, first);
    lineNumbers.set(name, index + 1);

    const command = withoutComment(rest);
    if (command === "") throw procfileNoCommand(where, name, rest !== "");
    entries.set(name, command);
  }
  if (entries.size === 0) throw procfileEmpty(source);
  return entries;
}

/**
 * Removes a trailing comment as a shell does: from the first unquoted marker after white space. dokku uses the
 * last marker and ignores quotes. `//` needs white space or the end after it, because ` //srv/data` is a path.
 * A command that begins with `//` is always a comment.
 */
function withoutComment(command: string): string {
  if (command.startsWith("//")) return "";
  const { at } = bare(command);
  const start = at.find((i, n) => /^(?:#|\/\/(?:\s|$))/.test(command.slice(i, i + 3)) && startsWord(command, at, n));
  return command.slice(0, start).trimEnd();
}
