import { GROUPS, type Group, groupOf } from "./groups.ts";
import type { Outcome, Outcomes } from "./reporter.ts";

/** One engine of the matrix. */
export interface Row {
  /** E.g. `docker-28.5`. */
  readonly name: string;
  readonly told: Told;
}

/** The results of an engine's tests, why they could not run, or why this machine cannot run the engine. */
export type Told = Outcomes | { readonly broken: string } | { readonly notRun: string };

/** Merges new results of some files into an engine's earlier results. */
export const updated = (before: Outcomes | undefined, now: Outcomes): Outcomes => {
  const files = new Set(now.outcomes.map(({ file }) => file));
  const others = (before?.outcomes ?? []).filter(({ file }) => !files.has(file));
  return { ...now, outcomes: [...others, ...now.outcomes] };
};

const groups = Object.keys(GROUPS) as Group[];

const count = (outcomes: readonly Outcome[], state: Outcome["state"]) =>
  outcomes.filter((one) => one.state === state).length;

/** E.g. `103`, `99, 2 failed, 4 skipped`. */
const cell = (outcomes: readonly Outcome[]): string => {
  const failed = count(outcomes, "failed");
  const skipped = count(outcomes, "skipped");
  const parts = [`${count(outcomes, "passed")}`, failed && `**${failed} failed**`, skipped && `${skipped} skipped`];
  return outcomes.length === 0 ? "" : parts.filter(Boolean).join(", ");
};

const TITLES = { docker: "Docker Engine", podman: "Podman" } as const;

/** E.g. `Docker Engine 28.5.2, containerd image store`. */
const titleOf = ({ name, told }: Row): string => {
  if (!("outcomes" in told)) return name;
  const { engine } = told;
  const more = [engine.containerd && "containerd image store", engine.rootless && "rootless"].filter(Boolean);
  return [`${TITLES[engine.name]} ${engine.version.replace(/[+~].*/, "")}`, ...more].join(", ");
};

const cellsOf = (row: Row): string[] => {
  const { told } = row;
  const instead = (why: string) => [titleOf(row), why, ...groups.slice(1).map(() => "")];
  if ("notRun" in told) return instead(`not run: ${told.notRun}`);
  if ("broken" in told) return instead(told.broken);
  return [titleOf(row), ...groups.map((group) => cell(told.outcomes.filter(({ file }) => groupOf(file) === group)))];
};

/** The table in Markdown: a row per engine, a column per group of tests. */
export function table(rows: readonly Row[]): string {
  const lines = [["engine", ...groups], ...rows.map(cellsOf)];
  const widths = ["engine", ...groups].map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = lines;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

/** Why tests were skipped: a line per reason, with the engines and their number of tests. */
export function reasons(rows: readonly Row[]): string {
  const found = new Map<string, string[]>();
  for (const row of rows) {
    if (!("outcomes" in row.told)) continue;
    const counts = new Map<string, number>();
    for (const { state, note = "not for this machine" } of row.told.outcomes)
      if (state === "skipped") counts.set(note, (counts.get(note) ?? 0) + 1);
    for (const [note, count] of counts) found.set(note, [...(found.get(note) ?? []), `${row.name} ${count}`]);
  }
  return [...found].map(([note, where]) => `- ${note} (${where.join(", ")})`).join("\n");
}

/** Whether no test has failed on any engine that could run. */
export const passed = (rows: readonly Row[]): boolean =>
  failures(rows) === "" && rows.every(({ told }) => !("broken" in told));

export function failures(rows: readonly Row[]): string {
  return rows
    .flatMap(({ name, told }) => ("outcomes" in told ? told.outcomes.map((one) => ({ name, ...one })) : []))
    .filter(({ state }) => state === "failed")
    .map(
      ({ name, file, test, note = "" }) => `${name}: ${file}: ${test}\n  ${note.split("\n").slice(0, 12).join("\n  ")}`,
    )
    .join("\n");
}
