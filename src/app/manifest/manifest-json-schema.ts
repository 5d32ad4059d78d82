import { record } from "../schema/collections.ts";
import type { Json } from "../schema/schema.ts";
import { appShape } from "./manifest-app.ts";
import { appKeys } from "./manifest-keys.ts";
import { nameKey, topKeys } from "./manifest-schema.ts";

const { apps: _apps, ...common } = topKeys;

/**
 * The JSON Schema (draft 2020-12) of `oneoff.yaml`, for editors. Of the rules between keys it has only the choice of
 * image, build and from; the parser checks all rules.
 */
export const manifestJsonSchema = (): Json => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "oneoff.yaml",
  description: "Apps that oneoff runs and deploys.",
  if: { required: ["app"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { ...appShape.json(), ...record({ app: nameKey, ...common, ...appKeys }, ["app"]).json() },
  else: record(topKeys).json(),
});
