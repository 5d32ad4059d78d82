import { expect, test } from "vitest";
import type { ComposeProject } from "../../../../src/app/compose/project.ts";
import { serviceObjects } from "../../../../src/oneoff/compose/project-objects.ts";

const PROJECT: ComposeProject = {
  name: "shop",
  services: {},
  networks: {
    default: { name: "shop_default", ipam: {} },
    back: {
      ...{ name: "shop_back", driver: "bridge", driver_opts: { mtu: "1400" }, internal: true, attachable: true },
      ...{ labels: { own: "1" }, enable_ipv6: false },
      ipam: { driver: "default", config: [{ subnet: "10.9.0.0/16", gateway: "10.9.0.1" }] },
    },
    outside: { name: "edge", external: true },
    unused: { name: "shop_unused" },
  },
  volumes: {
    data: { name: "shop_data", driver: "local", driver_opts: { type: "tmpfs" }, labels: { own: "1" } },
    shared: { name: "shared", external: true },
  },
};
const SERVICE = { command: null, entrypoint: null };

test("plans the networks and volumes of a service with the labels of Compose", () => {
  const volume = (source?: string) => ({ type: "volume", target: "/x", ...(source && { source }) });
  const planned = serviceObjects(PROJECT, {
    ...SERVICE,
    networks: { default: null, back: { priority: 1 }, outside: null },
    volumes: [volume("data"), volume("data"), volume("shared"), volume(), { type: "bind", source: "/x", target: "/y" }],
  });
  expect(planned.networks).toEqual([
    {
      name: "shop_back",
      create: {
        ...{ Name: "shop_back", CheckDuplicate: true, Driver: "bridge", Options: { mtu: "1400" } },
        ...{ Internal: true, Attachable: true, EnableIPv6: false },
        IPAM: { Driver: "default", Config: [{ Subnet: "10.9.0.0/16", Gateway: "10.9.0.1" }] },
        Labels: { own: "1", "com.docker.compose.project": "shop", "com.docker.compose.network": "back" },
      },
    },
    {
      name: "shop_default",
      create: {
        ...{ Name: "shop_default", CheckDuplicate: true },
        Labels: { "com.docker.compose.project": "shop", "com.docker.compose.network": "default" },
      },
    },
    { name: "edge", create: undefined },
  ]);
  expect(planned.volumes).toEqual([
    {
      name: "shop_data",
      create: {
        ...{ Name: "shop_data", Driver: "local", DriverOpts: { type: "tmpfs" } },
        Labels: { own: "1", "com.docker.compose.project": "shop", "com.docker.compose.volume": "data" },
      },
    },
    { name: "shared", create: undefined },
  ]);
});

test("plans no network for a network mode", () =>
  expect(serviceObjects(PROJECT, { ...SERVICE, network_mode: "host" }).networks).toEqual([]));
