import { expect, test } from "vitest";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { matchCandidates } from "../../../../src/oneoff/apps/candidates.ts";
import { countProcesses, formatCounts } from "../../../../src/oneoff/apps/process-counts.ts";
import { listed, ofCompose, ofDokku, ofKamal, ofOneoff, ofSwarm, oneoffOf } from "../../../support/deployed.ts";

const counts = (app: string, containers: readonly ContainerSummary[]) =>
  formatCounts(countProcesses(matchCandidates(app, containers)));

const exited = { State: "exited" };

const swarmTask = (name: string, State: string) =>
  listed(name, { "com.docker.swarm.service.name": "api", "com.docker.swarm.task": "" }, { State });

test.each<[string, string, readonly ContainerSummary[], string]>([
  [
    "oneoff, without one-offs",
    "shop",
    [ofOneoff("shop", "worker", 1, exited), ofOneoff("shop", "web", 2), ofOneoff("shop", "web"), oneoffOf("shop")],
    "web 2/2, worker 0/1",
  ],
  [
    "oneoff, without the candidates and old processes of a rollout",
    "shop",
    [ofOneoff("shop", "web"), listed("shop.web.1.old", ofOneoff("shop", "web").Labels, exited)],
    "web 1/1",
  ],
  [
    "dokku, without the old container of a deploy",
    "shop",
    [ofDokku("shop", "web"), listed("shop.web.1.1700000000", ofDokku("shop", "web").Labels, exited)],
    "web 1/1",
  ],
  ["Compose by service", "shop/web", [ofCompose("shop", "web"), ofCompose("shop", "web", 2, exited)], "web 1/2"],
  [
    "Kamal, without the containers of earlier versions",
    "shop",
    [ofKamal("shop", "web"), ofKamal("shop", "web", "old", exited), ofKamal("shop", "job", "old", exited)],
    "job 0/1, web 1/1",
  ],
  [
    "Swarm, without the exited tasks of a replica",
    "api",
    [swarmTask("api.1.a", "exited"), ofSwarm("api", 1), swarmTask("api.2.b", "exited")],
    "api 1/2",
  ],
  [
    "a global service of Swarm",
    "api",
    [swarmTask("api.abc123.x", "running"), swarmTask("api.abc123.y", "exited")],
    "api 1/1",
  ],
  ["no deployer", "redis", [listed("redis")], ""],
])("reports running and all processes of %s", (_deployer, app, containers, expected) =>
  expect(counts(app, containers)).toBe(expected),
);
