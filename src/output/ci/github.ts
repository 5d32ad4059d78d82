import type { Event, Report } from "../events.ts";
import { summaryMarkdown } from "../summary.ts";
import { type CiLog, ciLines, isForeignOutput, stepTitle } from "./log.ts";

interface GithubLog extends CiLog {
  /** Cannot be guessed. */
  token(): string;
  /** Appends to the job summary. */
  appendSummary(markdown: string): void;
}

/**
 * Events for a GitHub Actions log: each step is a group, failures and warnings are annotations. Workflow commands are
 * stopped while foreign output is printed, so that it cannot contain commands.
 */
export function githubReport({ writeLine, style, token, appendSummary }: GithubLog): Report {
  let resumeToken: string | undefined;
  const command = (line: string) => {
    if (resumeToken !== undefined) writeLine(`::${resumeToken}::`);
    resumeToken = undefined;
    writeLine(line);
  };
  const stopCommands = () => {
    if (resumeToken !== undefined) return;
    resumeToken = token();
    writeLine(`::stop-commands::${resumeToken}`);
  };
  const annotation = (event: Event): string | undefined => {
    if (event.type === "warning" || event.type === "not-copied")
      return `::warning title=oneoff::${data(event.message)}`;
    if (event.type !== "failed") return undefined;
    const { code, message, next } = event;
    return `::error title=${property(`oneoff: ${code}`)}::${data(next === undefined ? message : `${message}\n  ${next}`)}`;
  };
  return (event) => {
    const line = annotation(event);
    if (line !== undefined) command(line);
    else if (event.type === "step-started") command(`::group::${data(stepTitle(event))}`);
    else {
      const lines = ciLines(event, style);
      if (isForeignOutput(event) || lines.some(looksLikeCommand)) stopCommands();
      for (const line of lines) writeLine(line);
    }
    if (event.type === "step-done" || event.type === "step-failed") command("::endgroup::");
    if (event.type === "summary" || event.type === "failed") appendSummary(summaryMarkdown(event));
  };
}

/** Current and legacy workflow commands. */
const looksLikeCommand = (line: string) => /^\s*::|##\[/.test(line);

const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
