import { composeProblem } from "../../errors/compose.ts";
import { itemKey, type Path } from "./path-rules.ts";
import { text, word } from "./scalar-shapes.ts";
import { kinds, listOf, mapOfAny, or, type Shape, writing } from "./shape.ts";
import { isMap, printed, type Value } from "./value.ts";

const anyScalar = kinds(() => undefined, { text: true, number: true, truth: true, nothing: true });
const scalars = mapOfAny(anyScalar, /./).check;
const uniqueWords = listOf(word, { unique: true }).check;

/** A map, or a list of `key=value`. @param unset the value of a key without one. */
const pairs = (unset: string | null): Shape =>
  kinds(
    (value, path, wrong) => {
      const entries = isMap(value)
        ? Object.entries(value).map(([key, item]) => [key, item === null ? unset : printed(item)] as const)
        : list(value).map((item, index) => {
            const [, key = "", rest] = /^([^=]*)(?:=(.*))?$/s.exec(item as string) ?? [];
            if (unset === null && /\s$/.test(key)) wrong([...path, itemKey(index)], composeProblem.spacedName());
            return [key, rest ?? unset] as const;
          });
      return entries.length === 0 ? undefined : Object.fromEntries(entries);
    },
    { map: scalars, list: uniqueWords },
  );

const list = (value: Value | undefined): readonly Value[] => (Array.isArray(value) ? value : []);

/** A name without a value is null. */
export const variables = pairs(null);

/** A name without a value is empty. */
export const labels = pairs("");

/** A map whose values are written as texts. */
export const options = (checks: Parameters<typeof kinds>[1]): Shape =>
  mapOfAny(kinds((value) => (value === null || value === undefined ? "" : printed(value)), checks));

export const driverOptions = options({ text: true, number: true });

/** As `options`, of which Compose only accepts texts and integers. */
export const plainOptions = mapOfAny(
  kinds(
    (value, path, wrong) =>
      typeof value === "string" || typeof value === "bigint" ? String(value) : wrong(path, composeProblem.texts()),
    { text: true, number: true, truth: true, nothing: true, list: true, map: true },
  ),
);

/** A map of values or lists of them, which are written as lists. */
export const repeatedOptions = mapOfAny(
  kinds((value) => [value ?? null].flat().map((one) => printed(one)), {
    text: true,
    number: true,
    truth: true,
    list: true,
  }),
);

/** A text, or a list of distinct texts. */
export const words = listOf(word);
export const distinctWords = listOf(word, { unique: true });
export const wordOrWords = writing(or(distinctWords, { text: true }), (value, path, wrong) =>
  words.write(typeof value === "string" ? [value] : value, path, wrong),
);

/** `host=address` or `host:address`, or a map of them. */
export const hosts = kinds(
  (value, path, wrong) => {
    const entries = isMap(value)
      ? Object.entries(value).flatMap(([host, item]) =>
          [item].flat().map((ip) => [host, ip === null ? "" : printed(ip as Value)] as const),
        )
      : list(value).flatMap((item, index) => hostOf(item as string, [...path, itemKey(index)], wrong));
    const lines = entries.map(([host, ip]) => {
      if (/[:=]|^$/.test(host)) wrong(path, composeProblem.host());
      return `${host}=${ip.replace(/^\[(.+)\]$/, "$1")}`;
    });
    return lines.length === 0 ? undefined : lines.sort();
  },
  {
    map: mapOfAny(
      kinds(() => undefined, { text: true, list: listOf(text).check }),
      /./,
    ).check,
    list: uniqueWords,
  },
);

function hostOf(line: string, path: Path, wrong: (path: Path, problem: string) => never) {
  const [, host = "", addresses = ""] =
    /^([^=]*)=(.*)$/s.exec(line) ?? /^([^:]*):(.*)$/s.exec(line) ?? wrong(path, composeProblem.host());
  return addresses.split(",").map((ip) => [host, ip] as const);
}
