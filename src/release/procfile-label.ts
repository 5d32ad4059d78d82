import { isProcessType, type Procfile } from "../app/procfile.ts";
import { LABEL } from "../identity/labels.ts";

/** The format of the label: a list of pairs, because an object does not keep the order of numeric names. */
export const releaseProcfileText = (procfile: Procfile): string => JSON.stringify([...procfile]);

/** The Procfile of a release. Empty for an image that was only tagged like a release. */
export function releaseProcfile(labels: Readonly<Record<string, string>> | null | undefined): Procfile {
  try {
    const pairs: unknown = JSON.parse(labels?.[LABEL.releaseProcfile] ?? "[]");
    return new Map(Array.isArray(pairs) ? pairs.filter(isEntry) : []);
  } catch {
    // The label was not written by oneoff.
    return new Map();
  }
}

const isEntry = (pair: unknown): pair is [string, string] =>
  Array.isArray(pair) && typeof pair[0] === "string" && isProcessType(pair[0]) && typeof pair[1] === "string";
