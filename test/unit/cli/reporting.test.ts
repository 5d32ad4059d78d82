import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ReportOptions, reporter } from "../../../src/cli/reporting.ts";
import type { Event } from "../../../src/output/events.ts";
import { fakeTerminal } from "../../support/fake-terminal.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface World {
  readonly env?: Record<string, string>;
  readonly isTerminal?: boolean;
  readonly appendFile?: (path: string, text: string) => void;
}

function scene({ env = {}, isTerminal = false, appendFile = () => {} }: World = {}) {
  const terminal = fakeTerminal({ errorIsTerminal: isTerminal });
  const report = reporter({
    terminal,
    env,
    now: Date.now,
    monotonic: () => performance.now(),
    token: () => "token",
    appendFile,
  });
  return { terminal, report };
}

const progress = (done: number): Event => ({ type: "progress", operation: "upload", current: done, total: 100 });
const failed: Event = { type: "failed", code: "c", message: "no", next: "oneoff help", exitCode: 1 };
const AT_TERMINAL = { env: { TERM: "xterm", NO_COLOR: "1" }, isTerminal: true };

/** Reports half of a slow upload. @returns stderr. */
function upload(world: World, options: ReportOptions = {}): string {
  const { terminal, report } = scene(world);
  report(options)(progress(0));
  vi.advanceTimersByTime(5000);
  report(options)(progress(50));
  vi.advanceTimersByTime(100);
  return terminal.err;
}

const BAR = /upload ############------------ {2}50% of 100 B, \ds left$/;
const MILESTONE = "upload: 50% of 100 B\n";

test("draws a progress bar at a terminal, and prints milestones elsewhere", () => {
  expect(upload(AT_TERMINAL)).toMatch(BAR);
  expect(upload({})).toBe(MILESTONE);
});

test.each([[{ TERM: "dumb" }], [{}], [{ TERM: "xterm", CI: "true" }]] as const)(
  "draws no progress bar at a terminal with %j",
  (env) => expect(upload({ env, isTerminal: true })).toBe(MILESTONE),
);

test.each(["false", "0", ""])("draws a progress bar with CI=%j", (CI) =>
  expect(upload({ ...AT_TERMINAL, env: { ...AT_TERMINAL.env, CI } })).toMatch(BAR),
);

test("draws the progress bar with Unicode in a UTF-8 locale", () =>
  expect(upload({ ...AT_TERMINAL, env: { ...AT_TERMINAL.env, LANG: "C.UTF-8" } })).toContain("━━━───"));

test.each([{ quiet: true }, { quiet: true, ci: "github" }, { quiet: true, ci: "gitlab" }])(
  "prints no progress with %j",
  (options) => {
    expect(upload(AT_TERMINAL, options)).toBe("");
    expect(upload({}, options)).toBe("");
  },
);

test("prints a failure with --quiet", () => {
  const { terminal, report } = scene();
  report({ quiet: true })(failed);
  expect(terminal.err).toBe("oneoff: no\n  oneoff help\n");
});

test("prints with --quiet what could not be copied, and no other warning", () => {
  const { terminal, report } = scene();
  report({ quiet: true })({ type: "warning", message: "hm" });
  report({ quiet: true })({ type: "not-copied", message: '"p" was skipped' });
  expect(terminal.err).toBe('oneoff: warning: "p" was skipped\n');
});

test("clears the progress bar before it prints a failure, also for a second reporter with the same options", () => {
  const { terminal, report } = scene(AT_TERMINAL);
  report({ color: "auto" })(progress(50));
  vi.advanceTimersByTime(100);
  report({ color: "auto" })(failed);
  vi.advanceTimersByTime(5000);
  expect(terminal.err.slice(terminal.err.indexOf("\r"))).toBe("\r\x1b[Joneoff: no\n  oneoff help\n");
});

test("prints JSON events on stdout, and nothing on stderr", () => {
  const { terminal, report } = scene(AT_TERMINAL);
  report({ json: true })(progress(50));
  report({ json: true })(failed);
  vi.advanceTimersByTime(5000);
  expect(terminal.out.match(/"type":"\w+"/g)).toEqual(['"type":"progress"', '"type":"failed"']);
  expect(terminal.err).toBe("");
});

test("ignores that the job summary cannot be written", () => {
  const pages: string[] = [];
  const appendFile = (path: string, text: string) => {
    pages.push(`${path}: ${text}`);
    throw new Error("read-only");
  };
  const { terminal, report } = scene({ env: { GITHUB_STEP_SUMMARY: "/page" }, appendFile });
  report({ ci: "github" })(failed);
  expect(pages).toEqual(["/page: ```\nno\n  oneoff help\n```\n\n"]);
  expect(terminal.err).toContain("::error title=oneoff%3A c::no");
});

test("uses colours in logs of CI services, unless NO_COLOR is set", () => {
  const deployed: Event = { type: "deployed", app: "a", release: 1, image: "i" };
  const said = (env: Record<string, string>) => {
    const { terminal, report } = scene({ env });
    report({ ci: "github" })(deployed);
    return terminal.err;
  };
  expect(said({ TERM: "dumb" })).toContain("\x1b[32m");
  expect(said({ NO_COLOR: "1" })).toBe("=====> a v1 is live\n");
});
