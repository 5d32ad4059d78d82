import { because, warning } from "../../errors/error.ts";
import { LABEL } from "../../identity/labels.ts";
import { findLeftVolumes, type LeftVolume, removeLeftVolumes } from "../../oneoff/reaping/left-volumes.ts";
import type { Overdue } from "../../oneoff/reaping/overdue.ts";
import { findOverdue, reap } from "../../oneoff/reaping/reap.ts";
import { findSwarmOverdue, reapSwarm } from "../../oneoff/reaping/reap-swarm.ts";
import type { SwarmOverdue } from "../../oneoff/reaping/swarm-overdue.ts";
import { danglingVolumeLine, type ReapedItem, reapedLine } from "../../output/lines.ts";
import { printJson, printText } from "../../output/print.ts";
import { command, type Flags } from "../command.ts";
import { commonOptions, formatOption, wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";
import { nodeEngines } from "../node-engines.ts";

const options = {
  "dry-run": { type: "boolean", alias: "n", describe: "Print the containers without touching them" },
  ...formatOption,
  ...commonOptions,
} as const;

export const reapCommand = command({
  options,
  usage: "oneoff reap [options]",
  describe: "Stop overdue one-offs and remove expired ones",
  examples: [
    ["oneoff reap --dry-run", "show what is overdue or expired"],
    ["*/5 * * * * oneoff reap >/dev/null", "in a crontab"],
  ],
  most: 0,
  handle: (flags, _args, context) => reapAll(flags, context, "reap"),
});

export const runRetireCommand = command({
  ...reapCommand,
  usage: "oneoff run:retire [options]",
  describe: "Stop and remove overdue one-offs (same as reap)",
  handle: (flags, _args, context) => reapAll(flags, context, "run:retire"),
});

/** @param typed the command's name as typed. */
async function reapAll(flags: Flags<typeof options>, context: Context, typed: string): Promise<number> {
  const json = wantsJson(flags.format, typed);
  const dry = flags["dry-run"] ?? false;
  const { terminal, owner } = context;
  const report = context.report(flags);
  let failures = 0;
  const onRefusal = ({ container: { containerName } }: Overdue, error: Error) => {
    failures += 1;
    report(warning(because(containerName, error)));
  };
  await using engine = context.openEngine(flags);
  const found = await findOverdue(engine, owner, true, onRefusal);
  const journal = context.openJournal(engine);
  const done = dry ? found : await reap({ engine, journal }, found, onRefusal);
  // After the containers, whose volumes are removed with them.
  const left = await findLeftVolumes(engine);
  const volumes = dry ? left : await removeLeftVolumes(engine, left);
  // Containers first: the service beside a one-off is not needed any more.
  await using engines = nodeEngines(context, undefined, report);
  const services = await findSwarmOverdue({ manager: engine, owner, findEngine: engines.find }, true);
  const refused = ({ service }: SwarmOverdue, error: Error) => {
    failures += 1;
    report(warning(because(service.Spec.Name, error)));
  };
  const ofSwarm = dry ? services : await reapSwarm({ manager: engine, journal }, services, refused);
  if (json) {
    printJson(terminal.stdout, [...done.map(toJson), ...volumes.map(volumeToJson), ...ofSwarm.map(serviceToJson)], 2);
  } else {
    for (const one of done) printText(terminal.stdout, one, (overdue) => `${reapedLine(overdue, dry)}\n`);
    for (const one of volumes) printText(terminal.stdout, one, (volume) => `${danglingVolumeLine(volume, dry)}\n`);
    for (const one of ofSwarm.map(toItem)) printText(terminal.stdout, one, (item) => `${reapedLine(item, dry)}\n`);
  }
  if (!json && found.length + left.length + services.length + failures === 0) report({ type: "nothing-to-reap" });
  return failures > 0 ? 1 : 0;
}

/** Every key is always present, null if it does not apply. Durations are in seconds. */
const toJson = ({ action, reason, lock, container }: Overdue) => ({
  app: container.app,
  name: container.name,
  container: container.containerName,
  containerId: container.id,
  volume: null,
  action,
  reason,
  retain: container.retain ?? null,
  lock: lock ?? null,
});

/** A service as a line shows it: instead of a container, it has its name. */
const toItem = ({ service: { Spec }, action, reason }: SwarmOverdue): ReapedItem => {
  const { [LABEL.app]: app = "", [LABEL.name]: name = "", [LABEL.retain]: retain } = Spec.Labels ?? {};
  return {
    action,
    reason,
    container: { name, containerName: Spec.Name, app, retain: retain ? Number(retain) : undefined },
  };
};

/** The same keys. A service has no container that this engine knows. */
const serviceToJson = (one: SwarmOverdue) => {
  const { container, action, reason } = toItem(one);
  const { app, name, containerName, retain } = container;
  return {
    ...{ app, name, container: containerName, containerId: null, volume: null },
    ...{ action, reason, retain: retain ?? null, lock: null },
  };
};

/** The same keys. The container of the volume no longer exists. */
const volumeToJson = ({ app, name, containerName, id }: LeftVolume) => ({
  ...{ app, name, container: containerName, containerId: null, volume: id },
  ...{ action: "remove", reason: "dangling-volume", retain: null, lock: null },
});
