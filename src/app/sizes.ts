import { unknownSize } from "../errors/manifest.ts";
import { didYouMean } from "./did-you-mean.ts";

/** Resource limits of a process. */
export interface Size {
  /** In bytes. */
  readonly memory: number;
  /** In billionths of a CPU. */
  readonly nanoCpus?: number;
}

export type Sizes = ReadonlyMap<string, Size>;

const MiB = 2 ** 20;

/** Sizes of every app; sizes of oneoff.yaml take precedence. */
export const DEFAULT_SIZES: Sizes = new Map([
  ["S", { memory: 256 * MiB }],
  ["M", { memory: 512 * MiB }],
  ["L", { memory: 1024 * MiB }],
  ["XL", { memory: 2048 * MiB }],
]);

/** The names that `resolveSize` accepts. */
export const sizeNames = (sizes?: Iterable<string>): string[] => [
  ...new Set([...DEFAULT_SIZES.keys(), ...(sizes ?? [])]),
];

/**
 * @param sizes sizes of the app, which take precedence over the defaults.
 * @throws `unknown-size` with the most similar name.
 */
export function resolveSize(name: string, sizes?: Sizes): Size {
  const size = sizes?.get(name) ?? DEFAULT_SIZES.get(name);
  if (size) return size;
  const known = sizeNames(sizes?.keys());
  throw unknownSize(name, didYouMean(name, known), known);
}
