import { join } from "node:path";
import type { Case } from "./bench.ts";
import { openInstantEngine } from "./instant-engine.ts";
import { each, inTurns, type Row, type Target } from "./measure.ts";
import { launch } from "./process.ts";

/** Measures the client's share of a run; the rest is the engine's. */
export const overhead: Case = async ({ oneoff, docker, env, cwd, pairs }) => {
  await using engine = await openInstantEngine(join(cwd, "engine"));
  const measure = (argv: string[]) => async () => {
    const { begun, ended, ms } = await launch(argv, { cwd, env: { ...env, DOCKER_HOST: engine.host } }).done;
    const { firstRequest, lastAnswer } = engine.taken();
    return { before: firstRequest - begun, after: ended - lastAnswer, whole: ms };
  };
  const [ours, theirs] = [measure(oneoff(["true"])), measure(docker(["true"]))];
  await ours();
  await theirs();
  const samples = await inTurns(pairs(20), ours, theirs);
  const row = (name: string, part: "before" | "after" | "whole", target?: Target): Row => {
    return { case: name, unit: "ms", ...each(samples, (run) => run[part]), ...(target && { target }) };
  };
  return [
    row("run true on an engine that takes no time, against docker run", "whole", { of: "ratio", atMost: 2.2 }),
    row("from exec to the first request", "before"),
    row("from the last answer to exit", "after"),
  ];
};
