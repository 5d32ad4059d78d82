import type { Result, Target } from "./measure.ts";

/** Units without fractions. */
const WHOLE: ReadonlySet<string> = new Set(["requests", "files/s"]);

/** Columns of texts; the others are of figures. */
const TEXTS: ReadonlySet<number> = new Set([0, 5]);

const HEAD = ["case", "oneoff", "peer", "ratio", "target", ""];

const figure = (value: number | null, unit: string) =>
  value === null ? "-" : `${value.toFixed(WHOLE.has(unit) ? 0 : 1)} ${unit}`;

const goal = (target: Target | null, unit: string) => {
  if (!target) return "";
  const bound = target.atMost === undefined ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  if (target.of === "ratio") return bound;
  return target.of === "difference" ? `${bound} ${unit} more` : `${bound} ${unit}`;
};

const cells = ({ case: name, unit, oneoff, peer, ratio, target, verdict }: Result) => [
  name,
  figure(oneoff, unit),
  figure(peer, unit),
  ratio === null ? "-" : ratio.toFixed(2),
  goal(target, unit),
  verdict === "information" ? "" : verdict,
];

/** Ratios are oneoff's figure to docker's: for times lower is better, for rates (MB/s) higher. */
export const table = (results: readonly Result[]): string => {
  const lines = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = (line: readonly string[]) =>
    line
      .map((cell, column) =>
        TEXTS.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return `${lines.map(text).join("\n")}\n`;
};
