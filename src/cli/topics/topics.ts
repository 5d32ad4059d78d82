import { airGapped } from "./air-gapped.ts";
import { appJson } from "./app-json.ts";
import { ci } from "./ci.ts";
import { comingFrom } from "./coming-from.ts";
import { compose } from "./compose.ts";
import { config, configSchema } from "./config.ts";
import { cron } from "./cron.ts";
import { deploy } from "./deploy.ts";
import { engines } from "./engines.ts";
import { environment } from "./environment.ts";
import { events } from "./events.ts";
import { exitCodes } from "./exit-codes.ts";
import { findingApps } from "./finding-apps.ts";
import { logs } from "./logs.ts";
import { oneOffs } from "./one-offs.ts";
import { output } from "./output.ts";
import { swarm } from "./swarm.ts";
import type { Topic } from "./topic.ts";

/** In the order of `oneoff help`. A topic with the name of a command follows the help of the command. */
export const TOPICS: ReadonlyMap<string, Topic> = new Map([
  ["one-offs", oneOffs],
  ["logs", logs],
  ["finding-apps", findingApps],
  ["compose", compose],
  ["config", config],
  ["config-schema", configSchema],
  ["app-json", appJson],
  ["deploy", deploy],
  ["swarm", swarm],
  ["cron", cron],
  ["exit-codes", exitCodes],
  ["engines", engines],
  ["environment", environment],
  ["ci", ci],
  ["events", events],
  ["output", output],
  ["air-gapped", airGapped],
  ["coming-from", comingFrom],
]);
