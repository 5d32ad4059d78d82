import { expect, test } from "vitest";
import type { Event } from "../../../../src/output/events.ts";
import { humanReport } from "../../../../src/output/human.ts";
import type { ProcessChange } from "../../../../src/output/process-events.ts";
import { waitingView } from "../../../../src/output/progress/waiting.ts";
import { PLAIN } from "../../../../src/output/style.ts";

/** What a terminal of this width shows. */
function terminal(columns = 80) {
  let screen = "";
  const write = (text: string) => {
    for (const part of text.split("\r\x1b[J").entries()) {
      if (part[0] > 0) screen = screen.slice(0, screen.lastIndexOf("\n") + 1);
      screen += part[1];
    }
  };
  const view = waitingView({ write, columns: () => columns, rows: () => 24 });
  const none = { show() {}, erase() {}, end() {} };
  const report = humanReport((line) => write(`${line}\n`), PLAIN, none, view);
  return {
    report,
    change: (name: string, change: ProcessChange) => report({ type: "process", app: "shop", name, ...change }),
    get screen() {
      return screen;
    },
  };
}

const failed = (attempt: number): ProcessChange => ({
  ...{ state: "unhealthy", check: "GET /", attempt, maxAttempts: 5 },
  ...{ reason: "request to http://172.17.0.2:5000/ failed: refused", summary: "connection refused" },
});

test("shows what a deploy waits for on one line, and removes it", () => {
  const here = terminal();
  here.change("web.1", { state: "starting" });
  here.change("web.1", { state: "waiting", check: "GET /" });
  expect(here.screen).toBe("Starting web.1\nWaiting for web.1: GET /");
  here.change("web.1", failed(1));
  expect(here.screen).toBe("Starting web.1\nWaiting for web.1: GET /");
  here.change("web.1", failed(2));
  expect(here.screen).toBe("Starting web.1\nWaiting for web.1: GET / → connection refused (2/5)");
  here.change("worker.1", { state: "starting" });
  expect(here.screen).toBe("Starting web.1\nStarting worker.1\nWaiting for web.1: GET / → connection refused (2/5)");
  here.change("worker.1", { state: "waiting", check: "uptime", seconds: 10 });
  expect(here.screen).toBe("Starting web.1\nStarting worker.1\nworker.1 must stay up for 10 s (and 1 more)");
  here.change("worker.1", { state: "healthy" });
  here.change("web.1", { state: "healthy" });
  expect(here.screen).toBe("Starting web.1\nStarting worker.1\nworker.1 is healthy\nweb.1 is healthy\n");
});

test.each<Event>([
  { type: "step-failed", step: "schedule", seconds: 1 },
  { type: "failed", code: "c", message: "no", next: undefined, exitCode: 1 },
])("removes the line after a failure: $type", (event) => {
  const here = terminal();
  here.change("web.1", { state: "waiting", check: "GET /" });
  here.report(event);
  expect(here.screen).toMatch(/^(?!Waiting).*\n$/);
});

test("cuts the line to the width of the terminal", () => {
  const here = terminal(20);
  here.change("web.1", { state: "waiting", check: "GET /a/long/path" });
  expect(here.screen).toBe("Waiting for web.1:…");
});
