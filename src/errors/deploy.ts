import { anyOf, plain, quoted } from "../text/quoted.ts";
import { helpOf, isoTime, OneoffError, usage } from "./error.ts";

// deploys

export const unknownStep = (option: string, step: string, near: string | undefined, known: readonly string[]) =>
  usage(
    "unknown-step",
    `${option}: unknown step ${quoted(step)}; ${near ? `did you mean ${quoted(near)}?` : `expected ${anyOf(known)}`}`,
    near ? `oneoff deploy ${option} ${near} …` : helpOf("deploy"),
  );

export const requiredVariable = (name: string) =>
  usage(
    "required-variable",
    `app.json: the variable ${quoted(name)} is required and has no value`,
    "set it in oneoff.yaml",
  );

// phases of a deploy

/** @param line the phase's command, as people may read it. */
export const phaseNeedsShell = (phase: string, line: string, entrypoint: string) =>
  usage(
    "phase-needs-shell",
    `The ${phase} phase: ${quoted(line)} takes a shell, and the words of a phase go to the image's ENTRYPOINT ${quoted(entrypoint)} without one`,
    `put it into a script, or name the shell in the command: sh -c '…'`,
  );

export const phaseWithoutWords = (phase: string, entrypoint: string) =>
  usage(
    "phase-without-words",
    `The ${phase} phase cannot be run: the image's ENTRYPOINT ${quoted(entrypoint)} is a line for a shell, which ignores the words it is given`,
    `write it with brackets in the Dockerfile, or give the app another "entrypoint" in oneoff.yaml`,
  );

/** A phase that has run and was not well; its container is there to be looked at. */
export class PhaseFailed extends OneoffError {
  readonly phase: string;
  /** As people may read it: without secrets. */
  readonly command: string;
  /** The command's own; undefined for one that was stopped because it took too long. */
  readonly exitCode: number | undefined;
  /** The last lines of what it has written, at most 20. */
  readonly output: readonly string[];
  /** The name of the container that was kept. */
  readonly container: string;

  constructor(
    facts: Pick<PhaseFailed, "phase" | "command" | "exitCode" | "output" | "container">,
    app: string,
    problem: string,
    cause?: unknown,
  ) {
    super(
      "phase-failed",
      [
        `The ${facts.phase} phase of ${plain(app)} has failed: ${problem}: ${facts.command}`,
        ...facts.output.map((line) => `  ${line}`),
        `its container is kept: ${facts.container}`,
      ],
      { next: `oneoff run --phase ${facts.phase} ${plain(app)}`, cause },
    );
    this.phase = facts.phase;
    this.command = facts.command;
    this.exitCode = facts.exitCode;
    this.output = facts.output;
    this.container = facts.container;
  }
}

export const phaseFailed = (
  facts: { phase: string; command: string; exitCode: number; output: readonly string[]; container: string },
  app: string,
) => new PhaseFailed(facts, app, `exit code ${facts.exitCode}`);

export const phaseTimedOut = (
  facts: { phase: string; command: string; output: readonly string[]; container: string },
  app: string,
  seconds: number,
  cause: unknown,
) => new PhaseFailed({ ...facts, exitCode: undefined }, app, `it took longer than ${seconds} s and was stopped`, cause);

/** @param error why its command could not be started: nothing of it is left. */
export const phaseNotStarted = (phase: string, app: string, command: string, error: OneoffError) =>
  new OneoffError(
    "phase-failed",
    `The ${phase} phase of ${plain(app)} could not be started: ${error.message}: ${command}`,
    {
      next: error.next,
      cause: error,
    },
  );

/** @param error what is known of its container. */
export const phaseLost = (phase: string, app: string, container: string, error: OneoffError) =>
  new OneoffError("engine-lost", `The ${phase} phase of ${plain(app)}: ${error.message}`, {
    next: `look at it with docker logs ${container}, then deploy again`,
    cause: error,
  });

/** A warning: a phase that fails after the switch changes nothing about the live release. */
export const stillLive = (app: string, release: number, phase: string) =>
  `v${release} is live; the next deploy runs the ${phase} phase again, as does: oneoff deploy --from ${phase} ${plain(app)} …`;

export const phaseInterrupted = (phase: string, app: string, signal: string, exit: number) =>
  new OneoffError("signalled", `Ended by ${signal} in the ${phase} phase of ${plain(app)}; its container was removed`, {
    exit,
    next: `oneoff deploy ${plain(app)} …`,
  });

export const destroyUnconfirmed = (app: string) =>
  usage(
    "destroy-unconfirmed",
    `Nothing was destroyed: expected the name of the app, ${quoted(app)}, to be typed`,
    `oneoff destroy --yes ${plain(app)}`,
  );

export const noSource = (folder: string) =>
  usage(
    "no-source",
    `There is no Dockerfile in ${plain(folder)}, and oneoff.yaml says nothing of an image`,
    "oneoff deploy APP FOLDER, or --image REF, or --archive FILE",
  );

export const deployEnded = (app: string, signal: string, exit: number) =>
  new OneoffError("deploy-ended", `Ended by ${signal}; what was not live yet of ${plain(app)} was taken back`, {
    exit,
    next: `oneoff deploy ${plain(app)} …`,
  });

/** @param cause how the connection to the engine was lost. */
export const deployLost = (app: string, cause: OneoffError) =>
  new OneoffError("engine-lost", `The connection to the engine was lost: ${cause.message}`, {
    next: `once it answers: oneoff deploy ${plain(app)} …, which takes back what is left, or completes it`,
    cause,
  });

/** Of somebody who insists. */
export const deployAbandoned = (signal: string, exit: number) =>
  new OneoffError("abandoned", `Ended by ${signal} at once; what was under way is left as it was`, {
    exit,
    next: "the next oneoff deploy … takes it back, or completes it",
  });

/** @param since in seconds since 1970. */
export const deployUnderWay = (app: string, since: number) =>
  new OneoffError(
    "deploy-under-way",
    `${plain(app)} is being deployed, or changed otherwise, by somebody else since ${isoTime(since)}`,
    { next: `--wait waits for that to end; oneoff locks ${plain(app)}` },
  );

export const noPreviousRelease = (app: string) =>
  new OneoffError("no-older-release", `No release of ${quoted(app)} was live before the current one`, {
    next: `choose one of: oneoff releases ${plain(app)}`,
  });

export const unknownRelease = (app: string, number: number, known: readonly number[]) =>
  new OneoffError(
    "unknown-release",
    `There is no release v${number} of ${quoted(app)}${known.length > 0 ? `; there are ${known.map((one) => `v${one}`).join(", ")}` : ""}`,
    { next: `oneoff releases ${plain(app)}` },
  );

/** Whether an app has no such release, maybe because there is no such app. */
export const isNoRelease = (error: unknown) =>
  error instanceof OneoffError && ["no-older-release", "unknown-release"].includes(error.code);

export const badRelease = (text: string) =>
  usage("bad-release", `Expected a release such as v7, found ${quoted(text)}`, "oneoff releases my-app");

export const noPhaseCommand = (app: string, phase: string) =>
  new OneoffError("no-phase-command", `The release of ${quoted(app)} that is live has no command for ${phase}`, {
    next: `oneoff deploy --dry-run ${plain(app)}`,
  });
