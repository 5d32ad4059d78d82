import { EVENT_DOCS } from "../../src/output/event-docs.ts";
import type { FieldDocs } from "../../src/output/event-docs-types.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test looks at a field or two of an event
export type EventLine = Record<string, any>;

/** What a program reads of `--json`. */
export const eventLines = (stdout: string): EventLine[] =>
  stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

/** What about an event differs from what is documented of it. */
export function undocumented({ type, time, ...facts }: EventLine): string[] {
  const fields: FieldDocs | undefined = EVENT_DOCS[type as keyof typeof EVENT_DOCS]?.fields;
  if (!fields) return [`${type} is not documented`];
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time);
  return [...(isTime ? [] : [`${type}.time is no time`]), ...differences(type, facts, fields)];
}

function differences(where: string, facts: EventLine, fields: FieldDocs): string[] {
  const more = Object.keys(facts).filter((name) => !Object.hasOwn(fields, name));
  return [
    ...more.map((name) => `${where}.${name} is not documented`),
    ...Object.entries(fields).flatMap(([name, [kind, , of]]) => {
      const value = facts[name];
      if (value === undefined) return [`${where}.${name} is missing`];
      const found = value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
      if (!kind.split(" or ").includes(found)) return [`${where}.${name} is no ${kind}: ${JSON.stringify(value)}`];
      return of && found === "list"
        ? value.flatMap((one: EventLine) => differences(`${where}.${name}[]`, one, of))
        : [];
    }),
  ];
}
