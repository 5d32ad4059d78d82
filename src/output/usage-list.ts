import { formatList, type TableStyle } from "./table.ts";
import { formatAge, formatBytes } from "./units.ts";

/** A process or a one-off with its resource usage. Its texts have one line each. */
export interface UsageRow {
  /** Undefined if all rows belong to the same app. */
  readonly app: string | undefined;
  /** `run.7364`, `web.1` */
  readonly name: string;
  readonly state: string;
  /** 100 for one CPU that is fully used. */
  readonly cpuPercent: number | undefined;
  /** In bytes. */
  readonly memory: number | undefined;
  readonly memoryLimit: number | undefined;
  readonly restarts: number | undefined;
  /** In seconds since 1970. */
  readonly created: number;
  readonly command: string;
}

/** The most important columns come first, because a narrow terminal cuts the last ones. @param now in seconds since 1970. */
export function usageList(rows: readonly UsageRow[], now: number, style: TableStyle): string {
  const withApp = rows.some(({ app }) => app !== undefined);
  const headings = [...(withApp ? ["APP"] : []), "NAME", "STATE", "CPU", "MEMORY", "RESTARTS", "AGE", "COMMAND"];
  const cells = rows.map((row) => [
    ...(withApp ? [row.app ?? ""] : []),
    row.name,
    row.state,
    row.cpuPercent === undefined ? "" : `${row.cpuPercent.toFixed(1)}%`,
    memoryCell(row),
    row.restarts === undefined ? "" : String(row.restarts),
    formatAge(now - row.created),
    row.command,
  ]);
  return formatList(headings, cells, style);
}

const memoryCell = ({ memory, memoryLimit }: UsageRow) => {
  if (memory === undefined) return "";
  return memoryLimit === undefined ? formatBytes(memory) : `${formatBytes(memory)} / ${formatBytes(memoryLimit)}`;
};
