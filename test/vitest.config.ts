import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import LongestFirst from "./longest-first.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Times are shown as they are where we are, and what is run is noted in our home: tests have a place of their own. */
const env = { TZ: "UTC", XDG_STATE_HOME: `${root}node_modules/.cache/test-state` };

const setupFiles = ["test/support/plain-environment.ts"];

/** One more than cores: tests on an engine wait for about a quarter of their time. Vitest would take one less. */
const maxWorkers = availableParallelism() + 1;

/** One project a kind of proof: what it needs, and how long a case may take (in ms), differ. */
const project = (name: string, testTimeout: number, more: Partial<TestProjectInlineConfiguration["test"]> = {}) => ({
  test: {
    name,
    root,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 120_000,
    // A busy machine takes its time; what never comes is late enough then.
    expect: { poll: { timeout: 25_000 } },
    env,
    setupFiles,
    ...more,
  },
});

/**
 * A real engine on a busy machine drops a request now and then, in one of thousands of tests. Such a test runs once more,
 * and the flaky reporter lists it with its first failure.
 */
const engine = { globalSetup: ["test/support/global-engine.ts"], isolate: false, retry: 1 };

/** Tests leave nothing behind in the process: one worker runs many files, in half the time. */
const shared = { isolate: false };

export default defineConfig({
  root,
  test: {
    maxWorkers,
    reporters: ["default", "./test/flaky-reporter.ts"],
    tags: [{ name: "full", description: "Only npm run test:full: more kinds or sizes of what a quick test proves" }],
    sequence: { sequencer: LongestFirst },
    projects: [
      project("unit", 120_000, shared),
      project("cli", 120_000, shared),
      project("engine", 120_000, engine),
      project("e2e", 240_000, { ...engine, globalSetup: [...engine.globalSetup, "test/support/global-swarm.ts"] }),
      project("soak", 3_600_000, engine),
    ],
  },
});
