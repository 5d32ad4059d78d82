import type { LogConfig } from "../../engine/types.ts";
import { type LogEntry, utcOf } from "../../streams/log-entries.ts";

interface Driver {
  /** Bytes that a message needs in a file besides its text. */
  readonly overhead: number;
  /** The default limit; undefined for none. */
  readonly size?: string;
  readonly files: number;
}

/** Drivers that rotate files. */
const DRIVERS: Readonly<Record<string, Driver>> = {
  local: { overhead: 27, size: "20m", files: 5 },
  "json-file": { overhead: 69, files: 1 },
};

/** The size of a message in the file is not known exactly. */
const FULL_RATIO = 0.97;

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1_000, m: 1_000_000, g: 1_000_000_000 };

/** The engine's units are decimal here. @returns undefined for an invalid size. */
function parseSize(text = ""): number | undefined {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmg]?)b?$/i.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
}

/** Measures a log that is read from its beginning: no engine reports that it has removed the oldest file. */
export class LogSize {
  readonly #overhead: number;
  /** The size of all files but the newest; undefined if the log does not rotate, or restarts when it is full. */
  readonly #fullBytes: number | undefined;
  readonly #tail: number;
  #count = 0;
  #bytes = 0;
  #first: LogEntry | undefined;

  /** @param tail the number of requested messages; older ones are not missed. */
  constructor({ Type, Config }: LogConfig = { Type: "" }, tail = Number.POSITIVE_INFINITY) {
    const driver = DRIVERS[Type];
    const size = parseSize(Config?.["max-size"] ?? driver?.size);
    const files = Number(Config?.["max-file"] ?? driver?.files);
    this.#overhead = driver?.overhead ?? 0;
    this.#fullBytes = driver && size && files > 1 ? (files - 1) * size * FULL_RATIO : undefined;
    this.#tail = tail;
  }

  add(entry: LogEntry): void {
    this.#first ??= entry;
    this.#count += 1;
    this.#bytes += entry.bytes.length + this.#overhead;
  }

  /** @returns the time of the oldest message (RFC 3339) if older output may have been removed. */
  get fullSince(): string | undefined {
    if (!this.#first || this.#fullBytes === undefined || this.#count >= this.#tail) return undefined;
    return this.#bytes >= this.#fullBytes ? utcOf(this.#first) : undefined;
  }
}
