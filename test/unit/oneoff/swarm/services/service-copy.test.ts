import { expect, test } from "vitest";
import { copyServiceSpec } from "../../../../../src/oneoff/swarm/services/service-copy.ts";
import { ofService, recordedService } from "../../../../support/swarm-services.ts";

const node = { id: "n1", hostname: "node1" };

const copied = (...[container]: [Parameters<typeof ofService>[1]]) =>
  copyServiceSpec(ofService("web", container), { node, networks: [] });

test("copies every setting of a recorded service, and names what depends on its task", () =>
  expect(copyServiceSpec(recordedService, { node, networks: ["net"] })).toEqual({
    copy: {
      image: "busybox:local",
      env: ["N=node1", "L=7"],
      user: "1000",
      workingDir: "/tmp",
      entrypoint: ["/bin/sh"],
      stopSignal: "INT",
      stopTimeout: 3,
      hostConfig: {
        Mounts: [{ Type: "volume", Source: "v-full", Target: "/data" }],
        Dns: ["1.1.1.1"],
        DnsOptions: ["ndots:2"],
        DnsSearch: ["ex.com"],
        ExtraHosts: ["db:10.0.0.1"],
        GroupAdd: ["1234"],
        ReadonlyRootfs: true,
        CapAdd: ["CAP_NET_ADMIN"],
        CapDrop: ["CAP_CHOWN"],
        Sysctls: { "net.ipv4.ip_forward": "1" },
        Ulimits: [{ Name: "nofile", Hard: 200, Soft: 100 }],
        NanoCpus: 500_000_000,
        Memory: 67_108_864,
        PidsLimit: 50,
      },
      networks: ["net"],
    },
    omitted: ["variable A"],
  }));

test("leaves settings of the image to the image", () =>
  expect(copied({}).copy).toEqual({
    ...{ image: "shop:v1", env: [], user: "", workingDir: "", entrypoint: null },
    hostConfig: { Mounts: [] },
    networks: [],
  }));

test("copies a host name, and a stop timeout in whole seconds", () =>
  expect(copied({ Hostname: "web-{{.Node.Hostname}}", StopGracePeriod: 1_500_000_000 }).copy).toMatchObject({
    hostname: "web-node1",
    stopTimeout: 2,
  }));

test("copies mounts with their options, but none that depends on the task or belongs to the cluster", () => {
  const tmpfs = { Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 1 } } as const;
  const anonymous = { Type: "volume", Target: "/a" } as const;
  const bind = { Type: "bind", Source: "/srv/{{.Service.Name}}", Target: "/b", ReadOnly: true } as const;
  const perTask = { Type: "volume", Source: "v-{{.Task.Slot}}", Target: "/data" } as const;
  const ofCluster = { Type: "cluster", Source: "csi", Target: "/csi" } as unknown as typeof anonymous;
  const { copy, omitted } = copied({ Mounts: [tmpfs, anonymous, bind, perTask, ofCluster] });
  expect(copy.hostConfig.Mounts).toEqual([tmpfs, anonymous, { ...bind, Source: "/srv/web" }]);
  expect(omitted).toEqual(["mount /data", "mount /csi"]);
});

test("writes security options as docker does", () =>
  expect(
    copied({
      Privileges: {
        NoNewPrivileges: true,
        Seccomp: { Mode: "custom", Profile: Buffer.from("{}").toString("base64") },
        AppArmor: { Mode: "disabled" },
        SELinuxContext: { Disable: false, User: "u", Role: "", Type: "t", Level: "s0" },
      },
    }).copy.hostConfig.SecurityOpt,
  ).toEqual([
    "no-new-privileges",
    "seccomp={}",
    "apparmor=unconfined",
    "label=user:u",
    "label=type:t",
    "label=level:s0",
  ]));

test("keeps variables without a value, which remove a variable of the image", () =>
  expect(copied({ Env: ["A=", "B", "C=x=y"], Hosts: ["10.0.0.1 db  cache"] }).copy).toMatchObject({
    env: ["A=", "B", "C=x=y"],
    hostConfig: { ExtraHosts: ["db:10.0.0.1", "cache:10.0.0.1"] },
  }));
