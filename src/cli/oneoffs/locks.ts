import { unexpectedWord } from "../../errors/cli.ts";
import { noKey } from "../../errors/oneoff.ts";
import { unqualifiedName } from "../../oneoff/apps/find.ts";
import { listAllLocks, unlockAny } from "../../oneoff/locks/all-locks.ts";
import type { Lock } from "../../oneoff/locks/locks.ts";
import { lockLine } from "../../output/lines.ts";
import { printJson, printText } from "../../output/print.ts";
import { command } from "../command.ts";
import { appOption, commonOptions, formatOption, wantsJson } from "../common-options.ts";

export const locksCommand = command({
  options: { ...appOption, ...formatOption, ...commonOptions },
  usage: "oneoff locks [options] [app]",
  completions: ["app"],
  describe: "List locks and the one-offs that hold them",
  examples: [
    ["oneoff locks my-app", "locks held by one-offs of an app"],
    ["oneoff locks --format json | jq -r '.[].key'", "keys only, for a script"],
  ],
  most: 1,
  async handle(flags, args, context) {
    const json = wantsJson(flags.format, "locks");
    if (flags.app !== undefined && args[0] !== undefined) throw unexpectedWord(args[0], "locks");
    const app = flags.app ?? args[0];
    const { terminal } = context;
    await using engine = context.openEngine(flags);
    const locks = await listAllLocks(engine, context.owner, app && unqualifiedName(app));
    if (json) printJson(terminal.stdout, locks.map(toJson), 2);
    else if (locks.length === 0) context.report(flags)({ type: "none-found", resource: "locks", app, states: [] });
    else for (const lock of locks) printText(terminal.stdout, lock, (one) => `${lockLine(one, engine.clock.now())}\n`);
    return 0;
  },
});

export const unlockCommand = command({
  options: {
    force: { type: "boolean", alias: "f", describe: "Release the lock even if its holder is running" },
    quiet: { type: "boolean", alias: "q", describe: "Print errors only" },
    ...commonOptions,
  },
  usage: "oneoff unlock [options] <key>",
  completions: ["lock"],
  describe: "Release a lock whose holder has exited",
  examples: [
    ["oneoff unlock migrate", "after its holder has exited"],
    ["oneoff unlock --force migrate", "even if its holder is running"],
  ],
  most: 1,
  async handle(flags, [key], context) {
    if (!key) throw noKey();
    await using engine = context.openEngine(flags);
    await unlockAny(engine, context.owner, key, flags.force ?? false);
    context.report(flags)({ type: "unlocked", key });
    return 0;
  },
});

const toJson = ({ key, state, app, name, since, holder }: Lock) => ({
  key,
  state,
  app,
  name,
  container: holder?.containerName ?? null,
  createdAt: new Date(since * 1000).toISOString(),
});
