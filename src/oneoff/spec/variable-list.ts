import { type Env, envList, unsetNames, withoutUnset } from "../../app/env.ts";
import type { ContainerCopy } from "../apps/copy.ts";
import type { RunOptions } from "./options.ts";

/** Variables as the engine takes them. What a container removes of its image's, the image must not give to a copy. */
export function variableList(env: Env, { unset = [] }: Pick<RunOptions, "unset">, copy?: ContainerCopy): string[] {
  const ofCopy = unsetNames(copy?.env ?? []).filter((name) => !env.has(name));
  return withoutUnset(envList(env), [...ofCopy, ...unset]);
}
