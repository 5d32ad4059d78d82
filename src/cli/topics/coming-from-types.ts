/** A command of the other tool; the difference; and the command of oneoff, if it is not the translation of the first. */
export type Row = readonly [theirs: string, different?: string | undefined, ours?: string];

export interface System {
  readonly name: string;
  readonly intro: string;
  readonly rows: readonly Row[];
}
