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

// app.json, and what is set of an app

/** @param mistakes one line each, with its place in front. */
export const badAppJson = (mistakes: string[]) => usage("bad-app-json", mistakes.join("\n"));

export const appJsonTooLarge = (file: string, bytes: number, most: number) =>
  usage("bad-app-json", `${file}: the file has ${bytes} bytes, more than the ${most} allowed`);

/** @param mistakes one line each, with its place in front. */
export const badProperties = (mistakes: string[]) =>
  usage("bad-properties", mistakes.join("\n"), "mend the file, or move it away: nothing is set then");

export const badAppJsonPath = (given: string) =>
  usage("bad-appjson-path", `appjson-path: ${mistake.appJsonPath(given)}`);

export const unknownProperty = (name: string, near: string | undefined, known: readonly string[]) =>
  usage(
    "unknown-property",
    `Unknown property ${quoted(name)}; ${near ? `did you mean "${near}"?` : `expected ${anyOf(known)}`}`,
    helpOf("app-json:set"),
  );

export const noProperty = (known: readonly string[]) =>
  usage("no-property", `Expected a property: ${anyOf(known)}`, helpOf("app-json:set"));

/** @param property what stands where the app should. */
export const noPropertyApp = (property: string) =>
  usage(
    "no-app",
    `Expected an app, or --global, before ${quoted(property)}`,
    `oneoff app-json:set my-app ${plain(property)} …`,
  );

export const noConfigFolder = () =>
  usage("no-config-folder", "Neither XDG_CONFIG_HOME nor HOME is set: there is nowhere to keep it", "set one of them");

/** @param pid of the process that has the lock. */
export const propertiesLocked = (lock: string, pid = "unknown") =>
  new OneoffError("properties-locked", `The lock ${quoted(lock)} has been held too long, by the process ${pid}`, {
    next: "end that process, then try again",
  });

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
  /** Of JSON. */
  syntax: (expected: string, found: string) => `expected ${expected}, found ${found}`,
  escape: () => 'an escape that is none in JSON; write "\\\\" for a "\\"',
  control: () => 'a control character in a string; write it as in "\\t"',
  unclosedString: () => `a string without a closing '"' on the same line`,
  unclosedComment: () => 'a comment without a closing "*/"',
  /** Completes the value's name. */
  oneOf: (near: string | undefined, known: readonly string[]) =>
    `expected ${anyOf(known)}${near && known.length > 1 ? `; did you mean "${near}"?` : ""}`,
  appJsonPath: (path: string) => `expected the path of a file below the app's folder, found ${quoted(path)}`,
};

const anyOf = (words: readonly string[]) =>
  words.length < 2
    ? `"${words[0]}"`
    : `${words
        .slice(0, -1)
        .map((word) => `"${word}"`)
        .join(", ")} or "${words.at(-1)}"`;

/** The same without the quotes. */
export const plain = (text: string) => quoted(text).slice(1, -1);

/** A user's text in double quotes on one line: no control or direction character reaches the terminal, long ones are cut. */
export const quoted = (text: string) =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text).replace(
    /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

// a oneoff.yaml to begin with

/** @param where `compose.yaml:3:5` */
export const badCompose = (where: string, problem: string) =>
  usage("bad-compose", `${where}: ${problem}`, "mend it, then: oneoff init");

export const manifestExists = (file: string) =>
  usage("manifest-exists", `${plain(file)} is there already, and is never written over`, "oneoff init --print");

export const unwritable = (file: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = { EACCES: "permission denied", EROFS: "the file system is read-only" }[code ?? ""] ?? message;
  return new OneoffError("unwritable", `Cannot write ${quoted(file)}: ${why}`, { cause });
};

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

export const outputFailed = (
  { channel, error }: { channel: string; error: NodeJS.ErrnoException },
  became: "was stopped" | "runs on",
) =>
  new OneoffError("output-failed", `Cannot write to ${channel}: ${error.message}; the command ${became}`, {
    cause: error,
  });

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

/** @param typed what may stand before a command: `run my-app`. */
export const noCommand = (typed: string) =>
  usage("no-command", "No command given, and no terminal to open a shell on", `oneoff ${typed} ls -lah`);

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
      known.length > 0 ? `\nknown apps: ${known.map(plain).join(", ")}` : ""
    }`,
    { next: near ? `oneoff run ${near} …` : `oneoff run --image IMAGE ${name} …` },
  );

/** @param picks the words that pick each. */
export const ambiguousApp = (name: string, picks: readonly string[]) =>
  new OneoffError("ambiguous-app", `${quoted(name)} is the name of different apps: ${picks.map(plain).join(", ")}`, {
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

/** Whether a create or a start was refused because a container is not there whose network, or the like, was to be shared. */
export const isGoneShare = (error: unknown): error is EngineRefused =>
  isRefusal(error, 400, 404, 409, 500) &&
  /no such container|cannot join .* of a non.?running container|container \S+ is not running/i.test(error.reason);

/** @param shared what the container is to share. */
export const shareGone = (app: string, shared: "network" | "processes" | "memory", cause: EngineRefused) =>
  new OneoffError(
    "share-gone",
    `${quoted(app)} shares the ${shared} of a container that does not run: ${cause.reason}`,
    {
      next: `start that container${shared === "network" ? `, or leave it out: oneoff run --network NAME ${app} …` : ""}`,
      cause,
    },
  );

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
    next: "once it answers: oneoff ps",
  });

export const isConnectionLoss = (error: unknown) =>
  error instanceof OneoffError &&
  ["engine-unreachable", "wait-broken", "stream-cut", "download-cut"].includes(error.code);

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
    { next: state === "ended" ? undefined : `oneoff attach ${container}`, cause },
  );

export const isEngineLost = (error: unknown) => error instanceof OneoffError && error.code === "engine-lost";

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

/** @param words those that mean none. Nothing has been done about the others either. */
export const unknownOneoffs = (words: readonly string[], app: string | undefined) =>
  new OneoffError(
    "unknown-oneoff",
    `There is no one-off ${app === undefined ? "or app " : `of ${plain(app)} named `}${words.map(quoted).join(", ")}; nothing was stopped`,
    { next: app === undefined ? "oneoff ps" : `oneoff ps ${plain(app)}` },
  );

/** Whether what was asked for is none, be it there or not. */
export const isNoOneoff = (error: unknown) =>
  error instanceof OneoffError && ["unknown-oneoff", "not-oneoff"].includes(error.code);

export const isUnknownOneoff = (error: unknown) => error instanceof OneoffError && error.code === "unknown-oneoff";

export const nothingToStop = () =>
  usage("nothing-to-stop", "Expected one-offs, an app, or --all", "oneoff stop run.7364");

/** @param near an app that has a log. */
export const noLog = (word: string, near: string | undefined) =>
  new OneoffError(
    "no-log",
    `There is no log of ${quoted(word)}: no one-off and no app of that name is known${near ? `; did you mean ${quoted(near)}?` : ""}`,
    { next: near ? `oneoff logs ${near}` : "oneoff ps --all" },
  );

export const nothingToLog = () =>
  usage("nothing-to-log", "Expected an app or a one-off: oneoff logs my-app", "oneoff logs --help");

/** Why there is none to show. */
export const outputFate = (name: string, why: "terminal" | "gone" | "driver") =>
  ({
    terminal: `the output of ${name} went to where it was run from, and was not kept`,
    gone: `the output of ${name} has gone with its container`,
    driver: `the output of ${name} goes to a log that cannot be read here`,
  })[why];

/** Where nothing else was asked for. */
export const noRawOutput = (name: string, why: "terminal" | "gone") =>
  new OneoffError("no-output", `There is nothing to show: ${outputFate(name, why)}`, { next: `oneoff logs ${name}` });

export const rawNeedsOneoff = (app: string) =>
  usage("raw-needs-oneoff", `--raw: expected one one-off, found the app ${quoted(app)}`, "oneoff logs --raw run.7364");

export const unknownType = (type: string, app: string | undefined, known: readonly string[]) =>
  app === undefined
    ? usage(
        "unknown-type",
        `Only one-offs are listed without an app, no ${quoted(type)}`,
        `oneoff ps APP ${plain(type)}`,
      )
    : usage("unknown-type", `${plain(app)} has no process type ${quoted(type)}; it has ${known.join(", ")}`);

export const watchNeedsTerminal = () =>
  usage("watch-needs-terminal", "--watch: stdout is not a terminal", "leave --watch out");

// locks

/** @param lock its holder, and since when, in seconds since 1970. */
export const lockHeld = (lock: { key: string; app: string; name: string; since: number }, next: string) =>
  new OneoffError(
    "lock-held",
    `The lock ${quoted(lock.key)} is held by ${lock.name} of ${lock.app}, since ${new Date(lock.since * 1000).toISOString().replace(".000", "")}`,
    { next },
  );

export const lockNameTaken = (name: string, key: string) =>
  new OneoffError("lock-name-taken", `There is a container named ${quoted(name)} that is not the lock ${quoted(key)}`, {
    next: `docker rm ${name}, or choose another key`,
  });

export const noKey = () => usage("no-key", "Expected the key of a lock: oneoff unlock [options] <key>", "oneoff locks");

export const unknownLock = (key: string) =>
  new OneoffError("unknown-lock", `There is no lock ${quoted(key)}`, { next: "oneoff locks" });

// files that go to a one-off, or come from it

export const badUpload = (text: string) =>
  usage(
    "bad-upload",
    `--file: expected PATH[:TARGET], found ${quoted(text)}`,
    "a path with a colon in it is given with one more at its end: --file ./a:b:",
  );

export const badFetch = (text: string) =>
  usage(
    "bad-fetch",
    `--fetch: expected /PATH[:TARGET] with an absolute path of the one-off, found ${quoted(text)}`,
    "a path with a colon in it is given with one more at its end: --fetch /a:b:",
  );

/** @param name where what follows it may be the secret itself. */
export const badSecret = (name: string | undefined) =>
  name === undefined
    ? usage("bad-secret", "--secret: expected NAME or NAME=@FILE, with a NAME of letters, digits, dots and dashes")
    : usage(
        "bad-secret",
        `--secret ${plain(name)}: expected no value here: everybody on this machine sees command lines`,
        `--secret ${plain(name)} takes it from our environment, --secret ${plain(name)}=@FILE from a file`,
      );

export const secretUnset = (name: string) =>
  usage("secret-unset", `--secret ${name}: there is no such variable in our environment`, `--secret ${name}=@FILE`);

export const secretTooLarge = (name: string, most: number) =>
  usage("secret-too-large", `--secret ${name}: more than the ${most} bytes allowed`, "--file, for what is no secret");

export const hiddenSecret = (name: string) =>
  usage(
    "hidden-secret",
    `--secret ${name}: something is mounted at /run/secrets/${name} already`,
    "choose another name",
  );

export const stdinTwice = () => usage("stdin-twice", "--file: stdin can be read once only", "leave one --file - out");

export const noLocalFile = (path: string) =>
  usage(
    "no-local-file",
    `${quoted(path)} is neither a file nor a folder`,
    "what comes from a pipe is given by stdin: … | oneoff run --file -:NAME …",
  );

export const uploadedTwice = (target: string) =>
  usage("uploaded-twice", `Two files would be ${quoted(target)} in the one-off`, "--file PATH:ANOTHER-NAME");

/** @param tmpfs or a root file system that is read-only. */
export const hiddenByMount = (folder: string, tmpfs: boolean) =>
  usage(
    "hidden-folder",
    `Nothing can be put into ${quoted(folder)} of the one-off: ${
      tmpfs ? "it is a tmpfs, which the engine cannot reach" : "its root file system is read-only"
    }`,
    "choose a folder below it, or another one",
  );

export const unknownUser = (user: string, what: "user" | "group", name: string) =>
  new OneoffError(
    "unknown-user",
    `The one-off is to run as ${quoted(user)}, and its image has no ${what} ${quoted(name)}`,
    {
      next: "give numbers: --user 1000:1000",
    },
  );

export const fileChanged = (path: string) =>
  new OneoffError("file-changed", `${quoted(path)} has changed its size while it was sent`, {
    next: "wait until nothing writes to it, or send a copy of it",
  });

export const archiveCut = () =>
  new OneoffError("archive-cut", "The engine has sent only a part of the files: the archive ends too early");

export const badArchive = (problem: string) =>
  new OneoffError("bad-archive", `The engine has sent an archive that cannot be read: ${problem}`);

export const unsafeArchive = (name: string) =>
  new OneoffError(
    "unsafe-archive",
    `The archive has ${quoted(name)}, which is not where files of it may be; nothing was written`,
  );

export const downloadCut = () =>
  new OneoffError("download-cut", "The connection to the engine broke before all had come");

/** @param tmpfs where one is mounted that the path is on. */
export const noSuchPath = (oneoff: string, path: string, tmpfs: string | undefined) =>
  new OneoffError(
    "no-such-path",
    `${oneoff} has no ${quoted(path)}${tmpfs ? `: ${plain(tmpfs)} is a tmpfs, which the engine cannot reach` : ""}`,
    { next: tmpfs ? "write it elsewhere, or to a volume: --mount type=volume,target=/out" : undefined },
  );

export const notFetchable = (oneoff: string, path: string, why: string) =>
  new OneoffError("not-fetchable", `${quoted(path)} of ${oneoff} cannot be fetched: ${why}`);

export const fetchedTwice = (path: string) =>
  usage("fetched-twice", `Two files would be ${quoted(path)} here`, "--fetch /PATH:ANOTHER-NAME");

export const noLocalFolder = (path: string) =>
  usage("no-local-folder", `There is no folder ${quoted(path)} here`, `mkdir -p ${plain(path)}`);

export const targetExists = (path: string) =>
  usage("target-exists", `${quoted(path)} is there already`, "--force replaces it");

export const targetInOneoff = (oneoff: string, path: string) =>
  usage("target-exists", `${oneoff} has ${quoted(path)} already`, "--force replaces it");

export const targetOtherKind = (path: string, isDirectory: boolean) =>
  usage(
    "target-other-kind",
    `${quoted(path)} is ${isDirectory ? "no folder here, and one" : "a folder here, and none"} in the one-off`,
    "choose another name",
  );

export const transferEnded = (signal: string, exit: number) =>
  new OneoffError("signalled", `Ended by ${signal} before all was copied`, { exit });

export const badCopy = (text: string) =>
  usage("bad-copy", `Expected run.N:/PATH or a path here, found ${quoted(text)}`, "oneoff cp --help");

export const copyOneSide = () =>
  usage("copy-one-side", "Expected a one-off on exactly one side", "oneoff cp run.7364:/app/report.csv .");

export const archiveAtTerminal = (way: "to" | "from") =>
  usage(
    "archive-at-terminal",
    `An archive is not for a terminal: - is ${way === "to" ? "stdout" : "stdin"}`,
    `oneoff cp ${way === "to" ? "run.7364:/app - | tar x" : "- run.7364:/app < archive.tar"}`,
  );

export const noOneoff = (command: string) =>
  usage("no-oneoff", `Expected a one-off: oneoff ${command} [options] <run.N>`, "oneoff ps");

export const noTarget = () =>
  usage("no-target", "Expected what to run it in: oneoff exec [options] <run.N|app[.type]> [command…]", "oneoff ps");

export const nothingRuns = (word: string) =>
  new OneoffError("nothing-runs", `Nothing of ${quoted(word)} runs that a command could be run in`, {
    next: `oneoff ps, or in a fresh container: oneoff run ${plain(word)} …`,
  });

/** A container that has ended since it was found. */
export const notRunning = (name: string, error: unknown) =>
  isRefusal(error, 409)
    ? new OneoffError("not-running", `${name} does not run: ${error.reason}`, { next: "oneoff ps --all", cause: error })
    : error;

export const waitedInVain = (seconds: number) =>
  new OneoffError("timed-out", `Not ended after ${seconds} s; nothing was stopped`, { exit: 124, next: "oneoff ps" });

export const deadlinePassed = (name: string) =>
  new OneoffError("timed-out", `${name} was stopped: its time had come`, { exit: 124, next: `oneoff logs ${name}` });

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

export const needsDetach = (option: string) =>
  usage("needs-detach", `${option} is for detached one-offs`, `oneoff run --detach ${option} …`);

export const needsLock = () =>
  usage("needs-lock", "--on-conflict says what to do about a lock", "oneoff run --lock KEY --on-conflict wait …");

/** @param words those that the command expects. */
export const noApp = (command: string, words: string) =>
  usage("no-app", `Expected an app: oneoff ${command} [options] ${words}`, helpOf(command));

export const badOption = (message: string, command: string) => usage("bad-option", message, helpOf(command));

/** Options alone do nothing. */
export const nothingToDo = () => usage("no-command-named", "Expected a command of oneoff", "oneoff --help");

/** What should not happen: all that is known of it, for whoever mends it. */
export const bug = (error: unknown) =>
  new OneoffError("bug", `This is a fault of oneoff itself: ${error instanceof Error ? error.stack : String(error)}`);

// deploys

export const unknownStep = (option: string, step: string, near: string | undefined, known: readonly string[]) =>
  usage(
    "unknown-step",
    `${option}: unknown step ${quoted(step)}; ${near ? `did you mean ${quoted(near)}?` : `expected ${anyOf(known)}`}`,
    helpOf("deploy"),
  );

export const requiredVariable = (name: string) =>
  usage(
    "required-variable",
    `app.json: the variable ${quoted(name)} is required and has no value`,
    "set it in oneoff.yaml",
  );

/** @param file with values of variables, of which none is shown. */
export const badEnvStore = (file: string) =>
  new OneoffError("bad-env-store", `${file}: expected a JSON object of strings`, { next: "mend it, or move it away" });
