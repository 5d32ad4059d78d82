import { expect, test } from "vitest";
import { networkAddresses, publishedAddresses } from "../../../../src/deploy/rollout/reachability.ts";
import type { Endpoint } from "../../../../src/engine/types.ts";
import { details } from "../../../support/deployed.ts";

const addresses = (Networks: Record<string, Endpoint>, env: string[] = []) =>
  networkAddresses({ ...details({ Env: env }), NetworkSettings: { Networks } }, ["shop", "shop-web"]).map(
    ({ network, host, port }) => `${host}:${port} on ${network}`,
  );

test.each([
  [
    "an alias on a network of the user",
    { front: { IPAddress: "10.0.0.2", Aliases: ["c1", "shop", "shop-web"] } },
    ["shop:5000 on front"],
  ],
  ["its address on the default network", { bridge: { IPAddress: "172.17.0.2" } }, ["172.17.0.2:5000 on bridge"]],
  ["localhost on the network of the host", { host: { IPAddress: "" } }, ["localhost:5000 on host"]],
  ["nothing without a network", { none: { IPAddress: "" } }, []],
])("finds %s", (_what, networks, expected) => expect(addresses(networks)).toEqual(expected));

test("uses the PORT of the process on each network", () =>
  expect(addresses({ a: { Aliases: ["shop"] }, b: { Aliases: ["shop"] } }, ["PORT=8000"])).toEqual([
    "shop:8000 on a",
    "shop:8000 on b",
  ]));

test("finds published ports once for IPv4 and IPv6", () => {
  const port = (IP: string, PublicPort?: number) => ({
    IP,
    PrivatePort: 5000,
    Type: "tcp",
    ...(PublicPort && { PublicPort }),
  });
  const found = publishedAddresses([
    { Ports: [port("0.0.0.0", 8080), port("::", 8080), port("::1", 9000)] },
    { Ports: [port("127.0.0.1", 8081), { PrivatePort: 443, Type: "tcp" }] },
    {},
  ]);
  expect(found.map(({ address, hostPort }) => `${address}:${hostPort}`)).toEqual([
    ...["0.0.0.0:8080", "::1:9000", "127.0.0.1:8081"],
  ]);
});
