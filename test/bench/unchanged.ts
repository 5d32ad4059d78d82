import { randomUUID } from "node:crypto";
import { buildImage } from "../support/base-image.ts";
import { api, containers } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { recordRequests } from "../support/request-recorder.ts";
import { type Bench, BINARY, type Case, IMAGE } from "./bench.ts";
import { inTurns, type Row } from "./measure.ts";
import { time } from "./process.ts";

const DOCKERFILE = `FROM ${IMAGE}\nWORKDIR /app\nCOPY Procfile /app/\n`;
const FILES = { Dockerfile: DOCKERFILE, Procfile: "web: sleep 100000\nworker: sleep 100000\n" };

/** Deploys an app whose image, settings and processes are live already. */
const deployAgain = async (bench: Bench, origin: string): Promise<Row[]> => {
  const { host, client, env, pairs } = bench;
  const app = `bench-${randomUUID().slice(0, 8)}`;
  const manifest = `app: ${app}\n${origin}\nprocesses: {health-wait: 1s, stop-grace: 1s}\n`;
  await using source = await folder({ ...FILES, "oneoff.yaml": manifest });
  await using counter = await recordRequests(host);
  const run = (DOCKER_HOST: string, argv: readonly string[]) =>
    time(argv, { cwd: source.path, env: { ...env, DOCKER_HOST } });
  const count = (argv: readonly string[]) => async () => {
    const before = counter.requests.length;
    await run(counter.host, argv);
    return counter.requests.length - before;
  };
  const deploy = [BINARY, "deploy", "--quiet"];
  // Through the counter, so that the version of its engine is known, as after every earlier deploy.
  await run(counter.host, deploy);
  try {
    const processes = await containers(host, `dev.oneoff.app=${app}`);
    const inspect = [client, "inspect", ...processes.map(({ Id }) => Id)];
    const counts = await inTurns(1, count(deploy), count(inspect));
    const measure = (argv: readonly string[]) => () => run(host, argv);
    const times = await inTurns(pairs(20), measure(deploy), measure(inspect));
    const name = `unchanged deploy, ${origin}, against docker inspect`;
    return [
      { case: name, unit: "requests", ...counts, ratioless: true, target: { of: "difference", atMost: 3 } },
      { case: "its time", unit: "ms", ...times },
    ];
  } finally {
    await run(host, [BINARY, "destroy", "--yes", app]);
  }
};

export const unchanged: Case = async (bench) => {
  const image = "oneoff-bench:local";
  await buildImage(bench.host, image, DOCKERFILE, { Procfile: FILES.Procfile });
  try {
    return [...(await deployAgain(bench, `image: ${image}`)), ...(await deployAgain(bench, "build: ."))];
  } finally {
    await api(bench.host).delete(`/images/${image}`);
  }
};
