import { randomUUID } from "node:crypto";
import { removeByLabel } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, type Case } from "./bench.ts";
import { inTurns, type Row, type Target } from "./measure.ts";
import { time } from "./process.ts";

/** How long a started process has to stay up, in seconds: both clients wait for that. */
const WAIT = 1;

const DOCKERFILE = `FROM busybox:local
WORKDIR /app
COPY app /app/app
RUN chmod +x /app/app
CMD ["sleep", "100000"]
`;

/** The docker commands that do the same; the last argument is the previous container, which does not exist at first. */
const BY_HAND = `
"$0" build -q -t "$1" . >/dev/null
"$0" run -d --init --restart unless-stopped --label "$2" --name "$3" "$1" >/dev/null
sleep ${WAIT}
[ "$("$0" inspect -f '{{.State.Running}}' "$3")" = true ]
[ -z "$4" ] || { "$0" stop -t 1 "$4"; "$0" rm "$4"; } >/dev/null`;

/** A whole deploy of one web process without phases, from a cached build, against docker's build and run. */
export const deploy: Case = async ({ client, env, pairs, host, label }) => {
  const app = `bench-${randomUUID().slice(0, 8)}`;
  await using source = await folder({
    app: "#!/bin/sh\n",
    Dockerfile: DOCKERFILE,
    "oneoff.yaml": `app: ${app}\nbuild: .\nprocesses: {health-wait: ${WAIT}s, stop-grace: 1s}\n`,
  });
  await using home = await folder();
  const where = { cwd: source.path, env: { ...env, XDG_CONFIG_HOME: home.path, XDG_STATE_HOME: home.path } };
  const oneoff = (...words: string[]) => time([BINARY, ...words], where);
  let runs = 0;
  let running = "";
  const byHand = async (old = "") => {
    runs += 1;
    const words = [client, app, label, `${app}-${runs}`, old];
    return await time(["sh", "-ec", BY_HAND, ...words], where);
  };
  const destroy = () => oneoff("destroy", "--yes", app);
  const against = async (name: string, ours: () => Promise<number>, theirs: () => Promise<number>, target: Target) => {
    await ours();
    await theirs();
    const samples = await inTurns(pairs(5), ours, theirs);
    return { case: name, unit: "ms", ...samples, target } satisfies Row;
  };
  const peer = `docker build, run -d and ${WAIT} s`;
  try {
    return [
      await against(
        `first deploy, against ${peer}`,
        async () => {
          const ms = await oneoff("deploy", "--quiet");
          await destroy();
          return ms;
        },
        async () => {
          const ms = await byHand();
          await removeByLabel(host, label);
          return ms;
        },
        { of: "ratio", atMost: 1.3 },
      ),
      await against(
        `deploy in the place of another, against ${peer}, stop and rm of the old one`,
        () => oneoff("deploy", "--quiet", "--force"),
        async () => {
          const ms = await byHand(running);
          running = `${app}-${runs}`;
          return ms;
        },
        { of: "ratio", atMost: 1.3 },
      ),
    ];
  } finally {
    await destroy();
    await removeByLabel(host, label);
    await time([client, "rmi", app], where);
  }
};
