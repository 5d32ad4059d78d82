import { describe, expect, test } from "vitest";
import { parseEnvList } from "../../../../../src/app/env.ts";
import type { ContainerSpec, TaskTemplate } from "../../../../../src/engine/swarm/service-types.ts";
import type { RunOptions } from "../../../../../src/oneoff/spec/options.ts";
import { buildSpec } from "../../../../../src/oneoff/spec/spec.ts";
import { buildTaskBase, toTaskRequest } from "../../../../../src/oneoff/swarm/run/task-base.ts";
import { checkTaskOptions } from "../../../../../src/oneoff/swarm/run/task-options.ts";
import { taskSpec } from "../../../../../src/oneoff/swarm/run/task-spec.ts";
import { copyServiceSpec } from "../../../../../src/oneoff/swarm/services/service-copy.ts";
import { swarmService } from "../../../../support/swarm-tasks.ts";

const CONTAINER: ContainerSpec = {
  Image: "shop:1@sha256:abc",
  Command: ["/entry"],
  Args: ["serve"],
  Env: ["A=1", "NODE={{.Node.Hostname}}"],
  User: "app",
  Hostname: "{{.Node.Hostname}}",
  Labels: { tier: "web", "com.docker.stack.namespace": "shop" },
  Mounts: [
    { Type: "volume", Source: "data", Target: "/data" },
    { Type: "bind", Source: "/srv/{{.Node.ID}}", Target: "/srv" },
  ],
  Hosts: ["10.0.0.9 db"],
  Secrets: [{ SecretID: "s1", SecretName: "db", File: { Name: "db", UID: "0", GID: "0", Mode: 0o444 } }],
};

const TEMPLATE: TaskTemplate = {
  ContainerSpec: CONTAINER,
  Resources: { Limits: { MemoryBytes: 512, NanoCPUs: 2e9 }, Reservations: { MemoryBytes: 256, NanoCPUs: 1e9 } },
  Networks: [{ Target: "n1", Aliases: ["web"] }],
};

const service = swarmService("shop_web", {}, { TaskTemplate: TEMPLATE });
// On this node; the task may run on another one.
const { copy } = copyServiceSpec(service, { node: { id: "x1", hostname: "node1" }, networks: ["shop_net"] });

const specOf = (options: Partial<RunOptions>, input: "empty" | "pipe" | "terminal" = "empty") => {
  const defaults = { args: ["migrate"], env: new Map(), labels: new Map(), detach: false, binds: [], mounts: [] };
  const env = parseEnvList(copy.env);
  return buildSpec(
    { name: "shop_web", from: "swarm", image: copy.image, env, procfile: new Map(), settings: {} },
    { ...defaults, ...options },
    { input, outputIsTerminal: false, size: undefined, owner: "here:1" },
    copy,
  );
};

const created = (options: Partial<RunOptions> = {}, facts: { nodeId?: string; image?: string } = {}) => {
  const spec = specOf(options);
  return taskSpec(service.Spec, toTaskRequest(spec, "run.7364"), buildTaskBase(spec, copy), {
    withInit: true,
    ...facts,
  });
};

describe("the service of a one-off", () => {
  test("keeps everything of the app's service but its command", () => {
    const { Name, Labels, TaskTemplate } = created();
    const { ContainerSpec, ...template } = TaskTemplate;
    expect(Name).toBe("shop_web-run-7364");
    expect(Labels).toMatchObject({
      "dev.oneoff.container": "shop_web-run-7364",
      "dev.oneoff.app": "shop_web",
      "dev.oneoff.kind": "run",
      "dev.oneoff.command": "migrate",
      "dev.oneoff.owner": "here:1",
    });
    expect(ContainerSpec).toEqual({
      ...CONTAINER,
      Args: ["migrate"],
      Env: [...(CONTAINER.Env ?? []), "DYNO=run.7364"],
      Labels: { tier: "web" },
      ...{ Init: true, TTY: false, OpenStdin: false, Healthcheck: { Test: ["NONE"] } },
    });
    expect(template).toEqual({
      Resources: TEMPLATE.Resources,
      Networks: [{ Target: "n1" }],
      Placement: { Constraints: [] },
      RestartPolicy: { Condition: "none" },
      LogDriver: { Name: "local", Options: { "max-size": "1g", "max-file": "1", compress: "false" } },
    });
  });

  test("gets what options set, where the service has the rest", () => {
    const { ContainerSpec } = created({
      env: new Map([
        ["A", "2"],
        ["FORMAT", "{{json .}}"],
      ]),
      unset: ["NODE"],
      labels: new Map([["team", "web"]]),
      ...{ user: "1000", workdir: "/app", entrypoint: [""], init: false },
      container: { hostname: "h1", "add-host": ["cache:10.0.0.7"], "cap-add": ["CAP_NET_ADMIN"], dns: ["10.0.0.53"] },
    }).TaskTemplate;
    expect(ContainerSpec).toMatchObject({
      ...{ User: "1000", Dir: "/app", Hostname: "h1", Command: [""], CapabilityAdd: ["CAP_NET_ADMIN"] },
      Hosts: ["10.0.0.9 db", "10.0.0.7 cache"],
      DNSConfig: { Nameservers: ["10.0.0.53"] },
      Labels: { tier: "web", team: "web" },
      // Swarm would replace placeholders in the variable.
      Env: ["A=2", "DYNO=run.7364", 'FORMAT={{"{{"}}json .}}', "NODE"],
    });
  });

  test("adds mounts, and replaces those at the same path", () => {
    const { ContainerSpec } = created({
      binds: ["/tmp/dump:/dump:ro", "cache:/data/"],
      mounts: [{ type: "volume", source: "other", target: "/other", readOnly: true }],
      tmpfs: ["/scratch:size=64m,mode=1770"],
    }).TaskTemplate;
    expect(ContainerSpec?.Mounts).toEqual([
      { Type: "bind", Source: "/srv/{{.Node.ID}}", Target: "/srv" },
      { Type: "volume", Source: "other", Target: "/other", ReadOnly: true },
      { Type: "volume", Source: "cache", Target: "/data/" },
      { Type: "bind", Source: "/tmp/dump", Target: "/dump", ReadOnly: true },
      { Type: "tmpfs", Target: "/scratch", TmpfsOptions: { SizeBytes: 64 * 1024 * 1024, Mode: 0o1770 } },
    ]);
  });

  test("changes limits, and no reservation exceeds them", () => {
    expect(created({ memory: 128, pidsLimit: 50 }).TaskTemplate.Resources).toEqual({
      Limits: { MemoryBytes: 128, NanoCPUs: 2e9, Pids: 50 },
      Reservations: { NanoCPUs: 1e9 },
    });
  });

  test("joins the networks of --network instead of the service's", () => {
    expect(created({ networks: ["a", "b"] }).TaskTemplate.Networks).toEqual([{ Target: "a" }, { Target: "b" }]);
  });

  test("runs on a chosen node, with another image", () => {
    const { Placement, ContainerSpec } = created({}, { nodeId: "x2", image: "shop:2" }).TaskTemplate;
    expect(Placement?.Constraints).toEqual(["node.id==x2"]);
    expect(ContainerSpec?.Image).toBe("shop:2");
  });
});

const refusalOf = (options: Partial<RunOptions>, input?: "empty" | "pipe" | "terminal") => {
  const spec = specOf(options, input);
  const requests = { asked: toTaskRequest(spec, ""), base: buildTaskBase(spec, copy) };
  try {
    checkTaskOptions(spec, { ...requests, input: input ?? "empty" }, "remove --anywhere");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

describe("a service task", () => {
  test.each([
    [{ container: { device: [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse" }] } }, "--device"],
    [{ container: { privileged: true } }, "--privileged"],
    [{ container: { "security-opt": ["no-new-privileges"] } }, "--security-opt"],
    [{ container: { "shm-size": 64 } }, "--shm-size"],
    [{ container: { ipc: "host" } }, "--ipc"],
    [{ container: { platform: "linux/arm64" } }, "--platform"],
    [{ container: { publish: [[{ port: "80/tcp", hostAddress: "", hostPort: "" }]] } }, "--publish"],
    [{ container: { "log-driver": "json-file" } }, "--log-driver and --log-opt"],
    [{ links: ["db"] }, "--link"],
    [{ networks: ["container:x"] }, "--network container:x"],
    [{ fetches: [{ source: "/x", target: "x" }] }, "--fetch"],
    [{ binds: ["/a:/b:z"] }, "--volume /a:/b:z"],
    [{ tmpfs: ["/a:noexec"] }, "--tmpfs /a:noexec"],
  ] as [Partial<RunOptions>, string][])("refuses %j", (options, option) => {
    expect(refusalOf(options)).toBe(`${option} cannot be used for a service task`);
  });

  test("refuses a TTY, and a name that no service can have", () => {
    expect(refusalOf({ tty: true }, "terminal")).toBe("A service task cannot have a TTY");
    expect(refusalOf({ name: "a.b" })).toContain('Invalid --name "a.b"');
  });

  test.each([{}, { detach: true }, { timeout: 5 }, { name: "mine" }, { env: new Map([["A", "2"]]) }])(
    "accepts %j",
    (options) => {
      expect(refusalOf(options)).toBeUndefined();
    },
  );
});
