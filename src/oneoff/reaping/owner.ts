/** The process that has made a one-off. */
export interface Owner {
  /** What says so in a label. */
  readonly self: string;
  /** Whether an owner is still there; undefined for one of another machine. */
  isAlive(owner: string): boolean | undefined;
}
