import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

export const unwritable = (file: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = { EACCES: "permission denied", EROFS: "the file system is read-only" }[code ?? ""] ?? message;
  return new OneoffError("unwritable", `Cannot write ${quoted(file)}: ${why}`, {
    next: "see to the folder's permissions and free space, then try again",
    cause,
  });
};

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

export const unsafeArchive = (name: string) =>
  new OneoffError(
    "unsafe-archive",
    `The archive has ${quoted(name)}, which is not where files of it may be; nothing was written`,
    { next: "look into it first: oneoff cp run.7364:/path - | tar tv" },
  );

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

export const badCopy = (text: string) =>
  usage("bad-copy", `Expected run.N:/PATH or a path here, found ${quoted(text)}`, "oneoff cp --help");
