import { expect, test } from "vitest";
import type { ProcessDefaults } from "../../../../src/app/manifest/manifest-processes.ts";
import { serviceEndpoint } from "../../../../src/deploy/swarm/service-endpoint.ts";

const endpoint = (processes: ProcessDefaults | undefined, type = "web") =>
  serviceEndpoint({ name: "my-app", env: new Map(), settings: processes ? { processes } : {} }, type);

const PORT = { port: 5000, protocol: "tcp" } as const;

test("publishes ports of web by the routing mesh, and keeps the old task meanwhile", () =>
  expect(
    endpoint({
      publish: [
        { ...PORT, hostPort: 8080 },
        { port: 53, protocol: "udp" },
      ],
    }),
  ).toEqual({
    spec: {
      Mode: "vip",
      Ports: [
        { Protocol: "tcp", TargetPort: 5000, PublishMode: "ingress", PublishedPort: 8080 },
        { Protocol: "udp", TargetPort: 53, PublishMode: "ingress" },
      ],
    },
    order: "start-first",
  }));

test("publishes ports on the nodes of the tasks with dnsrr, after the old task has stopped", () => {
  expect(endpoint({ endpointMode: "dnsrr", publish: [{ ...PORT, hostPort: 8080 }] })).toEqual({
    spec: {
      Mode: "dnsrr",
      Ports: [{ Protocol: "tcp", TargetPort: 5000, PublishMode: "host", PublishedPort: 8080 }],
    },
    order: "stop-first",
  });
  // Any free port.
  expect(endpoint({ endpointMode: "dnsrr", publish: [PORT] }).order).toBe("start-first");
});

test("publishes nothing for other process types and without settings", () => {
  expect(endpoint({ publish: [{ ...PORT, hostPort: 8080 }] }, "worker")).toEqual({
    spec: { Mode: "vip" },
    order: "start-first",
  });
  expect(endpoint(undefined)).toEqual({ spec: { Mode: "vip" }, order: "start-first" });
});

test("rejects an address, which Swarm would ignore", () =>
  expect(() => endpoint({ publish: [{ ...PORT, hostPort: 80, hostAddress: "127.0.0.1" }] })).toThrow(
    'Cannot publish "127.0.0.1:80:5000" of my-app on an address',
  ));
