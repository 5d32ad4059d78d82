import { unsetVariable } from "../../errors/app.ts";
import { composeRemote, composeTooManyFiles } from "../../errors/compose.ts";
import { unreadable } from "../../errors/files.ts";
import type { ComposeFiles } from "./project.ts";
import { type ComposeDocument, readDocuments } from "./source-file.ts";

/** In characters, of all interpolated texts together. */
const MAX_FILLED = 4 * 1024 * 1024;
/** Paths that Compose downloads, unless a file has such a path. */
const REMOTE = /(^|\/)(oci:|https?:|ssh:|git:|git@|github\.com\/)/;
/** Includes that repeat each other could double with each level. */
const MAX_READS = 1000;

/** The state of reading one project. */
export interface Loading {
  readonly files: ComposeFiles;
  /** Remaining characters. */
  readonly room: { left: number };
  readonly warnings: Set<string>;
  /** Documents by file, in the order in which they were read. */
  readonly documents: ReadonlyMap<string, readonly ComposeDocument[]>;
  /** Records a variable that is not set and has no default. @param where a file, or a place in it. */
  unset(where: string, variable: string): void;
  /** As `ComposeChoice.keepsVariables`. */
  readonly keepsVariables: boolean;
  /** Reads a Compose file, once if it is used twice. @throws OneoffError */
  read(file: string): readonly ComposeDocument[];
}

export function newLoading(files: ComposeFiles, keepsVariables = false): Loading {
  const warnings = new Set<string>();
  let reads = 0;
  const documents = new Map<string, readonly ComposeDocument[]>();
  return {
    files,
    room: { left: MAX_FILLED },
    warnings,
    keepsVariables,
    documents,
    unset: (where, variable) => void warnings.add(unsetVariable(where, variable)),
    read(file) {
      if (++reads > MAX_READS) throw composeTooManyFiles(file, MAX_READS);
      const known = documents.get(file);
      if (known) return known;
      const read = readDocuments(bytesOf(file, files), file);
      documents.set(file, read);
      return read;
    },
  };
}

function bytesOf(file: string, files: ComposeFiles): Uint8Array {
  try {
    return files.readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && REMOTE.test(file)) throw composeRemote(file);
    throw unreadable("Compose file", file, error, "create the file, or fix its path");
  }
}
