import { conflictingOptions } from "../errors/error.ts";
import { githubReport } from "../output/ci/github.ts";
import { gitlabReport } from "../output/ci/gitlab.ts";
import type { Report } from "../output/events.ts";
import { humanReport } from "../output/human.ts";
import { jsonReport } from "../output/json.ts";
import { progressBars } from "../output/progress/bars.ts";
import { milestones } from "../output/progress/milestones.ts";
import { GLYPHS } from "../output/progress/text.ts";
import { waitingView } from "../output/progress/waiting.ts";
import { escapeEvent } from "../output/sanitize.ts";
import { COLOR_CHOICES, COLORED, PLAIN, supportsAnsi, wantsColor } from "../output/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { choice } from "./choice.ts";

export interface ReportOptions {
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly ci?: string;
  readonly color?: string;
}

interface World {
  readonly terminal: Pick<Terminal, "stdout" | "stderr" | "errorIsTerminal" | "errorSize">;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** In milliseconds since 1970. */
  now(): number;
  /** In milliseconds; not affected by changes of the system clock. */
  monotonic(): number;
  /** Cannot be guessed. */
  token(): string;
  /** @throws NodeJS.ErrnoException */
  appendFile(path: string, text: string): void;
}

export const CI_SERVICES = ["github", "gitlab", "none"] as const;

/** The CI service of the environment, unless stderr is a terminal. */
export function ciService({ env, terminal }: Pick<World, "env" | "terminal">): (typeof CI_SERVICES)[number] {
  if (terminal.errorIsTerminal) return "none";
  return env.GITHUB_ACTIONS === "true" ? "github" : env.GITLAB_CI === "true" ? "gitlab" : "none";
}

/** @throws OneoffError for an invalid value */
export function checkReportOptions({ color, ci, json }: ReportOptions, command: string): void {
  if (color !== undefined) choice("--color", color, COLOR_CHOICES, command);
  if (ci !== undefined) choice("--ci", ci, CI_SERVICES, command);
  if (json && ci !== undefined && ci !== "none") throw conflictingOptions("--json", `--ci ${ci}`);
}

/** Opens one report for each combination of options. */
export function reporter(world: World): (options: ReportOptions) => Report {
  const opened = new Map<string, Report>();
  return (options) => {
    const { quiet, json, ci, color } = options;
    const key = JSON.stringify([quiet, json, ci, color]);
    const report = opened.get(key) ?? openReport(world, options);
    opened.set(key, report);
    return report;
  };
}

function openReport(world: World, { quiet = false, json = false, ci, color }: ReportOptions): Report {
  const { terminal } = world;
  const text = json ? undefined : textReport(world, ci, color);
  const report: Report = text ? (event) => text(escapeEvent(event)) : jsonReport(() => terminal.stdout, world);
  if (!quiet) return report;
  return (event) => {
    if (event.type === "failed" || event.type === "not-copied") report(event);
  };
}

function textReport(world: World, ci: string | undefined, color: string | undefined): Report {
  const { terminal, env, now, monotonic, token } = world;
  const writeLine = (line: string) => void terminal.stderr.write(`${line}\n`);
  if (ci === "github" || ci === "gitlab") {
    // CI services show colours although stderr is not a terminal.
    const style = wantsColor(color, { ...env, TERM: "xterm" }, true) ? COLORED : PLAIN;
    const log = { writeLine, style, now: () => now() / 1000, token, appendSummary: jobSummary(world) };
    const report = ci === "github" ? githubReport(log) : gitlabReport(log);
    const progress = milestones(writeLine, monotonic);
    return (event) => (event.type === "progress" ? progress.show(event) : report(event));
  }
  const style = wantsColor(color, env, terminal.errorIsTerminal) ? COLORED : PLAIN;
  const size = () => terminal.errorSize() ?? { columns: 80, rows: 24 };
  const screen = {
    write: (text: string) => void terminal.stderr.write(text),
    columns: () => size().columns,
    rows: () => size().rows,
  };
  const draws = terminal.errorIsTerminal && supportsAnsi(env) && !/^(?!0$|false$)./.test(env.CI ?? "");
  if (!draws) return humanReport(writeLine, style, milestones(writeLine, monotonic));
  const bars = progressBars(screen, { glyphs: glyphs(env), style }, monotonic);
  return humanReport(writeLine, style, bars, waitingView(screen));
}

const glyphs = ({ LC_ALL, LC_CTYPE, LANG }: World["env"]) =>
  /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "") ? GLYPHS.unicode : GLYPHS.ascii;

function jobSummary({ env: { GITHUB_STEP_SUMMARY: file }, appendFile }: World) {
  return (markdown: string) => {
    if (!file) return;
    try {
      appendFile(file, markdown);
    } catch {
      // The log has everything as well.
    }
  };
}
