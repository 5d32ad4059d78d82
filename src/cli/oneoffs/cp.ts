import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import { quoteWordsVisibly } from "../../app/quote.ts";
import { parsePlace } from "../../app/transfer.ts";
import { archiveAtTerminal, copyNeedsDot, copyOneSide } from "../../errors/cli.ts";
import type { OneoffError } from "../../errors/error.ts";
import { transferEnded } from "../../errors/session.ts";
import { planCopyIn } from "../../oneoff/files/copy-in.ts";
import { copyArchive, copyOut } from "../../oneoff/files/copy-stream.ts";
import { fetchTree } from "../../oneoff/files/download.ts";
import { planUploads } from "../../oneoff/files/plan-uploads.ts";
import { sendUploads } from "../../oneoff/files/upload.ts";
import { findOneoff } from "../../oneoff/lookup/find-oneoff.ts";
import { fsPath } from "../../streams/path-bytes.ts";
import { exitCodeOf } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { command } from "../command.ts";
import { appOfOneoffOption, commonOptions, configOption } from "../common-options.ts";
import { findOnSwarm } from "./find-on-swarm.ts";

export const cpCommand = command({
  options: {
    ...appOfOneoffOption,
    force: { type: "boolean", alias: "f", describe: "Overwrite files that exist" },
    quiet: { type: "boolean", alias: "q", describe: "Print errors only" },
    ...configOption,
    ...commonOptions,
  },
  usage: "oneoff cp [options] <one-off>:<path> <local path>\noneoff cp [options] <local path> <one-off>:<path>",
  completions: ["copied"],
  describe: "Copy files between a one-off and this machine",
  examples: [
    ["oneoff cp run.7364:/app/report.csv .", "from a one-off, running or exited"],
    ["oneoff cp ./fixtures run.7364:/tmp/uploads", "into a one-off, as files of its user"],
    ["oneoff cp run.7364:/app/log - | tar t", "- is a tar archive on stdout or stdin"],
  ],
  most: 2,
  async handle(flags, args, context) {
    const { cwd } = context;
    const [from, to] = [parsePlace(args[0] ?? ""), parsePlace(args[1] ?? "")];
    const inwards = "oneoff" in to;
    const [remote, local] = inwards ? [to, from] : [from, to];
    if (!("oneoff" in remote) || !("local" in local) || local.local === "") throw wrongSides(args, cwd);
    const { terminal } = context;
    const force = flags.force ?? false;
    const report = context.report(flags);
    if (local.local === "-") checkStream(terminal, inwards);
    await using engine = context.openEngine(flags);
    await using located = await findOnSwarm(context, engine, flags, {
      ...{ word: remote.oneoff, command: "cp", choice: { app: flags.app } },
      findLocal: () => findOneoff(engine, remote.oneoff, flags.app),
    });
    const { container } = located;
    using ending = endings(terminal);
    const transfer = { engine: located.engine, report, signal: ending.signal };
    const copy = async () => {
      if (local.local === "-") {
        if (inwards) await copyArchive(transfer, container, remote.path, terminal.stdin);
        else await copyOut(transfer, container, remote.path, terminal);
      } else if (inwards) {
        const upload = await planCopyIn(located.engine, container, local.local, remote.path, { cwd, force });
        await sendUploads(transfer, container, await planUploads({ ...context, report }, [upload]));
      } else await fetchTree(transfer, container, { source: remote.path, target: local.local }, { cwd, force });
    };
    await Promise.race([copy(), ending.abandoned]);
    return 0;
  },
});

/** Time limit for a cancelled copy to clean up, in milliseconds. */
const ABORT_TIMEOUT_MS = 2_000;

/** If both sides contain a colon, a side is local if it exists, or if its path in a one-off would have no slash. */
function wrongSides(sides: readonly string[], cwd: string): OneoffError {
  const exists = (side: string) => lstatSync(fsPath(resolve(cwd, side)), { throwIfNoEntry: false }) !== undefined;
  const areRemote = sides.length === 2 && sides.every((side) => "oneoff" in parsePlace(side));
  const local = areRemote ? (sides.find(exists) ?? sides.find((side) => /:[^/]/.test(side))) : undefined;
  if (local === undefined) return copyOneSide();
  return copyNeedsDot(
    local,
    quoteWordsVisibly(["oneoff", "cp", ...sides.map((side) => (side === local ? `./${side}` : side))]),
  );
}

function checkStream({ input, outputIsTerminal }: Terminal, inwards: boolean): void {
  if (inwards && input === "terminal") throw archiveAtTerminal("from");
  if (!inwards && outputIsTerminal) throw archiveAtTerminal("to");
}

/** Cancels a copy, so that no partial files remain; `abandoned` is for an engine that does not respond. */
function endings(terminal: Terminal) {
  const ending = new AbortController();
  const { promise: abandoned, reject } = Promise.withResolvers<never>();
  abandoned.catch(() => {});
  const listening = terminal.onSignal((signal) => {
    if (/^SIG(INT|TERM|HUP|QUIT)$/.test(signal)) {
      const reason = transferEnded(signal, exitCodeOf(signal));
      ending.abort(reason);
      setTimeout(() => reject(reason), ABORT_TIMEOUT_MS).unref();
    }
    if (signal === "SIGTSTP") terminal.suspend();
  });
  return { signal: ending.signal, abandoned, [Symbol.dispose]: () => listening[Symbol.dispose]() };
}
