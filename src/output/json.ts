import type { Writable } from "node:stream";
import { escapedJson } from "../text/escape.ts";
import { EVENT_DOCS, type FieldDocs, type WrittenType } from "./event-docs.ts";
import type { Event, Report } from "./events.ts";
import { printable } from "./printable.ts";

/** In milliseconds. */
const INTERVAL = 1000;

interface Clocks {
  /** In milliseconds since 1970. */
  now(): number;
  /** In milliseconds from any moment on, by a clock that nobody sets. */
  monotonic(): number;
}

/** Events for programs: one a line, as JSON. */
export function jsonReport(output: () => Writable, { now, monotonic }: Clocks): Report {
  const told = new Map<string, number>();
  /** Whether it is too early to say again how far something has come. */
  const isEarly = (event: Event): boolean => {
    if (event.type !== "progress") return false;
    const key = `${event.what} ${event.item}`;
    if (!event.over && monotonic() - (told.get(key) ?? Number.NEGATIVE_INFINITY) < INTERVAL) return true;
    if (event.over) told.delete(key);
    else told.set(key, monotonic());
    return false;
  };
  return (event) => {
    if (!isWritten(event.type) || isEarly(event)) return;
    const { fields }: { readonly fields: FieldDocs } = EVENT_DOCS[event.type];
    const time = new Date(now()).toISOString();
    output().write(`${escapedJson({ type: event.type, time, ...documented(event, fields) })}\n`);
  };
}

const isWritten = (type: Event["type"]): type is WrittenType => Object.hasOwn(EVENT_DOCS, type);

/** The documented fields, in their order; null for what says nothing. */
function documented(facts: object, fields: FieldDocs): Record<string, unknown> {
  const values = facts as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(fields).map(([name, [, , of]]) => [name, plainly(values[name], of)]));
}

function plainly(value: unknown, of: FieldDocs | undefined): unknown {
  if (typeof value === "string")
    return value
      .split("\n")
      .map((line) => printable(line))
      .join("\n");
  // Of seconds, no more than a clock knows.
  if (typeof value === "number") return Math.round(value * 1000) / 1000;
  if (Array.isArray(value)) return value.map((one) => (of ? documented(one, of) : plainly(one, undefined)));
  return value ?? null;
}
