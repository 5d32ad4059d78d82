/** The process that created a one-off. */
export interface Owner {
  /** Its value in labels. */
  readonly self: string;
  /** Whether an owner is alive; undefined for an owner on another machine. */
  isAlive(owner: string): boolean | undefined;
}
