import { plain, quoted } from "../text/quoted.ts";
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

/** Where nothing else was asked for. */
export const noRawOutput = (name: string, why: "terminal" | "removed") =>
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

export const noOneoff = (command: string) =>
  usage("no-oneoff", `Expected a one-off: oneoff ${command} [options] <run.N>`, "oneoff ps");

export const noTarget = () =>
  usage("no-target", "Expected what to run it in: oneoff exec [options] <run.N|app[.type]> [command…]", "oneoff ps");

export const nothingRuns = (word: string) =>
  new OneoffError("nothing-runs", `Nothing of ${quoted(word)} runs that a command could be run in`, {
    next: `oneoff ps, or in a fresh container: oneoff run ${plain(word)} …`,
  });

export const waitedInVain = (seconds: number) =>
  new OneoffError("timed-out", `Not ended after ${seconds} s; nothing was stopped`, { exit: 124, next: "oneoff ps" });

export const deadlinePassed = (name: string) =>
  new OneoffError("timed-out", `${name} was stopped: its time had come`, { exit: 124, next: `oneoff logs ${name}` });
