import { isProcessType, type Procfile } from "../app/procfile.ts";
import { LABEL } from "../identity/labels.ts";

/** As a release's label has it: a list of pairs, since an object would not keep the order of names that are numbers. */
export const releaseProcfileText = (procfile: Procfile): string => JSON.stringify([...procfile]);

/** The Procfile that a release was deployed with. Empty for an image that was only tagged as one. */
export function releaseProcfile(labels: Readonly<Record<string, string>> | null | undefined): Procfile {
  try {
    const pairs: unknown = JSON.parse(labels?.[LABEL.releaseProcfile] ?? "[]");
    return new Map(Array.isArray(pairs) ? pairs.filter(isEntry) : []);
  } catch {
    // Whoever labelled it was not us.
    return new Map();
  }
}

const isEntry = (pair: unknown): pair is [string, string] =>
  Array.isArray(pair) && typeof pair[0] === "string" && isProcessType(pair[0]) && typeof pair[1] === "string";
