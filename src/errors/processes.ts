import { anyOf, plain, quoted } from "../text/quoted.ts";
import { EngineRefused } from "./engine.ts";
import { OneoffError, usage } from "./error.ts";

/** A warning. @param tag of an image that oneoff did not build. */
export const keptImage = (tag: string) =>
  `${tag} is kept, because oneoff did not build it; to remove it: docker rmi ${tag}`;

/** @param types in the formation, without a command in the release. @param known types of the release. */
export const unknownProcessTypes = (app: string, types: readonly string[], known: readonly string[]) =>
  usage(
    "unknown-process-type",
    `Unknown process type ${types.map(quoted).join(", ")} in the formation of ${plain(app)}; its Procfile has ${known.map(plain).join(", ")}`,
    `oneoff scale ${plain(app)} ${types.map((type) => `${plain(type)}=0`).join(" ")}, or fix the formation in oneoff.yaml or app.json`,
  );

export const releaseIsNoProcess = (app: string) =>
  usage(
    "release-is-no-process",
    '"release" is a deploy phase, not a process type that can be scaled',
    `oneoff scale ${plain(app)} release=0, or remove it from the formation in oneoff.yaml or app.json`,
  );

export const badScale = (word: string) =>
  usage(
    "bad-scale",
    `Invalid argument ${quoted(word)}: expected TYPE=QUANTITY with a quantity of 0 to 9999`,
    "oneoff scale my-app web=2 worker=1",
  );

/** Two processes cannot listen on the same host port. */
export const hostPortShared = (port: string, quantity: number) =>
  usage(
    "host-port-shared",
    `Only one web process can use the host port ${port}, but the formation has ${quantity}`,
    'publish only the container port, e.g. publish: ["5000"], or use a reverse proxy',
  );

/** Adds the last output of a failed process. */
const withLines = (problem: string, lines: readonly string[]) => [
  problem,
  ...lines.map((line) => `  ${line.replace(/\r$/, "")}`),
];

/** @param name `web.1` @param lines the last output. @param rerun the command that runs the same again. */
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
      `${name} of ${app} exited${code === undefined ? "" : ` with code ${code}`} before it became healthy; ${lines.length === 0 ? "no output" : "last output:"}`,
      lines,
    ),
    { next: rerun },
  );

/** @param reason e.g. `port listening: no listener on port 5000`. @param response of a failed HTTP check. */
export const processUnhealthy = (
  app: string,
  name: string,
  reason: string,
  lines: readonly string[],
  response: readonly string[] = [],
) => {
  const problem = `${name} of ${app} is unhealthy: ${reason}`;
  const output = lines.length === 0 ? "no output" : "last output:";
  return new OneoffError(
    "process-unwell",
    response.length === 0
      ? withLines(`${problem}; ${output}`, lines)
      : [...withLines(`${problem}; response:`, response), ...withLines(output, lines)],
    { next: "fix the process, or its healthchecks in app.json" },
  );
};

export const processNotStarted = (app: string, name: string, cause: unknown) =>
  cause instanceof EngineRefused
    ? new OneoffError("process-not-started", `${name} of ${app} could not be started: ${cause.reason}`, {
        next: `fix the command or the image, then: oneoff deploy ${app} …`,
        cause,
      })
    : cause;

export const nothingReleased = (app: string) =>
  new OneoffError(
    "nothing-released",
    `${quoted(app)} has not been deployed: no image ${plain(`oneoff/${app}:latest`)}`,
    {
      next: `oneoff deploy ${plain(app)}`,
    },
  );

/** @param known types with processes. */
export const noSuchType = (app: string, type: string, known: readonly string[]) =>
  usage(
    "no-such-type",
    `${quoted(app)} has no processes${known.length === 0 ? "" : ` of type ${quoted(type)}; expected ${anyOf(known)}`}`,
    `oneoff ps ${plain(app)}`,
  );

/** @param args with one-offs. */
export const oneoffsAreStopped = (args: readonly string[], app: string | undefined) =>
  usage(
    "oneoffs-are-stopped",
    "ps:stop stops processes of an app; for one-offs, use stop",
    `oneoff stop ${[...(app === undefined ? [] : [`--app ${plain(app)}`]), ...args.map(plain)].join(" ")}`,
  );
