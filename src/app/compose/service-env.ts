import { composeProblem } from "../../errors/compose.ts";
import { unreadable } from "../../errors/files.ts";
import { parseComposeEnv } from "../compose-env.ts";
import { type Env, type Inherited, mergeEnv, parseEnvFile } from "../env.ts";
import type { Loading } from "./loading.ts";
import type { ComposeService } from "./service.ts";

/** A service with the files that Compose replaces by their values. */
interface ServiceWithFiles extends ComposeService {
  readonly label_file?: readonly string[];
}

/** Adds variables of `env_file`, which `environment` overrides, and labels of `label_file`, which `labels` overrides. */
export function withFileValues(
  service: ServiceWithFiles,
  environment: Inherited,
  loading: Loading,
  wrong: (key: string, problem: string) => never,
): ComposeService {
  const {
    env_file: envFiles = [],
    label_file: labelFiles = [],
    environment: own = {},
    labels: ownLabels,
    ...rest
  } = service;
  const set = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== null);
  let variables: Env = new Map(set);
  for (const { path, required, format = "" } of envFiles) {
    const bytes = read(path, "env_file", required === true, loading);
    if (bytes === undefined) continue;
    if (!["", "raw", ".env"].includes(format)) wrong("env_file", composeProblem.format(format));
    const unset = (name: string) => loading.unset(path, name);
    const sources = { inherited: environment, beside: new Map(set), earlier: variables, unset };
    const parsed = format === "raw" ? parseEnvFile(bytes, path, environment) : parseComposeEnv(bytes, path, sources);
    variables = mergeEnv(variables, parsed);
  }
  let labels: Env = new Map();
  for (const path of labelFiles) {
    const bytes = read(path, "label_file", true, loading);
    const unset = (name: string) => loading.unset(path, name);
    if (bytes) labels = mergeEnv(labels, parseComposeEnv(bytes, path, { inherited: {}, earlier: labels, unset }));
  }
  const allVariables = { ...Object.fromEntries(variables), ...own };
  const allLabels = { ...Object.fromEntries(labels), ...ownLabels };
  return {
    ...rest,
    ...(Object.keys(allVariables).length > 0 && { environment: allVariables }),
    ...(Object.keys(allLabels).length > 0 && { labels: allLabels }),
  };
}

export const withoutFiles = ({ env_file: _e, label_file: _l, ...service }: ServiceWithFiles): ComposeService => service;

function read(path: string, key: string, isRequired: boolean, { files }: Loading): Uint8Array | undefined {
  try {
    return files.readFile(path);
  } catch (error) {
    if (!isRequired && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    const missing = key === "env_file" ? ', or write "required: false" beside its path' : "";
    throw unreadable(key, path, error, `create the file${missing}`);
  }
}
