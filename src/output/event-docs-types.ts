import type { Event } from "./events.ts";

/** Events of commands without `--json`. */
type TextOnlyType =
  | "lock-replacing"
  | "lock-skipped"
  | "placed"
  | "running"
  | "attached"
  | "published"
  | "detached"
  | "still-running"
  | "removing"
  | "retrying"
  | "config-written"
  | "uploading"
  | "fetched"
  | "not-copied"
  | "stopped"
  | "already-exited"
  | "nothing-to-reap"
  | "no-output"
  | "output-lost"
  | "log-full"
  | "log-joined"
  | "log-left"
  | "unlocked";

/** Every event that is written as JSON. */
export type JsonType = Exclude<Event["type"], TextOnlyType>;

type TypeName<V> = V extends string ? "string" : V extends number ? "number" : V extends boolean ? "boolean" : "list";

type FieldType<V> = [undefined] extends [V & undefined] ? `${TypeName<NonNullable<V>>} or null` : TypeName<V>;

type ValueOf<O, F extends PropertyKey> = O extends unknown ? (F extends keyof O ? O[F] : undefined) : never;

type KeyOf<O> = O extends unknown ? keyof O : never;

/** The type and description of each field, and the fields of the elements of a list. */
export type FieldDocs = Readonly<Record<string, readonly [type: string, description: string, elements?: FieldDocs]>>;

export type DocsOf<O> = {
  readonly [F in Exclude<KeyOf<O>, "type">]: readonly [
    type: FieldType<ValueOf<O, F>>,
    description: string,
    elements?: FieldDocs,
  ];
};

type OfType<E, T> = E extends { readonly type: infer U } ? (T extends U ? E : never) : never;

/** The compiler checks that every JSON event and each of its fields is documented, with the right type. */
export type EventDocs = {
  readonly [T in JsonType]: { readonly description: string; readonly fields: DocsOf<OfType<Event, T>> };
};
