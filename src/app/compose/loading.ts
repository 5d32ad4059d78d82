import { unsetVariable } from "../../errors/app.ts";
import { composeTooManyFiles } from "../../errors/compose.ts";
import type { ComposeFiles } from "./project.ts";
import type { ComposeDocument } from "./source-file.ts";

/** In characters, of all interpolated texts together. */
const MAX_FILLED = 4 * 1024 * 1024;
const MAX_FILES = 200;

/** The state of reading one project. */
export interface Loading {
  readonly files: ComposeFiles;
  /** Remaining characters. */
  readonly room: { left: number };
  readonly warnings: Set<string>;
  /** All documents, in the order in which they were read. */
  readonly documents: ComposeDocument[];
  /** Records a variable that is not set and has no default. */
  unset(variable: string): void;
  /** Records that a file is read. */
  countFile(file: string): void;
}

export function newLoading(files: ComposeFiles): Loading {
  const warnings = new Set<string>();
  let count = 0;
  return {
    files,
    room: { left: MAX_FILLED },
    warnings,
    documents: [],
    unset: (variable) => void warnings.add(unsetVariable("Compose", variable)),
    countFile(file) {
      if (++count > MAX_FILES) throw composeTooManyFiles(file, MAX_FILES);
    },
  };
}
