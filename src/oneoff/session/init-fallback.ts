import { isInitMissing } from "../../engine/missing-init.ts";
import type { Transport } from "../../engine/transport.ts";
import { warning } from "../../errors/error.ts";
import { initMissing, runsWithoutInit } from "../../errors/session.ts";
import type { Report } from "../../output/events.ts";
import type { OneoffSpec } from "../spec/spec.ts";

interface FallbackContext {
  readonly engine: Transport;
  readonly report: Report;
}

/**
 * Runs with an init. If the engine has none, runs again without one and warns once per engine. Only a run that was
 * refused before anything started is repeated.
 * @param isRequired by the user: then a missing init is an error.
 */
export async function withInit<T>(
  { engine, report }: FallbackContext,
  isRequired: boolean,
  run: (init: boolean) => Promise<T>,
): Promise<T> {
  if (engine.lacksInit && !isRequired) return await run(false);
  try {
    return await run(true);
  } catch (error) {
    if (!(await isInitMissing(engine, error))) throw error;
    const podman = engine.quirks.name === "podman";
    if (isRequired) throw initMissing(podman, error);
    if (!engine.lacksInit) report(warning(runsWithoutInit(podman)));
    engine.lacksInit = true;
    return await run(false);
  }
}

export function runWithInitFallback<T>(
  context: FallbackContext,
  spec: OneoffSpec,
  run: (spec: OneoffSpec) => Promise<T>,
): Promise<T> {
  if (spec.init === "none") return run(spec);
  return withInit(context, spec.init === "requested", (init) => run(init ? spec : withoutInit(spec)));
}

function withoutInit(spec: OneoffSpec): OneoffSpec {
  const body: OneoffSpec["body"] = (name, quirks) => {
    const { HostConfig, ...rest } = spec.body(name, quirks);
    return { ...rest, HostConfig: { ...HostConfig, Init: false } };
  };
  return { ...spec, init: "none", body };
}
