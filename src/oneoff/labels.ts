import { badLabel, reservedLabel } from "../errors.ts";

/** Every label that oneoff writes. */
export const LABEL = {
  app: "dev.oneoff.app",
  /** `run.7364` */
  name: "dev.oneoff.name",
  /** What the container is for. */
  kind: "dev.oneoff.kind",
  /** The Procfile's process type, when the command came from there. */
  processType: "dev.oneoff.process-type",
} as const;

const RESERVED = ["dev.oneoff.", "com.dokku", "org.label-schema"];

/** @param text `KEY=VALUE`, or `KEY` for an empty value. */
export function parseLabel(text: string): [key: string, value: string] {
  const [key = "", ...value] = text.split("=");
  if (key === "" || /\s/.test(key)) throw badLabel(text);
  const reserved = RESERVED.find((prefix) => key.startsWith(prefix));
  if (reserved) throw reservedLabel(key, reserved);
  return [key, value.join("=")];
}
