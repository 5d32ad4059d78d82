import { anyOf, plain, quoted } from "../text/quoted.ts";
import { isoTime, OneoffError, usage } from "./error.ts";
import { outputFate } from "./lost-output.ts";

export const badLink = (text: string) =>
  usage("bad-link", `Invalid --link ${quoted(text)}: expected CONTAINER[:ALIAS]`, "--link my-app-db-1:db");

export const badLabel = (text: string) =>
  usage("bad-label", `Invalid --label ${quoted(text)}: expected KEY=VALUE`, "--label com.example.team=web");

export const reservedLabel = (key: string, prefix: string) =>
  usage(
    "reserved-label",
    `--label: ${quoted(key)} begins with "${prefix}", which is reserved`,
    "use a prefix of your own",
  );

export const unknownOneoff = (word: string, app: string | undefined) =>
  new OneoffError("unknown-oneoff", `No such one-off ${quoted(word)}${app === undefined ? "" : ` of ${plain(app)}`}`, {
    next: "oneoff ps --all",
  });

/** @param names of the containers. */
export const ambiguousOneoff = (word: string, names: readonly string[]) =>
  usage(
    "ambiguous-oneoff",
    `Several one-offs have the name ${quoted(word)}: ${names.join(", ")}`,
    "use one of these names",
  );

/** @param oneoffs with their commands, without secrets. */
export const severalOneoffs = (app: string, oneoffs: readonly { readonly name: string; readonly command: string }[]) =>
  usage(
    "ambiguous-oneoff",
    [
      `${plain(app)} has ${oneoffs.length} running one-offs:`,
      ...oneoffs.map(({ name, command }) => `  ${name}  ${plain(command)}`),
    ],
    `oneoff attach -a ${plain(app)} ${oneoffs[0]?.name}`,
  );

/** @param hasProcesses whether the app has containers that are no one-offs. */
export const noLiveOneoff = (app: string, hasProcesses: boolean) =>
  new OneoffError("unknown-oneoff", `No one-off of ${plain(app)} is running`, {
    next: hasProcesses ? `in a process of the app: oneoff exec ${plain(app)} …` : `oneoff ps --all ${plain(app)}`,
  });

/** @param names that select one process each. */
export const ambiguousProcess = (word: string, names: readonly string[]) =>
  usage(
    "ambiguous-process",
    `Several processes have the name ${quoted(word)}: ${names.join(", ")}`,
    "use one of these names",
  );

export const swarmReplaces = (name: string, service: string) =>
  `Swarm replaces ${name}; to run fewer: docker service scale ${service}=N`;

export const notOneoff = (word: string) =>
  usage("not-oneoff", `The container ${quoted(word)} is not a one-off`, "oneoff ps");

/** @param args without a match. The matches of other arguments were not stopped either. */
export const unknownOneoffs = (args: readonly string[], app: string | undefined) =>
  new OneoffError(
    "unknown-oneoff",
    `No such one-off ${app === undefined ? "or app " : `of ${plain(app)}: `}${args.map(quoted).join(", ")}; nothing was stopped`,
    { next: app === undefined ? "oneoff ps" : `oneoff ps ${plain(app)}` },
  );

/** Also of a container that exists but is not a one-off. */
export const isNoOneoff = (error: unknown) =>
  error instanceof OneoffError && ["unknown-oneoff", "not-oneoff"].includes(error.code);

/** Whether several things have a name. */
export const isAmbiguous = (error: unknown) => error instanceof OneoffError && error.code.startsWith("ambiguous-");

/** Whether nothing on this engine matches, or nothing that matches is running. */
export const isNothingFound = (error: unknown) =>
  isNoOneoff(error) || (error instanceof OneoffError && error.code === "nothing-runs");

export const isUnknownOneoff = (error: unknown) => error instanceof OneoffError && error.code === "unknown-oneoff";

export const nothingToStop = () =>
  usage("nothing-to-stop", "Expected one-offs, an app or --all", "oneoff stop run.7364");

/** Whether nothing has the name whose log was requested. */
export const isNoLog = (error: unknown) =>
  isUnknownOneoff(error) || (error instanceof OneoffError && error.code === "no-log");

/** @param near an app that has a log. */
export const noLog = (word: string, near: string | undefined) =>
  new OneoffError(
    "no-log",
    `No log of ${quoted(word)}: no such one-off or app${near ? `; did you mean ${plain(near)}?` : ""}`,
    { next: near ? `oneoff logs ${near}` : "oneoff ps --all" },
  );

export const nothingToLog = () =>
  usage("nothing-to-log", "Expected an app or a one-off: oneoff logs my-app", "oneoff logs --help");

/** With --raw, where the output is the whole result. */
export const noRawOutput = (name: string, why: "terminal" | "removed") =>
  new OneoffError("no-output", `No output: ${outputFate(name, why)}`, { next: `oneoff logs ${name}` });

export const rawNeedsOneoff = (app: string) =>
  usage("raw-needs-oneoff", `--raw: expected a one-off, found the app ${quoted(app)}`, "oneoff logs --raw run.7364");

export const unknownType = (type: string, app: string | undefined, known: readonly string[]) =>
  app === undefined
    ? usage("unknown-type", `--type ${quoted(type)} requires an app`, `oneoff ps APP ${plain(type)}`)
    : usage(
        "unknown-type",
        `${plain(app)} has no process type ${quoted(type)}; expected ${anyOf(known)}`,
        `oneoff ps ${plain(app)} ${known[0] ?? ""}`.trimEnd(),
      );

/** @param known process types of the app. */
export const noSuchProcess = (app: string, name: string, known: readonly string[]) =>
  new OneoffError("unknown-process", `${plain(app)} has no process ${quoted(name)}; expected ${anyOf(known)}`, {
    next: `oneoff ps --all ${plain(app)}`,
  });

export const lockHeld = (lock: { key: string; app: string; name: string; since: number }, next: string) =>
  new OneoffError(
    "lock-held",
    `Lock ${quoted(lock.key)} is held by ${lock.name} of ${lock.app} since ${isoTime(lock.since)}`,
    { next },
  );

export const lockNameTaken = (name: string, key: string) =>
  new OneoffError(
    "lock-name-taken",
    `Cannot create the lock ${quoted(key)}: container ${quoted(name)} already exists and is not a lock`,
    {
      next: `docker rm ${name}, or use another key`,
    },
  );

export const noKey = () => usage("no-key", "Expected a lock: oneoff unlock [options] <key>", "oneoff locks");

export const unknownLock = (key: string) =>
  new OneoffError("unknown-lock", `No such lock ${quoted(key)}`, { next: "oneoff locks" });

export const noOneoff = (command: string) =>
  usage("no-oneoff", `Expected a one-off: oneoff ${command} [options] <run.N>`, "oneoff ps");

export const noTarget = () =>
  usage("no-target", "Expected a one-off or an app: oneoff exec [options] <run.N|app[.type]> [command…]", "oneoff ps");

export const noRunningContainer = (word: string) =>
  new OneoffError("nothing-runs", `No running container of ${quoted(word)}`, {
    next: `oneoff ps, or in a new container: oneoff run ${plain(word)} …`,
  });

export const waitTimedOut = (seconds: number) =>
  new OneoffError("timed-out", `Still running after ${seconds} s; nothing was stopped`, {
    exit: 124,
    next: "oneoff ps",
  });

export const deadlinePassed = (name: string) =>
  new OneoffError("timed-out", `${name} was stopped: its deadline has passed`, {
    exit: 124,
    next: `oneoff logs ${name}`,
  });
