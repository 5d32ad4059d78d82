import { manifestExample } from "../../app/manifest/manifest-example.ts";
import { manifestJsonSchema } from "../../app/manifest/manifest-json-schema.ts";
import type { Topic } from "./topic.ts";

/** Both are generated from the tables that the parser reads the file with. */
export const config: Topic = {
  about: "Reference of oneoff.yaml: every key with an example",
  text: manifestExample,
  asIs: true,
};

export const configSchema: Topic = {
  about: "JSON Schema of oneoff.yaml, for editors",
  text: () => `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`,
  asIs: true,
};
