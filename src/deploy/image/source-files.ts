import { join } from "node:path";
import { type AppJson, parseAppJson } from "../../app/app-json.ts";
import type { ManifestApp } from "../../app/manifest/manifest-schema.ts";
import { type Procfile, parseProcfile } from "../../app/procfile.ts";
import { decodeText } from "../../app/text.ts";
import { unreadable } from "../../errors/files.ts";
import type { Files } from "../../oneoff/apps/manifest-file.ts";

/** The files that a deploy reads before the build. */
export interface SourceFiles {
  /** Empty without a Procfile. */
  readonly procfile: Procfile;
  readonly appJson: AppJson;
  /** Paths for messages. */
  readonly searchedPaths: { readonly procfile: string; readonly appJson: string };
}

export interface SourcePaths {
  /** `procfile` in oneoff.yaml: commands, or the path of a local file. */
  readonly procfile?: ManifestApp["procfile"] | undefined;
  /** `app-json` in oneoff.yaml: the path of a local file. */
  readonly appJson?: string | undefined;
  /** The property `appjson-path` or its default, relative to the source or to WORKDIR of the image. */
  readonly appJsonPath: string;
}

export interface OptionalFile {
  /** The path for messages. */
  readonly where: string;
  /** Undefined if the file does not exist. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Reads Procfile and app.json from a source tree. Both are optional, but a Procfile in oneoff.yaml must exist.
 * @param folder absolute.
 * @throws OneoffError for an invalid file.
 */
export function readSourceFiles(folder: string, paths: SourcePaths, files: Pick<Files, "readFile">): SourceFiles {
  return sourceFiles(
    localProcfile(paths, files) ?? readLocal(join(folder, "Procfile"), "Procfile", files),
    localAppJson(paths, files) ?? readLocal(join(folder, paths.appJsonPath), "app.json", files),
  );
}

/** The Procfile in oneoff.yaml. */
export function localProcfile({ procfile }: SourcePaths, files: Pick<Files, "readFile">) {
  if (!procfile) return undefined;
  if (!("path" in procfile)) return procfile as Procfile;
  const file = readLocal(procfile.path as string, "procfile", files);
  if (file.bytes === undefined) throw unreadable("procfile", file.where, { code: "ENOENT" });
  return file;
}

/** The app.json in oneoff.yaml. */
export const localAppJson = ({ appJson }: SourcePaths, files: Pick<Files, "readFile">) =>
  appJson === undefined ? undefined : readLocal(appJson, "app-json", files);

/** @throws OneoffError for an invalid file. */
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

/** @param what the name in errors. */
function readLocal(path: string, what: string, { readFile }: Pick<Files, "readFile">): OptionalFile {
  try {
    return { where: path, bytes: readFile(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { where: path, bytes: undefined };
    throw unreadable(what, path, error);
  }
}
