/**
 * Every failure oneoff can report: a code for programs, a sentence for people, and what to type next.
 * `usage` failures are the caller's to mend before anything happened; `failed` ones happened on the way.
 */
export class OneoffError extends Error {
  readonly code: string;
  readonly kind: "usage" | "failed";
  /** The command, or the change, that gets the user further. */
  readonly next: string | undefined;
  /** An exit code that is fixed by what happened, whatever the command: 124, 126, 127, 128+n. */
  readonly exit: number | undefined;

  constructor(
    code: string,
    message: string,
    facts: { kind?: "usage" | "failed"; next?: string | undefined; exit?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = "OneoffError";
    this.code = code;
    this.kind = facts.kind ?? "failed";
    this.next = facts.next;
    this.exit = facts.exit;
  }
}

const usage = (code: string, message: string, next?: string) => new OneoffError(code, message, { kind: "usage", next });

// Procfile

/** @param where `Procfile:3`, or the file alone. */
export const badProcfile = (where: string, problem: string, next?: string) =>
  usage("bad-procfile", `${where}: ${problem}`, next);

export const procfileBadLine = (where: string, line: string, continued: boolean) =>
  badProcfile(
    where,
    `expected "name: command", found ${quoted(line)}`,
    continued ? 'put the command on one line: a "\\" at its end does not continue it' : undefined,
  );

export const procfileConflict = (where: string, line: string) =>
  badProcfile(where, `expected "name: command", found the conflict marker ${quoted(line)}`, "finish the merge first");

export const procfileLineTooLong = (where: string, bytes: number, most: number) =>
  badProcfile(where, `the line has ${bytes} bytes, more than the ${most} allowed`, "put the command into a script");

export const procfileNameTooLong = (where: string, name: string, most: number) =>
  badProcfile(where, `the process type ${quoted(name)} has ${name.length} characters, more than the ${most} allowed`);

/** @param line where the name stands first. */
export const procfileTwice = (where: string, name: string, line: number) =>
  badProcfile(where, `${quoted(name)} is already on line ${line}; expected each process type once`);

export const procfileNoCommand = (where: string, name: string, comment: boolean) =>
  badProcfile(where, `expected a command after "${name}:", found ${comment ? "only a comment" : "nothing"}`);

export const procfileEmpty = (file: string) =>
  badProcfile(file, 'expected at least one "name: command" line, found none');

// text files

/** @param found what is wrong with it, as a noun. */
export const notText = (where: string, found: string) =>
  usage("not-text", `${where}: expected text in UTF-8, found ${found}`, "save the file as UTF-8");

// env: never a value, and no line as a whole

/** @param where `.env:3`, or `--env`. */
export const envNoName = (where: string) => usage("bad-env", `${where}: expected NAME=VALUE or NAME, found no name`);

/** @param plain what stands before the `=`, where it is surely a name. */
export const envNameSpaced = (where: string, plain?: { name: string; exported: boolean }) => {
  if (plain?.exported) return usage("bad-env", `${where}: expected "${plain.name}=", found "export" before it`);
  const found = plain ? `white space after "${plain.name}"` : "white space in the name";
  return usage("bad-env", `${where}: expected NAME=VALUE or NAME, found ${found}`);
};

// manifest

/** @param mistakes one line each, with its place in front. */
export const badManifest = (mistakes: string[]) => usage("bad-manifest", mistakes.join("\n"));

export const manifestTooLarge = (file: string, bytes: number, most: number) =>
  usage("bad-manifest", `${file}: the file has ${bytes} bytes, more than the ${most} allowed`);

export const unknownSize = (size: string, near: string | undefined, known: readonly string[]) =>
  usage("unknown-size", mistake.unknownSize(size, near, known));

/** What can be wrong at one place of a manifest. None shows a value. */
export const mistake = {
  /** @param name the key, or nothing for the file as a whole. */
  kind: (name: string, expected: string, found: string) =>
    `${name === "" ? "" : `${quoted(name)}: `}expected ${expected}, found ${found}`,
  noVariable: (name: string) => `${quoted(name)}: expected a value, found nothing; write "" for an empty one`,
  unknownKey: (key: string, near: string | undefined, known: string[]) =>
    `unknown key ${quoted(key)}; ${near ? `did you mean "${near}"?` : `expected ${anyOf(known)}`}`,
  expected: (name: string, expected: string) => `${quoted(name)}: expected ${expected}`,
  /** @param wanted what was expected, or what else is wrong with the value. */
  value: (name: string, wanted: string | { problem: string }) =>
    `${quoted(name)}: ${typeof wanted === "string" ? `expected ${wanted}` : wanted.problem}`,
  missing: (name: string, keys: readonly string[]) => `${quoted(name)}: expected ${anyOf(keys)} in it`,
  /** @param line where the other key stands. */
  together: (key: string, other: string, line: number) =>
    `${quoted(key)} cannot go with ${quoted(other)} on line ${line}; leave one of them out`,
  /** A key of an app that stands where the apps should. */
  outsideApp: (key: string) =>
    `${quoted(key)} belongs to an app: put it under "apps", or name the app with "app: NAME"`,
  emptyList: (name: string) => `${quoted(name)}: expected one item or more`,
  unknownSize: (size: string, near: string | undefined, known: readonly string[]) =>
    `unknown size ${quoted(size)}; ${near ? `did you mean ${quoted(near)}?` : `expected ${anyOf(known)}`}`,
  alone: (network: string) => `the network ${quoted(network)} cannot be joined together with others`,
  dollar: () => `expected "$NAME" or "\${NAME}" after "$"; write "$$" for a plain one`,
  /** @param why the file's own words. */
  required: (variable: string, filled: boolean, why: string) =>
    `the variable ${quoted(variable)} is not set${filled ? ", or empty" : ""}${why && `: ${quoted(why)}`}`,
  room: () => "the variables come to too long a text",
  noHome: () => 'the variable "HOME" is not set, which "~" stands for',
  /** A warning. */
  unset: (variable: string) => `the variable ${quoted(variable)} is not set, and left empty`,
  words: (most: number) => `the file has more than the ${most} words and signs allowed`,
  key: () => "expected a string for a key",
  tag: () => "expected a plain value, found a tag",
  /** @param line where the name stands first. */
  twice: (name: string, line: number) => `${quoted(name)} is already on line ${line}`,
  twiceInList: (name: string) => `${quoted(name)} is in the list twice`,
  noAnchor: (name: string) => `unknown alias ${quoted(`*${name}`)}; expected an anchor ${quoted(`&${name}`)} above`,
  aliases: (most: number) => `aliases repeat more than is allowed: ${most} values of 100 characters`,
  depth: (most: number) => `nested deeper than the ${most} levels allowed`,
  documents: () => 'a second document begins; expected one, without "---" inside',
  more: (count: number) => `and ${count} more`,
};

const anyOf = (words: readonly string[]) =>
  words.length < 2
    ? `"${words[0]}"`
    : `${words
        .slice(0, -1)
        .map((word) => `"${word}"`)
        .join(", ")} or "${words.at(-1)}"`;

/** The same without the quotes. */
const plain = (text: string) => quoted(text).slice(1, -1);

/** A user's text in double quotes on one line: no control or direction character reaches the terminal, long ones are cut. */
export const quoted = (text: string) =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text).replace(
    /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

// reaching an engine

const HOW_TO_POINT = "oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST";

export const noEndpoint = (looked: readonly string[]) =>
  new OneoffError("no-engine", `No engine socket found (looked for ${looked.join(", ")})`, {
    next: `start the engine, or say where it listens: ${HOW_TO_POINT}`,
  });

export const unsupportedEndpoint = (host: string, from: string) =>
  usage("bad-host", `${from}: expected unix:///path/to/docker.sock, found ${quoted(host)}`);

export const engineTooOld = (version: string, floor: string) =>
  new OneoffError("engine-too-old", `The engine speaks API ${version}; oneoff needs ${floor} (Engine 20.10) or newer`);

/** A connection that could not be made, or broke. */
export const unreachable = (socketPath: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const [why, next] =
    code === "ENOENT"
      ? ["there is no such socket", `start the engine, or say where it listens: ${HOW_TO_POINT}`]
      : code === "EACCES" || code === "EPERM"
        ? ["permission denied", "add yourself to the socket's group (sudo usermod -aG docker $USER), then log in anew"]
        : code === "ECONNREFUSED"
          ? ["nothing answers there", "start the engine (sudo systemctl start docker)"]
          : [message, undefined];
  return new OneoffError("engine-unreachable", `Cannot reach the engine at ${plain(socketPath)}: ${why}`, {
    next,
    cause,
  });
};

/** The engine's own words, whole. `status` is its HTTP status. */
export class EngineRefused extends OneoffError {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, request: { method: string; path: string }) {
    super("engine-refused", reason || `The engine answered ${status} to ${request.method} ${request.path}`);
    this.status = status;
    this.reason = reason;
  }
}

export const engineRefused = (...facts: ConstructorParameters<typeof EngineRefused>) => new EngineRefused(...facts);

/** Whether the engine refused with one of these HTTP statuses. */
export const isRefusal = (error: unknown, ...statuses: number[]): error is EngineRefused =>
  error instanceof EngineRefused && statuses.includes(error.status);

/** @param text what came in place of JSON, perhaps from a proxy. */
export const badAnswer = (text: string) =>
  new OneoffError("bad-answer", `The engine answered with what is no JSON: ${text.trim().slice(0, 2048)}`);

export const waitBroken = (cause: unknown) =>
  new OneoffError("wait-broken", "The connection to the engine broke before the exit code was known", { cause });

export const pullFailed = (image: string, reason: string) =>
  new OneoffError("pull-failed", `Cannot pull ${image}: ${reason}`);

// streams

export const badFrame = (type: number) =>
  new OneoffError("bad-frame", `The engine sent a frame of unknown type ${type}: the output stream is garbled`);

export const engineStreamError = (reason: string) =>
  new OneoffError("engine-stream", `The engine reports in the output stream: ${reason}`);

export const streamCut = (missing: number) =>
  new OneoffError("stream-cut", `The output ends in the middle of a frame: ${missing} announced bytes never came`);

export const outputFailed = (channel: string, cause: NodeJS.ErrnoException) =>
  new OneoffError("output-failed", `Cannot write to ${channel}: ${cause.message}; the command was stopped`, { cause });

export const outputLost = (cause: NodeJS.ErrnoException) =>
  new OneoffError("output-lost", `Not all could be written: ${cause.message}`, { cause });

// terminal

export const badDetachKeys = (keys: string, key: string) =>
  usage(
    "bad-detach-keys",
    `--detach-keys ${quoted(keys)}: expected single characters, ctrl-<letter> or DEL, found ${quoted(key)}`,
    "oneoff run --detach-keys ctrl-x,x …",
  );

// what a one-off is asked for

export const badQuantity = (option: string, text: string, expected: string) =>
  usage("bad-quantity", `${option}: expected ${expected}, found ${quoted(text)}`);

export const badVolume = (text: string) =>
  usage("bad-volume", `--volume: expected SOURCE:TARGET[:OPTIONS] with an absolute target, found ${quoted(text)}`);

export const badMount = (text: string, problem: string) =>
  usage(
    "bad-mount",
    `--mount ${quoted(text)}: ${problem}`,
    "--mount type=bind,source=/host/path,target=/path,readonly",
  );

export const badLabel = (text: string) => usage("bad-label", `--label: expected KEY=VALUE, found ${quoted(text)}`);

export const reservedLabel = (key: string, prefix: string) =>
  usage(
    "reserved-label",
    `--label: ${quoted(key)} begins with "${prefix}", which is reserved`,
    "use a prefix of your own",
  );

export const badAppName = (name: string) =>
  usage(
    "bad-app-name",
    `Expected an app name of lower-case letters and digits, with ".", "_" or "-" between them, found ${quoted(name)}`,
  );

export const noCommand = (app: string) =>
  usage("no-command", "No command given, and no terminal to open a shell on", `oneoff run ${app} ls -lah`);

export const needsTerminal = () =>
  usage(
    "needs-terminal",
    "--tty: stdin is not a terminal, and a terminal cannot carry its end-of-file",
    "leave --tty out, or take stdin from /dev/null",
  );

export const stdinIsDirectory = () => usage("stdin-directory", "stdin is a directory", "give a file, or </dev/null");

/** @param what names the file to somebody who did not: `--env-file`, or the place that says it. */
export const unreadable = (what: string, file: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = { ENOENT: "no such file", EISDIR: "it is a folder", EACCES: "permission denied" }[code ?? ""] ?? message;
  return new OneoffError("unreadable", `${what} ${quoted(file)}: ${why}`, { kind: "usage", cause });
};

// apps

/** @param manifest the oneoff.yaml that was looked in, if there is one. */
export const unknownApp = (
  name: string,
  near: string | undefined,
  known: readonly string[],
  manifest: string | undefined,
) =>
  new OneoffError(
    "unknown-app",
    `There is no app ${quoted(name)}: ${
      manifest ? `not in ${manifest}` : "no oneoff.yaml here"
    }, no image oneoff/${plain(name)}:latest, no container of dokku, Compose, Kamal, Swarm or that name${near ? `; did you mean ${quoted(near)}?` : ""}${
      known.length > 0 ? `\nknown apps: ${known.join(", ")}` : ""
    }`,
    { next: near ? `oneoff run ${near} …` : `oneoff run --image IMAGE ${name} …` },
  );

/** @param picks the words that pick each. */
export const ambiguousApp = (name: string, picks: readonly string[]) =>
  new OneoffError("ambiguous-app", `${quoted(name)} is the name of different apps: ${picks.join(", ")}`, {
    next: `oneoff run ${picks[0]} …`,
  });

/** @param words those after `oneoff run --pull` that name the app. */
export const missingImage = (image: string, words: string) =>
  new OneoffError("missing-image", `The engine has no image ${quoted(image)}, and nothing is pulled unasked`, {
    next: `oneoff run --pull ${words} …, or bring it: docker load -i image.tar`,
  });

/** Whether a create was refused because of its name; volumes and the like can be in conflict too. */
export const isNameTaken = (error: unknown): error is EngineRefused =>
  isRefusal(error, 409) && /name .*already in use/i.test(error.reason);

/** Whether a create was refused because the image is not there; a network or volume can be missing too. */
export const isMissingImage = (error: unknown): error is EngineRefused =>
  isRefusal(error, 404) && /no such image/i.test(error.reason);

/** @param context the folder that it is built from. */
export const notBuilt = (app: string, context: string) =>
  new OneoffError("not-built", `${quoted(app)} is to be built, and has no image oneoff/${app}:latest yet`, {
    next: `docker build -t oneoff/${app}:latest ${context}`,
  });

/** @param from what oneoff.yaml says to copy. */
export const noSuchContainer = (app: string, from: string) =>
  new OneoffError("no-such-container", `${quoted(app)} is a copy of ${quoted(from)}, of which there is no container`, {
    next: "deploy it, or say in oneoff.yaml where else it comes from",
  });

// the life of a one-off

export const nameTaken = (name: string, cause: unknown) =>
  new OneoffError("name-taken", `There is a container named ${quoted(name)} already`, {
    next: "choose another --name, or leave it out",
    cause,
  });

/** The engine's reason decides the code, by the same words in the same order as the docker client. */
export const startFailed = (error: unknown) => {
  if (!(error instanceof EngineRefused)) return error;
  const { reason } = error;
  if (/executable file not found|no such file or directory/i.test(reason))
    return new OneoffError("not-found", reason, { exit: 127, next: "check the command's name and the image's PATH" });
  if (/permission denied|is a directory/i.test(reason))
    return new OneoffError("not-executable", reason, { exit: 126, next: "check the file's mode and kind" });
  return error;
};

export const timedOut = (name: string, seconds: number) =>
  new OneoffError("timed-out", `${name} was stopped: it took longer than ${seconds} s`, { exit: 124 });

export const exitUnknown = (reason: string) =>
  new OneoffError("exit-unknown", `The engine could not tell how the command ended: ${reason}`);

export const endedBySignal = (signal: string, exit: number) =>
  new OneoffError("signalled", `Ended by ${signal} before the command was started; nothing is left behind`, { exit });

export const abandoned = (signal: string, exit: number) =>
  new OneoffError("abandoned", `Ended by ${signal}; the engine does not answer, and may still have the one-off`, {
    exit,
    next: "once it answers: docker ps --all --filter label=dev.oneoff.kind=run",
  });

export const isConnectionLoss = (error: unknown) =>
  error instanceof OneoffError && ["engine-unreachable", "wait-broken", "stream-cut"].includes(error.code);

export const engineLost = (container: string, state: "running" | "ended" | "unknown", cause: unknown) =>
  new OneoffError(
    "engine-lost",
    `The connection to the engine was lost, and the exit code with it; ${
      {
        running: `${container} lives on`,
        ended: `${container} has ended`,
        unknown: `${container} lives on if the engine keeps containers over a restart`,
      }[state]
    }`,
    { next: state === "ended" ? undefined : `docker attach ${container}`, cause },
  );

// one-offs that are there

export const unknownOneoff = (word: string, app: string | undefined) =>
  new OneoffError(
    "unknown-oneoff",
    `There is no one-off ${quoted(word)}${app === undefined ? "" : ` of ${plain(app)}`}`,
    {
      next: "oneoff ps --all",
    },
  );

/** @param names those of the containers. */
export const ambiguousOneoff = (word: string, names: readonly string[]) =>
  usage(
    "ambiguous-oneoff",
    `${quoted(word)} is the name of several one-offs: ${names.join(", ")}`,
    `use one of those names`,
  );

export const notOneoff = (word: string) =>
  usage("not-oneoff", `The container ${quoted(word)} is not a one-off`, "oneoff ps");

// the command line

export const unknownOption = (option: string, near: string | undefined, command: string) =>
  usage("unknown-option", `Unknown option ${quoted(option)}${near ? `; did you mean ${near}?` : ""}`, helpOf(command));

/** @param command empty where the mistake came before one. */
const helpOf = (command: string) => `oneoff ${command && `${command} `}--help`;

export const unknownCommand = (word: string, near: string | undefined) =>
  usage("unknown-command", `Unknown command ${quoted(word)}${near ? `; did you mean ${near}?` : ""}`, "oneoff --help");

export const noValue = (option: string, command: string) =>
  usage("no-value", `${option}: expected a value`, helpOf(command));

export const unwantedValue = (option: string, command: string) =>
  usage("unwanted-value", `${option}: expected no value`, helpOf(command));

export const unexpectedWord = (word: string, command: string) =>
  usage("unexpected-word", `${quoted(word)} is one word more than expected`, helpOf(command));

export const contradiction = (one: string, other: string) =>
  usage("contradiction", `${one} and ${other} cannot go together`, `leave one of them out`);

export const noApp = (command: string) =>
  usage("no-app", `Expected an app: oneoff ${command} [options] <app> [command…]`, helpOf(command));

export const badOption = (message: string, command: string) => usage("bad-option", message, helpOf(command));

/** Options alone do nothing. */
export const nothingToDo = () => usage("no-command-named", "Expected a command of oneoff", "oneoff --help");

/** What should not happen: all that is known of it, for whoever mends it. */
export const bug = (error: unknown) =>
  new OneoffError("bug", `This is a fault of oneoff itself: ${error instanceof Error ? error.stack : String(error)}`);
