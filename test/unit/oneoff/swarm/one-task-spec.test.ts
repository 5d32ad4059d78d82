import { expect, test } from "vitest";
import type { ServiceSpec } from "../../../../src/engine/swarm/service-types.ts";
import { oneTaskSpec } from "../../../../src/oneoff/swarm/one-task-spec.ts";

const app: ServiceSpec = {
  Name: "shop_web",
  Labels: { "com.docker.stack.namespace": "shop" },
  TaskTemplate: {
    ContainerSpec: {
      Image: "shop@sha256:1",
      Labels: { "com.docker.stack.namespace": "shop", tier: "web" },
      Args: ["serve"],
      Env: ["A=1"],
      Healthcheck: { Test: ["CMD", "check"] },
      Secrets: [{ SecretID: "s1", SecretName: "db" }],
    },
    Placement: { Constraints: ["node.role==worker"], MaxReplicas: 1, Preferences: [{}] },
    Networks: [{ Target: "n1", Aliases: ["web"], DriverOpts: { a: "b" } }],
    RestartPolicy: { Condition: "any" },
    ForceUpdate: 3,
    Resources: { Limits: { MemoryBytes: 1 } },
  },
  Mode: { Replicated: { Replicas: 3 } },
  UpdateConfig: { Parallelism: 1 },
  EndpointSpec: { Ports: [{ TargetPort: 80 }] },
};

test("copies what the next task would get, without what belongs to the app's service", () => {
  const one = oneTaskSpec(app, {
    ...{ name: "shop_web-run-1", labels: { a: "b" }, container: { Args: ["migrate"] }, constraints: ["node.id==x"] },
    logDriver: { Name: "none" },
  });
  expect(one).toEqual({
    Name: "shop_web-run-1",
    Labels: { a: "b" },
    TaskTemplate: {
      ContainerSpec: {
        Image: "shop@sha256:1",
        Labels: { tier: "web" },
        Args: ["migrate"],
        Env: ["A=1"],
        Healthcheck: { Test: ["NONE"] },
        Secrets: [{ SecretID: "s1", SecretName: "db" }],
      },
      Placement: { Constraints: ["node.role==worker", "node.id==x"], Preferences: [{}] },
      Networks: [{ Target: "n1", DriverOpts: { a: "b" } }],
      RestartPolicy: { Condition: "none" },
      LogDriver: { Name: "none" },
      Resources: { Limits: { MemoryBytes: 1 } },
    },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: "dnsrr" },
  });
});
