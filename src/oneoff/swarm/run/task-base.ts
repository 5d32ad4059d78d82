import { parseEnvList } from "../../../app/env.ts";
import type { ContainerCreateBody } from "../../../engine/types.ts";
import { LABEL } from "../../../identity/labels.ts";
import type { ContainerCopy } from "../../apps/copy.ts";
import { buildSpec, type OneoffSpec } from "../../spec/spec.ts";

/** The parts of a one-off that options and oneoff.yaml set. */
export interface TaskRequest {
  readonly body: ContainerCreateBody;
  readonly networks: readonly string[];
}

export const toTaskRequest = (spec: OneoffSpec, name: string): TaskRequest => {
  const body = spec.body(name);
  const { NetworkMode } = body.HostConfig;
  return {
    body,
    networks: [...(NetworkMode ? [NetworkMode] : []), ...spec.moreNetworks.map(({ network }) => network)],
  };
};

/** The one-off without options and oneoff.yaml: what differs from it was requested, and the service has the rest. */
export function buildTaskBase(spec: OneoffSpec, copy: ContainerCopy): TaskRequest {
  // A detached one-off and a phase have a log by default.
  const detach = spec.detach || spec.body("").Labels[LABEL.kind] === "phase";
  const base = buildSpec(
    {
      name: spec.app,
      from: "swarm",
      image: copy.image,
      env: parseEnvList(copy.env),
      procfile: new Map(),
      settings: {},
    },
    { args: ["true"], env: new Map(), labels: new Map(), detach, tty: false, binds: [], mounts: [] },
    { input: "empty", outputIsTerminal: false, size: undefined, owner: "" },
    copy,
  );
  return toTaskRequest(base, "");
}
