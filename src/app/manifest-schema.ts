import { mistake } from "../errors.ts";
import { isAppName } from "./app.ts";
import type { Env } from "./env.ts";
import { isProcessType, type Procfile } from "./procfile.ts";
import { mapOf, type Node, type Of, oneOf, type Read, record, rule, text, type Wrong, written } from "./schema.ts";

/** What `oneoff.yaml` says. */
export interface Manifest {
  readonly apps: ReadonlyMap<string, ManifestApp>;
}

export interface ManifestApp {
  readonly image?: string;
  readonly env?: Env;
  /** The process types themselves, or the Procfile that has them, its path relative to the manifest. */
  readonly procfile?: Procfile | { readonly path: string };
}

const appName = {
  test: isAppName,
  expected: 'an app name: lower-case letters and digits, with ".", "_" or "-" between them',
};
const processType = { test: isProcessType, expected: 'a process type: at most 63 letters, digits, "-" and "_"' };
const variableName = rule(/^[^\s=\0]+$/, 'the name of a variable, without "=" and white space');
const reference = rule(/^[^\s\0]+$/, "an image reference, without white space");
const command = rule(/^[^\0]*[^\s\0][^\0]*$/, "a command");
const path = rule(/^[^\0]+$/, "the path of a Procfile");
const anything = rule(/^[^\0]*$/, "a value without NUL characters");

const app = record({
  image: text(reference),
  env: oneOf({ map: mapOf(variableName, variable), list: variables }),
  procfile: oneOf<Procfile | { path: string }>({
    map: mapOf(processType, written(command)),
    text: (node, name, wrong) => {
      const found = text(path)(node, name, wrong);
      return found === undefined ? undefined : { path: found };
    },
  }),
});

/** Every key there is, how its value is read, and the type of that: a new key is a line here and one in `ManifestApp`. */
export const readManifest: Read<Partial<Manifest>> = record({ apps: mapOf(appName, app) });

/** An empty value has to be meant: `NAME:` is more often a value forgotten. */
function variable(node: Node, name: string, wrong: Wrong): string | undefined {
  if (node.kind !== "nothing") return written(anything)(node, name, wrong);
  wrong(node.at, mistake.noVariable(name));
  return undefined;
}

/** A list of `NAME=VALUE`. `NAME` alone is refused: a manifest says the same wherever it is read. */
function variables(list: Of<"list">, name: string, wrong: Wrong): Map<string, string> {
  const env = new Map<string, string>();
  const pair = text(rule(/^[^\s=\0]+=[^\0]*$/, "NAME=VALUE in the list"));
  for (const item of list.items) {
    const found = pair(item, name, wrong);
    if (found === undefined) continue;
    const equals = found.indexOf("=");
    const variable = found.slice(0, equals);
    if (env.has(variable)) wrong(item.at, mistake.twiceInList(variable));
    env.set(variable, found.slice(equals + 1));
  }
  return env;
}
