/** One word that may stand where somebody is typing. One that ends in `=` or `:` goes on. */
export interface Suggestion {
  readonly value: string;
  /** What it is, in a few words. */
  readonly what?: string | undefined;
}
