import { api } from "../support/docker-api.ts";
import { type OwnSwarm, startSwarm } from "../support/swarm-bed.ts";
import { type Bench, BINARY, type Case } from "./bench.ts";
import { inTurns, type Row } from "./measure.ts";
import { time } from "./process.ts";
import { until } from "./until.ts";

const APP = "bench";
const NETWORK = "bench-net";

/** A service with a secret on an attachable network. @returns the spec of its tasks. */
async function createService(host: string) {
  const create = async (path: string, body: object): Promise<string> => {
    const answer = await api(host).post(path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.ID ?? answer.body.Id;
  };
  const network = await create("/networks/create", { Name: NETWORK, Driver: "overlay", Attachable: true });
  const SecretID = await create("/secrets/create", { Name: "bench", Data: "c2VjcmV0" });
  const File = { Name: "secret", UID: "0", GID: "0", Mode: 0o444 };
  const template = {
    ContainerSpec: {
      ...{ Image: "busybox:local", Args: ["sleep", "100000"] },
      Secrets: [{ SecretID, SecretName: "bench", File }],
    },
    Networks: [{ Target: network }],
  };
  const EndpointSpec = { Mode: "dnsrr" };
  await create("/services/create", { Name: APP, TaskTemplate: template, EndpointSpec });
  const TaskTemplate = {
    ...template,
    ContainerSpec: { ...template.ContainerSpec, Args: ["true"] },
    RestartPolicy: { Condition: "none" },
  };
  return { create: () => create("/services/create", { Name: `${APP}-bare`, TaskTemplate, EndpointSpec }) };
}

const tasksOf = async (host: string, service: string): Promise<{ Status: { State: string } }[]> => {
  const { body } = await api(host).get(`/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [service] }))}`);
  return Array.isArray(body) ? body : [];
};

/** Measures one-offs of a service: on this node against a container in its network, and as a task against a bare service. */
export const swarm: Case = async ({ docker, env, cwd, pairs }: Bench) => {
  await using own: OwnSwarm = await startSwarm({ nodes: 1 });
  const { host } = own.nodes[0];
  const bare = await createService(host);
  await until("the service runs", async () => (await tasksOf(host, APP))[0]?.Status.State === "running");
  const onSwarm = { ...env, DOCKER_HOST: host };
  /** What was removed ends by and by, on the same processors. */
  const settle = () =>
    until("only the service is left", async () => {
      const { body } = await api(host).get("/containers/json?all=1");
      return body.length === 1;
    });
  const measure = (argv: readonly string[]) => async () => {
    const ms = await time(argv, { env: onSwarm, cwd });
    await settle();
    return ms;
  };
  const measureBare = async () => {
    const begun = performance.now();
    const id = await bare.create();
    await until("the task is complete", async () => (await tasksOf(host, id))[0]?.Status.State === "complete");
    const ms = performance.now() - begun;
    await api(host).delete(`/services/${id}`);
    await settle();
    return ms;
  };
  const oneoff = (...options: string[]) => measure([BINARY, "run", "--quiet", ...options, APP, "true"]);
  const against = async (
    name: string,
    atMost: number,
    ours: () => Promise<number>,
    theirs: () => Promise<number>,
  ): Promise<Row> => {
    await ours();
    return { case: name, unit: "ms", ...(await inTurns(pairs(6), ours, theirs)), target: { of: "ratio", atMost } };
  };
  return [
    await against(
      "run true of a service with a secret, against docker run in its network",
      1.3,
      oneoff(),
      measure(docker(["true"], "--network", NETWORK)),
    ),
    await against("run true as a service task, against a bare service", 1.2, oneoff("--anywhere"), measureBare),
  ];
};
