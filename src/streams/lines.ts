import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { badLine } from "../errors/io.ts";

/** In characters: much more than a line of progress has. */
const MAX_LINE = 1024 * 1024;

/**
 * Parses a stream of JSON lines, the engine's format for progress: one object per line.
 * @param check returns the problem of a value. @throws OneoffError for a line that is too long or invalid.
 */
export async function* jsonLines<T>(
  stream: Readable,
  check: (value: object) => string | undefined = () => undefined,
): AsyncGenerator<T> {
  const decoder = new StringDecoder();
  let parts: string[] = [];
  let length = 0;
  const take = (): T[] => {
    const line = parts.join("").trim();
    parts = [];
    length = 0;
    return line === "" ? [] : [parse<T>(line, check)];
  };
  for await (const chunk of stream) {
    for (const [index, part] of decoder
      .write(chunk as Buffer)
      .split("\n")
      .entries()) {
      if (index > 0) yield* take();
      parts.push(part);
      length += part.length;
      if (length > MAX_LINE) throw badLine(`expected lines of at most ${MAX_LINE} characters`);
    }
  }
  yield* take();
}

function parse<T>(line: string, check: (value: object) => string | undefined): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw badLine("expected JSON", line);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badLine("expected an object", line);
  const problem = check(value);
  if (problem !== undefined) throw badLine(problem);
  return value as T;
}
