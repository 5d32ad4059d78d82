import { Buffer } from "node:buffer";
import { quoted } from "../../text/quoted.ts";
import { parseManifest } from "../manifest/manifest.ts";
import { type Settings, type Value, yamlOf } from "./init-yaml.ts";

/** A setting of an app. */
export interface Statement {
  /** The key in oneoff.yaml. */
  readonly key: string;
  /** The item below the key: a variable, or the target of a mount. */
  readonly name?: string;
  /** Undefined if oneoff.yaml cannot express it. */
  readonly value: Value | undefined;
}

const MAPS: ReadonlySet<string> = new Set(["env", "run"]);
const LISTS: ReadonlySet<string> = new Set(["env-file", "networks", "mounts"]);

/** The settings that oneoff.yaml accepts, and the keys and names of other settings, whose values may be secrets. */
export function splitExpressible(statements: readonly Statement[]): {
  readonly settings: Settings;
  readonly notIncluded: string[];
} {
  const settings = new Map<string, Value>();
  const notIncluded: string[] = [];
  for (const statement of statements) {
    const { key, name } = statement;
    const value = wrapped(statement);
    if (value !== undefined) {
      const all = joined(settings.get(key), value);
      // Items of a list can conflict with each other; variables, which may be numerous, cannot.
      if (isRead(key, key === "env" ? value : all)) {
        settings.set(key, all);
        continue;
      }
    }
    notIncluded.push(name === undefined ? key : `${key} ${quoted(name)}`);
  }
  return { settings, notIncluded };
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

/** Whether oneoff.yaml accepts the setting, if every variable has a valid value. */
function isRead(key: string, value: Value): boolean {
  const source = key === "image" || key === "build" ? [] : [["image", "x"] as const];
  const text = yamlOf(new Map([["apps", new Map([["x", new Map([...source, [key, value] as const])]])]]));
  const names = ["HOME", ...(text.match(/[A-Za-z_]\w*/g) ?? [])];
  // Every variable gets a distinct value that is valid as a word and as a path.
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
