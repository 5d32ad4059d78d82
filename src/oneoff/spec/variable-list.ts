import { type Env, envList, unsetNames, withoutUnset } from "../../app/env.ts";
import type { ContainerCopy } from "../apps/copy.ts";
import type { RunOptions } from "./options.ts";

/** Variables in the engine's format. Variables that the container removes from its image stay removed in a copy. */
export function listVariables(env: Env, { unset = [] }: Pick<RunOptions, "unset">, copy?: ContainerCopy): string[] {
  const ofCopy = unsetNames(copy?.env ?? []).filter((name) => !env.has(name));
  return withoutUnset(envList(env), [...ofCopy, ...unset]);
}
