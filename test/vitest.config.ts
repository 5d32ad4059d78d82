import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const root = new URL("..", import.meta.url).pathname;

/** What oneoff makes of the environment it is in: nothing, wherever the tests are run. */
const nothing = ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"];

/** Times are shown as they are where we are, and what is run is noted in our home: tests have a place of their own. */
const env = {
  ...{ TZ: "UTC", XDG_STATE_HOME: `${root}node_modules/.cache/test-state` },
  ...Object.fromEntries(nothing.map((name) => [name, ""])),
};

/** One project a kind of proof: what it needs, and how long a case may take (in ms), differ. */
const project = (name: string, testTimeout: number, more: Partial<TestProjectInlineConfiguration["test"]> = {}) => ({
  test: { name, root, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: 120_000, env, ...more },
});

const engine = { globalSetup: ["test/support/global-engine.ts"] };

/** They leave nothing behind them in the process: one worker does many files, in half the time. */
const shared = { isolate: false };

export default defineConfig({
  root,
  test: {
    projects: [
      project("unit", 30_000, shared),
      project("cli", 30_000, shared),
      project("engine", 60_000, engine),
      project("e2e", 120_000, engine),
      project("soak", 3_600_000, engine),
    ],
  },
});
