import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { LIMITS } from "../../src/oneoff/apps/copied-fields.ts";
import { buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { ofCompose, ofDokku, ofKamal } from "../support/deployed.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { faultyEngine } from "../support/faulty-engine.ts";
import { folder } from "../support/folder.ts";
import { eventually, givenEnv, type Inspected, NARROW, type Oneoffs, oneoffSuite } from "../support/oneoff-suite.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const id = randomUUID().slice(0, 8);
/** Removes all containers that could be copied. */
const SOURCE = `test.oneoff.source=${id}`;

/** An image with every setting. Its Procfile is in its working directory. */
const image = `oneoff-e2e-apps-${id}:latest`;
const DOCKERFILE = `FROM busybox:local
  COPY entry /bin/entry
  COPY npm /custom/path/npm
  COPY bash /bin/bash
  COPY Procfile /srv/Procfile
  ENV FROM_IMAGE=image CHANGED=image
  WORKDIR /srv
  USER app
  ENTRYPOINT ["entry"]
  CMD ["sleep", "1000"]`;
const files = (version: string) => ({
  entry: '#!/bin/sh\nexec "$@"\n',
  npm: '#!/bin/sh\necho "$NODE_ENV" "$PATH" "$FROM_IMAGE" "$@"\n',
  bash: '#!/bin/sh\necho "$VAR1 $VAR2"\n',
  Procfile: `web: sleep 1000\nconsole: echo console of ${version}\n`,
});
const built: string[] = [];
const build = async (tag: string, dockerfile = DOCKERFILE, version = "v1") => {
  built.push(await buildImage(host, tag, dockerfile, files(version)));
  return built.at(-1) as string;
};

const [front, back] = [`front-${id}`, `back-${id}`];
const volume = `data-${id}`;

async function ok(sent: Promise<{ status: number; body: unknown }>) {
  const { status, body } = await sent;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as { Id: string };
}

/** Creates a container as another tool would. */
async function deploy(name: string, body: Record<string, unknown>, labels: Record<string, string> = {}) {
  const [key, value] = SOURCE.split("=") as [string, string];
  const whole = { Image: image, ...body, Labels: { ...labels, [key]: value } };
  const { Id } = await ok(engine.post(`/containers/create?name=${name}`, whole));
  await ok(engine.post(`/containers/${Id}/start`));
  return Id;
}

const inspect = async (container: string): Promise<Inspected> =>
  (await engine.get(`/containers/${container}/json`)).body;

beforeAll(async () => {
  await build(image);
  await ok(engine.post("/networks/create", { Name: front }));
  const subnet = { IPAM: { Config: [{ Subnet: "10.213.7.0/24" }] } };
  await ok(engine.post("/networks/create", { Name: back, ...subnet }));
  await ok(engine.post("/volumes/create", { Name: volume }));
});
afterAll(async () => {
  await removeByLabel(host, SOURCE);
  for (const path of [`/networks/${front}`, `/networks/${back}`, `/volumes/${volume}`])
    expect((await engine.delete(path)).status).toBe(204);
  await Promise.all(built.map((one) => engine.delete(`/images/${one}?force=1`)));
});

/** Runs an app that sleeps, and inspects it meanwhile. */
async function seen<T>(
  mine: Oneoffs,
  words: readonly string[],
  look: (oneoff: Inspected) => T | Promise<T>,
  options = {},
) {
  const running = mine.runApp([...words, "sleep", "100"], options);
  // It may have ended at once, with a reason.
  const oneoff = await Promise.race([
    mine.running(),
    running.then((end) => Promise.reject(new Error(JSON.stringify(end)))),
  ]);
  try {
    return await look(oneoff);
  } finally {
    await engine.post(`/containers/${oneoff.Id}/kill`);
    expect(await running).toMatchObject({ code: 137, stdout: "", stderr: "" });
    await mine.gone();
  }
}

const SAME = [
  ...["Binds", "Tmpfs", "ShmSize", "ReadonlyRootfs", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts", "CapAdd"],
  ...["CapDrop", "SecurityOpt", "Privileged", "GroupAdd", "UsernsMode", "Devices", "DeviceRequests", "Sysctls"],
  ...["Ulimits", "Runtime", "PidMode", "IpcMode", "UTSMode", "CgroupnsMode", "MaskedPaths", "ReadonlyPaths", ...LIMITS],
];
/** Engines report an unset value in several ways. */
const emptyAsNull = (value: unknown) =>
  !value || (typeof value === "object" && Object.keys(value).length === 0) ? null : value;

/** The settings that a one-off must share with the container it copies. */
const common = ({ Image, Config, HostConfig, Mounts, NetworkSettings }: Inspected) => ({
  image: Image,
  env: givenEnv(Config).sort(),
  user: Config.User,
  workdir: Config.WorkingDir,
  entrypoint: Config.Entrypoint,
  stop: [Config.StopSignal, Config.StopTimeout],
  host: Object.fromEntries(SAME.map((key) => [key, emptyAsNull(HostConfig[key])])),
  // An engine's default network has two names.
  mode: HostConfig.NetworkMode.replace(/^default$/, "bridge"),
  // Not every engine reports the name of an anonymous volume.
  mounts: Mounts.map(({ Type, Name, Source, Destination, RW }: Record<string, unknown>) => ({
    ...{ Type, Destination, RW, Source, ...(!/^[0-9a-f]{64}$/.test(`${Name}`) && { Name }) },
  })).sort((a: { Destination: string }, b: { Destination: string }) => a.Destination.localeCompare(b.Destination)),
  networks: Object.keys(NetworkSettings.Networks).sort(),
});

/** The settings that only the app's own containers may have. */
function expectNothingOfItsPlace({ Id, Config, HostConfig, NetworkSettings }: Inspected) {
  expect(emptyAsNull(HostConfig.PortBindings)).toBeNull();
  expect(NetworkSettings.Ports).toEqual({});
  expect(HostConfig).toMatchObject({
    ...{ PublishAllPorts: false, RestartPolicy: { Name: expect.stringMatching(/^(no)?$/) }, AutoRemove: true },
    ...{ Links: null, LogConfig: { Type: "none" }, Init: true },
  });
  expect(Config.Healthcheck).toMatchObject({ Test: ["NONE"] });
  expect(Config.Hostname).toBe(Id.slice(0, 12));
  for (const { Aliases, IPAMConfig, Links } of Object.values<Inspected>(NetworkSettings.Networks)) {
    // The engine itself derives one from the id.
    expect((Aliases ?? []).filter((alias: string) => alias !== Id.slice(0, 12))).toEqual([]);
    expect([emptyAsNull(IPAMConfig), Links]).toEqual([null, null]);
  }
  // The label of Podman's builder.
  const ours = /^(dev\.oneoff\.|test\.oneoff|io\.buildah\.version$)/;
  expect(Object.keys(Config.Labels).filter((label) => !ours.test(label))).toEqual([]);
}

/** Expects that these arguments alone run the app as a copy of that container. */
async function expectCopied(words: readonly string[], source: string) {
  await using mine = suite.apart();
  await seen(mine, words, async (oneoff) => {
    expect(common(oneoff)).toEqual(common(await inspect(source)));
    expectNothingOfItsPlace(oneoff);
    expect(oneoff.Config.Env).toContain(`DYNO=${oneoff.Name.replace(/^.*\.(run\.\d+)$/, "$1")}`);
  });
}

describe.concurrent("existing app, run as a copy of its container", () => {
  test("copies a container of a Compose project with all its settings", async () => {
    const { Labels } = ofCompose(`shop${id}`, `web${id}`);
    const source = await deploy(
      `shop${id}-web${id}-1`,
      {
        User: "0:1000",
        Env: ["CHANGED=compose", "SECRET=a=b c", "EMPTY="],
        ...{ StopSignal: "SIGINT", StopTimeout: 60 },
        ...{ Hostname: "web-host", ExposedPorts: { "80/tcp": {} }, Volumes: { "/anonymous": {} } },
        Healthcheck: { Test: ["CMD", "true"], Interval: 1e9 },
        HostConfig: {
          NetworkMode: front,
          PortBindings: { "80/tcp": [{ HostPort: "18080" }] },
          RestartPolicy: { Name: "unless-stopped" },
          Binds: [`${volume}:/data`, "/etc/passwd:/host/passwd:ro"],
          Mounts: [
            { Type: "tmpfs", Target: "/scratch", TmpfsOptions: { SizeBytes: 1 << 20 } },
            { Type: "volume", Source: volume, Target: "/readonly", ReadOnly: true },
          ],
          ...{ Tmpfs: { "/run": "size=1m" }, ShmSize: 1 << 23, ReadonlyRootfs: true, Memory: 1 << 26 },
          ...{ ExtraHosts: ["db.example:10.0.0.5"], Dns: ["10.0.0.53"], DnsSearch: ["example.org"] },
          ...{ CapAdd: ["NET_ADMIN"], CapDrop: ["MKNOD"], SecurityOpt: ["no-new-privileges"], GroupAdd: ["1234"] },
          ...{ Sysctls: { "net.core.somaxconn": "1024" }, Ulimits: NARROW },
          ...{ MemorySwap: 1 << 27, MemoryReservation: 1 << 25, NanoCpus: 5e8, CpuShares: 512, CpusetCpus: "0" },
          ...{ PidsLimit: 99, OomScoreAdj: 100, MaskedPaths: [], ReadonlyPaths: [] },
        },
        NetworkingConfig: { EndpointsConfig: { [front]: { Aliases: ["www", `web${id}`] } } },
      },
      Labels,
    );
    const EndpointConfig = { Aliases: ["www"], IPAMConfig: { IPv4Address: "10.213.7.77" } };
    await ok(engine.post(`/networks/${back}/connect`, { Container: source, EndpointConfig }));
    expect(Object.keys((await inspect(source)).NetworkSettings.Networks)).toHaveLength(2);

    await expectCopied([`web${id}`], source);
    await expectCopied([`shop${id}/web${id}`], source);
    await expectCopied([`compose:shop${id}/web${id}`], source);
    await expectCopied([`shop${id}-web${id}-1`], source);
    // Its volumes outlive the copies that used them.
    expect((await inspect(source)).State.Running).toBe(true);
    for (const { Name } of (await inspect(source)).Mounts.filter(({ Type }: Inspected) => Type === "volume"))
      expect((await engine.get(`/volumes/${Name}`)).status).toBe(200);
  });

  test("copies web of a dokku app with several process types", async () => {
    const app = `my-app-${id}`;
    const env = ["PORT=5000", "DATABASE_URL=postgres://u:p@h/d"];
    const HostConfig = { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 10 }, Binds: [`${volume}:/storage`] };
    const make = (type: string) => {
      const { Names, Labels } = ofDokku(app, type);
      return deploy(
        Names[0]?.slice(1) as string,
        { Env: [...env, `DYNO=${type}.1`, `TYPE=${type}`], HostConfig },
        Labels,
      );
    };
    const [web] = [await make("web"), await make("worker")];
    await expectCopied([app], web);
    await expectCopied([`dokku:${app}`], web);
    expect(await suite.runApp([app, "sh", "-c", 'echo "$TYPE $PORT"'])).toEqual({
      code: 0,
      stdout: "web 5000\n",
      stderr: "",
    });
  });

  test("copies a container of a Kamal service, or of one of its roles", async () => {
    const service = `blog${id}`;
    const make = (role: string) => {
      const { Names, Labels } = ofKamal(service, role);
      const HostConfig = { NetworkMode: front, RestartPolicy: { Name: "unless-stopped" } };
      return deploy(Names[0]?.slice(1) as string, { Env: [`ROLE=${role}`], HostConfig }, Labels);
    };
    const [web, job] = [await make("web"), await make("job")];
    await expectCopied([service], web);
    await expectCopied([`${service}/job`], job);
  });

  test("copies a container of no deployer by its name", async () => {
    const name = `Plain_${id}`;
    const source = await deploy(name, { Entrypoint: ["env"], WorkingDir: "/tmp", HostConfig: { NetworkMode: "none" } });
    await expectCopied([name], source);
  });

  test("copies a container in the network of another container", { tags: ["full"] }, async () => {
    const first = await deploy(`first-${id}`, {});
    const source = await deploy(`beside-${id}`, { HostConfig: { NetworkMode: `container:${first}` } });
    await using mine = suite.apart();
    await seen(mine, [`beside-${id}`], async ({ HostConfig }) =>
      expect(HostConfig.NetworkMode).toBe((await inspect(source)).HostConfig.NetworkMode),
    );
  });

  test("copies a container with its links, and with requested ones", {
    ...needs("legacy links"),
    tags: ["full"],
  }, async () => {
    const [db, web, webInFront] = [`db-${id}`, `linked-${id}`, `linked-in-front-${id}`];
    const target = await deploy(db, {});
    await ok(engine.post(`/networks/${front}/connect`, { Container: target }));
    await deploy(web, { HostConfig: { Links: [`${db}:alias`] } });
    const EndpointsConfig = { [front]: { Links: [`${db}:inner`] } };
    await deploy(webInFront, { HostConfig: { NetworkMode: front }, NetworkingConfig: { EndpointsConfig } });
    const reach = (words: string[], name: string) => suite.runApp([...words, "ping", "-c", "1", name]);
    const reached = { code: 0, stderr: "" };
    // Only root may ping.
    expect(await reach(["-u", "0", web], "alias")).toMatchObject(reached);
    expect(await reach(["-u", "0", webInFront], "inner")).toMatchObject(reached);
    expect(await reach(["-u", "0", "--link", `${db}:more`, web], "more")).toMatchObject(reached);
    const beside = ["-u", "0", "--network", front, "--network", back, "--link", `${db}:more`, "--image", image, "x"];
    expect(await reach(beside, "more")).toMatchObject(reached);
    await ok(engine.post(`/containers/${target}/kill`));
    expect(await suite.runApp([web, "true"])).toMatchObject({
      ...{ code: 125, stdout: "" },
      // As docker run does.
      stderr: expect.stringMatching(
        new RegExp(`Cannot link to a non running container: /${db} AS /${web}.run.\\d+/alias`),
      ),
    });
  });

  test("copies a container whose entrypoint was removed without one", { tags: ["full"] }, async () => {
    const source = await deploy(`no-entry-${id}`, { Entrypoint: [""], Cmd: ["sleep", "1000"] });
    await expectCopied([`no-entry-${id}`], source);
  });

  test("copies a container with a variable without a value, and an anonymous volume", { tags: ["full"] }, async () => {
    const source = await deploy(`odd-${id}`, { Env: ["UNSET", "A=1"], HostConfig: { Binds: ["/lone"] } });
    await using mine = suite.apart();
    await seen(mine, [`odd-${id}`], async (oneoff) => {
      const [copied, original] = [common(oneoff), common(await inspect(source))];
      expect([copied.env, copied.mounts]).toEqual([original.env, original.mounts]);
    });
  });

  test("copies a container with a requested mount instead of its own", { tags: ["full"] }, async () => {
    await deploy(`mounted-${id}`, { HostConfig: { Binds: [`${volume}:/data`] } });
    const words = [
      "--mount",
      "type=tmpfs,target=/data",
      `mounted-${id}`,
      "sh",
      "-c",
      "grep -c ' /data tmpfs ' /proc/mounts",
    ];
    expect(await suite.runApp(words)).toEqual({ code: 0, stdout: "1\n", stderr: "" });
  });

  test("copies a paused container, and reports that", { ...needs("pause"), tags: ["full"] }, async () => {
    const name = `paused-${id}`;
    await ok(engine.post(`/containers/${await deploy(name, { Env: ["A=1"] })}/pause`));
    expect(await suite.runApp([name, "sh", "-c", "echo $A"])).toEqual({
      ...{ code: 0, stdout: "1\n" },
      stderr: `oneoff: warning: The container ${name} of the app is paused; one-offs of the app run nevertheless (docker unpause ${name})\n`,
    });
  });

  test("copies a container that exited", async () => {
    const source = await deploy(`ended-${id}`, { Env: ["A=1"] });
    await ok(engine.post(`/containers/${source}/kill`));
    expect(await suite.runApp([`ended-${id}`, "sh", "-c", "echo $A"])).toEqual({ code: 0, stdout: "1\n", stderr: "" });
  });
});

/**
 * An image as Cloud Native Buildpacks make it. Its launcher is a stand-in for the real one: it sets variables of layers,
 * runs arguments after `--` as they are, and is a process type by the name it is called by.
 */
const LAUNCHER = `#!/bin/sh
export LAYER=set
case $0 in
  /cnb/process/*) exec sh -c 'echo "$0 $* $LAYER"; exec sleep 1000' "\${0##*/}" "$@" ;;
esac
if [ "$1" = -- ]; then shift; exec "$@"; fi
if [ $# = 1 ]; then . /layers/profile.d/app.sh; exec sh -c "$1"; fi
echo "evaluated: $*"
`;
const buildpackImage = (direct: boolean) => {
  const processes = [
    { type: "web", command: ["serve"], args: [], direct },
    { type: "worker", command: ["work"], args: ["hard"], direct },
  ];
  const dockerfile = `FROM busybox:local
    COPY launcher /cnb/lifecycle/launcher
    RUN mkdir -p /cnb/process /layers/profile.d && echo 'export PROFILE=sourced' >/layers/profile.d/app.sh
    RUN ln -s /cnb/lifecycle/launcher /cnb/process/web && ln -s /cnb/lifecycle/launcher /cnb/process/worker
    LABEL io.buildpacks.build.metadata='${JSON.stringify({ processes })}'
    ENTRYPOINT ["/cnb/process/web"]`;
  return buildImage(host, `oneoff-e2e-buildpack-${direct}-${id}:latest`, dockerfile, { launcher: LAUNCHER });
};

for (const [scope, rows] of quickAndFull(
  [
    ["with a shell", false, "set sourced"],
    ["without a shell", true, "set"],
  ],
  1,
))
  test.each(rows)(
    "runs commands through the launcher in an app of buildpacks whose processes start %s",
    scope,
    async (_how, direct, variables) => {
      const Image = await buildpackImage(direct);
      built.push(Image);
      const name = `buildpack-${direct}-${id}`;
      await deploy(name, { Image });
      const script = ["sh", "-c", 'echo $LAYER $PROFILE "$@"', "sh", "a  b", "$c", "'d'"];
      const ended = { code: 0, stdout: `${variables} a  b $c 'd'\n`, stderr: "" };
      expect(await suite.runApp([name, ...script])).toEqual(ended);
      expect(await suite.oneoff(["exec", name, ...script])).toEqual(ended);
      expect(await suite.runApp(["--timeout", "1", name, "worker", "more"])).toMatchObject({
        code: 124,
        stdout: "worker more set\n",
      });
    },
  );

test("runs commands through the launcher in an image of buildpacks without containers, and deploys it with it", {
  tags: ["full"],
}, async () => {
  const image = await buildpackImage(true);
  const name = `buildpack-new-${id}`;
  const command = ["sh", "-c", "echo $LAYER"];
  expect(await suite.runApp(["--image", image, name, ...command])).toMatchObject({ code: 0, stdout: "set\n" });
  expect(await suite.runApp(["--image", image, "--entrypoint", "", name, ...command])).toMatchObject({ stdout: "\n" });

  const worker = "sh -c 'echo worker $LAYER; exec sleep 1000'";
  const app = {
    image,
    procfile: { web: "serve", worker },
    formation: { worker: 1 },
    processes: { "health-wait": "1s" },
  };
  await using there = await folder({ "oneoff.yaml": JSON.stringify({ apps: { [name]: app } }) });
  const at = { cwd: there.path };
  expect(await suite.runApp([name, ...command], at)).toMatchObject({ code: 0, stdout: "set\n" });
  try {
    const { code, stderr } = await suite.oneoff(["deploy", name], at);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const logs = async (type: string) => (await suite.oneoff(["logs", "--raw", `${name}.${type}.1`], at)).stdout;
    await eventually(async () =>
      expect([await logs("web"), await logs("worker")]).toEqual(["web  set\n", "worker set\n"]),
    );
  } finally {
    await removeByLabel(host, `dev.oneoff.app=${name}`);
    await suite.oneoff(["destroy", "--yes", name], at);
  }
});

test("refuses an app name that two apps share, and prints what selects each", async () => {
  const [a, b] = [`a${id}`, `b${id}`];
  const service = `twice${id}`;
  for (const project of [a, b])
    await deploy(`${project}-${service}-1`, { Env: [`OF=${project}`] }, { ...ofCompose(project, service).Labels });
  expect(await suite.runApp([service, "true"])).toEqual({
    code: 125,
    stdout: "",
    stderr: `oneoff: Several apps have the name "${service}": compose:${a}/${service}, compose:${b}/${service}
  oneoff run compose:${a}/${service} …
`,
  });
  expect(await suite.runApp([`compose:${b}/${service}`, "sh", "-c", "echo $OF"])).toMatchObject({ stdout: `${b}\n` });
});

test("reports an unknown app, and creates nothing", async () => {
  expect(await suite.runApp([`nowhere-${id}`, "true"])).toMatchObject({
    code: 125,
    stdout: "",
    stderr: expect.stringContaining(`No such app "nowhere-${id}"`),
  });
});

test("ignores a tag that was moved after the deploy", { tags: ["full"] }, async () => {
  const tag = `oneoff-e2e-moved-${id}:latest`;
  await build(tag, `${DOCKERFILE}\nENV VERSION=old`);
  await deploy(`moved-${id}`, { Image: tag });
  await build(tag, `${DOCKERFILE}\nENV VERSION=new`);
  const command = ["sh", "-c", "echo $VERSION"];
  expect(await suite.runApp([`moved-${id}`, ...command])).toEqual({ code: 0, stdout: "old\n", stderr: "" });
  expect(await suite.runApp(["--image", tag, `moved-${id}`, ...command])).toMatchObject({ stdout: "new\n" });
});

describe("app of oneoff.yaml", () => {
  const MANIFEST = `apps:
  my-app:
    image: ${image}
    env: {A: yaml, CHANGED: yaml}
    networks: [${front}, ${back}]
    mounts: ["${volume}:/data", "./here:/here:ro"]
    user: "0"
    workdir: /tmp
`;
  const world = () => folder({ "oneoff.yaml": MANIFEST, "here/file": "here\n" });

  test("runs an app of oneoff.yaml with all its settings without an option", async () => {
    await using there = await world();
    await using mine = suite.apart();
    const look = (oneoff: Inspected) => {
      expectNothingOfItsPlace(oneoff);
      expect(common(oneoff)).toMatchObject({
        env: ["A=yaml", "CHANGED=yaml", "FROM_IMAGE=image", "PATH=/bin"],
        ...{ user: "0", workdir: "/tmp", entrypoint: ["entry"], networks: [back, front].sort() },
        mounts: [
          { Type: "volume", Name: volume, Destination: "/data", RW: true },
          { Type: "bind", Source: `${there.path}/here`, Destination: "/here", RW: false },
        ],
      });
    };
    await seen(mine, ["my-app"], look, { cwd: there.path });
  });

  test("runs a shell line without an app's name when oneoff.yaml has the only app", async () => {
    await using there = await folder({ "oneoff.yaml": `app: my-app\nimage: ${image}\n` });
    const { code, stdout, stderr } = await suite.runApp(["ls -l"], { cwd: there.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^-.* Procfile$/m);
  });

  test("oneoff.yaml can copy a container with another image and variables of its own", async () => {
    const tag = `oneoff-e2e-from-${id}:latest`;
    await build(tag, `${DOCKERFILE}\nENV FROM_IMAGE=new PATH=/bin:/custom/path\nUSER root`, "v2");
    const source = await deploy(`origin-${id}`, {
      Env: ["A=container", "B=container"],
      HostConfig: { Binds: [`${volume}:/data`], NetworkMode: front },
    });
    await using there = await folder({
      "oneoff.yaml": `app: my-app\nimage: ${tag}\nfrom: container:origin-${id}\nenv: {B: yaml}\n`,
      "cache/x": "",
    });
    await using mine = suite.apart();
    // Podman reports a user's own HOME as if it had been set.
    const home = inject("engine").name === "podman" ? ["HOME=/app"] : [];
    const options = { cwd: there.path, env: { XDG_CACHE_HOME: `${there.path}/cache` } };
    await seen(
      mine,
      ["my-app"],
      async (oneoff) => {
        const { mounts, networks } = common(await inspect(source));
        expect(common(oneoff)).toMatchObject({
          ...{ mounts, networks, image: built.at(-1) },
          env: ["A=container", "B=yaml", "CHANGED=image", "FROM_IMAGE=new", ...home, "PATH=/bin:/custom/path"],
        });
      },
      options,
    );
    // The Procfile comes from the image that runs.
    expect(await suite.runApp(["my-app", "console"], options)).toMatchObject({ stdout: "console of v2\n" });
  });
});

describe("Procfile in the image's working directory", () => {
  /** The number of containers of an image that are created meanwhile. */
  async function made(ofImage: string, action: () => Promise<unknown>) {
    const since = Date.now() / 1000;
    await action();
    const filters = encodeURIComponent(JSON.stringify({ type: ["container"], event: ["create"] }));
    const { bytes } = await engine.get(`/events?since=${since}&until=${Date.now() / 1000}&filters=${filters}`);
    return bytes
      .toString()
      .split("\n")
      .filter((line) => line.includes(ofImage) || line.includes(built.at(-1) as string)).length;
  }

  test(
    "reads the Procfile of an image once: the second run creates only the one-off's container",
    needs("past events"),
    async () => {
      const tag = `oneoff-e2e-procfile-${id}:latest`;
      await build(tag, `${DOCKERFILE}\nENV ONLY=${id}`);
      await using there = await folder({ "oneoff.yaml": `apps: {my-app: {image: "${tag}"}}` });
      await using mine = suite.apart();
      const console = async (...more: string[]) =>
        expect(
          await mine.runApp(["my-app", "console", ...more], {
            cwd: there.path,
            env: { XDG_CACHE_HOME: `${there.path}/c` },
          }),
        ).toEqual({ code: 0, stdout: `${["console of v1", ...more].join(" ")}\n`, stderr: "" });
      expect(await made(tag, () => console())).toBe(2);
      expect(await made(tag, () => console("a  b"))).toBe(1);
      expect(await made(tag, () => console())).toBe(1);
      await mine.gone();
      // The first run leaves no other container, either.
      const filters = encodeURIComponent(JSON.stringify({ ancestor: [tag] }));
      expect((await engine.get(`/containers/json?all=1&filters=${filters}`)).body).toEqual([]);
    },
  );

  /** The requests of a run, and its output. */
  const requested = async (cwd: string, ...words: string[]) => {
    await using faulty = await faultyEngine(host);
    const { stdout } = await suite.runApp(words, {
      cwd,
      env: { DOCKER_HOST: faulty.host, XDG_CACHE_HOME: `${cwd}/c` },
    });
    return { stdout, requests: [...faulty.requests] };
  };

  test("runs a process type of an image that --image names, after one inspect", async () => {
    await using there = await folder({});
    const console = () => requested(there.path, "--image", image, `named-${id}`, "console", "more");
    const [first, second] = [await console(), await console()];
    expect([first.stdout, second.stdout]).toEqual(["console of v1 more\n", "console of v1 more\n"]);
    const asked = (requests: string[], path: RegExp) => requests.filter((line) => path.test(line)).length;
    expect([first, second].map(({ requests }) => asked(requests, /^GET \/images\/.*\/json/))).toEqual([1, 1]);
    expect([first, second].map(({ requests }) => asked(requests, /^POST \/containers\/create/))).toEqual([2, 1]);
    // The image of a tool has no working directory, and is not searched.
    const tool = await requested(there.path, "--image", "busybox:local", `named-${id}`, "true");
    expect(asked(tool.requests, /^POST \/containers\/create/)).toBe(1);
  });

  test("inspects the image of an app of oneoff.yaml once, and reads the Procfile beside the file last", async () => {
    await using there = await folder({
      "oneoff.yaml": `apps: {shop: {image: "${image}"}, tool: {image: "busybox:local"}}`,
      Procfile: "hello: echo beside\nconsole: echo beside\n",
    });
    const { stdout, requests } = await requested(there.path, "shop", "console");
    expect(stdout).toBe("console of v1\n");
    const inspects = requests.filter((line) => line.startsWith(`GET /images/${image}/json`));
    expect(inspects).toEqual([`GET /images/${image}/json`]);
    expect((await requested(there.path, "tool", "hello", "you")).stdout).toBe("beside you\n");
  });

  test("reads the Procfile of a copied container from its image", {
    ...needs("past events"),
    tags: ["full"],
  }, async () => {
    const tag = `oneoff-e2e-found-${id}:latest`;
    await build(tag, `${DOCKERFILE}\nENV FOUND=${id}`);
    await deploy(`found-${id}`, { Image: tag });
    await using there = await folder({});
    const env = { XDG_CACHE_HOME: there.path };
    for (const _ of [1, 2])
      expect(
        await made(tag, async () =>
          expect(await suite.runApp([`found-${id}`, "console"], { env })).toEqual({
            code: 0,
            stdout: "console of v1\n",
            stderr: "",
          }),
        ),
      ).toBe(1);
  });

  test("runs when the cache of the Procfile cannot be written", async () => {
    await using there = await folder({ "oneoff.yaml": `apps: {my-app: {image: "${image}"}}`, file: "" });
    const options = { cwd: there.path, env: { XDG_CACHE_HOME: `${there.path}/file` } };
    expect(await suite.runApp(["my-app", "console"], options)).toEqual({
      code: 0,
      stdout: "console of v1\n",
      stderr: "",
    });
  });
});

describe("limits", () => {
  const world = () =>
    folder({
      "oneoff.yaml": `app: my-app\nimage: ${image}\nrun: {memory: 64m}\nsizes: {tiny: {memory: 32m, cpus: 0.5}}\n`,
    });
  const memory = async (...words: string[]) => {
    await using there = await world();
    await using mine = suite.apart();
    return await seen(
      mine,
      [...words, "my-app"],
      ({ HostConfig: { Memory, NanoCpus } }) => [Memory / 2 ** 20, NanoCpus / 1e9],
      {
        cwd: there.path,
      },
    );
  };
  test("applies the limits of the requested size, or of oneoff.yaml", {
    ...needs("kept limits"),
    tags: ["full"],
  }, async () => {
    expect(await memory()).toEqual([64, 0]);
    expect(await memory("--size", "S")).toEqual([256, 0]);
    expect(await memory("--size", "tiny")).toEqual([32, 0.5]);
    expect(await memory("--size", "S", "--memory", "100m")).toEqual([100, 0]);
  });

  // A busy engine may lose the event with the cause of death of a container that it has just removed.
  const limited = { ...needs("limits", "out of memory"), retry: 2 };
  test("reports a command that exceeded its memory limit, with the limit and its exit code", limited, async () => {
    await using there = await world();
    const eat = ["dd", "if=/dev/zero", "of=/dev/null", "bs=128M", "count=1"];
    for (const [words, limit] of [
      [[], "64 MiB"],
      [["--memory", "16m"], "16 MiB"],
      [["--size", "tiny"], "32 MiB"],
    ] as const) {
      const { code, stdout, stderr } = await suite.runApp([...words, "my-app", ...eat], { cwd: there.path });
      expect({ code, stdout }).toEqual({ code: 137, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^oneoff: run\\.\\d{4,} was OOM-killed \\(memory limit ${limit}\\)\n$`));
    }
  });

  test("does not report the memory limit for a command that was killed for another reason", {
    tags: ["full"],
  }, async () => {
    await using there = await world();
    expect(await suite.runApp(["my-app", "sh", "-c", "kill -KILL $$"], { cwd: there.path })).toEqual({
      code: 137,
      stdout: "",
      stderr: "",
    });
  });

  test("exits with 124 at the time limit, and leaves nothing", async () => {
    await using there = await world();
    await using mine = suite.apart();
    const begun = Date.now();
    const { code, stdout, stderr } = await mine.runApp(["--timeout", "1s", "my-app", "sleep", "100"], {
      cwd: there.path,
    });
    expect({ code, stdout }).toEqual({ code: 124, stdout: "" });
    expect(stderr).toMatch(/run\.\d{4,} was stopped: timeout of 1 s exceeded\n {2}oneoff run --timeout 2s …\n$/);
    expect(Date.now() - begun).toBeLessThan(90_000);
    await mine.gone();
  });
});
