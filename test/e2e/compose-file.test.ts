import { randomUUID } from "node:crypto";
import { symlink } from "node:fs/promises";
import { afterAll, describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { realCompose } from "../support/compose.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { type Inspected, oneoffSuite } from "../support/oneoff-suite.ts";

const host = inject("engineHost");
const compose = await realCompose();
const judged = { ...compose.needed, ...needs("limits", "legacy links") };
const suite = oneoffSuite(host);
const project = `file${randomUUID().slice(0, 8)}`;

const COMPOSE_FILE = `
name: ${project}
services:
  web:
    image: busybox:local
    command: [sleep, "600"]
    environment: {PLAIN: plain, DOLLARS: costs $$5, GONE: }
    user: "1000:1234"
    working_dir: /srv/work
    hostname: web.example
    volumes:
      - data:/data
      - ./files:/files:ro
      - /anonymous
      - {type: tmpfs, target: /typed, tmpfs: {size: 1048576, mode: 0700}}
      - {type: volume, source: data, target: /again, read_only: true, volume: {nocopy: true}}
      - {type: bind, source: ./files, target: /strict, bind: {create_host_path: false, propagation: rprivate}}
    secrets: [token, {source: from_env, target: renamed, mode: 0404}]
    configs: [{source: settings, target: /etc/settings}, {source: inline, target: /etc/inline}]
    networks: {default: {aliases: [frontdoor]}, back: {priority: 5}}
    ports: ["80"]
    restart: always
    healthcheck: {test: "true"}
    deploy: {resources: {limits: {cpus: "0.7", memory: 64m, pids: 50}, reservations: {memory: 16m}}}
    extra_hosts: ["legacy.example:10.1.2.3"]
    tmpfs: ["/scratch:size=1m,mode=1777"]
    sysctls: {net.core.somaxconn: 77}
    ulimits: {nofile: {soft: 256, hard: 512}, nproc: 2048}
    cap_add: [SYS_PTRACE]
    stop_signal: SIGUSR1
    stop_grace_period: 1m7s
    shm_size: 32m
    depends_on: {db: {condition: service_started}, done: {condition: service_completed_successfully}}
  db:
    image: busybox:local
    command: [sleep, "600"]
    init: true
    volumes: [{type: volume, source: tuned, target: /tuned}]
  done:
    image: busybox:local
    command: "true"
  beside:
    image: busybox:local
    network_mode: service:db
    pid: service:db
    volumes_from: [db]
  locked:
    image: busybox:local
    read_only: true
    security_opt: ["no-new-privileges:true"]
    devices: ["/dev/zero:/dev/nothing:r"]
    gpus: []
    group_add: ["4321"]
    dns: [10.9.8.7]
    dns_search: [example.test]
    links: [db]
    entrypoint: []
    depends_on: []
  named:
    image: busybox:local
    entrypoint: [echo, named]
    profiles: [debug]
  built:
    build: {context: ./built, target: app, args: {WORD: hello}, labels: {its: own}, tags: ["${project}-more:1"]}
  inline:
    build: {context: ./built, dockerfile_inline: "FROM busybox:local\\nCOPY file /inline\\n"}
    profiles: [debug]
  lost:
    image: busybox:local
    secrets: [lost]
    volumes: ["data:/data"]
  orphan:
    image: busybox:local
    networks: [outside]
    volumes: ["${project}-outside:/outside"]
volumes: {data: , tuned: {driver: local, labels: {its: own}}}
networks: {back: {internal: true, driver: bridge, labels: {its: own}, ipam: {config: [{subnet: 10.213.0.0/24}]}}, outside: {external: true, name: ${project}-outside}}
secrets: {lost: {file: absent}, token: {file: token}, from_env: {environment: FROM_ENV}}
configs: {settings: {file: settings}, inline: {content: "costs $$5 and \${FROM_ENV}"}}
`
  .replace(`"${project}-outside:/outside"`, `"outside:/outside"`)
  .replace("tuned: {driver", `outside: {external: true, name: ${project}-outside}, tuned: {driver`);

const FILES = {
  "compose.yaml": COMPOSE_FILE,
  "files/one": "one\n",
  token: "secret\n",
  settings: "set\n",
  "built/Dockerfile":
    "FROM busybox:local AS app\nARG WORD\nENV WORD=$WORD\nCOPY file /file\nFROM app\nENV WORD=other\n",
  "built/file": "file\n",
};

const place = await folder(FILES);
const env = { DOCKER_HOST: host, FROM_ENV: "from env", GONE: undefined, COMPOSE_PROJECT_NAME: undefined };
const options = { cwd: place.path, env };

async function docker(words: readonly string[]) {
  const { code, stdout, stderr } = await compose.run(words, options);
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}
/** Other tests have services of the same names. */
const app = (service: string) => `${project}/${service}`;
const oneoffRun = (...words: string[]) => suite.runApp(words, options);

afterAll(async () => {
  if (!judged.skip) {
    await docker(["--profile", "*", "down", "--volumes", "--timeout", "1", "--rmi", "local"]);
    await api(host).delete(`/images/${project}-more:1?force=1`);
  }
  await place[Symbol.asyncDispose]();
});

const objectsOf = async (kind: "networks" | "volumes") => {
  const { body } = await api(host).get(`/${kind}`);
  const all: Inspected[] = kind === "volumes" ? (body.Volumes ?? []) : body;
  return all.filter(({ Name }) => Name.startsWith(`${project}_`));
};

const bare = (value: unknown) => {
  if (!Array.isArray(value)) return JSON.stringify(value) === "{}" ? null : value;
  const items = value.map((item) => JSON.stringify(item)).filter((item) => !/^"DYNO=/.test(item));
  return items.length > 0 ? items.sort() : null;
};

/** What a one-off does differently on purpose: \`oneoff help compose\` lists it. */
const OUR_OWN = [
  ...["Labels", "Healthcheck", "LogConfig", "ExposedPorts", "PortBindings", "Init"],
  // A detached one-off without a TTY reads nothing.
  ...["AttachStdin", "AttachStdout", "AttachStderr", "OpenStdin", "StdinOnce"],
];

function settings({ Config, HostConfig, Mounts, NetworkSettings }: Inspected) {
  const all = Object.entries({ ...Config, ...HostConfig }).filter(([name]) => !OUR_OWN.includes(name));
  const { Hostname, ...others } = Object.fromEntries(all.map(([name, value]) => [name, bare(value)]));
  return {
    ...others,
    Hostname: /^[0-9a-f]{12}$/.test(Hostname as string) ? "random" : Hostname,
    Networks: Object.keys(NetworkSettings.Networks).sort(),
    MountPoints: Mounts.map(({ Type, Name, Source, Destination, Mode, RW, Propagation }: Inspected) =>
      [Type, /^[0-9a-f]{64}$/.test(Name) ? "anonymous" : Source, Destination, Mode, RW, Propagation].join(" "),
    ).sort(),
  };
}

describe("a service of a Compose file of which nothing is up", judged, () => {
  test("prints the request, and creates nothing", async () => {
    const printed = await oneoffRun("--print", app("web"), "true");
    expect(printed).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(printed.stdout)).toMatchObject({ app: app("web"), from: "compose.yaml" });
    expect([...(await objectsOf("networks")), ...(await objectsOf("volumes"))]).toEqual([]);
  });

  test("reports what is missing before it creates anything", async () => {
    expect(await oneoffRun(app("beside"), "true")).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("docker compose up -d db"),
    });
    const outside = await oneoffRun(app("orphan"), "true");
    expect(outside).toMatchObject({
      code: 125,
      stderr: expect.stringContaining(`External network \\"${project}-outside\\"`.replaceAll("\\", "")),
    });
    const lost = await oneoffRun(app("lost"), "true");
    expect(lost).toMatchObject({ code: 125, stderr: expect.stringContaining(`${place.path}/absent`) });
    const absent = await oneoffRun("--image", "absent:latest", app("web"), "true");
    expect(absent).toMatchObject({ code: 125, stderr: expect.stringContaining('Image "absent:latest" not found') });
    expect(await objectsOf("networks")).toEqual([]);
    // The engine refuses an absent file at the create, when the volume exists.
    expect((await objectsOf("volumes")).map(({ Name }) => Name)).toEqual([`${project}_data`]);
    await api(host).delete(`/volumes/${project}_data`);
  });

  test("Compose takes over the networks and volumes without a warning", async () => {
    const ran = await oneoffRun(
      app("web"),
      "sh",
      "-c",
      "cat /files/one /run/secrets/renamed /etc/inline; stat -c '%a %u %g' /run/secrets/renamed",
    );
    expect(ran).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("one\nfrom envcosts $5 and from env404 0 0\n"),
    });
    expect(ran.stderr).toBe("oneoff: warning: db, done are not running: docker compose up -d db done\n");
    const before = [...(await objectsOf("networks")), ...(await objectsOf("volumes"))];
    expect(before.map(({ Name }) => Name).sort()).toEqual([`${project}_back`, `${project}_data`, `${project}_default`]);
    const up = await docker(["up", "--detach", "db", "done", "web"]);
    expect(up).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/warn|exists|recreate/i) });
    const after = [...(await objectsOf("networks")), ...(await objectsOf("volumes"))];
    const identity = ({ Name, Id, Created, CreatedAt }: Inspected) => [Name, Id, Created, CreatedAt].join(" ");
    expect(after.map(identity)).toEqual(expect.arrayContaining(before.map(identity)));
    // What Compose creates by itself has the same settings, besides the labels with its version and its hash.
    await docker(["down", "--volumes", "--timeout", "1"]);
    await docker(["up", "--detach", "db", "done"]);
    await docker(["run", "--rm", "--no-TTY", "web", "true"]);
    const shape = ({ Name, Driver, Labels, Options, Internal, Attachable, EnableIPv6, IPAM }: Inspected) => {
      const { "com.docker.compose.version": _v, "com.docker.compose.config-hash": _h, ...labels } = Labels;
      return { Name, Driver, labels, Options, Internal, Attachable, EnableIPv6, pools: IPAM?.Config?.length };
    };
    const theirs = [...(await objectsOf("networks")), ...(await objectsOf("volumes"))].map(shape);
    expect(theirs).toEqual(expect.arrayContaining(before.map(shape)));
  });

  test.each(["web", "beside", "locked", "named", "done"])(
    "sends the same create request as docker compose run, for the service %s",
    async (service) => {
      await docker(["up", "--detach", "db", "done"]);
      await docker(["rm", "--stop", "--force", "web", "done"]);
      const ours = await oneoffRun("--detach", "--quiet", app(service), "sleep", "600");
      const theirs = await docker(["run", "--detach", "--no-TTY", service, "sleep", "600"]);
      expect([theirs, ours]).toMatchObject([{ code: 0 }, { code: 0, stderr: "" }]);
      const ids = [theirs, ours].map(({ stdout }) => stdout.trim());
      const inspect = async (id: string) => settings((await api(host).get(`/containers/${id}/json`)).body);
      const [judge, judged] = await Promise.all(ids.map(inspect));
      for (const id of ids) await api(host).delete(`/containers/${id}?force=1&v=1`);
      expect(judged).toEqual(judge);
    },
  );
});

describe("--build", judged, () => {
  test("builds the image that Compose then runs", async () => {
    const command = ["sh", "-c", "cat /file; echo $WORD"];
    expect(await oneoffRun(app("built"), ...command)).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("docker compose build built"),
    });
    expect(await oneoffRun("--build", app("built"), ...command)).toMatchObject({ code: 0, stdout: "file\nhello\n" });
    const theirs = await docker(["run", "--rm", "--no-TTY", "built", ...command]);
    expect(theirs).toMatchObject({ code: 0, stdout: "file\nhello\n" });
    expect(theirs.stderr).not.toMatch(/build/i);
    const { body } = await api(host).get(`/images/${project}-more:1/json`);
    expect(body.RepoTags).toContain(`${project}-built:latest`);
    expect(body.Config.Labels).toMatchObject({
      "com.docker.compose.project": project,
      "com.docker.compose.service": "built",
      its: "own",
    });
    const inline = await oneoffRun("--quiet", "--build", app("inline"), "cat", "/inline");
    expect(inline).toMatchObject({ code: 0, stdout: "file\n", stderr: "" });
  });
});

describe("finding a service", judged, () => {
  test("lists it in every folder below, and shows where its settings come from", async () => {
    const below = { ...options, cwd: `${place.path}/files` };
    const { stdout } = await suite.oneoff(["apps"], below);
    expect(stdout).toMatch(new RegExp(`^${app("named")} +compose.yaml +busybox:local +ready `, "m"));
    const info = JSON.parse((await suite.oneoff(["app:info", app("web"), "--format", "json"], below)).stdout);
    expect(info).toMatchObject({
      from: "compose.yaml",
      file: `${place.path}/compose.yaml`,
      settings: { workdir: { value: "/srv/work", from: "compose.yaml" } },
    });
    // A busy machine needs longer than the default.
    const patient = { ...below, env: { ...env, ONEOFF_COMPLETION_TIMEOUT: "30s" } };
    const completed = await suite.oneoff(["__complete", "zsh", "run", `${project}/na`], patient);
    expect(completed.stdout).toContain(app("named"));
  });

  test("names a project after the symlink to its folder, as Compose does", async () => {
    await using folders = await folder({ "release/compose.yaml": "services: {web: {image: busybox:local}}\n" });
    const link = `${folders.path}/current`;
    await symlink("release", link);
    const { stdout } = await compose.run(["config", "--format", "json"], { cwd: link, env: { ...env, PWD: link } });
    const { name, networks } = JSON.parse(stdout.toString());
    const print = ["run", "--print", `${name}/web`, "true"];
    const request = JSON.parse(
      (await suite.oneoff(print, { ...options, cwd: link, env: { ...env, PWD: link } })).stdout,
    );
    expect(request.container.HostConfig.NetworkMode).toBe(networks.default.name);
    expect(name).toBe("current");
  });
});

test("creates a network once for one-offs that start at the same time", async () => {
  const name = `${project}many`;
  await using many = await folder({ "compose.yaml": "services: {web: {image: busybox:local}}" });
  const start = () => suite.runApp(["--quiet", "web", "true"], { cwd: many.path, env: { COMPOSE_PROJECT_NAME: name } });
  const all = await Promise.all(Array.from({ length: 8 }, start));
  expect(all).toEqual(all.map(() => ({ code: 0, stdout: "", stderr: "" })));
  const networks = (await api(host).get("/networks")).body.filter(({ Name }: Inspected) => Name === `${name}_default`);
  expect(networks).toHaveLength(1);
  await api(host).delete(`/networks/${networks[0].Id}`);
});
