import { expect, test } from "vitest";
import type { ServiceSpec } from "../../../../../src/engine/swarm/service-types.ts";
import { needsOf, wayOnNode } from "../../../../../src/oneoff/swarm/placement/choose-way.ts";

const networks = [
  { Id: "n1", Name: "open", Driver: "overlay", Scope: "swarm", Attachable: true },
  { Id: "n2", Name: "closed", Driver: "overlay", Scope: "swarm", Attachable: false },
  { Id: "n3", Name: "host", Driver: "host", Scope: "swarm", Attachable: false },
];

const service = (targets: string[], files: object = {}) =>
  ({
    Name: "web",
    TaskTemplate: { ContainerSpec: { Image: "i", ...files }, Networks: targets.map((Target) => ({ Target })) },
  }) as ServiceSpec;

test.each<[why: string, spec: ServiceSpec, joined: string[] | undefined, way: string]>([
  ["no network", service([]), undefined, "container"],
  ["an attachable network", service(["n1"]), undefined, "container"],
  ["the host's network", service(["n3"]), undefined, "container"],
  ["a network that is not attachable", service(["n1", "n2"]), undefined, "sibling"],
  ["other networks requested", service(["n2"]), ["open"], "container"],
  ["a secret", service([], { Secrets: [{ SecretID: "s" }] }), undefined, "sibling"],
  ["a config", service(["n1"], { Configs: [{ ConfigID: "c" }] }), ["open"], "sibling"],
])("decides about a service with %s", (_, spec, joined, way) => {
  expect(wayOnNode(needsOf(spec, networks, joined))).toBe(way);
});

test("names the networks that containers cannot join", () => {
  expect(needsOf(service(["n1", "n2"]), networks, undefined)).toEqual({
    ...{ networks: ["closed"], hasNetworks: true, hasFiles: false },
  });
});
