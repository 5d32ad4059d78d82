import { composeProblem } from "../../errors/compose.ts";
import { mergeMaps, type Wrong } from "./merge.ts";
import type { Path } from "./path-rules.ts";
import { withoutResets } from "./resets.ts";
import { isMap, mapAt, mapOf, textAt, type Value, type ValueMap } from "./value.ts";

/** The services of a file, and how to report a mistake in it. */
export interface ServiceSource {
  readonly file: string;
  readonly services: ValueMap;
  readonly resets: readonly Path[];
  readonly wrong: Wrong;
  /** Services without "extends", by name. */
  readonly extended: Map<string, Value>;
}

interface Chain {
  readonly file: string;
  readonly service: string;
}

/** Resolves `extends` of all services. @param open reads another file. */
export const withExtends = (source: ServiceSource, open: (file: string) => ServiceSource): ValueMap =>
  mapOf(Object.keys(source.services).map((name) => [name, extended(name, source, open, [])] as const));

function extended(
  name: string,
  source: ServiceSource,
  open: (file: string) => ServiceSource,
  chain: readonly Chain[],
): Value {
  const known = source.extended.get(name);
  if (known !== undefined) return known;
  const service = source.services[name] ?? null;
  const reference = isMap(service) ? service.extends : undefined;
  if (!isMap(service) || reference === undefined) return service;
  const path = ["services", name, "extends"];
  const base = isMap(reference) ? textAt(reference, "service") : reference;
  const file = isMap(reference) ? (reference.file ?? undefined) : undefined;
  if (typeof base !== "string") return source.wrong(path, composeProblem.missing(["service"]));
  if (file !== undefined && typeof file !== "string") return source.wrong(path, composeProblem.expected("a string"));
  const from = file === undefined ? source : open(file);
  if (!(base in from.services)) source.wrong(path, composeProblem.noService(base, from.file));
  const link = { file: from.file, service: name };
  if (chain.some((one) => one.file === link.file && one.service === name))
    source.wrong(path, composeProblem.cycle([...chain, link].map((one) => one.service)));
  const value = extended(base, from, open, [...chain, link]);
  const { extends: _, ...own } = service;
  if (!isMap(value)) return value === null ? service : source.wrong(path, composeProblem.noService(base, from.file));
  const kept = withoutResets(mapOf([["services", mapOf([[name, value]])]]), source.resets);
  const start = mapAt(mapAt(kept, "services"), name) ?? mapOf([]);
  const merged = mergeMaps(start, mapOf(Object.entries(own)), ["services", name], source.wrong);
  source.extended.set(name, merged);
  return merged;
}
