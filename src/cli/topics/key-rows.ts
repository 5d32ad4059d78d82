import { typeOf } from "../../app/manifest/manifest-example.ts";
import type { Keys } from "../../app/schema/schema.ts";

/** A row for each key, and for the keys of its value. */
export const keyRows = (keys: Keys, prefix = ""): string[] =>
  Object.entries(keys).flatMap(([name, { shape, about, default: unset }]) =>
    shape.keys
      ? keyRows(shape.keys, `${prefix}${name}.`)
      : `${prefix}${name} :: ${typeOf(shape)}: ${about}${unset === undefined ? "" : ` Default: ${unset}.`}`,
  );
