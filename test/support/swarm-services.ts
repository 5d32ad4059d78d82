import { readFileSync } from "node:fs";
import type { ContainerSpec, Service, ServiceSpec } from "../../src/engine/swarm/service-types.ts";
import { ownLabels } from "../../src/identity/ownership.ts";

/** The answer of Engine 20.10 for a service with every option of `docker service create` that a one-off copies. */
export const recordedService: Service = JSON.parse(
  readFileSync(new URL("../fixtures/swarm/service.json", import.meta.url), "utf8"),
);

/** A service with the fields that engines always send. */
export const ofService = (
  Name: string,
  container: Partial<ContainerSpec> = {},
  spec: Partial<ServiceSpec> = {},
): Service => ({
  ID: `id-of-${Name}`,
  Version: { Index: 1 },
  CreatedAt: "2026-11-30T06:20:06.445020706Z",
  UpdatedAt: "2026-11-30T06:20:06.445020706Z",
  Spec: {
    Name,
    Labels: {},
    TaskTemplate: { ContainerSpec: { Image: "shop:v1", ...container } },
    Mode: { Replicated: { Replicas: 1 } },
    ...spec,
  },
});

/** A service of a stack, as `docker stack deploy` creates it. */
export const ofStack = (stack: string, service: string, container: Partial<ContainerSpec> = {}): Service =>
  ofService(`${stack}_${service}`, container, {
    Labels: { "com.docker.stack.image": "shop:v1", "com.docker.stack.namespace": stack },
  });

/** A service that oneoff deployed. */
export const ofOwnService = (app: string, type: string, kind = "process"): Service =>
  ofService(
    `${app}-${type}`,
    {},
    {
      Labels: ownLabels(`${app}-${type}`, {
        "dev.oneoff.app": app,
        "dev.oneoff.kind": kind,
        "dev.oneoff.process-type": type,
      }),
    },
  );
