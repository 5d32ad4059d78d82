import { Buffer } from "node:buffer";
import { quoted } from "../../text/quoted.ts";
import { parseManifest } from "../manifest/manifest.ts";
import { type Settings, type Value, yamlOf } from "./init-yaml.ts";

/** One thing that is to be said of an app. */
export interface Statement {
  /** Of oneoff.yaml. */
  readonly key: string;
  /** Which of several under the key: a variable, the target of a mount. */
  readonly name?: string;
  /** Undefined for what oneoff.yaml has no words for. */
  readonly value: Value | undefined;
}

const MAPS: ReadonlySet<string> = new Set(["env", "run"]);
const LISTS: ReadonlySet<string> = new Set(["env-file", "networks", "mounts"]);

/** All that can be said, by key, and what is left out, each by its key and name: values may be secrets. */
export function sayable(statements: readonly Statement[]): { readonly settings: Settings; readonly leftOut: string[] } {
  const settings = new Map<string, Value>();
  const leftOut: string[] = [];
  for (const statement of statements) {
    const { key, name } = statement;
    const value = wrapped(statement);
    if (value !== undefined) {
      const all = joined(settings.get(key), value);
      // Items of a list can be in each other's way; variables, of which there may be many, cannot.
      if (isRead(key, key === "env" ? value : all)) {
        settings.set(key, all);
        continue;
      }
    }
    leftOut.push(name === undefined ? key : `${key} ${quoted(name)}`);
  }
  return { settings, leftOut };
}

function wrapped({ key, name = "", value }: Statement): Value | undefined {
  if (value === undefined) return undefined;
  if (MAPS.has(key)) return new Map([[name, value]]);
  return LISTS.has(key) ? [value] : value;
}

function joined(before: Value | undefined, value: Value): Value {
  if (before instanceof Map && value instanceof Map) return new Map([...before, ...value]);
  return Array.isArray(before) ? before.concat(value) : value;
}

/** Whether a oneoff.yaml with it is without mistakes, as long as each variable is set to something that fits. */
function isRead(key: string, value: Value): boolean {
  const source = key === "image" || key === "build" ? [] : [["image", "x"] as const];
  const text = yamlOf(new Map([["apps", new Map([["x", new Map([...source, [key, value] as const])]])]]));
  const names = ["HOME", ...(text.match(/[A-Za-z_]\w*/g) ?? [])];
  // A variable stands for a word, or for a path, and no two for the same.
  return ["x", "/x"].some((standIn) => {
    const variables = Object.fromEntries(names.map((name, index) => [name, `${standIn}${index}`]));
    try {
      parseManifest(Buffer.from(text), "/oneoff.yaml", variables);
      return true;
    } catch {
      return false;
    }
  });
}
