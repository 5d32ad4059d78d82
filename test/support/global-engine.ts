import type { TestProject } from "vitest/node";
import { baseImage } from "./base-image.ts";
import type { EngineFacts } from "./capabilities.ts";
import { api } from "./docker-api.ts";
import { startEngine, type TestEngine } from "./engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    engineHost: string;
  }
}

// Vitest loads this file anew for every project that lists it: only the global object is the same for all of them.
const key = Symbol.for("oneoff.test.engine");
const shared = globalThis as typeof globalThis & { [key]?: { engine: Promise<TestEngine>; users: number } };

const factsOf = async ({ host, version }: TestEngine): Promise<EngineFacts> => {
  const { Components, ApiVersion } = (await api(host).get("/version")).body;
  const name = /podman/i.test(JSON.stringify(Components)) ? "podman" : "docker";
  const { Driver, SecurityOptions, MemoryLimit, CgroupVersion } = (await api(host).get("/info")).body;
  const rootless = /rootless/.test(String(SecurityOptions));
  return {
    ...{ name, version, api: ApiVersion },
    containerd: /^(overlayfs|native|fuse-overlayfs)$/.test(Driver) && name === "docker",
    rootless,
    // Of those of version 1 a rootless one has none; Podman says that it can limit, all the same.
    limits: MemoryLimit && !(rootless && CgroupVersion === "1"),
    ours: process.env.ONEOFF_TEST_HOST === undefined,
  };
};

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
  project.provide("engine", await factsOf(engine));
  return async () => {
    if (--mine.users > 0) return;
    delete shared[key];
    await engine[Symbol.asyncDispose]();
  };
};
