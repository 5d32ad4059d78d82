/** A text to read besides what explains the commands: `oneoff help NAME`. */
export interface Topic {
  /** What it is about, in the list of all. */
  readonly about: string;
  /** Light text, or, where it is `asIs`, what it stands for. */
  text(): string;
  /** For other programs as well: never wrapped, and not in the man page. */
  readonly asIs?: boolean;
  /** Texts of its own: `oneoff help NAME PART`. */
  readonly parts?: ReadonlyMap<string, Topic>;
}
