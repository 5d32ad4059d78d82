import { type CiLog, ciLines, isForeign, stepTitle } from "./ci-lines.ts";
import type { Event, Report } from "./events.ts";
import { summaryMarkdown } from "./summary-markdown.ts";

interface GithubLog extends CiLog {
  /** One that nobody can guess. */
  token(): string;
  /** Adds to the page about the job. */
  summarize(markdown: string): void;
}

/**
 * Events for a log of GitHub Actions: each step is a group, failures and warnings are annotations. What somebody else has
 * written is never taken for a command: while it comes, commands are switched off.
 */
export function githubReport({ say, style, token, summarize }: GithubLog): Report {
  let off: string | undefined;
  const command = (line: string) => {
    if (off !== undefined) say(`::${off}::`);
    off = undefined;
    say(line);
  };
  const switchOff = () => {
    if (off !== undefined) return;
    off = token();
    say(`::stop-commands::${off}`);
  };
  const annotation = (event: Event): string | undefined => {
    if (event.type === "warning" || event.type === "not-copied")
      return `::warning title=oneoff::${data(event.message)}`;
    if (event.type !== "failed") return undefined;
    const { code, message, next } = event;
    return `::error title=${property(`oneoff: ${code}`)}::${data(next === undefined ? message : `${message}\n  ${next}`)}`;
  };
  return (event) => {
    const annotated = annotation(event);
    if (annotated !== undefined) command(annotated);
    else if (event.type === "step-started") command(`::group::${data(stepTitle(event))}`);
    else {
      const lines = ciLines(event, style);
      if (isForeign(event) || lines.some(looksLikeCommand)) switchOff();
      for (const line of lines) say(line);
    }
    if (event.type === "step-done" || event.type === "step-failed") command("::endgroup::");
    if (event.type === "summary" || event.type === "failed") summarize(summaryMarkdown(event));
  };
}

/** What the runner would look at: its commands, and those it knew before. */
const looksLikeCommand = (line: string) => /^\s*::|##\[/.test(line);

const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
