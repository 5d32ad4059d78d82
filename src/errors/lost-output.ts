/** Why there is none to show. */
export const outputFate = (name: string, why: "terminal" | "removed" | "driver") =>
  ({
    terminal: `the output of ${name} went to where it was run from, and was not kept`,
    removed: `the output of ${name} has gone with its container`,
    driver: `the output of ${name} goes to a log that cannot be read here`,
  })[why];

/** @param until RFC 3339, UTC. */
export const outputLostBefore = (name: string, until: string) =>
  `Output of ${name} was removed from its log; it is complete from ${until.slice(0, "2026-11-29T01:24:38".length)}Z on`;

export const logFull = (name: string, since: string) =>
  `The log of ${name} is full: output before ${since.slice(0, "2026-11-29T01:24:38".length)}Z may have been removed`;
