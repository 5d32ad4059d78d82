import { ci } from "./ci.ts";
import { config, configSchema } from "./config.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Topic } from "./topic.ts";

/** In the order of the help. */
export const TOPICS: ReadonlyMap<string, Topic> = new Map([
  ["config", config],
  ["config-schema", configSchema],
  ["exit-codes", exitCodes],
  ["ci", ci],
]);
