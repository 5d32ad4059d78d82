import type { ImageDetails } from "../../src/engine/image-types.ts";
import type { ContainerDetails, ContainerSummary } from "../../src/engine/types.ts";
import type { Exchange, FakeEngine, ReceivedRequest } from "./fake-engine.ts";

type Labels = Record<string, string>;
type Overrides = Partial<ContainerSummary>;

/** A container in a list of the engine. Its default ID is derived from its name. With a kind it belongs to oneoff. */
export const listed = (name: string, Labels: Labels = {}, overrides: Overrides = {}): ContainerSummary => ({
  Id: `id-of-${name}`,
  Names: [`/${name}`],
  Image: "app:latest",
  ImageID: "sha256:image",
  State: "running",
  Status: "Up 2 minutes",
  Command: "sleep 1000",
  Created: 1_700_000_000,
  Labels: { ...("dev.oneoff.kind" in Labels && { "dev.oneoff.container": name }), ...Labels },
  ...overrides,
});

// Exact labels and names of the deployers.

export const ofDokku = (app: string, type: string, index = 1, overrides: Overrides = {}) =>
  listed(
    `${app}.${type}.${index}`,
    {
      dokku: "",
      "com.dokku.app-name": app,
      "com.dokku.container-type": "deploy",
      "com.dokku.process-type": type,
      "com.dokku.dyno": `${type}.${index}`,
      "com.dokku.image-stage": "release",
      "com.dokku.builder-type": "dockerfile",
      "org.label-schema.schema-version": "1.0",
      "org.label-schema.vendor": "dokku",
    },
    overrides,
  );

export const ofCompose = (project: string, service: string, index = 1, overrides: Overrides = {}) =>
  listed(
    `${project}-${service}-${index}`,
    {
      "com.docker.compose.config-hash": "0f3c",
      "com.docker.compose.container-number": String(index),
      "com.docker.compose.depends_on": "",
      "com.docker.compose.image": "sha256:image",
      "com.docker.compose.oneoff": "False",
      "com.docker.compose.project": project,
      "com.docker.compose.project.config_files": "/srv/compose.yaml",
      "com.docker.compose.project.working_dir": "/srv",
      "com.docker.compose.service": service,
      "com.docker.compose.version": "2.39.1",
    },
    overrides,
  );

export const ofKamal = (service: string, role: string, version = "9f3c2e", overrides: Overrides = {}) =>
  listed(`${service}-${role}-${version}`, { service, role, destination: "" }, overrides);

export const ofSwarm = (service: string, slot = 1, overrides: Overrides = {}) =>
  listed(
    `${service}.${slot}.x1y2z3`,
    {
      "com.docker.swarm.node.id": "node",
      "com.docker.swarm.service.id": "service",
      "com.docker.swarm.service.name": service,
      "com.docker.swarm.task": "",
      "com.docker.swarm.task.id": "x1y2z3",
      "com.docker.swarm.task.name": `${service}.${slot}.x1y2z3`,
    },
    overrides,
  );

export const ofOneoff = (app: string, type: string, index = 1, overrides: Overrides = {}) =>
  listed(
    `${app}.${type}.${index}`,
    {
      ...{ "dev.oneoff.app": app, "dev.oneoff.kind": "process", "dev.oneoff.process-type": type },
      "dev.oneoff.name": `${type}.${index}`,
    },
    overrides,
  );

/** A one-off. */
export const oneoffOf = (app: string, number = 7364, containerName = `${app.replace("/", "-")}.run.${number}`) =>
  listed(containerName, {
    "dev.oneoff.app": app,
    "dev.oneoff.kind": "run",
    "dev.oneoff.name": `run.${number}`,
  });

/** The inspect result of a container with default settings. */
export const details = (
  config: Partial<ContainerDetails["Config"]> & Record<string, unknown> = {},
  host: Record<string, unknown> = {},
  rest: Partial<ContainerDetails> = {},
): ContainerDetails => ({
  Id: "id",
  Name: "/name",
  Image: "sha256:image",
  Created: "2013-03-13T15:38:08Z",
  State: { Running: true },
  Mounts: [],
  NetworkSettings: { Networks: { bridge: {} } },
  ...rest,
  Config: { Env: [], User: "", WorkingDir: "", Entrypoint: null, Labels: {}, ...config },
  HostConfig: {
    AutoRemove: false,
    Init: false,
    LogConfig: { Type: "json-file", Config: {} },
    NetworkMode: "bridge",
    Binds: null,
    ...host,
  },
});

export const image = (config: ImageDetails["Config"] = {}, Id = "sha256:image"): ImageDetails => ({
  Id,
  Created: "2013-03-13T15:38:08Z",
  Config: { Env: ["PATH=/bin"], Entrypoint: null, WorkingDir: "/app", ...config },
});

interface Filters {
  name?: string[];
  label?: string[];
}

export const filtersOf = ({ query }: ReceivedRequest): Filters => JSON.parse(query.filters ?? "{}");

/** Answers a number of container lists, applying the filters by name and label. */
export function lists(engine: FakeEngine, times: number, containers: readonly ContainerSummary[]): void {
  for (let n = 0; n < times; n += 1) {
    engine.on("GET /containers/json").then((exchange) => answer(exchange, containers));
  }
}

/** Answers any number of container lists. */
export function alwaysLists(engine: FakeEngine, containers: readonly ContainerSummary[]): void {
  const next = () =>
    engine.whenever("GET /containers/json").then((exchange) => {
      next();
      answer(exchange, containers);
    });
  for (let atOnce = 0; atOnce < 20; atOnce += 1) next();
}

function answer(exchange: Exchange, containers: readonly ContainerSummary[]): void {
  const { name = [], label = [] } = filtersOf(exchange);
  const named = ({ Names }: ContainerSummary) =>
    name.length === 0 || name.some((pattern) => Names.some((one) => new RegExp(pattern).test(one.slice(1))));
  const labelled = ({ Labels }: ContainerSummary) =>
    label.every((pair) => {
      const [key = "", ...value] = pair.split("=");
      return pair.includes("=") ? Labels[key] === value.join("=") : key in Labels;
    });
  const { limit } = exchange.query;
  const all = containers.filter((one) => named(one) && labelled(one));
  exchange.reply(200, all.slice(0, limit === undefined ? all.length : Number(limit)));
}
