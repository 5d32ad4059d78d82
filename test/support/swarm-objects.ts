import { randomUUID } from "node:crypto";
import { api } from "./docker-api.ts";
import { eventually } from "./oneoff-suite.ts";

/** What tests make on a Swarm: all has a name and a label of its own, by which it is removed. */
export interface SwarmObjects extends AsyncDisposable {
  /** `key=value` */
  readonly label: string;
  /** A name that no other test has: `web` → `web-3fa1`. */
  name(short: string): string;
  /** @returns its id. With RestartPolicy and so on as in the request; image busybox:local, names by DNS only. */
  service(
    Name: string,
    containerSpec: object,
    more?: { TaskTemplate?: object; [key: string]: unknown },
  ): Promise<string>;
  /** @returns its id. */
  secret(Name: string, data: string | Buffer): Promise<string>;
  config(Name: string, data: string | Buffer): Promise<string>;
  network(Name: string, more?: object): Promise<string>;
  /** The tasks of a service, once so many of them run. */
  running(service: string, count?: number): Promise<SwarmTask[]>;
}

export interface SwarmTask {
  readonly ID: string;
  readonly NodeID: string;
  readonly Status: { readonly State: string; readonly ContainerStatus: { readonly ContainerID: string } };
}

const filtered = (kind: string, filters: object) => `/${kind}?filters=${encodeURIComponent(JSON.stringify(filters))}`;

/** A `sleep` does not heed TERM. In nanoseconds. */
const StopGracePeriod = 1_000_000_000;

/** @param host of a manager. */
export const swarmObjects = (host: string): SwarmObjects => {
  const unique = randomUUID().slice(0, 4);
  const [key, value] = ["test.swarm", randomUUID()];
  const Labels = { [key]: value };
  const { get, post, delete: remove } = api(host);
  const create = async (path: string, body: object): Promise<string> => {
    const answer = await post(path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.ID ?? answer.body.Id;
  };
  const data = (Name: string, bytes: string | Buffer) => ({
    Name,
    Labels,
    Data: Buffer.from(bytes).toString("base64"),
  });
  const removeAll = async (kind: string) => {
    const { body } = await get<{ ID?: string; Id?: string }[]>(filtered(kind, { label: [`${key}=${value}`] }));
    for (const { ID, Id } of body) {
      const answer = await remove(`/${kind}/${ID ?? Id}`);
      if (answer.status >= 300 && answer.status !== 404) throw new Error(`${kind}: ${JSON.stringify(answer.body)}`);
    }
  };
  return {
    label: `${key}=${value}`,
    name: (short) => `${short}-${unique}`,
    service: (Name, containerSpec, { TaskTemplate = {}, ...more } = {}) =>
      create("/services/create", {
        ...{ Name, Labels, EndpointSpec: { Mode: "dnsrr" } },
        TaskTemplate: { ContainerSpec: { Image: "busybox:local", StopGracePeriod, ...containerSpec }, ...TaskTemplate },
        ...more,
      }),
    secret: (Name, bytes) => create("/secrets/create", data(Name, bytes)),
    config: (Name, bytes) => create("/configs/create", data(Name, bytes)),
    network: (Name, more = {}) => create("/networks/create", { Name, Labels, Driver: "overlay", ...more }),
    running: (service, count = 1) =>
      eventually(async () => {
        const { body } = await get<SwarmTask[]>(
          filtered("tasks", { service: [service], "desired-state": ["running"] }),
        );
        const tasks = body.filter(({ Status }) => Status.State === "running");
        if (tasks.length !== count) throw new Error(`${service}: ${JSON.stringify(body.map(({ Status }) => Status))}`);
        return tasks;
      }),
    async [Symbol.asyncDispose]() {
      // Networks and secrets are in use until the last task has gone.
      for (const kind of ["services", "secrets", "configs", "networks"]) await eventually(() => removeAll(kind));
    },
  };
};
