import { expect, test } from "vitest";
import type { ContainerCreateBody } from "../../../../../src/engine/types.ts";
import { needsFilesFirst, siblingBody } from "../../../../../src/oneoff/swarm/holder/sibling-body.ts";

const body = {
  ...{ Image: "i", Cmd: ["ls"], Hostname: "web", Domainname: "example.com", ExposedPorts: {} },
  NetworkingConfig: { EndpointsConfig: {} },
  HostConfig: {
    ...{ NetworkMode: "closed", Dns: ["10.0.0.53"], DnsSearch: ["a"], DnsOptions: ["b"], ExtraHosts: ["db:10.0.0.9"] },
    ...{ Links: ["db"], Mounts: [{ Type: "volume", Source: "data", Target: "/data" }], Memory: 5 },
  },
} as unknown as ContainerCreateBody;

const host = { container: "c1", rootDir: "/var/lib/docker", sharesNetwork: true };
const file = (Name: string) => ({ File: { Name, UID: "0", GID: "0", Mode: 0o444 } });

test("shares the network of a task, which has its host name and DNS", () => {
  expect(siblingBody(body, host, {})).toEqual({
    ...{ Image: "i", Cmd: ["ls"] },
    HostConfig: {
      ...{
        NetworkMode: "container:c1",
        Memory: 5,
        Mounts: [{ Type: "volume", Source: "data", Target: "/data" }],
      },
    },
  });
});

test("keeps its own network and has the files of a task at the paths of the service", () => {
  const files = {
    Secrets: [
      { SecretID: "s1", SecretName: "x", ...file("db") },
      { SecretID: "s2", SecretName: "y", ...file("/etc/key") },
    ],
    Configs: [
      { ConfigID: "c1", ConfigName: "x", ...file("app.conf") },
      { ConfigID: "c2", ConfigName: "y" },
    ],
  };
  const { HostConfig, ...rest } = siblingBody(body, { ...host, sharesNetwork: false }, files);
  const { HostConfig: original, ...other } = body;
  expect(rest).toEqual(other);
  const folder = "/var/lib/docker/containers/c1/mounts/secrets";
  const Binds = [`${folder}/s1:/run/secrets/db:ro`, `${folder}/s2:/etc/key:ro`, `${folder}/c1:/app.conf:ro`];
  expect(HostConfig).toEqual({ ...original, Binds });
});

test("mounts a file whose path has a colon, which ends the source of a bind", () => {
  const files = { Secrets: [{ SecretID: "s1", SecretName: "x", ...file("a:b") }] };
  const { Mounts, Binds } = siblingBody(body, host, files).HostConfig;
  const Source = "/var/lib/docker/containers/c1/mounts/secrets/s1";
  expect(Binds).toBeUndefined();
  expect(Mounts).toContainEqual({ Type: "bind", Source, Target: "/run/secrets/a:b", ReadOnly: true });
  expect(needsFilesFirst(files)).toBe(true);
  expect(needsFilesFirst({ Secrets: [{ SecretID: "s1", SecretName: "x", ...file("ab") }] })).toBe(false);
});
