import { because, warning } from "../../errors/error.ts";
import { findLeftVolumes, type LeftVolume, removeLeftVolumes } from "../../oneoff/reaping/left-volumes.ts";
import type { Overdue } from "../../oneoff/reaping/overdue.ts";
import { findOverdue, reap } from "../../oneoff/reaping/reap.ts";
import { danglingVolumeLine, reapedLine } from "../../output/lines.ts";
import { printJson, printText } from "../../output/print.ts";
import { command, type Flags } from "../command.ts";
import { commonOptions, formatOption, wantsJson } from "../common-options.ts";
import type { Context } from "../context.ts";

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
  const done = dry ? found : await reap({ engine, journal: context.openJournal(engine) }, found, onRefusal);
  // After the containers, whose volumes are removed with them.
  const left = await findLeftVolumes(engine);
  const volumes = dry ? left : await removeLeftVolumes(engine, left);
  if (json) printJson(terminal.stdout, [...done.map(toJson), ...volumes.map(volumeToJson)], 2);
  else {
    for (const one of done) printText(terminal.stdout, one, (overdue) => `${reapedLine(overdue, dry)}\n`);
    for (const one of volumes) printText(terminal.stdout, one, (volume) => `${danglingVolumeLine(volume, dry)}\n`);
  }
  if (!json && found.length + left.length + failures === 0) report({ type: "nothing-to-reap" });
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

/** The same keys. The container of the volume no longer exists. */
const volumeToJson = ({ app, name, containerName, id }: LeftVolume) => ({
  ...{ app, name, container: containerName, containerId: null, volume: id },
  ...{ action: "remove", reason: "dangling-volume", retain: null, lock: null },
});
