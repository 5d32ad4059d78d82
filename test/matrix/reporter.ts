import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule } from "vitest/node";
import type { EngineFacts } from "../support/capabilities.ts";

/** The result of one test. */
export interface Outcome {
  /** Relative to the repository. */
  readonly file: string;
  readonly test: string;
  readonly state: "passed" | "failed" | "skipped";
  /** Why it was skipped, or how it failed. */
  readonly note?: string | undefined;
}

/** The results of all tests on an engine. */
export interface Outcomes {
  readonly engine: EngineFacts;
  readonly outcomes: readonly Outcome[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));

const outcomesOf = (module: TestModule): Outcome[] => {
  const file = relative(root, module.moduleId);
  const broken = module.errors().map(({ message }) => message);
  const outcomes = Array.from(module.children.allTests(), (test): Outcome => {
    const result = test.result();
    const state = result.state === "pending" ? "failed" : result.state;
    const note =
      result.state === "skipped"
        ? (test.meta().lacks ?? result.note)
        : result.errors?.map(({ message }) => message).join("\n");
    return { file, test: test.fullName, state, ...(note && { note }) };
  });
  // A suite whose hook failed leaves its tests as if they had been skipped.
  for (const suite of module.children.allSuites()) broken.push(...suite.errors().map(({ message }) => message));
  return [...outcomes, ...broken.map((note): Outcome => ({ file, test: "(the file)", state: "failed", note }))];
};

/** Writes the result of each test to the file that ONEOFF_TEST_OUTCOMES names, for `npm run test:matrix` to read. */
export default class OutcomesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const engine = modules[0]?.project.getProvidedContext().engine as EngineFacts;
    const told: Outcomes = { engine, outcomes: modules.flatMap(outcomesOf) };
    writeFileSync(process.env.ONEOFF_TEST_OUTCOMES as string, JSON.stringify(told));
  }
}
