import { setTimeout as sleep } from "node:timers/promises";
import { baseImage } from "../support/base-image.ts";
import { api, containers, removeByLabel } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import { type Bench, BINARY, type Case } from "./bench.ts";
import { inTurns, type Row } from "./measure.ts";
import { time } from "./process.ts";

/** The containers of an engine that many people use. */
const CROWD = 1000;
/** How many of all containers are one-offs, and how many of them run: the others are about to be started. */
const OURS = 200;
const RUNNING = 20;

/** The label of the app that is looked up. */
const APP = "test.oneoff.bench-app";

/** How many are created at the same time: more only wait for the disk. */
const AT_ONCE = 16;

/** A private engine, so that it can be measured in turns with an empty one. */
async function openCrowd({ host: quiet }: Bench) {
  const engine = await startEngine();
  try {
    if (engine.host === quiet)
      throw new Error("There can be a crowd only on an engine of its own: unset ONEOFF_TEST_HOST");
    await baseImage(engine.host);
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** @param body of the n-th create request, without its image. */
async function fill(host: string, many: number, body: (n: number) => object, name?: (n: number) => string) {
  const ids: string[] = [];
  const next = Array.from({ length: many }, (_, n) => n).values();
  const worker = async () => {
    for (const n of next) ids[n] = await create(host, body(n), name?.(n));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return ids;
}

async function create(host: string, body: object, name?: string): Promise<string> {
  const whole = { Image: "busybox:local", Cmd: ["sleep", "100000"], ...body };
  const answer = await api(host).post(`/containers/create${name ? `?name=${name}` : ""}`, whole);
  if (answer.status !== 201) throw new Error(`creating a container: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.Id;
}

async function startAll(host: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const { status, body } = await api(host).post(`/containers/${id}/start`);
    if (status !== 204) throw new Error(`starting a container: ${status} ${JSON.stringify(body)}`);
  }
}

/** Measures the lookup of an app among containers of other apps. */
export const resolve: Case = async (bench) => {
  const { host, env, cwd, quick, pairs, label } = bench;
  const many = quick ? CROWD / 10 : CROWD;
  await using crowd = await openCrowd(bench);
  await fill(crowd.host, many, (n) => ({ Labels: { "com.example.foreign": String(n) } }));
  for (const one of [crowd.host, host])
    await startAll(one, [await create(one, { Labels: { [APP]: "" } }, "bench-app")]);
  await using _app = { [Symbol.asyncDispose]: () => removeByLabel(host, APP) };
  const measure = (DOCKER_HOST: string) => async () => {
    const ms = await time([BINARY, "run", "--label", label, "bench-app", "true"], {
      cwd,
      env: { ...env, DOCKER_HOST },
    });
    while ((await containers(DOCKER_HOST, label)).length > 0) await sleep(10);
    return ms;
  };
  const [among, alone] = [measure(crowd.host), measure(host)];
  for (const warmUp of [among, alone]) await warmUp();
  const samples = await inTurns(pairs(20), among, alone);
  const name = `run true of an app found among ${many} containers, against none`;
  return [{ case: name, unit: "ms", ...samples, target: { of: "difference", atMost: 20 } }];
};

/** Measures the list of one-offs among containers that mostly are none. */
export const ps: Case = async (bench) => {
  const { env, cwd, quick, pairs, client } = bench;
  await using crowd = await openCrowd(bench);
  const of = (many: number) => (quick ? many / 10 : many);
  await fill(crowd.host, of(CROWD - OURS), (n) => ({ Labels: { "com.example.foreign": String(n) } }));
  const nameOf = (n: number) => `app-${n % 10}.run.${1000 + n}`;
  const labelled = (n: number) => ({
    Labels: {
      "dev.oneoff.container": nameOf(n),
      "dev.oneoff.app": `app-${n % 10}`,
      "dev.oneoff.name": `run.${1000 + n}`,
      "dev.oneoff.kind": "run",
      "dev.oneoff.command": "sleep 100000",
      // The one-offs of another machine are not reaped by this one.
      "dev.oneoff.owner": "elsewhere:1:1",
      "dev.oneoff.timeout": "86400",
    },
  });
  const ours = await fill(crowd.host, of(OURS), labelled, nameOf);
  await startAll(crowd.host, ours.slice(0, of(RUNNING)));
  const measure =
    (...argv: string[]) =>
    () =>
      time(argv, { cwd, env: { ...env, DOCKER_HOST: crowd.host } });
  const listing = measure(BINARY, "ps");
  const against = async (name: string, peer: typeof listing, target?: Row["target"]): Promise<Row> => {
    for (const warmUp of [listing, peer]) await warmUp();
    return { case: name, unit: "ms", ...(await inTurns(pairs(20), listing, peer)), ...(target && { target }) };
  };
  const what = `ps with ${of(OURS)} one-offs among ${of(CROWD)} containers`;
  return [
    await against(`${what}, against docker ps`, measure(client, "ps"), { of: "ratio", atMost: 1.5 }),
    await against(`${what}, against docker ps --all`, measure(client, "ps", "--all")),
  ];
};
