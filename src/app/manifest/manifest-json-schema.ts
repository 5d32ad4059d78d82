import { record } from "../collections.ts";
import type { Json } from "../schema.ts";
import { appShape } from "./manifest-app.ts";
import { appKeys } from "./manifest-keys.ts";
import { nameKey, topKeys } from "./manifest-schema.ts";

/**
 * `oneoff.yaml` for editors, in JSON Schema, draft 2020-12. Of what takes two keys to judge, it knows that an app is
 * one of image, build and from; the rest is the reader's alone.
 */
export const manifestJsonSchema = (): Json => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "oneoff.yaml",
  description: "The apps that oneoff runs.",
  if: { required: ["app"] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word.
  then: { ...appShape.json(), ...record({ app: nameKey, ...appKeys }, ["app"]).json() },
  else: record(topKeys).json(),
});
