import type { Event, PlannedStep, ProcessQuantity, SummaryStep } from "./events.ts";

/** What only commands say that have no `--json`. */
type Unwritten =
  | "lock-replacing"
  | "lock-skipped"
  | "running"
  | "detached"
  | "left"
  | "removing"
  | "repeating"
  | "written"
  | "uploading"
  | "not-copied"
  | "stopped"
  | "ended-already"
  | "nothing-overdue"
  | "no-output"
  | "output-lost"
  | "log-full"
  | "unlocked";

/** Every event that is written as JSON. */
export type WrittenType = Exclude<Event["type"], Unwritten>;

type Base<V> = V extends string ? "string" : V extends number ? "number" : V extends boolean ? "boolean" : "list";

type Kind<V> = [undefined] extends [V & undefined] ? `${Base<NonNullable<V>>} or null` : Base<V>;

type ValueOf<O, F extends PropertyKey> = O extends unknown ? (F extends keyof O ? O[F] : undefined) : never;

type KeyOf<O> = O extends unknown ? keyof O : never;

/** Each field: what it is, what it says, and of a list of objects, their fields. */
export type FieldDocs = Readonly<Record<string, readonly [kind: string, meaning: string, of?: FieldDocs]>>;

type DocsOf<O> = {
  readonly [F in Exclude<KeyOf<O>, "type">]: readonly [kind: Kind<ValueOf<O, F>>, meaning: string, of?: FieldDocs];
};

type OfType<E, T> = E extends { readonly type: infer U } ? (T extends U ? E : never) : never;

type Docs = { readonly [T in WrittenType]: { readonly says: string; readonly fields: DocsOf<OfType<Event, T>> } };

const app = ["string", "the app"] as const;
const step = [
  "string",
  "build, predeploy, release, schedule, postdeploy, first-postdeploy; load or pull before them",
] as const;
const seconds = ["number", "how long it took"] as const;
const release = ["number", "7 for v7"] as const;
const image = ["string", "the release's image, as in oneoff/my-app:v7"] as const;
const lock = {
  key: ["string", "the lock"],
  name: ["string", "what has it"],
  app: ["string", "the app of what has it"],
} as const;

const plannedStep: DocsOf<PlannedStep> = {
  step,
  command: ["string or null", "of a phase, with what looks like a secret masked"],
  skipped: ["string or null", "why nothing will be done"],
};

const summaryStep: DocsOf<SummaryStep> = {
  step,
  outcome: ["string", "done, failed or skipped"],
  seconds,
};

const quantity: Record<keyof ProcessQuantity, FieldDocs[string]> = {
  type: ["string", "of the Procfile, as in web"],
  quantity: ["number", "how many processes of it there are to be"],
};

/**
 * What every event says, for those who read JSON and for the help. The compiler sees to it that no event or field of the
 * union is missing here, and the renderer writes nothing that is not here.
 */
export const EVENT_DOCS: Docs = {
  plan: {
    says: "what a deploy will do, before it does anything",
    fields: { app, steps: ["list", "in their order", plannedStep] },
  },
  variables: {
    says: "what app.json has set, or set anew, of the app's variables",
    fields: { app, names: ["list", "without their values"] },
  },
  "step-started": {
    says: "a step of a deploy begins",
    fields: { step, command: ["string or null", "of a phase, with what looks like a secret masked"] },
  },
  "step-skipped": { says: "a step is left out", fields: { step, why: ["string", "for people"] } },
  "step-done": { says: "a step has succeeded", fields: { step, seconds } },
  "step-failed": { says: "a step has failed; why comes with failed", fields: { step, seconds } },
  "build-step": {
    says: "the builder begins with a step, as in [2/3] RUN make",
    fields: { step: ["string", "as the builder calls it"], cached: ["boolean", "whether it was there already"] },
  },
  "build-output": {
    says: "a line that a step of the build has written",
    fields: { step: ["string", "as in build-step; several may be under way"], text: ["string", "the line"] },
  },
  pull: {
    says: "the engine tells of a pull",
    fields: { image: ["string", "what is pulled"], status: ["string", "in the engine's words"] },
  },
  progress: {
    says: "how far something has come, at most once a second for each, and once when it is over",
    fields: {
      what: ["string", "upload, fetch, context (what is built from), load, pull or unpack (of a layer)"],
      item: ["string or null", "which of several, as in a layer"],
      done: ["number", "in bytes"],
      total: ["number or null", "in bytes; null where nobody knows"],
      over: ["boolean or null", "true the last time, however it ended"],
    },
  },
  "phase-output": {
    says: "a line that a phase has written, as it comes",
    fields: {
      phase: ["string", "predeploy, release, postdeploy or first-postdeploy"],
      channel: ["string", "stdout or stderr"],
      text: ["string", "the line, without colours and the like"],
    },
  },
  process: {
    says: "what becomes of a process of the app",
    fields: {
      app,
      name: ["string", "as in web.1"],
      step: ["string", "starting, unwell, well, live, kept, stopping, stopped or removed"],
      grace: ["number or null", "stopping: how many seconds it has to end"],
      reason: ["string or null", "unwell: what its health check says"],
      tries: ["number or null", "unwell: how often it was asked"],
      attempts: ["number or null", "unwell: how often it will be asked at most"],
    },
  },
  "process-skipped": {
    says: "a type of process is not scheduled, for there is no command for it",
    fields: { app, process: ["string", "its type"] },
  },
  stopping: {
    says: "something is told to end",
    fields: {
      name: ["string", "the phase's container"],
      why: ["string", "interrupt, hangup, output or timeout"],
      grace: ["number", "how many seconds it has"],
    },
  },
  "out-of-memory": {
    says: "a phase was killed for want of memory",
    fields: { name: ["string", "its container"], limit: ["number", "in bytes"] },
  },
  "lock-waiting": { says: "somebody else is at work on the app, and is waited for", fields: lock },
  none: {
    says: "there is nothing to do anything about",
    fields: {
      what: ["string", "of what there is none, as in processes"],
      app: ["string or null", "the app"],
      states: ["list", "in none of these states, as in running"],
      isServing: ["boolean or null", "whether its processes run, where it is one-offs that there are none of"],
    },
  },
  warning: { says: "something that somebody should know", fields: { message: ["string", "for people"] } },
  formation: {
    says: "how many processes there are to be, by oneoff scale",
    fields: { app, processes: ["list", "one for each type", quantity] },
  },
  deployed: { says: "a release is live", fields: { app, release, image } },
  unchanged: { says: "what was to be deployed is live already, and nothing was done", fields: { app, release, image } },
  "deploy-failed": {
    says: "a deploy has failed, or was ended",
    fields: {
      app,
      live: ["number or null", "the release that is live now"],
      isNew: ["boolean", "whether it became that in this deploy"],
    },
  },
  summary: {
    says: "a deploy is over, well or not",
    fields: {
      app,
      outcome: ["string", "deployed, unchanged or failed"],
      release: ["number or null", "what is live now, where it is known"],
      seconds: ["number", "from the beginning to the end"],
      steps: ["list", "those that were begun, or skipped", summaryStep],
    },
  },
  failed: {
    says: "the command has failed; nothing comes after it",
    fields: {
      code: ["string", "the kind of failure, for programs, as in phase-failed"],
      message: ["string", "what happened and why, for people; may have several lines"],
      next: ["string or null", "what to type next"],
      exitCode: ["number", "what the command exits with"],
    },
  },
};
