import { anyOf, plain, quoted } from "../text/quoted.ts";
import { helpOf, isoTime, OneoffError, usage } from "./error.ts";

export const unknownStep = (option: string, step: string, near: string | undefined, known: readonly string[]) =>
  usage(
    "unknown-step",
    `${option}: unknown step ${quoted(step)}; ${near ? `did you mean ${quoted(near)}?` : `expected ${anyOf(known)}`}`,
    near ? `oneoff deploy ${option} ${near} …` : helpOf("deploy"),
  );

export const requiredVariable = (name: string) =>
  usage(
    "required-variable",
    `app.json: the required variable ${quoted(name)} has no value`,
    "set the variable in oneoff.yaml",
  );

/** @param line the command of the phase, without secrets. */
export const phaseNeedsShell = (phase: string, line: string, entrypoint: string) =>
  usage(
    "phase-needs-shell",
    `The ${phase} phase needs a shell for ${quoted(line)}, but the image's ENTRYPOINT ${quoted(entrypoint)} gets the command without a shell`,
    `move the command to a script, or use a shell in the command: sh -c '…'`,
  );

export const phaseWithoutWords = (phase: string, entrypoint: string) =>
  usage(
    "phase-without-words",
    `The ${phase} phase cannot run: the image's ENTRYPOINT ${quoted(entrypoint)} is in shell form, which ignores arguments`,
    `use the exec form in the Dockerfile: ENTRYPOINT ["…"], or set "entrypoint" in oneoff.yaml`,
  );

/** A phase that has run and failed. Its container is kept for inspection. */
export class PhaseFailed extends OneoffError {
  readonly phase: string;
  /** Without secrets. */
  readonly command: string;
  /** Of the command; undefined after a timeout. */
  readonly exitCode: number | undefined;
  /** At most the last 20 lines. */
  readonly output: readonly string[];
  /** The name of the kept container. */
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
        `The ${facts.phase} phase of ${plain(app)} failed: ${problem}: ${facts.command}`,
        ...facts.output.map((line) => `  ${line}`),
        `container kept for inspection: ${facts.container}`,
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
) => new PhaseFailed({ ...facts, exitCode: undefined }, app, `timeout of ${seconds} s exceeded`, cause);

/** @param error why the command was not started. Its container was removed. */
export const phaseNotStarted = (phase: string, app: string, command: string, error: OneoffError) =>
  new OneoffError(
    "phase-failed",
    `The ${phase} phase of ${plain(app)} could not be started: ${error.message}: ${command}`,
    {
      next: error.next,
      cause: error,
    },
  );

export const phaseLost = (phase: string, app: string, container: string, error: OneoffError) =>
  new OneoffError("engine-lost", `The ${phase} phase of ${plain(app)}: ${error.message}`, {
    next: `docker logs ${container}, then deploy again`,
    cause: error,
  });

/** A warning: a phase that fails after the switch does not roll back the release. */
export const phaseFailedWhileLive = (app: string, release: number, phase: string) =>
  `v${release} is live; retry the ${phase} phase with: oneoff deploy --from ${phase} ${plain(app)} …`;

export const phaseInterrupted = (phase: string, app: string, signal: string, exit: number) =>
  new OneoffError(
    "signalled",
    `Terminated by ${signal} in the ${phase} phase of ${plain(app)}; its container was removed`,
    {
      exit,
      next: `oneoff deploy ${plain(app)} …`,
    },
  );

export const destroyUnconfirmed = (app: string) =>
  usage(
    "destroy-unconfirmed",
    `Nothing was destroyed: expected the name of the app, ${quoted(app)}, as confirmation`,
    `oneoff destroy --yes ${plain(app)}`,
  );

export const noSource = (folder: string) =>
  usage(
    "no-source",
    `No image to deploy: no Dockerfile in ${plain(folder)}, and no image in oneoff.yaml`,
    "oneoff deploy APP FOLDER, or --image REF, or --archive FILE",
  );

export const deployEnded = (app: string, signal: string, exit: number) =>
  new OneoffError("deploy-ended", `Terminated by ${signal}; the deploy of ${plain(app)} was rolled back`, {
    exit,
    next: `oneoff deploy ${plain(app)} …`,
  });

export const deployLost = (app: string, cause: OneoffError) =>
  new OneoffError("engine-lost", `The connection to the engine was lost: ${cause.message}`, {
    next: `oneoff deploy ${plain(app)} …, when the engine responds: it rolls the deploy back, or completes it`,
    cause,
  });

/** After the third ^C. */
export const deployAbandoned = (signal: string, exit: number) =>
  new OneoffError("abandoned", `Terminated by ${signal} without a rollback`, {
    exit,
    next: "oneoff deploy … rolls the deploy back, or completes it",
  });

/** @param since seconds since 1970. */
export const deployInProgress = (app: string, since: number) =>
  new OneoffError(
    "deploy-under-way",
    `A deploy or another change of ${plain(app)} is already in progress since ${isoTime(since)}`,
    { next: `use --wait to wait until it finishes, or see: oneoff locks ${plain(app)}` },
  );

export const noPreviousRelease = (app: string) =>
  new OneoffError("no-older-release", `${quoted(app)} has no earlier release`, {
    next: `oneoff releases ${plain(app)}`,
  });

export const unknownRelease = (app: string, number: number, known: readonly number[]) =>
  new OneoffError(
    "unknown-release",
    `No such release v${number} of ${quoted(app)}${known.length > 0 ? `; expected ${anyOf(known.map((one) => `v${one}`)).replaceAll('"', "")}` : ""}`,
    { next: `oneoff releases ${plain(app)}` },
  );

/** The app may not exist either. */
export const isNoRelease = (error: unknown) =>
  error instanceof OneoffError && ["no-older-release", "unknown-release"].includes(error.code);

export const badRelease = (text: string) =>
  usage("bad-release", `Invalid release ${quoted(text)}: expected a release such as v7`, "oneoff releases my-app");

export const noPhaseCommand = (app: string, phase: string) =>
  new OneoffError("no-phase-command", `The live release of ${quoted(app)} has no command for the ${phase} phase`, {
    next: `oneoff deploy --dry-run ${plain(app)}`,
  });
