import type { LogConfig } from "../../engine/types.ts";
import { type LogEntry, utcOf } from "../../streams/log-entries.ts";

interface Driver {
  /** What a message takes in a file besides its text, in bytes. */
  readonly overhead: number;
  /** What it takes where no size or number of files is chosen; a log without a size has no limit. */
  readonly size?: string;
  readonly files: number;
}

/** Those that keep files which rotate. */
const DRIVERS: Readonly<Record<string, Driver>> = {
  local: { overhead: 27, size: "20m", files: 5 },
  "json-file": { overhead: 69, files: 1 },
};

/** How much of the files must have been read, as the size of a message is not known exactly. */
const FULL = 0.97;

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1_000, m: 1_000_000, g: 1_000_000_000 };

/** The engine's units are decimal here. @returns undefined for what is no size. */
function parseSize(text = ""): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmg]?)b?$/i.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
}

/** How large a log is that is read from its beginning: no engine tells that it has removed the oldest of its files. */
export class LogExtent {
  readonly #overhead: number;
  /** What all files but the newest hold, in bytes; undefined where the log does not rotate or begins again when it is full. */
  readonly #fullBytes: number | undefined;
  readonly #tail: number;
  #count = 0;
  #bytes = 0;
  #first: LogEntry | undefined;

  /** @param tail how many messages are asked for at most; what is older is not missed then. */
  constructor({ Type, Config }: LogConfig = { Type: "" }, tail = Number.POSITIVE_INFINITY) {
    const driver = DRIVERS[Type];
    const size = parseSize(Config?.["max-size"] ?? driver?.size);
    const files = Number(Config?.["max-file"] ?? driver?.files);
    this.#overhead = driver?.overhead ?? 0;
    this.#fullBytes = driver && size && files > 1 ? (files - 1) * size * FULL : undefined;
    this.#tail = tail;
  }

  add(entry: LogEntry): void {
    this.#first ??= entry;
    this.#count += 1;
    this.#bytes += entry.bytes.length + this.#overhead;
  }

  /** @returns when the log begins, in RFC 3339, where older output may have been removed. */
  get fullSince(): string | undefined {
    if (!this.#first || this.#fullBytes === undefined || this.#count >= this.#tail) return undefined;
    return this.#bytes >= this.#fullBytes ? utcOf(this.#first) : undefined;
  }
}
