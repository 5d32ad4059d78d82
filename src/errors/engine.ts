import { escapeControls } from "../text/escape.ts";
import { anyOf, plain, quoted } from "../text/quoted.ts";
import { HOW_TO_SET_ENGINE, OneoffError, usage } from "./error.ts";

/** @param looked paths of docker's sockets. @param others programs whose sockets were searched too. */
export const noEndpoint = (looked: readonly string[], others: readonly string[]) =>
  new OneoffError(
    "no-engine",
    ["No engine found", ...looked.map((path) => `no socket ${path}`), `no socket of ${others.join(", ")}`],
    { next: `start the engine, or set its address: ${HOW_TO_SET_ENGINE}` },
  );

/** @param from the option or variable. */
export const badHost = (host: string, from: string, next = HOW_TO_SET_ENGINE) =>
  usage(
    "bad-host",
    `Invalid ${plain(from)} ${quoted(host)}: expected unix:///path/to/docker.sock, tcp://host[:port] or ssh://[user@]host`,
    next,
  );

/** @param source the option or variable. */
export const unknownContext = (name: string, source: string, known: readonly string[]) =>
  usage(
    "unknown-context",
    `${source}: no such docker context ${quoted(name)}; expected ${anyOf(known)}`,
    "docker context ls, then: oneoff --context NAME …",
  );

export const badDockerFile = (file: string, problem: string) =>
  usage(
    "bad-docker-file",
    `Cannot use ${escapeControls(file)}: ${problem}`,
    `fix the file, or set the address of the engine: ${HOW_TO_SET_ENGINE}`,
  );

export const engineTooOld = (version: string, floor: string) =>
  new OneoffError(
    "engine-too-old",
    `The engine is too old: its API is ${version}, oneoff requires ${floor} (Engine 20.10) or newer`,
    {
      next: `upgrade the engine, or use another: ${HOW_TO_SET_ENGINE}`,
    },
  );

/** @param floor the oldest API of the engine. @param bounded whether DOCKER_API_VERSION limits the version. */
export const engineTooNew = (asked: string, floor: string, bounded: boolean) =>
  new OneoffError("engine-too-new", `The engine requires API ${floor} or newer, oneoff uses ${asked}`, {
    next: bounded ? UNBOUND : "install a newer oneoff",
  });

const UNBOUND = "unset DOCKER_API_VERSION";

export const badApiVersion = (version: string, expected: string) =>
  usage("bad-api-version", `Invalid DOCKER_API_VERSION ${quoted(version)}: expected ${expected}`, UNBOUND);

/** An answer that is not an engine's, on one line, without HTML tags. */
const summarizeAnswer = (status: number, text: string) => {
  const words = text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return plain(words.startsWith(String(status)) ? words : `${status} ${words}`.trim());
};

export const notAnEngine = (place: string, status: number, body: string) =>
  new OneoffError(
    "not-an-engine",
    `The server at ${plain(place)} is not a Docker Engine, nor a proxy for one: ${summarizeAnswer(status, body)}`,
    { next: `set the address of the engine: ${HOW_TO_SET_ENGINE}` },
  );

export const proxyRefused = (
  place: string,
  { method, path }: { method: string; path: string },
  status: number,
  body: string,
) =>
  new OneoffError(
    "proxy-refused",
    `The proxy at ${plain(place)} refused ${method} ${path}: ${summarizeAnswer(status, body)}`,
    {
      next: `allow the request in the proxy, or bypass the proxy: ${HOW_TO_SET_ENGINE}`,
    },
  );

/** The answer to an upgrade of the connection is not 101. */
export const upgradeLost = (place: string, status: number) =>
  new OneoffError(
    "upgrade-lost",
    `The proxy at ${plain(place)} does not upgrade the connection: expected status 101, found ${status}`,
    { next: `pass the header "Connection: Upgrade" through the proxy, or bypass the proxy: ${HOW_TO_SET_ENGINE}` },
  );

/** With the whole message of the engine. `status` is the HTTP status. */
export class EngineRefused extends OneoffError {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, request: { method: string; path: string }) {
    // The message can be about anything: only the caller knows the next command.
    super("engine-refused", reason || `The engine answered ${status} to ${request.method} ${request.path}`, {
      next: undefined,
    });
    this.status = status;
    this.reason = reason;
  }
}

export const engineRefused = (...facts: ConstructorParameters<typeof EngineRefused>) => new EngineRefused(...facts);

/** @param statuses HTTP. */
export const isRefusal = (error: unknown, ...statuses: number[]): error is EngineRefused =>
  error instanceof EngineRefused && statuses.includes(error.status);

/** @param problem e.g. `expected a list, found null`. @param found the value, if that helps. */
export const badAnswer = (request: { method: string; path: string }, problem: string, found?: string) =>
  new OneoffError(
    "bad-answer",
    `The engine sent an invalid answer to ${request.method} ${request.path}: ${problem}${found === undefined ? "" : `, found ${quoted(found)}`}`,
    { next: `check the address of the engine: ${HOW_TO_SET_ENGINE}` },
  );

export const waitBroken = (cause: unknown) =>
  new OneoffError("wait-broken", "The connection to the engine broke before the exit code was known", {
    next: "oneoff ps --all",
    cause,
  });

export const exitUnknown = (reason: string) =>
  new OneoffError("exit-unknown", `The engine did not report the exit code: ${reason}`, {
    next: "oneoff ps --all",
  });

export const isExitUnknown = (error: unknown) => error instanceof OneoffError && error.code === "exit-unknown";

export const isConnectionLoss = (error: unknown): error is OneoffError =>
  error instanceof OneoffError &&
  ["engine-unreachable", "wait-broken", "stream-cut", "download-cut"].includes(error.code);

export const downloadCut = () =>
  new OneoffError("download-cut", "The connection to the engine broke before the download was complete", {
    next: "try again when the engine responds: oneoff ps --all",
  });

/** @param step the failed instruction. @param code the exit code of its command. */
export const buildFailed = (reason: string, step: string | undefined, code?: number) => {
  const ended = code ?? /(?:exit code:|non-zero code:|exit status) (\d+)\s*$/.exec(reason)?.[1];
  // BuildKit's prefixes do not help the user.
  const why = reason.replace(
    /^((failed to solve( with frontend \S+)?|failed to (create|build) LLB( definition)?): )+/,
    "",
  );
  return new OneoffError(
    "build-failed",
    step !== undefined && ended !== undefined
      ? `The build failed at ${quoted(step)}: exit code ${ended}`
      : `The build failed${step === undefined ? "" : ` at ${quoted(step)}`}: ${why}`,
    { next: "fix the Dockerfile, or a file that it copies, then try again" },
  );
};

export const imageNotNamed = () =>
  new OneoffError("build-failed", "The build failed: the engine did not report the ID of the image", {
    next: "deploy again",
  });

export const loadFailed = (reason: string) =>
  new OneoffError(
    "load-failed",
    /manifest\.json|repositories/.test(reason)
      ? "The archive has no image: expected the output of docker save"
      : `The engine cannot load the archive: ${
          /unexpected (EOF|end of data)/i.test(reason)
            ? "the archive is truncated"
            : reason.replace(/^Error processing tar file\(exit status \d+\): /, "")
        }`,
    { next: "docker save -o app.tar IMAGE" },
  );

/** Why a command was not started, from the engine's message. */
export type CommandFault = "no-workdir" | "too-large" | "not-found" | "not-executable";

export const isLoadFailed = (error: unknown) => error instanceof OneoffError && error.code === "load-failed";
