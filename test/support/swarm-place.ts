import { type DeployPlaceOptions, deployPlace } from "./deploy-place.ts";
import { api } from "./docker-api.ts";

/** The Procfile of a place. */
export const WEB = 'web: sh -c "echo web up; exec sleep 600"\n';

/** An app on the Swarm of one node of an engine, with answers of the engine about its services. */
export async function swarmPlace(host: string, { files = {}, yaml = "" }: DeployPlaceOptions = {}) {
  const here = await deployPlace(host, { files: { Procfile: WEB, ...files } });
  const manifest = (more: string) =>
    here.write(
      "oneoff.yaml",
      `app: ${here.app}\nbuild: .\nswarm: true\nprocesses: {endpoint-mode: dnsrr, health-wait: 1s, stop-grace: 1s}\n${more}`,
    );
  await manifest(yaml);
  const { get, delete: remove } = api(host);
  const filter = `filters=${encodeURIComponent(JSON.stringify({ label: [`dev.oneoff.app=${here.app}`] }))}`;
  const services = async () => (await get(`/services?${filter}`)).body as SwarmService[];
  const configs = async () => (await get(`/configs?${filter}`)).body as { ID: string; Spec: { Name: string } }[];
  const tasks = async (type: string) => {
    const service = encodeURIComponent(JSON.stringify({ service: [`${here.app}-${type}`] }));
    return (await get(`/tasks?filters=${service}`)).body as SwarmTask[];
  };
  const runningTasks = async (type: string) =>
    (await tasks(type)).filter(({ DesiredState, Status }) => DesiredState === "running" && Status.State === "running");
  return {
    ...here,
    manifest,
    services,
    /** Names of services and records, e.g. `web v1`. */
    async state(): Promise<string[]> {
      const releases = (await configs()).map(({ Spec }) => Spec.Name.slice(`oneoff.${here.app}.`.length));
      const running = (await services()).map(
        ({ Spec }) => `${Spec.Name.slice(here.app.length + 1)} v${Spec.Labels["dev.oneoff.release"]}`,
      );
      return [...running, ...releases].sort();
    },
    /** The IDs of the running tasks of a process type. */
    running: async (type: string) => (await runningTasks(type)).map(({ ID }) => ID),
    /** The IDs of the nodes that run tasks of a process type. */
    nodes: async (type: string) => [...new Set((await runningTasks(type)).map(({ NodeID }) => NodeID))].sort(),
    async [Symbol.asyncDispose]() {
      for (const { ID } of await services()) await remove(`/services/${ID}`);
      for (const { ID } of await configs()) await remove(`/configs/${ID}`);
      await here[Symbol.asyncDispose]();
    },
  };
}

interface SwarmService {
  readonly ID: string;
  readonly Spec: {
    readonly Name: string;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Mode: { readonly Replicated: { readonly Replicas: number } };
    readonly TaskTemplate: { readonly ContainerSpec: { readonly Image: string; readonly Env: string[] } };
  };
}

interface SwarmTask {
  readonly ID: string;
  readonly NodeID: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string };
}
