import { removeByLabel } from "../support/docker-api.ts";
import { BINARY, type Case } from "./bench.ts";
import { inTurns } from "./measure.ts";
import { launch } from "./process.ts";

/** What the shell's script runs when TAB is pressed. */
export const completion: Case = async ({ oneoff, client, env, cwd, pairs, host, label, settle, timer }) => {
  await launch(oneoff(["sleep", "100000"], "--detach", "--quiet"), { env, cwd }).done;
  const ours = timer(BINARY, "__complete", "zsh", "exec", "");
  const theirs = timer(client, "__complete", "exec", "");
  try {
    for (const warmUp of [ours, theirs]) await warmUp();
    const samples = await inTurns(pairs(20), ours, theirs);
    const target = { of: "oneoff", atMost: 100 } as const;
    return [{ case: "completion of exec, against docker's", unit: "ms", ...samples, target }];
  } finally {
    await removeByLabel(host, label);
    await settle();
  }
};
