import type { Inherited } from "../env.ts";
import { withInherited } from "./normalize.ts";
import { isMap, mapAt, mapOf, textAt, type Value, type ValueMap } from "./value.ts";

/** The value of a variable, which is never printed: Compose leaves out keys that begin with `x-`. */
const CONTENT = "x-#content";

/** Adds contents of secrets and configs, and values of a list of variables, that come from the environment. */
export function withContents(map: ValueMap, environment: Inherited): ValueMap {
  const edit = (key: string, change: (value: ValueMap) => ValueMap) => {
    const resources = mapAt(map, key);
    if (!resources) return [];
    return [
      [key, mapOf(Object.entries(resources).map(([name, one]) => [name, isMap(one) ? change(one) : one] as const))],
    ] as const;
  };
  const object = (value: ValueMap) => {
    const name = textAt(value, "environment");
    const content = name !== undefined && Object.hasOwn(environment, name) ? environment[name] : undefined;
    return content === undefined ? value : mapOf([...Object.entries(value), [CONTENT, content]]);
  };
  return mapOf([
    ...Object.entries(map),
    ...edit("secrets", object),
    ...edit("configs", object),
    ...edit("services", (service) => {
      const { environment: variables } = service;
      if (!Array.isArray(variables)) return service;
      return mapOf([...Object.entries(service), ["environment", withInherited(variables, environment, true)]]);
    }),
  ]);
}

/** Contents that come from the environment, by key. */
export const contentsOf = (resources: Value | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isMap(resources) ? resources : {}).flatMap(([name, one]) => {
      const content = isMap(one) ? textAt(one, CONTENT) : undefined;
      return content === undefined ? [] : [[name, content]];
    }),
  );
