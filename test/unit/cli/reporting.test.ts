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

/** What is on stderr of half an upload that takes a while. */
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

test("at a terminal there are bars, and elsewhere there is a line now and then", () => {
  expect(upload(AT_TERMINAL)).toMatch(BAR);
  expect(upload({})).toBe(MILESTONE);
});

test.each([[{ TERM: "dumb" }], [{}], [{ TERM: "xterm", CI: "true" }]] as const)("a terminal has none with %j", (env) =>
  expect(upload({ env, isTerminal: true })).toBe(MILESTONE),
);

test.each(["false", "0", ""])("CI=%j says nothing", (CI) =>
  expect(upload({ ...AT_TERMINAL, env: { ...AT_TERMINAL.env, CI } })).toMatch(BAR),
);

test("a terminal that knows more than ASCII gets more", () =>
  expect(upload({ ...AT_TERMINAL, env: { ...AT_TERMINAL.env, LANG: "C.UTF-8" } })).toContain("━━━───"));

test.each([{ quiet: true }, { quiet: true, ci: "github" }, { quiet: true, ci: "gitlab" }])(
  "nothing with %j",
  (options) => {
    expect(upload(AT_TERMINAL, options)).toBe("");
    expect(upload({}, options)).toBe("");
  },
);

test("a failure is told also where nothing else is", () => {
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

test("who asks in the same way is told in the same place: what it has drawn is gone before a failure is told", () => {
  const { terminal, report } = scene(AT_TERMINAL);
  report({ color: "auto" })(progress(50));
  vi.advanceTimersByTime(100);
  report({ color: "auto" })(failed);
  vi.advanceTimersByTime(5000);
  expect(terminal.err.slice(terminal.err.indexOf("\r"))).toBe("\r\x1b[Joneoff: no\n  oneoff help\n");
});

test("events for programs are on stdout, and nothing is on stderr", () => {
  const { terminal, report } = scene(AT_TERMINAL);
  report({ json: true })(progress(50));
  report({ json: true })(failed);
  vi.advanceTimersByTime(5000);
  expect(terminal.out.match(/"type":"\w+"/g)).toEqual(['"type":"progress"', '"type":"failed"']);
  expect(terminal.err).toBe("");
});

test("a page of the job that cannot be written to changes nothing", () => {
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

test("logs of CI services have colours, unless somebody has said otherwise", () => {
  const deployed: Event = { type: "deployed", app: "a", release: 1, image: "i" };
  const said = (env: Record<string, string>) => {
    const { terminal, report } = scene({ env });
    report({ ci: "github" })(deployed);
    return terminal.err;
  };
  expect(said({ TERM: "dumb" })).toContain("\x1b[32m");
  expect(said({ NO_COLOR: "1" })).toBe("=====> a v1 is live\n");
});
