import { join, resolve } from "node:path";
import { fileProblem } from "../../errors/manifest.ts";
import { isAppName } from "../app-name.ts";
import type { Env } from "../env.ts";
import { isProcessType } from "../procfile.ts";
import { listOf, mapOf } from "../schema/collections.ts";
import { type Rule, rule, text, verbatim, written } from "../schema/scalars.ts";
import { either, mapped, type Node, type Reading, read, type Shape, scalar } from "../schema/schema.ts";
import { splitWords } from "../shell-words.ts";

export const appName: Rule = {
  ...rule(
    /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/,
    'an app name: lower-case letters and digits, with ".", "_" or "-" between them',
  ),
  test: isAppName,
};
export const processType: Rule = {
  ...rule(/^[A-Za-z0-9_-]{1,63}$/, 'a process type: at most 63 letters, digits, "-" and "_"'),
  test: isProcessType,
};
export const variableName = rule(/^[^\s=\0]+$/, 'the name of a variable, without "=" and white space');
export const sizeName = rule(/^[A-Za-z0-9][\w.-]{0,62}$/, "the name of a size, of letters and digits");
/** The reference grammar of distribution without its length limits: `host:port/path:tag@digest`. */
export const reference = rule(
  /^(?:(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+|\/)[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][\w+.-]*:[0-9a-fA-F]+)?$/,
  'an image reference such as "registry.example/shop:v1"',
  512,
);
export const origin = rule(
  /^(?:oneoff|dokku|compose|kamal|swarm|container):[A-Za-z0-9][\w.@/-]*$/,
  'a source such as "compose:shop/web", "container:NAME" or "dokku:APP"',
  256,
);
export const network = rule(/^(?:container:)?[A-Za-z0-9][\w.-]*$/, "the name of a network", 256);
export const userName = rule(/^[^\s\0:]+(?::[^\s\0:]+)?$/, "USER or USER:GROUP, names or numbers", 256);
export const insidePath = rule(/^\/[^\0]*$/, "an absolute path in the container");
export const program = rule(/^[^\s\0]+$/, 'the name or path of a shell such as "bash"');
export const word = rule(/^[^\s\0]+$/, "one word, without white space");

const anything = rule(/^[^\0]*$/, "a value without NUL characters");
/** The pattern alone would backtrack from every character of a long text. */
export const command: Rule = {
  ...rule(/[^\s\0]/, "a command"),
  test: (line) => !line.includes("\0") && line.trim() !== "",
};

/** A path relative to the file; `~` is the home directory. @param whose completes "the path of …". */
export const path = (whose: string): Shape<string> =>
  mapped(text(rule(/^[^\0]+$/, `the path of ${whose}`)), (text, node, name, to) => {
    const path = withHome(text, to);
    return path === undefined ? complain(node, name, fileProblem.noHome(), to) : resolve(to.folder, path);
  });

/** Records a mistake of a whole value. */
export function complain(node: Node, name: string, problem: string, to: Reading): undefined {
  to.wrong(node.at, fileProblem.value(name, { problem }));
}

/** Expands `~`; undefined without a home directory. */
export function withHome(path: string, { variables }: Reading): string | undefined {
  if (path !== "~" && !path.startsWith("~/")) return path;
  return variables.HOME ? join(variables.HOME, path.slice(1)) : undefined;
}

/** A list, or a single item. */
export const oneOrMore = (item: Shape<string>): Shape<string[]> =>
  either(
    mapped(item, (one) => [one]),
    listOf(item, (one) => one),
  );

/** Rejects `NAME:` without a value, which is more often a mistake than an empty value. */
const variable: Shape<string> = {
  ...written(anything),
  kinds: {
    ...written(anything).kinds,
    nothing: (node, name, to) => {
      to.wrong(node.at, fileProblem.noVariable(name));
      return undefined;
    },
  },
};

/** Rejects `NAME` without a value: inherited variables must be explicit. */
const pair = mapped(text(rule(/^[^\s=\0]+=[^\0]*$/, "NAME=VALUE in the list")), (line): [string, string] => {
  const equals = line.indexOf("=");
  return [line.slice(0, equals), line.slice(equals + 1)];
});

export const variables: Shape<Env> = either(
  mapOf(variableName, variable),
  mapped(
    listOf(pair, ([name]) => name),
    (pairs) => new Map(pairs),
  ),
);

const alone = /^(?:host|none|container:.*)$/;

export const networks: Shape<string[]> = mapped(
  listOf(text(network), (one) => one),
  (names, node, name, to) => {
    const single = names.find((one) => alone.test(one));
    if (single === undefined || names.length === 1) return names;
    return complain(node, name, fileProblem.alone(single), to);
  },
);

const line: Shape<string[]> = scalar({
  kinds: ["text"],
  parse: (words) => (words === "" ? [""] : splitWords(words)),
  wanted: "words without shell syntax; for a shell, write a list: [sh, -c, …]",
  expected: "a string",
  verbatim: true,
  json: { type: "string" },
});

const words: Shape<string[]> = {
  expected: "a list",
  json: () => ({ type: "array", items: verbatim(anything).json() }),
  kinds: {
    list: ({ items }, name, to) => {
      const words = items.map((item) => read(verbatim(anything), item, name, to) ?? "");
      return words.length === 0 ? [""] : words;
    },
  },
};

/** Words, or a list. An empty value removes the entrypoint, which is one empty string in the Engine API. */
export const entrypoint: Shape<string[]> = either(line, words);
