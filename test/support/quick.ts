/** A table's rows for `test.each`: every run has the first few, the full run has the others as well. */
export const quickAndFull = <const T>(rows: readonly T[], quick: number) =>
  [
    [{}, rows.slice(0, quick)],
    [{ tags: ["full"] }, rows.slice(quick)],
  ] satisfies [object, T[]][];
