import { inject, type TestOptions } from "vitest";

/** What an engine is, for tests that cannot apply to every one. */
export interface EngineFacts {
  readonly name: "docker" | "podman";
  readonly version: string;
  /** As in `1.44`. */
  readonly api: string;
  /** Whether its images are in containerd's store. */
  readonly containerd: boolean;
  readonly rootless: boolean;
  /** Whether the tests have started it, and may end it. */
  readonly ours: boolean;
}

declare module "vitest" {
  interface ProvidedContext {
    engine: EngineFacts;
  }
  interface TaskMeta {
    /** Why a test is skipped. */
    lacks?: string;
  }
}

/** What some engines lack, and why a test that needs it says nothing about them. */
const LACKING = {
  "its own": [({ ours }) => !ours, "may not be ended: it is not the tests' own"],
} as const satisfies Readonly<Record<string, readonly [lacks: (engine: EngineFacts) => boolean, why: string]>>;

export type Capability = keyof typeof LACKING;

/** Options of a test, or a suite, that needs these of the engine: without them it is skipped, and the reason is kept. */
export function needs(...capabilities: readonly Capability[]): TestOptions {
  const engine = inject("engine");
  const lacking = capabilities.map((one) => LACKING[one]).find(([lacks]) => lacks(engine));
  return lacking ? { skip: true, meta: { lacks: lacking[1] } } : {};
}
