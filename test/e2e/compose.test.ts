import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { realCompose } from "../support/compose.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { type Inspected, oneoffSuite } from "../support/oneoff-suite.ts";

const host = inject("engineHost");
const compose = await realCompose();
const judged = { ...compose.needed, ...needs("limits", "legacy links") };
const suite = oneoffSuite(host);
const id = randomUUID().slice(0, 8);
const project = `judge${id}`;
const image = `oneoff-e2e-compose-${id}:latest`;

const SLEEP = "init: true\n    command: [sleep, '600']";

/** `apart` is known by its service alone: no other test has a service of this name. */
const COMPOSE_FILE = `
name: ${project}
services:
  web:
    image: busybox:local
    init: true
    command: [sh, -c, "trap 'exit 0' TERM USR1; echo web is up; while :; do sleep 0.2; done"]
    environment:
      PLAIN: plain
      DOLLARS: costs $$5
      FILLED: \${HERE}
      DEFAULTED: \${NOT_SET:-default}
      HERE:
      GONE:
      FROM_BOTH: environment
    env_file: [web.env, more.env]
    user: "1000:1234"
    group_add: ["4321"]
    working_dir: /srv/work
    mem_limit: 64m
    memswap_limit: 96m
    cpus: 0.5
    cpu_shares: 512
    pids_limit: 50
    shm_size: 32m
    oom_score_adj: 321
    tmpfs: ["/scratch:size=1m,mode=1777"]
    volumes:
      - data:/data
      - ./files:/files:ro
      - /anonymous
      - {type: tmpfs, target: /typed, tmpfs: {size: 1048576}}
      - {type: volume, source: data, target: /again, read_only: true, volume: {nocopy: true}}
    secrets: [token]
    configs: [{source: settings, target: /etc/settings}]
    networks: {default: {aliases: [frontdoor]}, back: {aliases: [backdoor]}}
    links: ["db:database"]
    extra_hosts: ["legacy.example:10.1.2.3", "gateway.example:host-gateway"]
    dns_search: [example.test]
    dns_opt: ["ndots:3"]
    sysctls: {net.core.somaxconn: 77}
    ulimits: {nofile: {soft: 256, hard: 512}, nproc: 2048}
    cap_add: [SYS_PTRACE]
    cap_drop: [MKNOD]
    stop_signal: SIGUSR1
    stop_grace_period: 7s
  db:
    image: busybox:local
    ${SLEEP}
    ipc: shareable
    volumes: ["data:/of-db"]
    networks: {default: {aliases: [postgres]}}
  locked:
    image: busybox:local
    ${SLEEP}
    read_only: true
    security_opt: ["no-new-privileges:true"]
  beside:
    image: busybox:local
    ${SLEEP}
    network_mode: service:db
    ipc: service:db
    depends_on: [db]
  hosted:
    image: busybox:local
    ${SLEEP}
    network_mode: host
    pid: host
    userns_mode: host
  rare:
    image: busybox:local
    ${SLEEP}
    dns: [10.9.8.7]
    devices: ["/dev/zero:/dev/nothing:r"]
    device_cgroup_rules: ["c 1:3 mr"]
    volumes_from: ["db:ro"]
    external_links: ["${project}-db-1:elsewhere"]
    mem_reservation: 16m
    mem_limit: 32m
    mem_swappiness: 7
    oom_kill_disable: true
    cpu_period: 50000
    cpu_quota: 10000
    cpuset: "0"
    cgroup_parent: judge${id}
    runtime: runc
    security_opt: ["seccomp=unconfined"]
    annotations: {told: "yes"}
    ports: ["80"]
    expose: ["81"]
    restart: "no"
    labels: {its: own}
    healthcheck: {test: "true"}
    tmpfs: /one
  apart${id}:
    image: ${image}
    ${SLEEP}
    entrypoint: [sh, -c, 'echo "<$$@>"; exec "$$@"', entry]
    environment: {TAKEN_AWAY: , EMPTIED: ""}
volumes: {data: }
networks: {back: }
secrets: {token: {file: token}}
configs: {settings: {file: settings}}
`;

const FILES = {
  "compose.yaml": COMPOSE_FILE,
  "web.env": [
    "# a comment",
    "export EXPORTED=yes",
    'QUOTED="a$HERE#b"',
    "SINGLE='a$HERE#b'",
    "COMMENTED=value # not this",
    'ESCAPED="one\\ntwo\\t\\"three\\" \\$4"',
    "PAID=$$5",
    `CHAINED=\${EXPORTED}-\${NOT_SET:-none}`,
    'LINES="first',
    'second"',
    "EMPTY=",
    "FROM_BOTH=file",
    "FROM_TWO=web",
    "HERE",
    "",
  ].join("\n"),
  "more.env": "FROM_TWO=more-$EXPORTED\r\n",
  "files/one": "one\n",
  token: "secret\n",
  settings: "a: 1\n",
};

/** What a one-off sees of itself, by the script that shows it; names of its own are left out. */
const SEEN = {
  variables: "env -0 | tr '\\n\\0' '~\\n' | sort | grep -Ev '^(HOSTNAME|DYNO)='",
  "user and groups": "id",
  "working folder": "pwd",
  memory: "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null",
  swap: "cat /sys/fs/cgroup/memory.swap.max /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes 2>/dev/null",
  cpus: "cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null",
  "cpu shares": "cat /sys/fs/cgroup/cpu.weight /sys/fs/cgroup/cpu/cpu.shares 2>/dev/null",
  pids: "cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null",
  "score of the OOM killer": "cat /proc/self/oom_score_adj",
  mounts:
    'awk \'$2 !~ "^/(proc|sys|dev/(pts|mqueue))" {print $2, $3, $2 == "/" ? substr($4, 1, 2) : $4}\' /proc/mounts | sort',
  files:
    "for file in /data /files /files/* /scratch /typed /anonymous /again /run/secrets/* /etc/settings; do stat -c '%A %u %g %n' $file 2>&1; done",
  hosts: 'grep -v "$(hostname)" /etc/hosts | sort',
  resolver: "grep -v '^#' /etc/resolv.conf",
  // Engines since 25 name interfaces of networks that are given at create in an order of their own.
  addresses: "ip -o -4 addr | awk '{print $4}' | sed 's#[0-9]*/#x/#' | sort",
  "default route": "ip route | awk '/^default/ {print $3}'",
  "kernel settings": "cat /proc/sys/net/core/somaxconn",
  ulimits: "ulimit -a; ulimit -aH",
  capabilities: "grep -E '^(Cap|NoNewPrivs|Seccomp|Groups)' /proc/self/status",
  "process 1": "cat /proc/1/comm",
  umask: "umask",
};

/** The addresses of the names of other containers. */
const NAMES = `for name in db database postgres frontdoor backdoor; do
  echo $name; nslookup $name 127.0.0.11 2>/dev/null | awk '/^Address/ && !/127.0.0.11/ {print $NF}'
done`;

const script = (shown: Record<string, string>) =>
  Object.entries(shown)
    .map(([name, command]) => `echo '=== ${name}'\n${command}`)
    .join("\n");

const sections = (text: string) => Object.fromEntries(text.split(/^=== /m).map((part) => part.split(/\n([\s\S]*)/)));

const place = await folder(FILES);
const env = {
  DOCKER_HOST: host,
  HERE: "here",
  GONE: undefined,
  PLAIN: undefined,
  OF_IMAGE: undefined,
  NOT_SET: undefined,
  COMPOSE_PROJECT_NAME: undefined,
};
const options = { cwd: place.path, env };

async function docker(words: readonly string[]) {
  const { code, stdout, stderr } = await compose.run(words, options);
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}
const composeRun = (...words: string[]) => docker(["run", "--rm", "--no-TTY", ...words]);
const oneoffRun = (...words: string[]) => suite.runApp(words, options);

const app = (service: string) => `${project}/${service}`;

beforeAll(async () => {
  if (judged.skip) return;
  await buildImage(host, image, "FROM busybox:local\nENV TAKEN_AWAY=image EMPTIED=image OF_IMAGE=image\n");
  const { code, stderr } = await docker(["up", "--detach"]);
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  if (!judged.skip) {
    await docker(["down", "--volumes", "--timeout", "1"]);
    await api(host).delete(`/images/${image}?force=1`);
  }
  await place[Symbol.asyncDispose]();
});

describe("one-off under Compose, as seen inside", judged, () => {
  test.each(["web", "locked", "beside", `apart${id}`])(
    "a one-off sees the same as with docker compose run, for the service %s",
    async (service) => {
      const command = ["sh", "-c", script(service === "web" ? { ...SEEN, names: NAMES } : SEEN)];
      const theirs = sections((await composeRun(service, ...command)).stdout);
      expect(Object.keys(theirs)).toEqual(expect.arrayContaining(Object.keys(SEEN)));
      expect(sections((await oneoffRun(app(service), ...command)).stdout)).toEqual(theirs);
      if (service !== "web") return;
      expect(theirs).toMatchObject({ memory: "67108864\n", "user and groups": expect.stringContaining("gid=1234") });
      expect(theirs.names.match(/^[\d.]+$/gm)).toHaveLength(5);
    },
  );

  test("a one-off sees the same as with docker compose run, with the options that both have", async () => {
    const shown = ({ code, stdout }: { code: number | null; stdout: string }) => ({
      ...{
        code,
        lines: stdout
          .split("\n")
          .filter((line) => !/^(HOSTNAME|DYNO)=/.test(line))
          .sort(),
      },
    });
    const apart = `apart${id}`;
    const cases: (readonly [options: string[], service: string, words: string[]])[] = [
      [["-e", "FILLED=x", "-e", "HERE", "-e", "EXPORTED=", "-e", "PATH"], "web", ["/bin/env"]],
      [["--entrypoint", "id"], "web", []],
      [["--entrypoint", "echo a 'b  c'"], "web", ["d"]],
      [["--entrypoint", ""], apart, ["id", "-u"]],
      [["--entrypoint", "env"], apart, []],
      [["--user", "7:8"], "web", ["id"]],
      [["--workdir", "/tmp"], "web", ["pwd"]],
      [["--volume", "./files:/more:ro"], "web", ["cat", "/more/one"]],
      [["--volume", "./files:/data"], "web", ["sh", "-c", "cat /data/one; grep -c ' /data ' /proc/mounts"]],
      [[], apart, ["echo", "two  words", ""]],
      [[], "web", ["sh", "-c", "exit 7"]],
      [[], "web", ["sh", "-c", "kill -TERM $$"]],
      [[], "web", ["no-such-command"]],
      [[], "web", ["/etc"]],
    ];
    for (const [flags, service, words] of cases) {
      const [theirs, ours] = await Promise.all([
        composeRun(...flags, service, ...words),
        oneoffRun(...flags, app(service), ...words),
      ]);
      expect([flags, words, shown(ours)]).toEqual([flags, words, shown(theirs)]);
    }
  });
});

describe("intended difference from Compose", judged, () => {
  test("removes a variable that is named and not set locally, as docker run does, while Compose keeps it", async () => {
    for (const [name, service] of [
      ["PLAIN", "web"],
      ["OF_IMAGE", `apart${id}`],
    ] as const) {
      const command = ["sh", "-c", `env | grep -c ^${name}=`];
      expect((await composeRun("-e", name, service, ...command)).code).toBe(0);
      expect((await oneoffRun("-e", name, app(service), ...command)).code).toBe(1);
    }
  });

  test("a volume replaces a tmpfs at the same path", async () => {
    const words = ["--volume", "./files:/scratch", app("web"), "cat", "/scratch/one"];
    expect(await oneoffRun(...words)).toMatchObject({ code: 0, stdout: "one\n" });
  });

  test("uses the app's own anonymous volumes", { tags: ["full"] }, async () => {
    const { Mounts } = (await api(host).get(`/containers/${project}-web-1/json`)).body;
    const { Name } = Mounts.find(({ Destination }: Inspected) => Destination === "/anonymous");
    expect((await oneoffRun("--print", app("web"), "true")).stdout).toContain(Name);
  });
});

/** Removes intended differences from Compose. */
const OUR_OWN = [
  // The container's image ID: its tag may have moved.
  "Image",
  // The app's proxy, health checks and restarts must ignore a one-off, and its output is kept for `oneoff logs`.
  ...["Hostname", "Labels", "Healthcheck", "LogConfig"],
  // A one-off publishes no port.
  "ExposedPorts",
  // A one-off gets the mounts themselves, which are compared.
  "VolumesFrom",
  // A detached one-off without a TTY reads nothing.
  ...["AttachStdin", "AttachStdout", "AttachStderr", "OpenStdin", "StdinOnce"],
];

function settings({ Config, HostConfig, Mounts, NetworkSettings }: Inspected) {
  const { Mounts: _typed, ...others } = HostConfig;
  const all = Object.entries({ ...Config, ...others }).filter(([name]) => !OUR_OWN.includes(name));
  const plain = (value: unknown) => {
    if (!Array.isArray(value)) return JSON.stringify(value) === "{}" ? null : value;
    // Removing a variable that the image does not have changes nothing.
    const items = value.map((item) => JSON.stringify(item)).filter((item) => !/^"DYNO=/.test(item));
    return items.length > 0 ? items.sort() : null;
  };
  return {
    ...Object.fromEntries(all.map(([name, value]) => [name, plain(value)])),
    Networks: Object.keys(NetworkSettings.Networks).sort(),
    // Compose makes new anonymous volumes; a one-off has its app's, as all of its data.
    Mounts: Mounts.map(({ Type, Source, Destination, RW }: Inspected) =>
      [Type, Destination === "/anonymous" ? "" : Source, Destination, RW].join(" "),
    ).sort(),
  };
}

describe("create request under Compose", judged, () => {
  test.each(["web", "locked", "beside", "hosted", "rare", `apart${id}`])(
    "sends the same create request as docker compose run, for the service %s",
    async (service) => {
      const { stdout: theirs } = await docker(["run", "--detach", "--no-TTY", service, "sleep", "600"]);
      const { stdout: ours } = await oneoffRun("--detach", "--quiet", app(service), "sleep", "600");
      const ids = [theirs, ours].map((text) => text.trim());
      const inspect = async (id: string) => settings((await api(host).get(`/containers/${id}/json`)).body);
      const [judge, judged] = await Promise.all(ids.map(inspect));
      for (const id of ids) await api(host).delete(`/containers/${id}?force=1&v=1`);
      expect(judged).toEqual(judge);
    },
  );
});

describe("app of Compose", judged, () => {
  test("lists an app of Compose, and finds it by its service alone where that is unique", async () => {
    const { stdout } = await suite.oneoff(["apps"], options);
    for (const service of ["web", "db", "locked", "beside", `apart${id}`]) {
      expect(stdout).toMatch(new RegExp(`^${app(service)} +compose +\\S+ +${service} 1/1 `, "m"));
    }
    const [theirs, ours] = await Promise.all([
      docker(["exec", "--no-TTY", `apart${id}`, "env"]),
      suite.oneoff(["exec", `apart${id}`, "env"], options),
    ]);
    expect(ours).toMatchObject({ code: 0, stdout: theirs.stdout });
    expect((await oneoffRun(`apart${id}`, "hostname")).code).toBe(0);
  });

  test("shows the processes and logs of Compose", async () => {
    const { stdout } = await docker(["logs", "--no-color", "web"]);
    expect(stdout).toBe("web-1  | web is up\n");
    expect((await suite.oneoff(["ps", app("web")], options)).stdout).toContain("\nweb.1: up");
    for (const words of [[app("web")], [app("web"), "web"], [`${app("web")}.web.1`]]) {
      const logs = await suite.oneoff(["logs", "--grep", "", ...words], options);
      // Docker Compose writes a second space.
      expect(logs.stdout.replaceAll(/ +/g, " ")).toBe(stdout.replace("web-1  ", "web.1 "));
    }
  });

  test("a one-off is not a one-off of Compose", async () => {
    const words = ["run", "--detach", "--no-TTY", "--env", "PLAIN=a one-off's", "web", "sleep", "600"];
    const { stdout } = await docker(words);
    expect(await oneoffRun(app("web"), "sh", "-c", "echo $PLAIN")).toMatchObject({ code: 0, stdout: "plain\n" });
    await api(host).delete(`/containers/${stdout.trim()}?force=1&v=1`);
  });

  test("reads the same variables as Compose from the same files with oneoff.yaml", async () => {
    const lines = ["PLAIN: plain", "DOLLARS: costs $$5", `FILLED: \${HERE}`, `DEFAULTED: \${NOT_SET:-default}`];
    await using described = await folder({
      ...FILES,
      "oneoff.yaml": `
app: described
image: busybox:local
env-file: [web.env, more.env]
user: "1000"
env:
  ${[...lines, "FROM_BOTH: environment"].join("\n  ")}
`,
    });
    const command = ["sh", "-c", `cd / && ${SEEN.variables} | grep -v ^OLDPWD`];
    const theirs = await composeRun("web", ...command);
    const ours = await suite.runApp(["described", ...command], { ...options, cwd: described.path });
    expect(theirs.stdout).toContain("QUOTED=ahere#b\n");
    expect(ours).toMatchObject({ code: 0, stdout: theirs.stdout });
  });
});
