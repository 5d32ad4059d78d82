import type { Reporter, TestModule } from "vitest/node";

/** Lists the tests that passed only when they ran again, so that a retry hides nothing. */
export default class FlakyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(({ children, moduleId }) =>
      Array.from(children.allTests(), (test) => ({ test, moduleId })),
    );
    const flaky = tests.filter(({ test }) => test.diagnostic()?.flaky);
    for (const { test, moduleId } of flaky) {
      const errors = test.result().errors ?? [];
      process.stdout.write(
        `\n Flaky: ${moduleId} > ${test.fullName}\n${errors.map(({ message }) => message).join("\n")}\n`,
      );
    }
  }
}
