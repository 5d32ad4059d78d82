import type { SwarmConfig } from "../../engine/swarm/object-types.ts";
import { createConfig, listConfigs, relabelConfig, removeConfig } from "../../engine/swarm/objects.ts";
import type { Transport } from "../../engine/transport.ts";
import { LABEL } from "../../identity/labels.ts";
import { configName } from "../../identity/names.ts";
import { isOwnName, ownLabels } from "../../identity/ownership.ts";
import { parseScale, type Scale, scaleText } from "../rollout/scale.ts";

const scaleName = (app: string) => configName(`oneoff.${app}`, "scale");

/** What `oneoff scale` has set for an app on a Swarm: a config, whose label all clients of the Swarm share. */
export async function readSwarmScale(engine: Transport, app: string): Promise<Scale> {
  const text = (await findScale(engine, app))?.Spec.Labels?.[LABEL.scale];
  return parseScale(text ? text.split(" ") : []);
}

export async function writeSwarmScale(engine: Transport, app: string, scale: Scale): Promise<void> {
  const name = scaleName(app);
  const labels = ownLabels(name, { [LABEL.app]: app, [LABEL.kind]: "scale", [LABEL.scale]: scaleText(scale) });
  const config = await findScale(engine, app);
  if (config) await relabelConfig(engine, config, labels);
  // The engine refuses a config without data.
  else await createConfig(engine, { Name: name, Labels: labels, Data: Buffer.from(app) });
}

export async function removeSwarmScale(engine: Transport, app: string): Promise<void> {
  const config = await findScale(engine, app);
  if (config) await removeConfig(engine, config.ID);
}

async function findScale(engine: Transport, app: string): Promise<SwarmConfig | undefined> {
  const name = scaleName(app);
  return (await listConfigs(engine, { name: [name] })).find(
    ({ Spec: { Name, Labels } }) => Name === name && Labels?.[LABEL.app] === app && isOwnName(Name, Labels),
  );
}
