import { plain, quoted } from "../text/quoted.ts";
import { EngineRefused } from "./engine.ts";
import { OneoffError, usage } from "./error.ts";

/** A warning. @param tag of an image that oneoff has not made. */
export const keptImage = (tag: string) => `${tag} is not an image of oneoff's, and stays: docker rmi ${tag}`;

// processes

/** @param types those that are to run, and that the release has no command for. @param known those it has. */
export const unknownProcessTypes = (app: string, types: readonly string[], known: readonly string[]) =>
  usage(
    "unknown-process-type",
    `${plain(app)} is to run ${types.map(quoted).join(", ")}, which its Procfile has not; it has ${known.map(plain).join(", ")}`,
    `oneoff scale ${plain(app)} ${types.map((type) => `${plain(type)}=0`).join(" ")}, or mend the formation in oneoff.yaml or app.json`,
  );

export const releaseIsNoProcess = (app: string) =>
  usage(
    "release-is-no-process",
    '"release" is a phase of each deploy, and is never kept running',
    `oneoff scale ${plain(app)} release=0, or take it out of the formation in oneoff.yaml or app.json`,
  );

export const badScale = (word: string) =>
  usage(
    "bad-scale",
    `Expected TYPE=QUANTITY with a quantity of 0 to 9999, found ${quoted(word)}`,
    "oneoff scale my-app web=2 worker=1",
  );

/** Two processes cannot have one port of the host. */
export const hostPortShared = (port: string, quantity: number) =>
  usage(
    "host-port-shared",
    `The port ${port} of the host is for one web process only, and there are to be ${quantity}`,
    'publish the port of the container alone, as in publish: ["5000"], or put a proxy in front',
  );

/** What a process that is no use has written last, below what is wrong with it. */
const withLines = (problem: string, lines: readonly string[]) => [
  problem,
  ...lines.map((line) => `  ${line.replace(/\r$/, "")}`),
];

/** @param name `web.1` @param lines the last that it has written. @param rerun the command that runs the same again. */
export const processEnded = (
  app: string,
  name: string,
  code: number | undefined,
  lines: readonly string[],
  rerun: string,
) =>
  new OneoffError(
    "process-ended",
    withLines(
      `${name} of ${app} has ended${code === undefined ? "" : ` with code ${code}`} before it was well; it has written${lines.length === 0 ? " nothing" : " last:"}`,
      lines,
    ),
    { next: rerun },
  );

/** @param reason completes "is not well: ". */
export const processUnwell = (app: string, name: string, reason: string, lines: readonly string[]) =>
  new OneoffError(
    "process-unwell",
    withLines(
      `${name} of ${app} is not well: ${reason}; it has written${lines.length === 0 ? " nothing" : " last:"}`,
      lines,
    ),
    { next: "mend it, or its healthchecks in app.json" },
  );

/** The engine could not start it. */
export const processNotStarted = (app: string, name: string, cause: unknown) =>
  cause instanceof EngineRefused
    ? new OneoffError("process-not-started", `${name} of ${app} could not be started: ${cause.reason}`, {
        next: `mend its command, or the image, then: oneoff deploy ${app} …`,
        cause,
      })
    : cause;

export const nothingReleased = (app: string) =>
  new OneoffError(
    "nothing-released",
    `Nothing of ${quoted(app)} has been deployed here: there is no ${plain(`oneoff/${app}:latest`)}`,
    {
      next: `oneoff deploy ${plain(app)}`,
    },
  );

/** @param known those that it has processes of. */
export const noSuchType = (app: string, type: string, known: readonly string[]) =>
  usage(
    "no-such-type",
    `${quoted(app)} has no processes of type ${quoted(type)}${known.length === 0 ? ", nor of any other" : `; it has ${known.map(plain).join(", ")}`}`,
    `oneoff ps ${plain(app)}`,
  );

/** @param words with one-offs among them. */
export const oneoffsAreStopped = (words: readonly string[], app: string | undefined) =>
  usage(
    "oneoffs-are-stopped",
    "ps:stop is for an app's processes; one-offs are stopped by stop",
    `oneoff stop ${[...(app === undefined ? [] : [`--app ${plain(app)}`]), ...words.map(plain)].join(" ")}`,
  );
