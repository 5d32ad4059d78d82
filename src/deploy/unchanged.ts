import { envList } from "../app/env.ts";
import { inspectContainer, listContainers } from "../engine/containers.ts";
import { inspectImage } from "../engine/images.ts";
import type { Transport } from "../engine/transport.ts";
import { LABEL } from "../oneoff/labels.ts";
import type { DeployApp, Release } from "./releases/release.ts";
import type { ProcessGroup } from "./schedule/formation.ts";

/** What each process has of its own. */
const OWN = new Set(["DYNO", "PORT"]);

/** Whether a release runs as it would if it were deployed anew: as many processes of each type, with the same variables. */
export async function runsAlready(
  engine: Transport,
  app: DeployApp,
  release: Release,
  groups: readonly ProcessGroup[],
): Promise<boolean> {
  const label = [`${LABEL.app}=${app.name}`, `${LABEL.kind}=process`];
  const processes = await listContainers(engine, { label });
  const isCurrent = ({ State, Labels }: (typeof processes)[number]) =>
    State === "running" && Labels[LABEL.release] === String(release.number);
  const count = (type: string) => processes.filter(({ Labels }) => Labels[LABEL.processType] === type).length;
  const wanted = groups.filter(({ quantity }) => quantity > 0);
  if (!processes.every(isCurrent) || !wanted.every(({ type, quantity }) => count(type) === quantity)) return false;
  if (processes.length !== wanted.reduce((total, { quantity }) => total + quantity, 0)) return false;
  const image = await inspectImage(engine, release.imageId);
  const ofImage = new Set(image.Config?.Env ?? []);
  const given = envList(app.env).filter((pair) => !OWN.has(nameOf(pair)));
  const containers = await Promise.all(processes.map(({ Id }) => inspectContainer(engine, Id)));
  return containers.every(({ Config }) => {
    const has = (Config.Env ?? []).filter((pair) => !ofImage.has(pair) && !OWN.has(nameOf(pair)));
    return same(
      has,
      given.filter((pair) => !ofImage.has(pair)),
    );
  });
}

const nameOf = (pair: string) => pair.slice(0, pair.indexOf("="));

const same = (a: readonly string[], b: readonly string[]) =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
