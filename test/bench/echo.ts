import { setTimeout as sleep } from "node:timers/promises";
import { removeByLabel } from "../support/docker-api.ts";
import { openPty } from "../support/pty.ts";
import type { Case } from "./bench.ts";
import { each, inTurns, median, type Target } from "./measure.ts";

/** The terminal is raw, so that `cat` in the container echoes and not a terminal in between. */
const ECHOING = ["sh", "-c", "stty raw -echo; echo READY; cat"];

/** The pause between two keys, in ms: a typist's pauses let every process on the way go idle. */
const PAUSE = 5;

const TARGET: Target = { of: "ratio", atMost: 1.2 };

/** Measures how long the echo of a key takes to reach the screen, in a real pseudo-terminal. */
export const echo: Case = async ({ oneoff, docker, env, cwd, pairs, quick, host, label, settle }) => {
  const keys = quick ? 20 : 200;
  /** Runs one session. @returns the median round trip, in ms. */
  const type = (argv: readonly string[]) => async () => {
    await using pty = await openPty(argv, { env, cwd });
    await pty.waitFor("READY", 30_000);
    const trips: number[] = [];
    for (let key = 0; key < keys; key++) {
      await sleep(PAUSE);
      const typed = performance.now();
      pty.write("x");
      await pty.waitFor("x");
      trips.push(performance.now() - typed);
    }
    // No key ends a program in a raw terminal.
    await removeByLabel(host, label);
    await settle();
    return median(trips);
  };

  const samples = await inTurns(pairs(3), type(oneoff(ECHOING, "--tty")), type(docker(ECHOING, "-it")));
  const floors = await inTurns(pairs(3), type(ECHOING), type(ECHOING));
  const floor = median([...floors.oneoff, ...floors.peer]);
  return [
    { case: "keystroke echo, against docker run -it", unit: "ms", ...samples, target: TARGET },
    { case: "the same, less the harness's own time", unit: "ms", ...each(samples, (trip) => trip - floor) },
    { case: "the harness's own time: a local cat", unit: "ms", oneoff: [], peer: [floor] },
  ];
};
