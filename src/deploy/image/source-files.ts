import { join } from "node:path";
import { type AppJson, parseAppJson } from "../../app/app-json.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { type Procfile, parseProcfile } from "../../app/procfile.ts";
import { decodeText } from "../../app/text.ts";
import { unreadable } from "../../errors/files.ts";
import type { Files } from "../../oneoff/apps/manifest-file.ts";

/** What a deploy reads before it builds anything. */
export interface SourceFiles {
  /** Empty where there is none. */
  readonly procfile: Procfile;
  readonly appJson: AppJson;
  /** For people. */
  readonly searchedPaths: { readonly procfile: string; readonly appJson: string };
}

/** Where they are. */
export interface SourcePaths {
  /** What oneoff.yaml says: the commands themselves, or the path of a file here. */
  readonly procfile?: ManifestApp["procfile"] | undefined;
  /** The same of app.json. */
  readonly appJson?: string | undefined;
  /** The property `appjson-path`, or its default: below the source, or below the image's WORKDIR. */
  readonly appJsonPath: string;
}

/** One file that has been looked for. */
export interface OptionalFile {
  /** What it is called for people. */
  readonly where: string;
  /** Undefined where there is none. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Reads Procfile and app.json from a source tree.
 * @param folder absolute.
 * @throws OneoffError for one that is garbled, and for a Procfile that oneoff.yaml names and that is not there; an app.json
 * that is not there, wherever it should be, is none.
 */
export function readSourceFiles(folder: string, paths: SourcePaths, files: Pick<Files, "readFile">): SourceFiles {
  return sourceFiles(
    localProcfile(paths, files) ?? readLocal(join(folder, "Procfile"), "Procfile", files),
    localAppJson(paths, files) ?? readLocal(join(folder, paths.appJsonPath), "app.json", files),
  );
}

/** The Procfile that oneoff.yaml names or has in it. */
export function localProcfile({ procfile }: SourcePaths, files: Pick<Files, "readFile">) {
  if (!procfile) return undefined;
  if (!("path" in procfile)) return procfile as Procfile;
  const file = readLocal(procfile.path as string, "procfile", files);
  if (file.bytes === undefined) throw unreadable("procfile", file.where, { code: "ENOENT" });
  return file;
}

/** The app.json that oneoff.yaml names. */
export const localAppJson = ({ appJson }: SourcePaths, files: Pick<Files, "readFile">) =>
  appJson === undefined ? undefined : readLocal(appJson, "app-json", files);

/** @throws OneoffError for what is garbled. */
export function sourceFiles(procfile: Procfile | OptionalFile, appJson: OptionalFile): SourceFiles {
  const searchedPaths = { procfile: "where" in procfile ? procfile.where : "oneoff.yaml", appJson: appJson.where };
  return {
    procfile: parsedProcfile(procfile),
    appJson: parseAppJson(appJson.bytes ?? EMPTY, appJson.where),
    searchedPaths,
  };
}

const EMPTY = new Uint8Array();

function parsedProcfile(procfile: Procfile | OptionalFile): Procfile {
  if (!("where" in procfile)) return procfile;
  const { where, bytes } = procfile;
  return bytes === undefined ? new Map() : parseProcfile(decodeText(bytes, where), where);
}

/** @param what names the file to somebody who did not. */
function readLocal(path: string, what: string, { readFile }: Pick<Files, "readFile">): OptionalFile {
  try {
    return { where: path, bytes: readFile(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { where: path, bytes: undefined };
    throw unreadable(what, path, error);
  }
}
