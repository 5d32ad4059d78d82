import { quoted } from "../text/quoted.ts";
import { HOW_TO_POINT, OneoffError, usage } from "./error.ts";

/** The same of one line, or another part, of a stream. */
export const badLine = (problem: string, found?: string) =>
  new OneoffError(
    "bad-answer",
    `The engine sent an invalid stream: ${problem}${found === undefined ? "" : `, found ${quoted(found)}`}`,
    { next: `see what listens there, or use another: ${HOW_TO_POINT}` },
  );

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

/** What the system would say of a file that is not read. */
export const errno = {
  isFolder: () => Object.assign(new Error("it is a folder"), { code: "EISDIR" }),
  notRegular: () => Object.assign(new Error("it is not a regular file"), { code: "EFTYPE" }),
  tooLarge: (maxBytes: number) => Object.assign(new Error(`it has more than ${maxBytes} bytes`), { code: "EFBIG" }),
};

export const archiveCut = () =>
  new OneoffError("archive-cut", "The engine has sent only a part of the files: the archive ends too early", {
    next: "try again",
  });

export const badArchive = (problem: string) =>
  new OneoffError("bad-archive", `The engine has sent an archive that cannot be read: ${problem}`, {
    next: "try again",
  });

export const isArchiveCut = (error: unknown) => error instanceof OneoffError && error.code === "archive-cut";

export const emptyArchive = () => badArchive("there is nothing in it");
