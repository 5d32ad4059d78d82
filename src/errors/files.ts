import { plain, quoted } from "../text/quoted.ts";
import { OneoffError, usage } from "./error.ts";

export const unwritable = (file: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = { EACCES: "permission denied", EROFS: "the file system is read-only" }[code ?? ""] ?? message;
  return new OneoffError("unwritable", `Cannot write ${quoted(file)}: ${why}`, {
    next: "check the permissions of the folder and the free disk space, then try again",
    cause,
  });
};

/**
 * @param what the option, the place in oneoff.yaml, or `Cannot read`.
 * @param missing what to do if the file does not exist.
 */
export const unreadable = (
  what: string,
  file: string,
  cause: unknown,
  missing = "fix the path; a relative path begins in the working directory",
) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const [why, next] =
    code === "ENOENT"
      ? ["no such file", missing]
      : code === "EISDIR"
        ? ["is a folder", "use a file in the folder"]
        : code === "EACCES"
          ? ["permission denied", `chmod u+r ${plain(file)}`]
          : code === "EFTYPE"
            ? [message, "use a regular file"]
            : code === "ENOTDIR"
              ? ["part of the path is not a folder", "fix the path"]
              : [message, "check the file, then try again"];
  return new OneoffError("unreadable", `${what} ${quoted(file)}: ${why}`, { kind: "usage", next, cause });
};

export const badUpload = (text: string) =>
  usage(
    "bad-upload",
    `Invalid --file ${quoted(text)}: expected PATH[:TARGET]`,
    "for a path that contains a colon, add a colon at the end: --file ./a:b:",
  );

/** @param path of a local file, parsed as a source and a target. */
export const uploadNeedsColon = (path: string) => {
  const exact = `${/^[./]/.test(path) ? "" : "./"}${path}:`;
  return usage(
    "bad-upload",
    `A local path that contains a colon needs a colon at the end, e.g. ${quoted(exact)}`,
    `--file ${plain(exact)}`,
  );
};

export const badFetch = (text: string) =>
  usage(
    "bad-fetch",
    `Invalid --fetch ${quoted(text)}: expected /PATH[:TARGET] with an absolute path in the one-off`,
    "for a path that contains a colon, add a colon at the end: --fetch /a:b:",
  );

/** @param name if the text after it may be the secret itself. */
export const badSecret = (name: string | undefined) =>
  name === undefined
    ? usage(
        "bad-secret",
        "--secret: expected NAME or NAME=@FILE, with a NAME of letters, digits, dots and dashes",
        "--secret TOKEN=@token.txt",
      )
    : usage(
        "bad-secret",
        `--secret ${plain(name)}: expected no value, because other users can see command lines`,
        `--secret ${plain(name)} to read the environment variable, or --secret ${plain(name)}=@FILE`,
      );

export const secretUnset = (name: string) =>
  usage("secret-unset", `--secret ${name}: the environment variable ${name} is not set`, `--secret ${name}=@FILE`);

export const secretTooLarge = (name: string, most: number) =>
  usage(
    "secret-too-large",
    `--secret ${name}: the value is too large; the maximum is ${most} bytes`,
    "use --file for a large file",
  );

export const hiddenSecret = (name: string) =>
  usage("hidden-secret", `--secret ${name}: a mount at /run/secrets/${name} already exists`, "use another name");

export const keptSecret = (name: string) =>
  usage(
    "kept-secret",
    `--secret ${name}: the app mounts a folder or volume at /run/secrets, and the value would remain there`,
    `--env ${name}, or create the file yourself`,
  );

export const stdinTwice = () =>
  usage("stdin-twice", "--file - cannot be used twice: stdin can be read only once", "remove one --file -");

export const noLocalFile = (path: string) =>
  usage(
    "no-local-file",
    `${quoted(path)} is not a file or folder`,
    "upload the output of a pipe from stdin: … | oneoff run --file -:NAME …",
  );

export const uploadedTwice = (target: string) =>
  usage(
    "uploaded-twice",
    `Two files have the same target in the one-off: ${quoted(target)}`,
    "--file PATH:ANOTHER-NAME",
  );

/** @param tmpfs false: the root file system is read-only. */
export const hiddenByMount = (folder: string, tmpfs: boolean) =>
  usage(
    "hidden-folder",
    `Cannot upload to ${quoted(folder)} in the one-off: ${
      tmpfs ? "it is a tmpfs, which the engine cannot access" : "the root file system is read-only"
    }`,
    "use another folder",
  );

export const unknownUser = (user: string, what: "user" | "group", name: string) =>
  new OneoffError("unknown-user", `Cannot run as ${quoted(user)}: the image has no ${what} ${quoted(name)}`, {
    next: "use numbers: --user 1000:1000",
  });

export const fileChanged = (path: string) =>
  new OneoffError("file-changed", `The size of ${quoted(path)} changed during the upload`, {
    next: "wait until no program writes to the file, or upload a copy",
  });

export const unsafeArchive = (name: string) =>
  new OneoffError("unsafe-archive", `Unsafe path in the archive: ${quoted(name)}; nothing was written`, {
    next: "list the archive: oneoff cp run.7364:/path - | tar tv",
  });

/** @param tmpfs the mount point, if the path is on a tmpfs. */
export const noSuchPath = (oneoff: string, path: string, tmpfs: string | undefined) =>
  new OneoffError(
    "no-such-path",
    `No such file or folder ${quoted(path)} in ${oneoff}${tmpfs ? `: ${plain(tmpfs)} is a tmpfs, which the engine cannot access` : ""}`,
    { next: tmpfs ? "write the file to another folder or a volume: --mount type=volume,target=/out" : undefined },
  );

export const noFolderInOneoff = (oneoff: string, path: string) =>
  new OneoffError("no-such-path", `No such folder ${quoted(path)} in ${oneoff}`, { next: "use an existing folder" });

export const notFolderInOneoff = (oneoff: string, path: string) =>
  new OneoffError("not-a-folder", `${quoted(path)} in ${oneoff} is not a folder`, { next: "use another path" });

export const unresolvedPath = (oneoff: string, path: string, cause: unknown) =>
  new OneoffError(
    "unresolved-path",
    `The engine cannot resolve ${quoted(path)} in ${oneoff}; a symlink may point to itself`,
    { next: "use another path", cause },
  );

export const unnamedByEngine = (oneoff: string, path: string) =>
  new OneoffError(
    "unnamed-by-engine",
    `The engine cannot archive ${quoted(path)} in ${oneoff}: its name is not UTF-8`,
    { next: "copy the folder that contains it" },
  );

export const notFetchable = (oneoff: string, path: string, why: string) =>
  new OneoffError("not-fetchable", `Cannot fetch ${quoted(path)} of ${oneoff}: ${why}`, {
    next: "fetch a file or a folder",
  });

export const fetchedTwice = (path: string) =>
  usage("fetched-twice", `Two files have the same local target: ${quoted(path)}`, "--fetch /PATH:ANOTHER-NAME");

export const notLocalFolder = (path: string) =>
  usage("not-a-folder", `${quoted(path)} is not a local folder`, "use another path");

export const noLocalFolder = (path: string) =>
  usage("no-local-folder", `No such local folder ${quoted(path)}`, `mkdir -p ${plain(path)}`);

export const targetExists = (path: string) =>
  usage("target-exists", `${quoted(path)} already exists`, "use --force to replace it");

export const targetInOneoff = (oneoff: string, path: string) =>
  usage("target-exists", `${quoted(path)} already exists in ${oneoff}`, "use --force to replace it");

export const targetOtherKind = (path: string, isDirectory: boolean) =>
  usage(
    "target-other-kind",
    isDirectory
      ? `${quoted(path)} is a local file, but a folder in the one-off`
      : `${quoted(path)} is a local folder, but a file in the one-off`,
    "use another name",
  );

export const badCopy = (text: string) =>
  usage("bad-copy", `Invalid path ${quoted(text)}: expected run.N:/PATH or a local path`, "oneoff cp --help");
