import type { ImageDetails } from "../../src/engine/image-types.ts";
import type { ContainerDetails, ContainerSummary } from "../../src/engine/types.ts";
import type { Exchange, FakeEngine, ReceivedRequest } from "./fake-engine.ts";

type Labels = Record<string, string>;
type Given = Partial<ContainerSummary>;

/** A container as the engine lists it; its id is its name's unless said otherwise. With a kind, oneoff has created it. */
export const listed = (name: string, Labels: Labels = {}, given: Given = {}): ContainerSummary => ({
  Id: `id-of-${name}`,
  Names: [`/${name}`],
  Image: "app:latest",
  ImageID: "sha256:image",
  State: "running",
  Status: "Up 2 minutes",
  Command: "sleep 1000",
  Created: 1_700_000_000,
  Labels: { ...("dev.oneoff.kind" in Labels && { "dev.oneoff.container": name }), ...Labels },
  ...given,
});

// The labels and names that the deployers give their containers, word for word.

export const ofDokku = (app: string, type: string, index = 1, given: Given = {}) =>
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
    given,
  );

export const ofCompose = (project: string, service: string, index = 1, given: Given = {}) =>
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
    given,
  );

export const ofKamal = (service: string, role: string, version = "9f3c2e", given: Given = {}) =>
  listed(`${service}-${role}-${version}`, { service, role, destination: "" }, given);

export const ofSwarm = (service: string, slot = 1, given: Given = {}) =>
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
    given,
  );

export const ofOneoff = (app: string, type: string, index = 1, given: Given = {}) =>
  listed(
    `${app}.${type}.${index}`,
    { "dev.oneoff.app": app, "dev.oneoff.kind": "process", "dev.oneoff.process-type": type },
    given,
  );

/** A one-off of ours. */
export const oneoffOf = (app: string, number = 7364, containerName = `${app.replace("/", "-")}.run.${number}`) =>
  listed(containerName, {
    "dev.oneoff.app": app,
    "dev.oneoff.kind": "run",
    "dev.oneoff.name": `run.${number}`,
  });

/** A container as the engine describes it, when nothing at all was asked for. */
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

/** Answers so many lists of containers as the engine would: by its filters, one name or another, and all labels. */
export function lists(engine: FakeEngine, times: number, containers: readonly ContainerSummary[]): void {
  for (let n = 0; n < times; n += 1) {
    engine.on("GET /containers/json").then((exchange) => answer(exchange, containers));
  }
}

/** The same, for as many as come: none needs to. */
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
  exchange.reply(
    200,
    containers.filter((one) => named(one) && labelled(one)),
  );
}
