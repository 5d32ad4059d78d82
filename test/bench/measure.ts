/** The samples of both clients, measured in turns, one of each in every pair. */
export interface Samples {
  readonly oneoff: readonly number[];
  readonly peer: readonly number[];
}

/** The target: of the ratio, of oneoff's own figure, or of what it has more than the peer. */
export interface Target {
  readonly of: "ratio" | "oneoff" | "difference";
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One line of the table. */
export interface Row extends Samples {
  readonly case: string;
  readonly unit: "ms" | "MB/s" | "MB" | "files/s" | "requests";
  /** Why there are no samples. */
  readonly notMeasured?: string;
  /** A difference of two figures has no meaningful ratio to another one. */
  readonly ratioless?: boolean;
  readonly target?: Target;
}

/** Measures in pairs A B, B A, A B, …: other load meets both, and neither always comes second. */
export const inTurns = async <T>(
  pairs: number,
  measureOneoff: () => Promise<T>,
  measurePeer: () => Promise<T>,
): Promise<{ oneoff: T[]; peer: T[] }> => {
  const oneoff: T[] = [];
  const peer: T[] = [];
  const turns = [async () => oneoff.push(await measureOneoff()), async () => peer.push(await measurePeer())];
  for (let pair = 0; pair < pairs; pair++) {
    for (const turn of pair % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  return { oneoff, peer };
};

/** Maps the samples of both sides, e.g. from milliseconds to a rate. */
export const each = <T>(samples: { oneoff: readonly T[]; peer: readonly T[] }, to: (sample: T) => number): Samples => ({
  oneoff: samples.oneoff.map(to),
  peer: samples.peer.map(to),
});

export const median = (samples: readonly number[]): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
};

/** The median of the ratios of the pairs, not the ratio of the medians: a slow minute then slows both sides of it. */
export const ratio = ({ oneoff, peer }: Samples): number =>
  median(oneoff.map((sample, pair) => sample / (peer[pair] ?? Number.NaN)));

/** How much more oneoff has than the peer. */
const difference = ({ oneoff, peer }: Samples): number =>
  median(oneoff.map((sample, pair) => sample - (peer[pair] ?? Number.NaN)));

export interface Result {
  readonly case: string;
  readonly unit: Row["unit"];
  /** Medians; null where there are no samples. */
  readonly oneoff: number | null;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly target: Target | null;
  readonly difference: number | null;
  /** "met", "missed" or "information"; else why it was not measured. */
  readonly verdict: string;
  readonly samples: Samples;
}

/** @returns rows without samples. */
export const notMeasured = (cases: readonly string[], why: unknown): Row[] => {
  const reason = (why instanceof Error ? why.message : String(why)).trim().replaceAll(/\s+/g, " ");
  return cases.map((name) => ({ case: name, unit: "ms", oneoff: [], peer: [], notMeasured: reason }));
};

export const judge = (row: Row): Result => {
  const { case: name, unit, target, ratioless, notMeasured, oneoff, peer } = row;
  const figures = {
    oneoff: known(median(oneoff)),
    peer: known(median(peer)),
    ratio: ratioless ? null : known(ratio(row)),
    difference: known(difference(row)),
  };
  const judged = target ? verdictOn(figures[target.of], target) : "information";
  const verdict = notMeasured === undefined ? judged : `not measured: ${notMeasured}`;
  return { case: name, unit, ...figures, target: target ?? null, verdict, samples: { oneoff, peer } };
};

const verdictOn = (figure: number | null, { atMost = Infinity, atLeast = -Infinity }: Target) =>
  figure !== null && figure <= atMost && figure >= atLeast ? "met" : "missed";

const known = (figure: number) => (Number.isNaN(figure) ? null : figure);
