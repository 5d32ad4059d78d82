import { STEPS } from "../../deploy/step-names.ts";
import type { Flags, Options } from "../command.ts";
import { appOption, commonOptions, configOption, reportOptions } from "../common-options.ts";

const IMAGE = "Image options:";
const STEP = "Step options:";

export const deployOptions = {
  ...appOption,
  ...configOption,
  "dry-run": { type: "boolean", describe: "Print the steps without running them" },
  force: { type: "boolean", describe: "Deploy even if this image is live already" },
  "keep-releases": { type: "string", placeholder: "NUMBER", describe: "Number of releases to keep (default 5)" },
  swarm: { type: "boolean", describe: "Deploy to the Swarm of the engine, as services" },
  wait: { type: "boolean", describe: "Wait for a deploy in progress to finish" },
  ...reportOptions,
  archive: {
    type: "string",
    placeholder: "FILE",
    completion: "file",
    describe: "Deploy an archive from docker save (-: stdin)",
    group: IMAGE,
  },
  "build-arg": {
    type: "string",
    placeholder: "NAME[=VALUE]",
    completion: "variable",
    many: true,
    describe: "Set a build argument",
    group: IMAGE,
  },
  file: {
    type: "string",
    placeholder: "FILE",
    completion: "file",
    describe: "Path of the Dockerfile in the folder (default Dockerfile)",
    group: IMAGE,
  },
  image: {
    type: "string",
    placeholder: "IMAGE",
    completion: "image",
    describe: "Deploy this image without a build",
    group: IMAGE,
  },
  "no-cache": { type: "boolean", describe: "Do not use the build cache", group: IMAGE },
  pull: { type: "boolean", describe: "Pull missing images", group: IMAGE },
  push: {
    type: "string",
    placeholder: "NAME",
    describe: "Push the image to this repository (Swarm)",
    group: IMAGE,
  },
  target: { type: "string", placeholder: "STAGE", describe: "Build up to this stage", group: IMAGE },
  from: { type: "string", placeholder: "STEP", completion: STEPS, describe: "Start at this step", group: STEP },
  only: {
    type: "string",
    placeholder: "STEP",
    completion: STEPS,
    many: true,
    describe: "Run only this step",
    group: STEP,
  },
  "phase-timeout": {
    type: "string",
    placeholder: "DURATION",
    describe: "Stop a phase after this time, e.g. 10m",
    group: STEP,
  },
  skip: { type: "string", placeholder: "STEP", completion: STEPS, many: true, describe: "Skip this step", group: STEP },
  ...commonOptions,
} as const satisfies Options;

export type DeployFlags = Flags<typeof deployOptions>;
