// @module-tag full
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api, ask } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually } from "../support/oneoff-suite.ts";
import { which } from "../support/packages.ts";
import { type ProcessResult, run } from "../support/process.ts";
import { sharedSwarm } from "../support/shared-swarm.ts";
import type { SwarmFacts, SwarmNode } from "../support/swarm-bed.ts";
import { type SwarmObjects, swarmObjects } from "../support/swarm-objects.ts";

/** A Swarm may be built first. */
const TIMEOUT_MS = 240_000;

/** All that a command can see of what its service gives it. */
const SURVEY = `
env | grep -Ev '^(HOSTNAME|DYNO|PWD|OLDPWD|SHLVL|_)=' | sort
id; pwd; umask
ls -ln /run/secrets | tail -n +2 | awk '{ print $1, $3, $4, $5, $9 }'
head /run/secrets/*
ls -ln /etc/app.conf | awk '{ print $1, $3, $4, $5 }'; cat /etc/app.conf; echo
cat /app/mark
awk '$2 == "/cache" || $2 == "/app" { print $2, $3, $4 }' /proc/mounts | sed 's/,inode64//'
grep extra.test /etc/hosts
grep -E '^(search|options)' /etc/resolv.conf
ulimit -n
cat /proc/sys/net/ipv4/ip_unprivileged_port_start
grep -E '^Cap(Eff|Bnd)|^NoNewPrivs' /proc/self/status
cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null
cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2>/dev/null
wget -q -O - "http://$PEER:8080/group"
`;

describe("service whose only task is on another node", needs("swarm"), () => {
  let swarm: SwarmFacts;
  let manager: SwarmNode;
  let worker: SwarmNode;
  let objects: SwarmObjects;
  let app: string;
  let container: string;

  beforeAll(async () => {
    swarm = await sharedSwarm();
    [manager, worker] = swarm.nodes as [SwarmNode, SwarmNode];
    objects = swarmObjects(manager.host);
    const [db, conf, peer] = [objects.name("db"), objects.name("conf"), objects.name("peer")];
    const [SecretID, ConfigID, Target] = await Promise.all([
      objects.secret(db, "hunter22"),
      objects.config(conf, Buffer.from([0x61, 0xff, 0x00, 0x62])),
      objects.network(objects.name("closed")),
    ]);
    const Networks = [{ Target }];
    await objects.service(peer, { Args: ["httpd", "-f", "-p", "8080", "-h", "/etc"] }, { TaskTemplate: { Networks } });
    app = objects.name("app");
    await objects.service(
      app,
      {
        Args: ["sh", "-c", "echo marked >/app/mark; exec sleep 100000"],
        Env: ["A=1", "B=two words", "NODE={{.Node.Hostname}}", `PEER=${peer}`],
        User: "1000:1000",
        Groups: ["1000"],
        Dir: "/app",
        Hosts: ["10.1.2.3 extra.test"],
        DNSConfig: { Search: ["search.test"], Options: ["ndots:0"] },
        Ulimits: [{ Name: "nofile", Soft: 512, Hard: 1024 }],
        Sysctls: { "net.ipv4.ip_unprivileged_port_start": "80" },
        CapabilityDrop: ["CAP_NET_RAW"],
        Secrets: [
          { SecretID, SecretName: db, File: { Name: "db_password", UID: "1000", GID: "1000", Mode: 0o400 } },
          { SecretID, SecretName: db, File: { Name: "other", UID: "0", GID: "0", Mode: 0o444 } },
        ],
        Configs: [{ ConfigID, ConfigName: conf, File: { Name: "/etc/app.conf", UID: "0", GID: "1000", Mode: 0o640 } }],
        Mounts: [
          { Type: "volume", Source: objects.name("data"), Target: "/app" },
          { Type: "tmpfs", Target: "/cache", TmpfsOptions: { SizeBytes: 1_048_576 } },
        ],
      },
      {
        TaskTemplate: {
          Networks,
          Placement: { Constraints: ["node.hostname==node2"] },
          Resources: { Limits: { MemoryBytes: 67_108_864, NanoCPUs: 500_000_000 } },
        },
      },
    );
    await objects.running(peer);
    const [task] = await objects.running(app);
    expect(task?.NodeID).toBe(worker.id);
    container = task?.Status.ContainerStatus.ContainerID as string;
  }, TIMEOUT_MS);

  afterAll(() => objects[Symbol.asyncDispose](), TIMEOUT_MS);

  /** Nothing of a one-off is left on the Swarm, nor on the node. */
  const expectNothingLeft = () =>
    eventually(async () => {
      const services = (await api(manager.host).get("/services")).body;
      expect(services.map(({ Spec }: { Spec: { Name: string } }) => Spec.Name)).not.toContainEqual(
        expect.stringMatching(new RegExp(`^${app}-`)),
      );
      const all = (await api(worker.host).get("/containers/json?all=1")).body;
      const names = all.map(({ Names }: { Names: string[] }) => Names[0]);
      expect(names.filter((name: string) => name.startsWith(`/${app}`) && !name.startsWith(`/${app}.1.`))).toEqual([]);
    });

  describe.each(["as a service task", "by the engine of the node"])("%s", (way) => {
    const start = async (script: string, ...args: string[]): Promise<ProcessResult> => {
      const hosts = `hosts:\n  ${worker.name}: ${worker.host}\n`;
      await using home = await folder(way === "as a service task" ? {} : { "oneoff.yaml": hosts });
      const env = { DOCKER_HOST: manager.host, XDG_STATE_HOME: home.path };
      return await run([BINARY, "run", "--quiet", "--start-timeout", "3m", app, "sh", "-c", script, ...args], {
        ...{ env, cwd: home.path, timeout: TIMEOUT_MS },
      });
    };

    test("has what the service's own task has", async () => {
      const { code, stdout, stderr } = await start(SURVEY);
      expect(stderr.toString()).toBe("");
      const own = await ask(worker.host, container, SURVEY);
      expect(own).toContain("marked");
      expect(own).toContain("hunter22");
      expect(own).toContain("NODE=node2");
      expect(own).toContain("67108864");
      expect(own).toContain("root:x:0:");
      expect(stdout.toString().trim()).toBe(own);
      expect(code).toBe(0);
      await expectNothingLeft();
    });

    test("writes 200,000 lines to stdout and 20,000 to stderr", async () => {
      const script =
        "seq 1 20000 | sed 's/^/error /' >&2 & seq 1 200000 | sed 's/^/a line of the output, /'; wait; exit 3";
      const { code, stdout, stderr } = await start(script);
      const lines = (count: number, prefix: string) =>
        Array.from({ length: count }, (_, at) => `${prefix}${at + 1}\n`).join("");
      expect(stdout.equals(Buffer.from(lines(200_000, "a line of the output, ")))).toBe(true);
      expect(stderr.equals(Buffer.from(lines(20_000, "error ")))).toBe(true);
      expect(code).toBe(3);
    });

    test("writes an unfinished last line of 300,005 bytes", async () => {
      const { code, stdout } = await start("echo first; head -c 300005 /dev/zero | tr '\\0' x; exit 7");
      expect(stdout.equals(Buffer.from(`first\n${"x".repeat(300_005)}`))).toBe(true);
      expect(code).toBe(7);
    });

    test("writes binary bytes", async () => {
      const { code, stdout } = await start("cat /bin/busybox");
      const expected = readFileSync(which("busybox") as string);
      const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
      expect([stdout.length, digest(stdout)]).toEqual([expected.length, digest(expected)]);
      expect(code).toBe(0);
    });

    test("runs 30 at once, each with its own output and exit code", async () => {
      const numbers = Array.from({ length: 30 }, (_, at) => at + 1);
      const results = await Promise.all(
        numbers.map((number) => start('echo "out $0"; echo "err $0" >&2; exit "$0"', String(number))),
      );
      expect(
        results.map(({ code, stdout, stderr }) => ({ code, stdout: stdout.toString(), stderr: stderr.toString() })),
      ).toEqual(numbers.map((code) => ({ code, stdout: `out ${code}\n`, stderr: `err ${code}\n` })));
      await expectNothingLeft();
    });
  });
});
