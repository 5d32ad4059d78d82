import { expect, test } from "vitest";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { matchCandidates } from "../../../../src/oneoff/apps/candidates.ts";
import { toProcesses } from "../../../../src/oneoff/apps/processes.ts";
import { listed, ofCompose, ofDokku, ofKamal, ofOneoff, ofSwarm } from "../../../support/deployed.ts";

/** Names and types in order of creation. */
const named = (app: string, ...containers: ContainerSummary[]) =>
  toProcesses(matchCandidates(app, containers)).map(({ name, type, containerName }) => [name, type, containerName]);

test("names processes by type and number of the deployer", () => {
  expect(named("my-app", ofDokku("my-app", "web", 2), ofDokku("my-app", "web", 1))).toEqual([
    ["web.2", "web", "my-app.web.2"],
    ["web.1", "web", "my-app.web.1"],
  ]);
  expect(named("my-app", ofOneoff("my-app", "worker", 10))).toEqual([["worker.10", "worker", "my-app.worker.10"]]);
});

test("uses the service as the process type", () => {
  expect(named("shop/web", ofCompose("shop", "web", 3))).toEqual([["web.3", "web", "shop-web-3"]]);
  expect(named("stack_api", ofSwarm("stack_api", 2))).toEqual([["stack_api.2", "stack_api", "stack_api.2.x1y2z3"]]);
});

test("numbers by age if names end in a version", () => {
  const old = ofKamal("blog", "web", "20240101", { Created: 1 });
  const fresh = ofKamal("blog", "web", "20240102", { Created: 2 });
  const job = ofKamal("blog", "job", "20240102", { Created: 3 });
  expect(named("blog", job, fresh, old)).toEqual([
    ["web.1", "web", "blog-web-20240101"],
    ["web.2", "web", "blog-web-20240102"],
    ["job.1", "job", "blog-job-20240102"],
  ]);
});

test("treats a plain container as one process, even if its name ends in a number", () => {
  expect(named("backup-2024", listed("backup-2024"))).toEqual([["backup-2024.1", "backup-2024", "backup-2024"]]);
});

test("numbers containers without a number by age", () => {
  const renamed = (name: string, Created: number) => ({ ...ofDokku("my-app", "web"), Names: [`/${name}`], Created });
  expect(named("my-app", renamed("green", 2), renamed("blue", 1))).toEqual([
    ["web.1", "web", "blue"],
    ["web.2", "web", "green"],
  ]);
});

test("returns the state, and the command with secrets masked", () => {
  const given = {
    State: "exited",
    Status: "Exited (143) 2 minutes ago",
    Command: "serve --password=hunter22",
    Created: 5,
  };
  expect(toProcesses(matchCandidates("my-app", [ofDokku("my-app", "web", 1, given)]))).toEqual([
    {
      id: "id-of-my-app.web.1",
      type: "web",
      name: "web.1",
      containerName: "my-app.web.1",
      state: "killed",
      code: 143,
      command: "serve --password=***",
      created: 5,
    },
  ]);
});
