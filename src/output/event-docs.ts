import { CRON_EVENT_DOCS } from "./event-docs-cron.ts";
import type { DocsOf, EventDocs, FieldDocs } from "./event-docs-types.ts";
import type { PlannedStep, SummaryStep } from "./events.ts";
import type { NetworkAddress, ProcessQuantity, PublishedAddress } from "./process-events.ts";

const app = ["string", "app name"] as const;
const step = [
  "string",
  "build, predeploy, release, schedule, postdeploy or first-postdeploy; load or pull before them",
] as const;
const command = ["string or null", "command of a phase, with secrets masked"] as const;
const seconds = ["number", "duration"] as const;
const release = ["number", "release number, e.g. 7 for v7"] as const;
const image = ["string", "image of the release, e.g. oneoff/my-app:v7"] as const;

const plannedStep: DocsOf<PlannedStep> = {
  step,
  command,
  skipReason: ["string or null", "why the step will be skipped"],
};

const summaryStep: DocsOf<SummaryStep> = {
  step,
  outcome: ["string", "done, failed or skipped"],
  seconds,
};

const quantity: Record<keyof ProcessQuantity, FieldDocs[string]> = {
  processType: ["string", "process type, e.g. web"],
  quantity: ["number", "requested number of processes"],
};

const networkAddress: DocsOf<NetworkAddress> = {
  network: ["string", "network name"],
  host: ["string", "alias of the processes, or the address of the first one in a network without aliases"],
  port: ["number", "PORT of the processes"],
};

const publishedAddress: DocsOf<PublishedAddress> = {
  address: ["string", "address of the engine's host, 0.0.0.0 for all"],
  hostPort: ["number", "port on the host"],
  port: ["number", "container port"],
  protocol: ["string", "tcp or udp"],
};

/** The JSON events, for `oneoff help events` and for the renderer, which writes no others. */
export const EVENT_DOCS: EventDocs = {
  plan: {
    description: "the steps of a deploy, before the first one starts",
    fields: { app, steps: ["list", "steps in order", plannedStep] },
  },
  "env-set": {
    description: "environment variables of the app were set or changed from app.json",
    fields: { app, names: ["list", "names, without the values"] },
  },
  "step-started": { description: "a step of a deploy starts", fields: { step, command } },
  "step-skipped": {
    description: "a step is skipped",
    fields: { step, reason: ["string", "human-readable reason"] },
  },
  "step-done": { description: "a step has succeeded", fields: { step, seconds } },
  "step-failed": { description: "a step has failed; failed has the error", fields: { step, seconds } },
  "build-step": {
    description: "the builder starts a step, e.g. [2/3] RUN make",
    fields: { step: ["string", "name in the builder's words"], cached: ["boolean", "taken from the build cache"] },
  },
  "build-output": {
    description: "a line of output of a build step",
    fields: { step: ["string", "step of build-step; several may run at once"], text: ["string", "line"] },
  },
  pull: {
    description: "the engine reports the status of a pull",
    fields: { image: ["string", "image being pulled"], status: ["string", "status in the engine's words"] },
  },
  push: {
    description: "the engine reports the status of a push",
    fields: { image: ["string", "image being pushed"], status: ["string", "status in the engine's words"] },
  },
  progress: {
    description: "progress of a transfer, at most once a second each, and once when it has finished",
    fields: {
      operation: ["string", "upload, fetch, context (build context), load, pull, unpack or push (of a layer)"],
      item: ["string or null", "one of several, e.g. a layer"],
      target: ["string or null", "where an upload goes, e.g. run.7364:/tmp/uploads/dump"],
      current: ["number", "bytes so far"],
      total: ["number or null", "total bytes, null if unknown"],
      finished: ["boolean or null", "true in the last event, also after a failure"],
    },
  },
  "phase-output": {
    description: "a line of output of a phase",
    fields: {
      phase: ["string", "predeploy, release, postdeploy or first-postdeploy"],
      stream: ["string", "stdout or stderr"],
      text: ["string", "line without control sequences"],
    },
  },
  process: {
    description: "a process of the app has changed its state",
    fields: {
      app,
      name: ["string", "process name, e.g. web.1"],
      state: [
        "string",
        "starting, waiting, unhealthy, healthy, live (it has replaced the old one), unchanged (it keeps running), stopping, stopped or removed",
      ],
      stopTimeout: ["number or null", "stopping: seconds until SIGKILL"],
      reason: ["string or null", "unhealthy: why the health check failed"],
      attempt: ["number or null", "unhealthy: number of this attempt"],
      maxAttempts: ["number or null", "unhealthy: number of attempts before the deploy fails"],
      check: ["string or null", "waiting, unhealthy: health check, e.g. GET /health"],
      seconds: ["number or null", "waiting: time that the process must stay up, without another check"],
      summary: ["string or null", "unhealthy: the reason in a few words, e.g. connection refused"],
    },
  },
  reachable: {
    description: "how the processes of a type are reached, at the end of a deploy",
    fields: {
      app,
      processType: ["string", "process type: web"],
      addresses: ["list", "one element per network", networkAddress],
      published: ["list", "published ports of the running processes", publishedAddress],
    },
  },
  "process-skipped": {
    description: "a process type is skipped because it has no command",
    fields: { app, processType: ["string", "process type, e.g. web"] },
  },
  stopping: {
    description: "a container is being stopped",
    fields: {
      name: ["string", "name of the phase's container"],
      reason: ["string", "interrupt, hangup, broken-pipe or timeout"],
      stopTimeout: ["number", "seconds until SIGKILL"],
    },
  },
  "oom-killed": {
    description: "a phase was killed because it ran out of memory",
    fields: { name: ["string", "name of the phase's container"], memoryLimit: ["number", "limit in bytes"] },
  },
  "lock-waiting": {
    description: "waiting for a lock on the app",
    fields: {
      key: ["string", "lock key"],
      name: ["string", "name of the holder"],
      app: ["string", "app of the holder"],
    },
  },
  "none-found": {
    description: "there is nothing to list or to stop",
    fields: {
      resource: ["string", "e.g. processes"],
      app: ["string or null", "app name"],
      states: ["list", "requested states, e.g. running; empty for any state"],
      hasRunningProcesses: ["boolean or null", "true if no one-offs were found but processes of the app run"],
    },
  },
  warning: { description: "a warning", fields: { message: ["string", "human-readable message"] } },
  formation: {
    description: "the requested number of processes, from oneoff scale",
    fields: { app, processes: ["list", "one element per process type", quantity] },
  },
  deployed: { description: "a release is live", fields: { app, release, image } },
  unchanged: {
    description: "nothing has changed since the live release, so nothing was deployed",
    fields: { app, release, image },
  },
  "deploy-failed": {
    description: "a deploy has failed or was interrupted",
    fields: {
      app,
      liveRelease: ["number or null", "number of the live release"],
      changed: ["boolean", "whether this deploy made that release live"],
    },
  },
  ...CRON_EVENT_DOCS,
  summary: {
    description: "a deploy has ended, successfully or not",
    fields: {
      app,
      outcome: ["string", "deployed, unchanged or failed"],
      release: ["number or null", "number of the live release, null if unknown"],
      seconds: ["number", "duration of the whole deploy"],
      steps: ["list", "steps that were started or skipped", summaryStep],
    },
  },
  failed: {
    description: "the command has failed; this is the last event",
    fields: {
      code: ["string", "error code, e.g. phase-failed"],
      message: ["string", "human-readable message, may have several lines"],
      next: ["string or null", "command to run next"],
      exitCode: ["number", "exit code of the command"],
    },
  },
};
