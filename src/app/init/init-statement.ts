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
  /** The key in the Compose file, if it is not the key above. */
  readonly source?: string;
  /** Whether a variable has no value in the Compose file. */
  readonly isInherited?: boolean;
}

const MAPS: ReadonlySet<string> = new Set(["env", "run"]);
const LISTS: ReadonlySet<string> = new Set(["env-file", "networks", "mounts"]);

/** Settings that oneoff.yaml accepts, and names of others, whose values may be secrets. */
export interface Expressible {
  readonly settings: Settings;
  /** Keys and names of settings that oneoff.yaml cannot express. */
  readonly notIncluded: readonly string[];
  /** Names of variables that are inherited. */
  readonly inherited: readonly string[];
}

export function splitExpressible(statements: readonly Statement[]): Expressible {
  const settings = new Map<string, Value>();
  const notIncluded: string[] = [];
  const inherited: string[] = [];
  for (const statement of statements) {
    const { key, name, source } = statement;
    const value = wrapped(statement);
    if (value !== undefined) {
      const all = joined(settings.get(key), value);
      // Items of a list can conflict with each other; variables, which may be numerous, cannot.
      if (isRead(key, key === "env" ? value : all)) {
        settings.set(key, all);
        if (statement.isInherited) inherited.push(name ?? "");
        continue;
      }
    }
    notIncluded.push(source ?? (name === undefined ? key : `${key} ${quoted(name)}`));
  }
  return { settings, notIncluded, inherited };
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
