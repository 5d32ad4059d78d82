import { badLabel, reservedLabel } from "../../errors/oneoff.ts";

const RESERVED = ["dev.oneoff.", "com.dokku", "org.label-schema"];

/** @param text `KEY=VALUE`, or `KEY` for an empty value. */
export function parseLabel(text: string): [key: string, value: string] {
  const [key = "", ...value] = text.split("=");
  if (key === "" || /\s/.test(key)) throw badLabel(text);
  const reserved = RESERVED.find((prefix) => key.startsWith(prefix));
  if (reserved) throw reservedLabel(key, reserved);
  return [key, value.join("=")];
}
