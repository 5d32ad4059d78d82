import type { Key, Keys, Shape } from "../schema/schema.ts";
import { appKeys } from "./manifest-keys.ts";
import { topKeys } from "./manifest-schema.ts";

const HEAD = `# oneoff.yaml declares the apps that oneoff runs and deploys. oneoff reads the
# file of --config, or the first oneoff.yaml in the working directory and its
# parents.
#
# Paths are relative to this file; "~" is the home directory. Values may contain
# variables of your environment, as in Docker Compose: $NAME, \${NAME},
# \${NAME:-default}, \${NAME:?message} and \${NAME:+value}; "$$" is a literal
# "$". Commands, entrypoint and shell keep their "$".
# A duration is written as 90s, 10m or 1h30m (24d at most), a size as 512m or
# 2g.
# Every key is optional, but each app needs image, build or from.
`;

const FOOT = `# A file with one app may have the app's name and keys at the top level:
#
#   app: shop
#   image: registry.example/shop
`;

/** A `oneoff.yaml` with every key, its type, default and examples. Keys that exclude others are commented out. */
export function manifestExample(): string {
  const app = Object.entries<Key<unknown>>(appKeys).map(([name, key]) => `${indented(explained(name, key), 4)}\n`);
  return `${HEAD}\n${explained("aliases", topKeys.aliases)}\n\n${explained("hosts", topKeys.hosts)}\n\napps:\n  # ${topKeys.apps.about}\n  shop:\n${app.join("\n")}\n${FOOT}`;
}

function explained(name: string, { about, default: unset, examples, shape, off }: Key<unknown>): string {
  const [first, ...others] = [
    ...examples.map((example) => written(name, example)),
    ...(shape.keys ? [`${name}:\n${indented(inside(shape.keys), 2)}`] : []),
  ];
  const defaults = unset === undefined ? "" : ` Default: ${unset}.`;
  return [
    comment(about),
    comment(`Type: ${typeOf(shape)}.${defaults}`),
    ...(first === undefined ? [] : [off ? commented(first) : first]),
    ...others.map(commented),
  ].join("\n");
}

/** The type of a key, for people: what is expected, without articles and examples. */
export const typeOf = ({ expected }: Pick<Shape<unknown>, "expected">) =>
  expected
    .replaceAll(/ such as .*?(?=$| or a )/g, "")
    .replaceAll(/\ban? /g, "")
    .replace("true or false", "boolean");

const inside = (keys: Keys) =>
  Object.entries(keys)
    .map(([name, key]) => explained(name, key))
    .join("\n");

/** The key with its value on the same line, or below it if the value has several lines. */
export const written = (name: string, example: string) =>
  example.startsWith("\n") ? `${name}:\n${indented(example.slice(1), 2)}` : `${name}: ${example}`;

const indented = (text: string, by: number) => text.replaceAll(/^(?=.)/gm, " ".repeat(by));

/** Wraps a comment, so that it fits into 80 columns with its indentation. */
const comment = (text: string) => text.replaceAll(/(.{1,70})(?: |$)/g, "# $1\n").trimEnd();
const commented = (text: string) => text.replaceAll(/^/gm, "# ");
