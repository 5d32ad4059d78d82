import type { TestProject } from "vitest/node";
import { baseImage } from "./base-image.ts";
import { startEngine, type TestEngine } from "./engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    engineHost: string;
  }
}

// Vitest loads this file anew for every project that lists it: only the global object is the same for all of them.
const key = Symbol.for("oneoff.test.engine");
const shared = globalThis as typeof globalThis & { [key]?: { engine: Promise<TestEngine>; users: number } };

const begin = async () => {
  const engine = await startEngine();
  try {
    await baseImage(engine.host);
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
};

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  shared[key] ??= { engine: begin(), users: 0 };
  const mine = shared[key];
  mine.users++;
  const engine = await mine.engine;
  project.provide("engineHost", engine.host);
  return async () => {
    if (--mine.users > 0) return;
    delete shared[key];
    await engine[Symbol.asyncDispose]();
  };
};
