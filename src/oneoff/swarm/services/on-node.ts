import { parseEnvList } from "../../../app/env.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Resolved } from "../../apps/resolved-app.ts";
import { copyServiceSpec } from "./service-copy.ts";

/** A service as it is on the node of its one-off, which its settings may name: `{{.Node.Hostname}}`. */
export function onNode(resolved: Resolved, { ID, Description }: Pick<SwarmNode, "ID" | "Description">): Resolved {
  const { app, copy, swarm } = resolved;
  if (!swarm || !copy) return resolved;
  const node = { id: ID, hostname: Description.Hostname };
  const { copy: moved } = copyServiceSpec(swarm.service, { node, networks: copy.networks });
  const [before, after] = [parseEnvList(copy.env), parseEnvList(moved.env)];
  // oneoff.yaml may have replaced a variable of the service.
  const env = [...app.env].map(
    ([name, value]) => [name, value === before.get(name) ? (after.get(name) ?? value) : value] as const,
  );
  return { ...resolved, app: { ...app, env: new Map(env) }, copy: moved };
}
