import type { Key, Keys } from "../schema.ts";
import { appKeys } from "./manifest-keys.ts";
import { topKeys } from "./manifest-schema.ts";

const HEAD = `# oneoff.yaml: the apps that oneoff runs. The nearest one counts, from the working folder upwards.
#
# Values may hold variables of your environment, as in Compose: $NAME, \${NAME}, \${NAME:-default}, \${NAME:?message},
# \${NAME:+value}; "$$" is a plain "$". Commands, entrypoint and shell are left alone: their "$" is the container's.
# Paths are relative to this file; "~" is your home.
`;

const FOOT = `# With one app only, its name and its keys may stand at the top, without "apps":
#
#   app: shop
#   image: registry.example/shop
`;

/** A whole `oneoff.yaml` with every key, each explained; what excludes another, or needs a file, is commented out. */
export function manifestExample(): string {
  const app = Object.entries<Key<unknown>>(appKeys).map(([name, key]) => `${indented(explained(name, key), 4)}\n`);
  return `${HEAD}\napps:\n  # ${topKeys.apps.about}\n  shop:\n${app.join("\n")}\n${FOOT}`;
}

function explained(name: string, { about, examples, shape, off }: Key<unknown>): string {
  const [first, ...others] = examples.map((example) => written(name, example));
  const shown = first ?? `${name}:\n${indented(inside(shape.keys ?? {}), 2)}`;
  return [`# ${about}`, off ? commented(shown) : shown, ...others.map(commented)].join("\n");
}

const inside = (keys: Keys) =>
  Object.entries(keys)
    .map(([name, key]) => explained(name, key))
    .join("\n");

/** The key with a value behind it, or below it where it has lines of its own. */
export const written = (name: string, example: string) =>
  example.startsWith("\n") ? `${name}:\n${indented(example.slice(1), 2)}` : `${name}: ${example}`;

const indented = (text: string, by: number) => text.replaceAll(/^(?=.)/gm, " ".repeat(by));
const commented = (text: string) => text.replaceAll(/^/gm, "# ");
