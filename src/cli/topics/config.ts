import { manifestExample } from "../../app/manifest/manifest-example.ts";
import { manifestJsonSchema } from "../../app/manifest/manifest-json-schema.ts";
import type { Topic } from "./topic.ts";

/** Both are made of the schema that reads the file. */
export const config: Topic = { about: "oneoff.yaml, with everything in it", text: manifestExample, asIs: true };

export const configSchema: Topic = {
  about: "The same as a JSON Schema, for editors",
  text: () => `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`,
  asIs: true,
};
