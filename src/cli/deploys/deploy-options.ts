import { STEPS } from "../../deploy/plan.ts";
import type { Arguments, Options } from "../command.ts";
import { appOption, commonOptions, configOption, reportOptions } from "../common-options.ts";

export const deployOptions = {
  ...appOption,
  ...configOption,
  image: { type: "string", takes: "image", describe: "Deploy this image, and build nothing", group: "Image:" },
  archive: {
    type: "string",
    takes: "file",
    describe: "Deploy what docker save has written to this file (-: stdin)",
    group: "Image:",
  },
  file: {
    type: "string",
    takes: "file",
    describe: "The Dockerfile, relative to the folder [Dockerfile]",
    group: "Image:",
  },
  "build-arg": {
    type: "string",
    takes: "variable",
    many: true,
    describe: "Set a build argument, NAME=VALUE",
    group: "Image:",
  },
  target: { type: "string", describe: "Build up to this stage", group: "Image:" },
  "no-cache": { type: "boolean", describe: "Build every step anew", group: "Image:" },
  pull: { type: "boolean", describe: "Pull images that are missing", group: "Image:" },
  "dry-run": { type: "boolean", describe: "Show what would be done, and do nothing", group: "Steps:" },
  only: { type: "string", takes: STEPS, many: true, describe: "Do only this step", group: "Steps:" },
  skip: { type: "string", takes: STEPS, many: true, describe: "Leave this step out", group: "Steps:" },
  from: { type: "string", takes: STEPS, describe: "Begin with this step", group: "Steps:" },
  force: { type: "boolean", describe: "Deploy also what is live already", group: "Steps:" },
  wait: { type: "boolean", describe: "Wait for another deploy of the app to end", group: "Steps:" },
  "phase-timeout": { type: "string", describe: "Stop a phase after this time, as in 10m", group: "Steps:" },
  "keep-releases": { type: "string", describe: "How many releases to keep [5]", group: "Steps:" },
  ...reportOptions,
  ...commonOptions,
} as const satisfies Options;

export type DeployArguments = Arguments<typeof deployOptions>;
