import { escapeControls, escapedJson } from "./escape.ts";

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

  /** @param message a line, or several: each is escaped, so that no value in it makes a line of its own. */
  constructor(
    code: string,
    message: string | readonly string[],
    facts: { kind?: "usage" | "failed"; next: string | undefined; exit?: number; cause?: unknown },
  ) {
    super(escapedLines(message), { cause: facts.cause });
    this.name = "OneoffError";
    this.code = code;
    this.kind = facts.kind ?? "failed";
    this.next = facts.next && escapeControls(facts.next);
    this.exit = facts.exit;
  }
}

/** The lines of what has gone wrong: an `OneoffError` may have several, and nothing else has a line break of its own. */
export const linesOf = (error: unknown): string[] =>
  error instanceof OneoffError ? error.message.split("\n") : [error instanceof Error ? error.message : String(error)];

/** What was not possible, and why, in as many lines as the error has. */
export function because(what: string, error: unknown): string[] {
  const [first, ...more] = linesOf(error);
  return [`${what}: ${first}`, ...more];
}

const escapedLines = (message: string | readonly string[]) => [message].flat().map(escapeControls).join("\n");

/** To report. @param message a line, or several: each is escaped, so that no value in it makes a line of its own. */
export const warning = (message: string | readonly string[]) =>
  ({ type: "warning", message: escapedLines(message) }) as const;

/** The same of what was left out of a copy, which `--quiet` does not silence. */
export const notCopied = (message: string | readonly string[]) =>
  ({ type: "not-copied", message: escapedLines(message) }) as const;

const usage = (code: string, message: string | readonly string[], next: string) =>
  new OneoffError(code, message, { kind: "usage", next });

// Procfile

const AS_IN_PROCFILE = 'write it as in "web: ./serve --port $PORT"';

/** @param where `Procfile:3`, or the file alone. */
export const badProcfile = (where: string, problem: string, next: string) =>
  usage("bad-procfile", `${where}: ${problem}`, next);

export const procfileBadLine = (where: string, line: string, continued: boolean) =>
  badProcfile(
    where,
    `expected "name: command", found ${quoted(line)}`,
    continued ? 'put the command on one line: a "\\" at its end does not continue it' : AS_IN_PROCFILE,
  );

export const procfileConflict = (where: string, line: string) =>
  badProcfile(where, `expected "name: command", found the conflict marker ${quoted(line)}`, "finish the merge first");

export const procfileLineTooLong = (where: string, bytes: number, most: number) =>
  badProcfile(where, `the line has ${bytes} bytes, more than the ${most} allowed`, "put the command into a script");

export const procfileNameTooLong = (where: string, name: string, most: number) =>
  badProcfile(
    where,
    `the process type ${quoted(name)} has ${name.length} characters, more than the ${most} allowed`,
    "choose a shorter name",
  );

/** @param line where the name stands first. */
export const procfileTwice = (where: string, name: string, line: number) =>
  badProcfile(
    where,
    `${quoted(name)} is already on line ${line}; expected each process type once`,
    "rename it, or leave one of them out",
  );

export const procfileNoCommand = (where: string, name: string, comment: boolean) =>
  badProcfile(
    where,
    `expected a command after "${name}:", found ${comment ? "only a comment" : "nothing"}`,
    AS_IN_PROCFILE,
  );

export const procfileEmpty = (file: string) =>
  badProcfile(file, 'expected at least one "name: command" line, found none', AS_IN_PROCFILE);

// text files

/** @param found what is wrong with it, as a noun. */
export const notText = (where: string, found: string) =>
  usage("not-text", `${where}: expected text in UTF-8, found ${found}`, "save the file as UTF-8");

// env: never a value, and no line as a whole

/** @param where `.env:3`, or `--env`. */
export const envNoName = (where: string) =>
  usage("bad-env", `${where}: expected NAME=VALUE or NAME, found no name`, "put a name before the =, or leave it out");

/** A warning. */
export const severalVariables = (name: string) =>
  `--env ${name}: all after the "=" is its value, what is behind a ";" too; several are set by: -e ${name}=… -e NAME=…`;

/** @param plain what stands before the `=`, where it is surely a name. */
export const envNameSpaced = (where: string, plain?: { name: string; exported: boolean }) => {
  if (plain?.exported)
    return usage("bad-env", `${where}: expected "${plain.name}=", found "export" before it`, 'leave "export" out');
  const found = plain ? `white space after "${plain.name}"` : "white space in the name";
  return usage(
    "bad-env",
    `${where}: expected NAME=VALUE or NAME, found ${found}`,
    "leave the white space out; a value may have any, but no line break in a file",
  );
};

/** Of an env file that is read as Compose does. @param problem shows no value. */
export const badEnvSyntax = (where: string, problem: string) =>
  usage("bad-env", `${where}: ${problem}`, "write NAME=VALUE, and a value with a quote, a # or a $ in single quotes");

/** A warning. */
export const quotedEnvValue = (name: string) =>
  `--env-file: the quotes around the value of ${plain(name)} are part of it, as for docker; an env-file in oneoff.yaml is read as Compose reads it`;

/** A warning. */
export const unsetVariable = (file: string, name: string) =>
  `${plain(file)}: variable ${plain(name)} is not set, and is taken as empty`;

// manifest

/** @param mistakes one line each, with its place in front. */
export const badManifest = (mistakes: string[]) => usage("bad-manifest", mistakes, "oneoff help config");

export const manifestTooLarge = (file: string, bytes: number, most: number) =>
  usage("bad-manifest", `${file}: the file has ${bytes} bytes, more than the ${most} allowed`, "oneoff help config");

export const unknownSize = (size: string, near: string | undefined, known: readonly string[]) =>
  usage("unknown-size", mistake.unknownSize(size, near, known), `oneoff run --size ${near ?? known[0]} …`);

// app.json, and what is set of an app

/** @param mistakes one line each, with its place in front. */
export const badAppJson = (mistakes: string[]) => usage("bad-app-json", mistakes, "oneoff help deploy");

export const appJsonTooLarge = (file: string, bytes: number, most: number) =>
  usage("bad-app-json", `${file}: the file has ${bytes} bytes, more than the ${most} allowed`, "oneoff help deploy");

/** @param mistakes one line each, with its place in front. */
export const badProperties = (mistakes: string[]) =>
  usage("bad-properties", mistakes, "mend the file, or move it away: nothing is set then");

export const badAppJsonPath = (given: string) =>
  usage(
    "bad-appjson-path",
    `appjson-path: ${mistake.appJsonPath(given)}`,
    "oneoff app-json:set my-app appjson-path deploy/app.json",
  );

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
export const quoted = (text: string) => quotedUpTo(60, text);

/** @param longest in characters. */
export const quotedUpTo = (longest: number, text: string) =>
  escapedJson(text.length > longest ? `${text.slice(0, longest)}…` : text)
    // A byte of a file name that is not UTF-8.
    .replace(/(?<!\\)\\udc([89a-f][0-9a-f])/g, "\\x$1");

// a oneoff.yaml to begin with

/** @param where `compose.yaml:3:5` */
export const badCompose = (where: string, problem: string) =>
  usage("bad-compose", `${where}: ${problem}`, "mend it, then: oneoff init");

export const manifestExists = (file: string) =>
  usage("manifest-exists", `${plain(file)} is there already, and is never written over`, "oneoff init --print");

export const unwritable = (file: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = { EACCES: "permission denied", EROFS: "the file system is read-only" }[code ?? ""] ?? message;
  return new OneoffError("unwritable", `Cannot write ${quoted(file)}: ${why}`, {
    next: "see to the folder's permissions and free space, then try again",
    cause,
  });
};

// reaching an engine

const HOW_TO_POINT = "oneoff --host unix:///path/to/docker.sock …, or set DOCKER_HOST";

/** @param looked the sockets that were looked for. @param others whose were, too. */
export const noEndpoint = (looked: readonly string[], others: readonly string[]) =>
  new OneoffError(
    "no-engine",
    `No engine socket found (looked for ${looked.join(", ")}, and those of ${others.join(", ")})`,
    { next: `start the engine, or say where it listens: ${HOW_TO_POINT}` },
  );

/** @param from what says so. */
export const badHost = (host: string, from: string, next = HOW_TO_POINT) =>
  usage(
    "bad-host",
    `${plain(from)}: expected unix:///path/to/docker.sock, tcp://host[:port] or ssh://[user@]host, found ${quoted(host)}`,
    next,
  );

/** @param source what has named it. @param known those that there are. */
export const unknownContext = (name: string, source: string, known: readonly string[]) =>
  usage(
    "unknown-context",
    `${source}: there is no docker context ${quoted(name)}; there ${known.length === 1 ? "is" : "are"} ${known.map(plain).join(", ")}`,
    "docker context ls, then: oneoff --context NAME …",
  );

/** @param problem completes its name. */
export const badDockerFile = (file: string, problem: string) =>
  usage(
    "bad-docker-file",
    `${escapeControls(file)} ${problem}`,
    `mend it, or say where the engine listens: ${HOW_TO_POINT}`,
  );

/** @param seconds for which it was waited. */
export const engineSilent = (seconds: number) =>
  new OneoffError("engine-silent", `The engine is there, and has said nothing for ${seconds} s`, {
    next: "see what it is at: journalctl -u docker, or restart it: sudo systemctl restart docker",
  });

export const engineTooOld = (version: string, floor: string) =>
  new OneoffError("engine-too-old", `The engine speaks API ${version}; oneoff needs ${floor} (Engine 20.10) or newer`, {
    next: `upgrade it, or use another: ${HOW_TO_POINT}`,
  });

export type Reason = readonly [why: string, next?: string | undefined];

/** @param floor the oldest version of the API that the engine speaks. @param bounded whether we could have asked for more. */
export const engineTooNew = (asked: string, floor: string, bounded: boolean) =>
  new OneoffError("engine-too-new", `The engine speaks API ${floor} or newer, oneoff ${asked}`, {
    next: bounded ? UNBOUND : "install a newer oneoff",
  });

const UNBOUND = "unset DOCKER_API_VERSION";

export const badApiVersion = (version: string, expected: string) =>
  usage("bad-api-version", `DOCKER_API_VERSION: expected ${expected}, found ${quoted(version)}`, UNBOUND);

/** An answer that is no engine's: without tags, on one line, and no longer than is worth reading. */
const gist = (status: number, text: string) => {
  const words = text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return plain(words.startsWith(String(status)) ? words : `${status} ${words}`.trim());
};

/** What answers with this in place of an engine. */
export const notAnEngine = (place: string, status: number, body: string) =>
  new OneoffError(
    "not-an-engine",
    `What answers at ${plain(place)} is no Docker Engine, nor a proxy that reaches one: ${gist(status, body)}`,
    { next: `say where the engine listens: ${HOW_TO_POINT}` },
  );

export const proxyRefused = (
  place: string,
  { method, path }: { method: string; path: string },
  status: number,
  body: string,
) =>
  new OneoffError("proxy-refused", `A proxy at ${plain(place)} refuses ${method} ${path}: ${gist(status, body)}`, {
    next: "let the proxy allow it, or go round it",
  });

/** A connection that should have been handed over, and was answered as if it were any. */
export const upgradeLost = (place: string, status: number) =>
  new OneoffError(
    "upgrade-lost",
    `A proxy at ${plain(place)} does not hand the connection over: it answers ${status} in place of 101`,
    { next: 'let it pass "Connection: Upgrade" on, or go round it' },
  );

/** Why an engine cannot be reached, and what to type next. */
export const reach = {
  noSocket: () => ["there is no such socket", `start the engine, or say where it listens: ${HOW_TO_POINT}`],
  noSocketButFile: () => ["it is not a socket", `say where the engine listens: ${HOW_TO_POINT}`],
  nobodyListens: () => ["nothing answers there", "start the engine (sudo systemctl start docker)"],
  crowded: () => ["it accepts no more connections", "start the engine anew (sudo systemctl restart docker)"],
  /** @param group whom the socket is for, if it is for any. */
  denied: (group: string | undefined) =>
    group === undefined
      ? ["permission denied", "become root (sudo oneoff …), or find who may use the socket"]
      : [
          `permission denied: it is for the group ${quoted(group)}`,
          `add yourself to it (sudo usermod -aG ${plain(group)} $USER), then log in anew`,
        ],
  portRefused: () => ["nothing listens there", "start the engine, or mend the port"],
  unknownHost: () => ["there is no host of that name", "mend the name"],
  stalled: () => ["it stopped in the middle of an answer", "try again; if it stops again, restart the engine"],
  silent: () => ["it takes connections and does not answer", "start the engine anew (sudo systemctl restart docker)"],
  /** @param line the first it has said. */
  noHttp: (line: string) => [`what answers is no Docker Engine: ${quoted(line)}`, "mend the address"],
  closed: () => ["it has closed the connection"],
  closedTls: () => ["it has closed the connection", "see whether it wants another certificate of ours than cert.pem"],
  closedPort: () => ["it has closed the connection", "see whether it speaks TLS, which takes DOCKER_TLS_VERIFY=1"],
  timedOut: () => ["it does not answer", "see whether the host is up, and no firewall in between"],
  noRoute: () => ["there is no way to that host", "see whether the network is up"],
  plainThere: (place: string) => [
    "it does not speak TLS",
    `see whether the port is right; only where nobody can listen, go without: unset DOCKER_TLS_VERIFY, --host tcp://${place}`,
  ],
  tlsThere: () => [
    "it speaks TLS only",
    "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem",
  ],
  /** @param ca the file of those who are trusted, if there is one. */
  untrusted: (ca: string | undefined) => [
    "its certificate is of nobody who is trusted here",
    ca === undefined ? "put its ca.pem into DOCKER_CERT_PATH" : `see whether ${plain(ca)} is that engine's`,
  ],
  wrongName: (host: string, names: string) => [
    `its certificate is not for ${quoted(host)} but for ${plain(names)}`,
    "name it as its certificate does, or give it another",
  ],
  expired: () => ["its certificate has expired", "give the engine a new one"],
  notYetValid: () => ["its certificate is not valid yet", "see whether the clock is right on both sides"],
  certificateWanted: () => ["it wants a certificate of ours", "put cert.pem and key.pem into DOCKER_CERT_PATH"],
  certificateRefused: (cert: string) => [
    `it refuses our certificate ${plain(cert)}`,
    "have it signed by whom the engine trusts, and see whether it has expired",
  ],
  noSsh: () => ["there is no ssh here", "install it, as with: sudo apt-get install openssh-client"],
  sshRefused: () => ["no ssh listens there", "see whether sshd is up, and the port right"],
  /** @param ssh the command that reaches the same host. */
  sshKeyUnknown: (ssh: string) => [
    "its host key is not known here",
    `${ssh} once, and see whether the key it shows is right`,
  ],
  sshKeyChanged: (host: string) => [
    "its host key has changed: it was set up anew, or somebody is in between",
    `only if it was set up anew: ssh-keygen -R ${host}`,
  ],
  sshDenied: (ssh: string) => [
    "ssh lets none of our keys in, and here it asks for no password",
    `ssh-add, or ssh-copy-id${ssh.slice("ssh".length)}; try it with: ${ssh}`,
  ],
  sshSays: (words: string, ssh: string) => [`ssh says: ${escapeControls(words) || "nothing"}`, `try it with: ${ssh}`],
  noRemoteDocker: (host: string) => [
    `there is no docker command on ${plain(host)}, or not in the PATH of its shells that are not for login`,
    "install docker's client there",
  ],
  remoteDockerSays: (words: string, command: string) => [
    `docker there says: ${escapeControls(words)}`,
    `try it with: ${command}`,
  ],
} satisfies Record<string, (...facts: never[]) => Reason>;

/** A connection that could not be made, or broke. */
export const unreachableEngine = (place: string, [why, next]: Reason, cause: unknown) =>
  new OneoffError("engine-unreachable", `Cannot reach the engine at ${plain(place)}: ${why}`, { next, cause });

/** The engine's own words, whole. `status` is its HTTP status. */
export class EngineRefused extends OneoffError {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, request: { method: string; path: string }) {
    // Its words can be about anything: whoever knows what was asked for says what to do.
    super("engine-refused", reason || `The engine answered ${status} to ${request.method} ${request.path}`, {
      next: undefined,
    });
    this.status = status;
    this.reason = reason;
  }
}

export const engineRefused = (...facts: ConstructorParameters<typeof EngineRefused>) => new EngineRefused(...facts);

/** Whether the engine refused with one of these HTTP statuses. */
export const isRefusal = (error: unknown, ...statuses: number[]): error is EngineRefused =>
  error instanceof EngineRefused && statuses.includes(error.status);

/** @param problem as in `expected a list, found null`. @param found what came, where that helps. */
export const badAnswer = (request: { method: string; path: string }, problem: string, found?: string) =>
  new OneoffError(
    "bad-answer",
    `The engine sent an invalid answer to ${request.method} ${request.path}: ${problem}${found === undefined ? "" : `, found ${quoted(found)}`}`,
    { next: `see what listens there, or use another: ${HOW_TO_POINT}` },
  );

/** The same of one line, or another part, of a stream. */
export const badLine = (problem: string, found?: string) =>
  new OneoffError(
    "bad-answer",
    `The engine sent an invalid stream: ${problem}${found === undefined ? "" : `, found ${quoted(found)}`}`,
    { next: `see what listens there, or use another: ${HOW_TO_POINT}` },
  );

export const waitBroken = (cause: unknown) =>
  new OneoffError("wait-broken", "The connection to the engine broke before the exit code was known", {
    next: "oneoff ps --all",
    cause,
  });

/**
 * @param server the registry, unless it is docker.io. @param without why there were no credentials where there should
 * have been some.
 */
export const pullFailed = (image: string, reason: string, server?: string, without?: OneoffError) => {
  const isDenied = /denied|unauthorized|authentication|no basic auth/i.test(reason);
  const next = without
    ? without.next
    : isDenied
      ? `docker login${server ? ` ${server}` : ""}`
      : "bring it as a file: docker load -i image.tar";
  return new OneoffError(
    "pull-failed",
    [`Cannot pull ${image}: ${reason}`, ...(without ? [`it was tried without credentials: ${without.message}`] : [])],
    { next },
  );
};

export const helperMissing = (program: string, server: string) =>
  new OneoffError(
    "no-credential-helper",
    `${plain(program)}, which is to have those of ${plain(server)}, is not there`,
    {
      next: `install ${plain(program)}, or take it out of docker's config.json`,
    },
  );

/** @param reason never anything that may be a secret. */
export const helperFailed = (program: string, server: string, reason: string) =>
  new OneoffError("credential-helper", `${plain(program)} has failed for ${plain(server)}: ${plain(reason)}`, {
    next: `docker login ${plain(server)}, or see what it says: echo ${plain(server)} | ${plain(program)} get`,
  });

export const badAuthConfig = () =>
  new OneoffError("bad-auth-config", `DOCKER_AUTH_CONFIG is no JSON; expected {"auths": {"registry": {"auth": "…"}}}`, {
    next: "mend it, or unset DOCKER_AUTH_CONFIG",
  });

// streams

export const badFrame = (type: number) =>
  new OneoffError("bad-frame", `The engine sent a frame of unknown type ${type}: the output stream is garbled`, {
    next: "oneoff ps --all",
  });

export const engineStreamError = (reason: string) =>
  new OneoffError("engine-stream", `The engine reports in the output stream: ${reason}`, {
    next: "oneoff ps --all",
  });

export const streamCut = (missing: number) =>
  new OneoffError("stream-cut", `The output ends in the middle of a frame: ${missing} announced bytes never came`, {
    next: "oneoff ps --all",
  });

/** The stream ended properly, but too early. */
export const outputCut = () =>
  new OneoffError("stream-cut", "The connection to the engine broke before all of the output had come", {
    next: "oneoff ps --all",
  });

const SEE_TO_OUTPUT = "see to the free space, or the reader, of where the output goes, then try again";

export const outputFailed = (
  { channel, error }: { channel: string; error: NodeJS.ErrnoException },
  became: "was stopped" | "runs on",
) =>
  new OneoffError("output-failed", `Cannot write to ${channel}: ${error.message}; the command ${became}`, {
    next: became === "runs on" ? "oneoff ps" : SEE_TO_OUTPUT,
    cause: error,
  });

export const outputLost = (cause: NodeJS.ErrnoException) =>
  new OneoffError("output-lost", `Not all could be written: ${cause.message}`, { next: SEE_TO_OUTPUT, cause });

// terminal

export const badDetachKeys = (source: string, keys: string, key: string) =>
  usage(
    "bad-detach-keys",
    `${source} ${quoted(keys)}: expected single characters, ctrl-<letter> or DEL, found ${quoted(key)}`,
    "oneoff run --detach-keys ctrl-x,x …",
  );

// what a one-off is asked for

/** @param expected with an example of it: "a number such as 3". */
export const badQuantity = (option: string, text: string, expected: string) =>
  usage(
    "bad-quantity",
    `${option}: expected ${expected}, found ${quoted(text)}`,
    `${option} ${/such as ([^\s,]+)/.exec(expected)?.[1]}`,
  );

export const badVolume = (text: string) =>
  usage(
    "bad-volume",
    `--volume: expected SOURCE:TARGET[:OPTIONS] with an absolute target, found ${quoted(text)}`,
    "--volume ./data:/data:ro",
  );

export const badMount = (text: string, problem: string) =>
  usage(
    "bad-mount",
    `--mount ${quoted(text)}: ${problem}`,
    "--mount type=bind,source=/host/path,target=/path,readonly",
  );

export const badLink = (text: string) =>
  usage("bad-link", `Invalid --link ${quoted(text)}: expected CONTAINER[:ALIAS]`, "--link my-app-db-1:db");

export const badLabel = (text: string) =>
  usage("bad-label", `--label: expected KEY=VALUE, found ${quoted(text)}`, "--label com.example.team=web");

export const reservedLabel = (key: string, prefix: string) =>
  usage(
    "reserved-label",
    `--label: ${quoted(key)} begins with "${prefix}", which is reserved`,
    "use a prefix of your own",
  );

/** @param next where more is known of what was meant. */
export const badAppName = (name: string, next?: string) => {
  const near = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return usage(
    "bad-app-name",
    `Expected an app name of lower-case letters and digits, with ".", "_" or "-" between them, found ${quoted(name)}`,
    next ?? (near === "" ? "oneoff apps" : `use ${plain(near)}, or see which there are: oneoff apps`),
  );
};

/** @param typed what may stand before a command: `run my-app`. */
export const noCommand = (typed: string) =>
  usage("no-command", "No command given, and no terminal to open a shell on", `oneoff ${typed} ls -lah`);

/** @param typed what may stand before a command: `run my-app`. */
export const noCommandSpecified = (typed: string) =>
  usage("no-command", 'No command specified: --entrypoint "" leaves none', `oneoff ${typed} sh`);

export const needsTerminal = () =>
  usage(
    "needs-terminal",
    "--tty: stdin is not a terminal, and a terminal cannot carry its end-of-file",
    "leave --tty out, or take stdin from /dev/null",
  );

export const stdinIsDirectory = () => usage("stdin-directory", "stdin is a directory", "give a file, or </dev/null");

/** What the system would say of a file that is not read. */
export const errno = {
  isFolder: () => Object.assign(new Error("it is a folder"), { code: "EISDIR" }),
  notRegular: () => Object.assign(new Error("it is not a regular file"), { code: "EFTYPE" }),
  tooLarge: (maxBytes: number) => Object.assign(new Error(`it has more than ${maxBytes} bytes`), { code: "EFBIG" }),
};

/** @param why what makes it doubtful. */
export const untrustedManifest = (file: string, why: string, next = `if you trust it: --config ${plain(file)}`) =>
  new OneoffError("untrusted-manifest", `Refused to read ${quoted(file)}: ${why}`, { kind: "usage", next });

/** oneoff.yaml, which `init` makes of it, would belong to a user who is trusted. */
export const untrustedSource = (file: string, why: string) =>
  untrustedManifest(file, why, "if you trust it, copy it to a folder of your own, and run oneoff init there");

/** @param what names the file to somebody who did not: `--env-file`, or the place that says it. */
export const unreadable = (what: string, file: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const [why, next] =
    code === "ENOENT"
      ? ["no such file", "see to the path: relative ones begin in the working folder"]
      : code === "EISDIR"
        ? ["it is a folder", "name a file in it"]
        : code === "EACCES"
          ? ["permission denied", `chmod u+r ${plain(file)}`]
          : code === "EFTYPE"
            ? [message, "name a regular file"]
            : code === "ENOTDIR"
              ? ["part of the path is not a folder", "see to the path"]
              : [message, "see to the file, then try again"];
  return new OneoffError("unreadable", `${what} ${quoted(file)}: ${why}`, { kind: "usage", next, cause });
};

// apps

/** @param manifest the oneoff.yaml that was looked in, if there is one. */
export const unknownApp = (
  name: string,
  near: string | undefined,
  known: readonly string[],
  manifest: string | undefined,
  command: string,
) =>
  new OneoffError(
    "unknown-app",
    [
      `There is no app ${quoted(name)}: ${
        manifest ? `not in ${manifest}` : "no oneoff.yaml here"
      }, no image oneoff/${plain(name)}:latest, no container of dokku, Compose, Kamal, Swarm or that name${near ? `; did you mean ${quoted(near)}?` : ""}`,
      ...(known.length > 0 ? [`known apps: ${known.map(plain).join(", ")}`] : []),
    ],
    {
      next: near
        ? `oneoff ${command} ${near}${command === "run" ? " …" : ""}`
        : command === "run"
          ? `oneoff run --image IMAGE ${name} …`
          : "oneoff apps",
    },
  );

/** What does the same to an app that something else deployed. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, (app: string) => string>>>> = {
  scale: {
    dokku: (app) => `dokku ps:scale ${app} web=2`,
    compose: (app) => `docker compose up --detach --scale ${app}=2`,
    kamal: () => "change the servers in config/deploy.yml, then: kamal deploy",
    swarm: (app) => `docker service scale ${app}=2`,
    container: (app) => `oneoff deploy ${app} …`,
  },
  "ps:stop": {
    dokku: (app) => `dokku ps:stop ${app}`,
    compose: (app) => `docker compose stop ${app}`,
    kamal: () => "kamal app stop",
    swarm: (app) => `docker service scale ${app}=0`,
    container: (app) => `docker stop ${app}`,
  },
  start: {
    dokku: (app) => `dokku ps:start ${app}`,
    compose: (app) => `docker compose start ${app}`,
    kamal: () => "kamal app start",
    swarm: (app) => `docker service scale ${app}=1`,
    container: (app) => `docker start ${app}`,
  },
  restart: {
    dokku: (app) => `dokku ps:restart ${app}`,
    compose: (app) => `docker compose restart ${app}`,
    kamal: () => "kamal app boot",
    swarm: (app) => `docker service update --force ${app}`,
    container: (app) => `docker restart ${app}`,
  },
  rollback: {
    kamal: () => "kamal rollback VERSION",
    swarm: (app) => `docker service rollback ${app}`,
  },
  destroy: {
    dokku: (app) => `dokku apps:destroy ${app}`,
    compose: (app) => `docker compose rm --stop ${app}`,
    kamal: () => "kamal app remove",
    swarm: (app) => `docker service rm ${app}`,
    container: (app) => `docker rm --force ${app}`,
  },
};

const DEPLOYER_NAMES: Readonly<Record<string, string>> = { compose: "Compose", kamal: "Kamal", swarm: "Swarm" };

/** @param deployer what deployed the app. @param command a key of `ELSEWHERE`. */
export const notDeployedHere = (app: string, deployer: string, command: string) =>
  new OneoffError(
    "not-deployed-here",
    deployer === "container"
      ? `${quoted(app)} is a container that oneoff did not deploy`
      : `${quoted(app)} was deployed by ${DEPLOYER_NAMES[deployer] ?? deployer}, not by oneoff`,
    { next: ELSEWHERE[command]?.[deployer]?.(plain(app)) },
  );

/** @param picks the words that pick each. */
export const ambiguousApp = (name: string, picks: readonly string[]) =>
  new OneoffError("ambiguous-app", `${quoted(name)} is the name of different apps: ${picks.map(plain).join(", ")}`, {
    next: `oneoff run ${picks[0]} …`,
  });

/** @param command what pulls it: the words after `oneoff`. */
export const missingImage = (image: string, command: string) =>
  new OneoffError("missing-image", `The engine has no image ${quoted(image)}, and nothing is pulled unasked`, {
    next: `oneoff ${command} …, or bring it: docker load -i image.tar`,
  });

/** Whether a create was refused because of its name; volumes and the like can be in conflict too. */
export const isNameTaken = (error: unknown): error is EngineRefused =>
  isRefusal(error, 409, 500) && /name .*already in use/i.test(error.reason);

/** Whether an image could not be made because somebody else has made, or removed, the same or its name at the same moment. */
export const isCrossed = (error: unknown) =>
  error instanceof OneoffError &&
  /already ?exists|failed to get digest sha256:\w+: open .*: no such file|(image|layer) not known|locating item named/i.test(
    error.message,
  );

/** Whether images could not be read because one of them, not necessarily a wanted one, comes or goes just now: Podman 4. */
export const isStumble = (error: unknown) =>
  isRefusal(error, 500) &&
  /image not known|nil pointer dereference|locating item named|reading data blob size/.test(error.reason);

/** Whether a create was refused because the image is not there; a network or volume can be missing too. */
export const isMissingImage = (error: unknown): error is EngineRefused =>
  isRefusal(error, 404) && /no such image/i.test(error.reason);

/** Whether a create or a start was refused because a container is not there whose network, or the like, was to be shared. */
export const isGoneShare = (error: unknown): error is EngineRefused =>
  isRefusal(error, 400, 404, 409, 500) &&
  /no such container|cannot join .* of a non.?running container|container \S+ is not running|dependencies of container \S+ are not started/i.test(
    error.reason,
  );

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

/** A warning. */
export const pausedSource = (container: string) =>
  `The app's container ${container} is paused; its one-offs run (docker unpause ${container})`;

/** A warning. @param paths undefined where only a manager of the Swarm knows them. */
export const missingSecrets = (paths: readonly string[] | undefined) =>
  paths === undefined
    ? "Secrets and configs of the Swarm service are missing in its one-offs; only a manager node can list them"
    : `Secrets and configs of the Swarm service are missing in its one-offs: ${paths.join(", ")}`;

/** @param context the folder that it is built from. */
export const notBuilt = (app: string, context: string) =>
  new OneoffError("not-built", `${quoted(app)} is to be built, and has no image oneoff/${app}:latest yet`, {
    next: `docker build -t oneoff/${app}:latest ${context}`,
  });

/** A warning. @param image what oneoff.yaml says. */
export const notDeployedYet = (app: string, image: string, release: number) =>
  `${plain(app)} is run as v${release}, which is live; ${quoted(image)} of oneoff.yaml is another image, not deployed yet: oneoff deploy ${plain(app)}, or this once: oneoff run --image ${plain(image)} ${plain(app)} …`;

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

/**
 * The engine's reason decides the code, by the same words in the same order as the docker client.
 * @param command its first word, which not every engine names.
 * @returns undefined for what has nothing to do with the command.
 */
function commandFault(reason: string, command: string) {
  const named = reason.includes(command) ? reason : `${command}: ${reason}`;
  if (/\bchdir\b/i.test(reason))
    return new OneoffError("no-workdir", reason, { exit: 126, next: "check --workdir: the folder must exist" });
  // A mount that does not fit ends in the same words.
  const isCommands = /exec: "|exec container process|crun: (?:open|exec|the path|executable file|cannot find) `/i.test(
    reason,
  );
  if (isCommands && /argument list too long|file name too long|not a directory|exec format error/i.test(reason))
    return new OneoffError("not-executable", named, {
      exit: 126,
      next: "check the command and the size of its arguments",
    });
  // Of a mount or a device that is missing docker says 127, too: here that is the code of a command only.
  const isMounts = !isCommands && /\bmount(?:ing|ed)?\b|\bdevice\b/i.test(reason);
  if (/executable file .*not found|no such file or directory/i.test(reason) && !isMounts)
    return new OneoffError("not-found", named, { exit: 127, next: "check the command's name and the image's PATH" });
  if (/permission denied|is a directory/i.test(reason))
    return new OneoffError("not-executable", named, { exit: 126, next: "check the file's mode and kind" });
  return undefined;
}

export const startFailed = (error: unknown, command = "") =>
  error instanceof EngineRefused ? (commandFault(error.reason, command) ?? error) : error;

/** @param reason the kernel's, as the container's init tells it. @param size what is too large, where it says so. */
export const notExecuted = (program: string, reason: string, size: string) => {
  const isTooLong = /argument list too long/i.test(reason);
  const message = `${program}: ${reason}${isTooLong ? ` (${size})` : ""}`;
  if (/no such file or directory/i.test(reason))
    return new OneoffError("not-found", message, { exit: 127, next: "check the command's name and the image's PATH" });
  const next = isTooLong ? "give it a file (--file), or its stdin" : "check the file's mode and kind";
  return new OneoffError("not-executable", message, { exit: 126, next });
};

/** With docker's exit code. @param reason in the engine's words, which it wrote in place of the command's output. */
export const execFailed = (reason: string, command = "") =>
  commandFault(reason, command) ??
  new OneoffError("exec-failed", reason, { exit: 126, next: "check --user and --workdir" });

/** Whether a command is not there, or nothing that can be run. */
export const isNotStarted = (error: unknown): error is OneoffError =>
  error instanceof OneoffError && (error.code === "not-found" || error.code === "not-executable");

/** @param link `CONTAINER[:ALIAS]` */
export const noLinks = (link: string) =>
  new OneoffError("no-links", `--link ${plain(link)}: Podman has no links`, {
    next: "name the container by its own name in a network that both have joined: --network NAME",
  });

/** A warning. @param links those of the app's container: `db:alias`. */
export const linksNotCopied = (links: readonly string[]) =>
  `Links of the app's container are not copied, for Podman has none: ${links.map(plain).join(", ")}; name the containers by their own names in a network that both have joined (--network NAME)`;

const installInit = (podman: boolean) => (podman ? "catatonit" : "tini or docker-init");

/** @param podman whether the engine is Podman. */
export const initMissing = (podman: boolean, cause: unknown) =>
  new OneoffError("no-init", "The engine has no init to run as PID 1", {
    next: `install ${installInit(podman)} where the engine is, or leave out --init (init: true in oneoff.yaml)`,
    cause,
  });

/** A warning. */
export const runsWithoutInit = (podman: boolean) =>
  `The engine has no init: the command is PID 1, which reaps no zombies (install ${installInit(podman)} where the engine is, or use --no-init)`;

export const timedOut = (name: string, seconds: number) =>
  new OneoffError("timed-out", `${name} was stopped: it took longer than ${seconds} s`, {
    exit: 124,
    next: `oneoff run --timeout ${2 * seconds}s … gives it twice that`,
  });

export const exitUnknown = (reason: string) =>
  new OneoffError("exit-unknown", `The engine could not tell how the command ended: ${reason}`, {
    next: "oneoff ps --all",
  });

export const isExitUnknown = (error: unknown) => error instanceof OneoffError && error.code === "exit-unknown";

export const endedBySignal = (signal: string, exit: number) =>
  new OneoffError("signalled", `Ended by ${signal} before the command was started; nothing is left behind`, {
    exit,
    // It was wanted so.
    next: undefined,
  });

/** What it was to be attached to is as it was. */
export const endedBeforeAttach = (signal: string, exit: number, name: string) =>
  new OneoffError("signalled", `Ended by ${signal} before ${name} was attached`, { exit, next: undefined });

export const abandoned = (signal: string, exit: number) =>
  new OneoffError("abandoned", `Ended by ${signal}; the engine does not answer, and may still have the one-off`, {
    exit,
    next: "once it answers: oneoff ps",
  });

export const isConnectionLoss = (error: unknown): error is OneoffError =>
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

/** @param names those that mean one process each. */
export const ambiguousProcess = (word: string, names: readonly string[]) =>
  usage(
    "ambiguous-process",
    `${quoted(word)} is the name of several processes: ${names.join(", ")}`,
    `use one of those names`,
  );

export const swarmReplaces = (name: string, service: string) =>
  `Swarm starts another process in place of ${name}; to run fewer: docker service scale ${service}=N`;

export const notOneoff = (word: string) =>
  usage("not-oneoff", `The container ${quoted(word)} is not a one-off`, "oneoff ps");

/** @param words those that mean none. Nothing has been done about the others either. */
export const unknownOneoffs = (words: readonly string[], app: string | undefined) =>
  new OneoffError(
    "unknown-oneoff",
    `There is no one-off ${app === undefined ? "or app " : `of ${plain(app)} named `}${words.map(quoted).join(", ")}; nothing was stopped`,
    { next: app === undefined ? "oneoff ps" : `oneoff ps ${plain(app)}` },
  );

/** A warning. @param tag of an image that oneoff has not made. */
export const keptImage = (tag: string) => `${tag} is not an image of oneoff's, and stays: docker rmi ${tag}`;

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

/** @param until RFC 3339, UTC. */
export const outputLostBefore = (name: string, until: string) =>
  `Output of ${name} was removed from its log; it is complete from ${until.slice(0, "2026-11-29T01:24:38".length)}Z on`;

export const logFull = (name: string, since: string) =>
  `The log of ${name} is full: output before ${since.slice(0, "2026-11-29T01:24:38".length)}Z may have been removed`;

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
    : usage(
        "unknown-type",
        `${plain(app)} has no process type ${quoted(type)}; it has ${known.join(", ")}`,
        `oneoff ps ${plain(app)} ${known[0] ?? ""}`.trimEnd(),
      );

export const watchNeedsTerminal = () =>
  usage("watch-needs-terminal", "--watch: stdout is not a terminal", "leave --watch out");

// locks

/** @param lock its holder, and since when, in seconds since 1970. */
/** @param seconds since 1970. */
const isoTime = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");

export const lockHeld = (lock: { key: string; app: string; name: string; since: number }, next: string) =>
  new OneoffError(
    "lock-held",
    `The lock ${quoted(lock.key)} is held by ${lock.name} of ${lock.app}, since ${isoTime(lock.since)}`,
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

/** @param path of a file here, which was read as a source and a target. */
export const uploadNeedsColon = (path: string) => {
  const exact = `${/^[./]/.test(path) ? "" : "./"}${path}:`;
  return usage(
    "bad-upload",
    `A local path with a colon ends with one more, e.g. ${quoted(exact)}`,
    `--file ${plain(exact)}`,
  );
};

export const badFetch = (text: string) =>
  usage(
    "bad-fetch",
    `--fetch: expected /PATH[:TARGET] with an absolute path of the one-off, found ${quoted(text)}`,
    "a path with a colon in it is given with one more at its end: --fetch /a:b:",
  );

/** @param name where what follows it may be the secret itself. */
export const badSecret = (name: string | undefined) =>
  name === undefined
    ? usage(
        "bad-secret",
        "--secret: expected NAME or NAME=@FILE, with a NAME of letters, digits, dots and dashes",
        "--secret TOKEN=@token.txt",
      )
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

export const keptSecret = (name: string) =>
  usage(
    "kept-secret",
    `--secret ${name}: the app mounts a folder or volume of its own at /run/secrets, which would keep the value`,
    `--env ${name}, or put the file there yourself`,
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
  new OneoffError("archive-cut", "The engine has sent only a part of the files: the archive ends too early", {
    next: "try again",
  });

export const isArchiveCut = (error: unknown) => error instanceof OneoffError && error.code === "archive-cut";

export const badArchive = (problem: string) =>
  new OneoffError("bad-archive", `The engine has sent an archive that cannot be read: ${problem}`, {
    next: "try again",
  });

export const emptyArchive = () => badArchive("there is nothing in it");

export const unsafeArchive = (name: string) =>
  new OneoffError(
    "unsafe-archive",
    `The archive has ${quoted(name)}, which is not where files of it may be; nothing was written`,
    { next: "look into it first: oneoff cp run.7364:/path - | tar tv" },
  );

export const downloadCut = () =>
  new OneoffError("download-cut", "The connection to the engine broke before all had come", {
    next: "once it answers, try again: oneoff ps --all",
  });

/** @param tmpfs where one is mounted that the path is on. */
export const noSuchPath = (oneoff: string, path: string, tmpfs: string | undefined) =>
  new OneoffError(
    "no-such-path",
    `${oneoff} has no ${quoted(path)}${tmpfs ? `: ${plain(tmpfs)} is a tmpfs, which the engine cannot reach` : ""}`,
    { next: tmpfs ? "write it elsewhere, or to a volume: --mount type=volume,target=/out" : undefined },
  );

export const noFolderInOneoff = (oneoff: string, path: string) =>
  new OneoffError("no-such-path", `${oneoff} has no ${quoted(path)}`, { next: "choose a folder that exists" });

export const notFolderInOneoff = (oneoff: string, path: string) =>
  new OneoffError("not-a-folder", `${quoted(path)} of ${oneoff} is not a folder`, { next: "choose another path" });

export const unresolvedPath = (oneoff: string, path: string, cause: unknown) =>
  new OneoffError(
    "unresolved-path",
    `The engine cannot resolve ${quoted(path)} of ${oneoff}; a symbolic link may lead to itself`,
    { next: "choose another path", cause },
  );

export const unnamedByEngine = (oneoff: string, path: string) =>
  new OneoffError(
    "unnamed-by-engine",
    `The engine cannot archive ${quoted(path)} of ${oneoff}: its name is not UTF-8`,
    { next: "copy the folder that it is in" },
  );

export const notFetchable = (oneoff: string, path: string, why: string) =>
  new OneoffError("not-fetchable", `${quoted(path)} of ${oneoff} cannot be fetched: ${why}`, {
    next: "fetch a file, or a folder",
  });

export const fetchedTwice = (path: string) =>
  usage("fetched-twice", `Two files would be ${quoted(path)} here`, "--fetch /PATH:ANOTHER-NAME");

export const notLocalFolder = (path: string) =>
  usage("not-a-folder", `${quoted(path)} is not a folder here`, "choose another path");

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
  new OneoffError("signalled", `Ended by ${signal} before all was copied`, {
    exit,
    // It was wanted so.
    next: undefined,
  });

export const badCopy = (text: string) =>
  usage("bad-copy", `Expected run.N:/PATH or a path here, found ${quoted(text)}`, "oneoff cp --help");

export const copyOneSide = () =>
  usage("copy-one-side", "Expected a one-off on exactly one side", "oneoff cp run.7364:/app/report.csv .");

export const copyNeedsDot = (localName: string, next: string) =>
  usage("copy-one-side", `A local path with a colon begins with ./, e.g. ${quoted(`./${localName}`)}`, next);

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
export const notRunning = (
  { name, containerName }: { readonly name: string; readonly containerName: string },
  error: unknown,
) => {
  if (!isRefusal(error, 409)) return error;
  if (/paused/.test(error.reason)) return paused(containerName, error);
  return new OneoffError("not-running", `${name} does not run: ${error.reason}`, {
    next: "oneoff ps --all",
    cause: error,
  });
};

export const paused = (container: string, cause?: unknown) =>
  new OneoffError("paused", `${container} is paused`, { next: `docker unpause ${container}`, cause });

/** The engine has no way to list or to signal what was run in a container. */
export const execLost = (container: string, cause: unknown) =>
  new OneoffError("exec-lost", `The connection to the engine was lost: the command may still run in ${container}`, {
    next: `oneoff exec ${container} ps`,
    cause,
  });

export const execNeverStarted = (container: string) =>
  new OneoffError("exec-lost", `The connection to the engine was lost before the command started in ${container}`, {
    next: "try again",
  });

export const waitedInVain = (seconds: number) =>
  new OneoffError("timed-out", `Not ended after ${seconds} s; nothing was stopped`, { exit: 124, next: "oneoff ps" });

export const deadlinePassed = (name: string) =>
  new OneoffError("timed-out", `${name} was stopped: its time had come`, { exit: 124, next: `oneoff logs ${name}` });

// images that are built or loaded

export const noDockerfile = (path: string) =>
  usage("no-dockerfile", `There is no ${quoted(path)} to build from`, "oneoff deploy --file PATH …, or --image REF");

/** @param where `.dockerignore:3` */
export const badIgnorePattern = (where: string, pattern: string) =>
  usage("bad-dockerignore", `${where}: expected a pattern, found ${quoted(pattern)}`, 'put a "\\" before a plain "["');

/** @param missing with the lines that name them, and whether they only read the Dockerfile. */
export const missingBaseImages = (
  dockerfile: string,
  missing: readonly { image: string; line: number; isFrontend?: boolean }[],
) =>
  new OneoffError(
    "missing-image",
    missing
      .map(({ image, line }) => `${plain(dockerfile)}:${line}: the engine has no image ${quoted(image)}`)
      .concat("nothing is pulled unasked"),
    {
      next: `docker load -i image.tar brings one, oneoff deploy --pull … pulls them${
        missing.some(({ isFrontend }) => isFrontend) ? '; without "# syntax=" the engine reads the file by itself' : ""
      }`,
    },
  );

interface BuildMount {
  readonly type: "secret" | "ssh";
  readonly id: string;
  readonly line: number;
}

const mountName = ({ type, id }: BuildMount) => `${type === "ssh" ? "SSH agent" : "secret"} ${quoted(id)}`;

/** @param mounts that the Dockerfile requires. */
export const noBuildSecrets = (dockerfile: string, mounts: readonly BuildMount[]) =>
  new OneoffError(
    "no-build-secrets",
    mounts
      .map((mount) => `${plain(dockerfile)}:${mount.line}: RUN requires the ${mountName(mount)}`)
      .concat("oneoff gives builds no secrets and no SSH agent"),
    { next: "docker build --secret … or --ssh … -t IMAGE ., then oneoff deploy --image IMAGE …" },
  );

/** A mount that may be absent. */
export const absentBuildSecret = (dockerfile: string, mount: BuildMount) =>
  `${plain(dockerfile)}:${mount.line}: builds with oneoff have no ${mountName(mount)}: RUN does not mount it; if it is needed, run docker build --${mount.type}, then oneoff deploy --image`;

export const sentAsArchive = () =>
  "BuildKit of this engine accepts only file names in UTF-8 from a session: the context is sent as an archive, and COPY . also copies the Dockerfile";

/** @param step where it happened. @param code that of the step's command. */
export const buildFailed = (reason: string, step: string | undefined, code?: number) => {
  const ended = code ?? /(?:exit code:|non-zero code:|exit status) (\d+)\s*$/.exec(reason)?.[1];
  // What BuildKit calls itself, and what it was about to do, is no news to anybody.
  const why = reason.replace(
    /^((failed to solve( with frontend \S+)?|failed to (create|build) LLB( definition)?): )+/,
    "",
  );
  return new OneoffError(
    "build-failed",
    step !== undefined && ended !== undefined
      ? `The build failed at ${quoted(step)}, which ended with code ${ended}`
      : `The build failed${step === undefined ? "" : ` at ${quoted(step)}`}: ${why}`,
    { next: "mend the Dockerfile, or what it needs, then deploy again" },
  );
};

export const imageNotNamed = () =>
  new OneoffError("build-failed", "The build has ended, and the engine has not said which image it made", {
    next: "deploy again",
  });

export const loadFailed = (reason: string) =>
  new OneoffError(
    "load-failed",
    /manifest\.json|repositories/.test(reason)
      ? "The archive has no image in it: it is not what docker save writes"
      : `The engine cannot load the archive: ${
          /unexpected (EOF|end of data)/i.test(reason)
            ? "it is cut off"
            : reason.replace(/^Error processing tar file\(exit status \d+\): /, "")
        }`,
    { next: "docker save -o app.tar IMAGE makes one" },
  );

/** @param file of its index files. */
export const badImageArchive = (archive: string, file: string) =>
  new OneoffError("load-failed", `${archive} is no archive of an image: its ${plain(file)} cannot be read`, {
    next: "docker save -o app.tar IMAGE makes one",
  });

export const isLoadFailed = (error: unknown) => error instanceof OneoffError && error.code === "load-failed";

/** @param found its images. */
export const notOneImage = (archive: string, found: readonly string[]) =>
  found.length === 0
    ? new OneoffError("not-one-image", `${archive} has no image in it`, {
        next: "docker save -o app.tar IMAGE makes one",
      })
    : new OneoffError("not-one-image", `${archive} has several images: ${found.map(plain).join(", ")}`, {
        next: `oneoff deploy --archive ${plain(archive)} --image ${plain(found[0] ?? "")} …`,
      });

/** @param image what `--image` asks for. */
export const imageNotInArchive = (archive: string, image: string, found: readonly string[]) =>
  new OneoffError("not-one-image", `${archive} has no ${quoted(image)}; it has ${found.map(plain).join(", ")}`, {
    next: `oneoff deploy --archive ${plain(archive)} --image ${plain(found[0] ?? "")} …`,
  });

export const badCompression = (archive: string, problem: string) =>
  new OneoffError("load-failed", `${archive} cannot be decompressed: ${problem}`, {
    next: "make it anew: docker save IMAGE | gzip >app.tar.gz",
  });

// the command line

/** @param line what was typed, with the nearest in its place. */
export const unknownOption = (option: string, near: string | undefined, command: string, line?: string) =>
  usage(
    "unknown-option",
    `Unknown option ${quoted(option)}${near ? `; did you mean ${near}?` : ""}`,
    (near && line) || helpOf(command),
  );

/** @param command empty where the mistake came before one. */
const helpOf = (command: string) => `oneoff ${command && `${command} `}--help`;

/** @param line what was typed, with the nearest in its place. */
export const unknownCommand = (word: string, near: string | undefined, line?: string) =>
  usage(
    "unknown-command",
    `Unknown command ${quoted(word)}${near ? `; did you mean ${near}?` : ""}`,
    (near && line) || "oneoff --help",
  );

export const unknownShell = (word: string | undefined, known: readonly string[]) =>
  usage(
    "unknown-shell",
    word === undefined
      ? `Expected a shell: ${anyOf(known)}`
      : `Unknown shell ${quoted(word)}; expected ${anyOf(known)}`,
    helpOf("completion"),
  );

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

export const badChoice = (
  option: string,
  text: string,
  near: string | undefined,
  known: readonly string[],
  command: string,
) =>
  usage(
    "bad-option",
    `${option}: expected ${anyOf(known).replaceAll('"', "")}, found ${quoted(text)}${near ? `; did you mean ${near}?` : ""}`,
    near ? `oneoff ${command} ${option}=${near} …` : helpOf(command),
  );

/** What another tool has, and oneoff has otherwise. @param line that does it here. */
export const habit = (why: string, line: string) => usage("habit", why, line);

/** Options alone do nothing. */
export const nothingToDo = () => usage("no-command-named", "Expected a command of oneoff", "oneoff --help");

/** How many frames of a stack are enough to find the place. */
const FRAMES = 4;

function onOneLine(error: unknown): string {
  const text = error instanceof Error ? String(error) : `thrown: ${String(error)}`;
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const frames = (stack.match(/^ +at .*$/gm) ?? []).slice(0, FRAMES).map((frame) => frame.trim());
  return [text.replaceAll(/\s*\n\s*/g, " "), ...(frames.length > 0 ? [`(${frames.join(", ")})`] : [])].join(" ");
}

/** Nothing is left that could still happen, and the command is not done. */
export const neverAnswered = () =>
  new OneoffError("never-answered", "oneoff stopped before the command finished: nothing was left to wait for", {
    next: "oneoff ps --all shows what may still run; report this, with the output of oneoff --version",
  });

/** What should not happen: all that is known of it, on one line, for whoever fixes it. */
export const bug = (error: unknown) =>
  new OneoffError("bug", `This is a fault of oneoff itself: ${onOneLine(error)}`, {
    next: "report it, with what you have typed, and what this says: oneoff --version",
  });

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

/** @param file with values of variables, of which none is shown. */
export const badEnvStore = (file: string) =>
  new OneoffError("bad-env-store", `${file}: expected a JSON object of strings`, { next: "mend it, or move it away" });

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

export const isTimedOut = (error: unknown) => error instanceof OneoffError && error.code === "timed-out";

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

/** What fails when a release is live changes nothing about that, and can be made up for. */
export function stillLive(error: unknown, app: string, release: number, phase: string): unknown {
  if (error instanceof OneoffError) {
    error.message += `\nv${release} is live all the same; the next deploy does this phase again, as does: oneoff deploy --from ${phase} ${plain(app)} …`;
  }
  return error;
}

export const phaseInterrupted = (phase: string, app: string, signal: string, exit: number) =>
  new OneoffError("signalled", `Ended by ${signal} in the ${phase} phase of ${plain(app)}; its container was removed`, {
    exit,
    next: `oneoff deploy ${plain(app)} …`,
  });

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

// what oneoff proves of itself

/** @param arch as the engine calls it. */
export const noProbe = (arch: string) =>
  new OneoffError(
    "no-probe",
    `The engine runs on ${arch}, for which there is no program to try; there are amd64 and arm64`,
    { next: "oneoff run --image IMAGE my-app true, with an image of its own" },
  );

/** @param what as a noun. */
export const selftestFailed = (what: string, found: string | number | boolean, wanted: typeof found) =>
  new OneoffError("selftest-failed", `${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`, {
    next: "oneoff doctor",
  });

/** @param seconds how long it was given. */
export const selftestTooSlow = (seconds: number) =>
  new OneoffError("selftest-too-slow", `not done after ${seconds} s`, {
    next: "oneoff doctor",
  });
