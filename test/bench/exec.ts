import { removeByLabel } from "../support/docker-api.ts";
import { BINARY, type Case } from "./bench.ts";
import { inTurns } from "./measure.ts";
import { launch } from "./process.ts";

/** The shortest command in a container that runs. */
export const exec: Case = async ({ oneoff, client, env, cwd, pairs, host, label, settle, timer }) => {
  const { stdout } = await launch(oneoff(["sleep", "100000"], "--detach", "--quiet"), { env, cwd }).done;
  const id = stdout.trim();
  const [ours, theirs] = [timer(BINARY, "exec", id, "true"), timer(client, "exec", id, "true")];
  try {
    for (const warmUp of [ours, theirs]) await warmUp();
    const samples = await inTurns(pairs(20), ours, theirs);
    const target = { of: "ratio", atMost: 1.4 } as const;
    return [{ case: "exec true, against docker exec", unit: "ms", ...samples, target }];
  } finally {
    await removeByLabel(host, label);
    await settle();
  }
};
