import { quoted } from "../text/quoted.ts";
import { HOW_TO_SET_ENGINE, OneoffError, usage } from "./error.ts";

/** Like `badAnswer`, for a line or another part of a stream. */
export const badLine = (problem: string, found?: string) =>
  new OneoffError(
    "bad-answer",
    `The engine sent an invalid stream: ${problem}${found === undefined ? "" : `, found ${quoted(found)}`}`,
    { next: `check the address of the engine: ${HOW_TO_SET_ENGINE}` },
  );

export const badFrame = (type: number) =>
  new OneoffError("bad-frame", `The engine sent an invalid output stream: frame of unknown type ${type}`, {
    next: "oneoff ps --all",
  });

export const engineStreamError = (reason: string) =>
  new OneoffError("engine-stream", `The engine reported an error in the output stream: ${reason}`, {
    next: "oneoff ps --all",
  });

export const streamCut = (missing: number) =>
  new OneoffError("stream-cut", `The output is truncated: ${missing} bytes of the last frame are missing`, {
    next: "oneoff ps --all",
  });

/** The stream ended with a complete frame, but too early. */
export const outputCut = () =>
  new OneoffError("stream-cut", "The connection to the engine broke before the output was complete", {
    next: "oneoff ps --all",
  });

const CHECK_OUTPUT = "check the free disk space, or the program that reads the output, then try again";

export const outputFailed = (
  { channel, error }: { channel: string; error: NodeJS.ErrnoException },
  became: "was stopped" | "is still running",
) =>
  new OneoffError("output-failed", `Cannot write to ${channel}: ${error.message}; the command ${became}`, {
    next: became === "is still running" ? "oneoff ps" : CHECK_OUTPUT,
    cause: error,
  });

export const outputLost = (cause: NodeJS.ErrnoException) =>
  new OneoffError("output-lost", `The output is incomplete: ${cause.message}`, { next: CHECK_OUTPUT, cause });

export const badDetachKeys = (source: string, keys: string, key: string) =>
  usage(
    "bad-detach-keys",
    `Invalid ${source} ${quoted(keys)}: expected single characters, ctrl-<letter> or DEL, found ${quoted(key)}`,
    "oneoff run --detach-keys ctrl-x,x …",
  );

/** Errors of files that oneoff refuses to read, in the form of a system error. */
export const errno = {
  isFolder: () => Object.assign(new Error("is a folder"), { code: "EISDIR" }),
  notRegular: () => Object.assign(new Error("not a regular file"), { code: "EFTYPE" }),
  tooLarge: (maxBytes: number) => Object.assign(new Error(`larger than ${maxBytes} bytes`), { code: "EFBIG" }),
};

export const archiveCut = () =>
  new OneoffError("archive-cut", "The engine sent only a part of the files: the archive is truncated", {
    next: "try again",
  });

export const badArchive = (problem: string) =>
  new OneoffError("bad-archive", `The engine sent an invalid archive: ${problem}`, {
    next: "try again",
  });

export const isArchiveCut = (error: unknown) => error instanceof OneoffError && error.code === "archive-cut";

export const emptyArchive = () => badArchive("the archive is empty");
