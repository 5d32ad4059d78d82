import type { Writable } from "node:stream";
import { escapedJson } from "../text/escape.ts";
import { EVENT_DOCS } from "./event-docs.ts";
import type { FieldDocs, JsonType } from "./event-docs-types.ts";
import type { Event, Report } from "./events.ts";
import { sanitizeLine } from "./sanitize.ts";

const PROGRESS_INTERVAL_MS = 1000;

interface Clocks {
  /** In milliseconds since 1970. */
  now(): number;
  /** In milliseconds; not affected by changes of the system clock. */
  monotonic(): number;
}

/** Writes one JSON object per event and line. */
export function jsonReport(output: () => Writable, { now, monotonic }: Clocks): Report {
  const lastWritten = new Map<string, number>();
  const isTooSoon = (event: Event): boolean => {
    if (event.type !== "progress") return false;
    const key = `${event.operation} ${event.item}`;
    const elapsed = monotonic() - (lastWritten.get(key) ?? Number.NEGATIVE_INFINITY);
    if (!event.finished && elapsed < PROGRESS_INTERVAL_MS) return true;
    if (event.finished) lastWritten.delete(key);
    else lastWritten.set(key, monotonic());
    return false;
  };
  return (event) => {
    if (!isJsonType(event.type) || isTooSoon(event)) return;
    const { fields }: { readonly fields: FieldDocs } = EVENT_DOCS[event.type];
    const time = new Date(now()).toISOString();
    output().write(`${escapedJson({ type: event.type, time, ...documented(event, fields) })}\n`);
  };
}

const isJsonType = (type: Event["type"]): type is JsonType => Object.hasOwn(EVENT_DOCS, type);

/** The documented fields in their order; a missing field is null. */
function documented(object: object, fields: FieldDocs): Record<string, unknown> {
  const values = object as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(fields).map(([name, [, , elements]]) => [name, toJson(values[name], elements)]),
  );
}

function toJson(value: unknown, elements: FieldDocs | undefined): unknown {
  if (typeof value === "string")
    return value
      .split("\n")
      .map((line) => sanitizeLine(line))
      .join("\n");
  // Seconds are exact to the millisecond.
  if (typeof value === "number") return Math.round(value * 1000) / 1000;
  if (Array.isArray(value))
    return value.map((element) => (elements ? documented(element, elements) : toJson(element, undefined)));
  return value ?? null;
}
