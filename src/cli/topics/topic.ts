import type { CommandShape } from "../shapes.ts";

/** A help topic: `oneoff help NAME`. */
export interface Topic {
  /** Description in the list of topics. */
  readonly about: string;
  /** Light text, or, if `asIs` is set, text to print unchanged. @param commands what it may tell of. */
  text(commands: ReadonlyMap<string, CommandShape>): string;
  /** A file format: the text is not wrapped and not in the man page. */
  readonly asIs?: boolean;
  /** Subtopics: `oneoff help NAME PART`. */
  readonly parts?: ReadonlyMap<string, Topic>;
}
