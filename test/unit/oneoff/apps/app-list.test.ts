import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";
import type { Service } from "../../../../src/engine/swarm/service-types.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { listApps } from "../../../../src/oneoff/apps/app-list.ts";
import { chooseContainer, matchCandidates } from "../../../../src/oneoff/apps/candidates.ts";
import {
  filtersOf,
  image,
  listed,
  lists,
  ofCompose,
  ofDokku,
  ofKamal,
  ofOneoff,
  ofSwarm,
  oneoffOf,
} from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { ofOwnService, ofService, ofStack } from "../../../support/swarm-services.ts";

/** The state of an engine. */
interface There {
  readonly containers?: readonly ContainerSummary[];
  /** Of a manager. */
  readonly services?: readonly Service[];
  /** The tags of each released image. */
  readonly released?: readonly (readonly string[] | null)[];
  /** The app by labels of a release. */
  readonly releasedApp?: string;
  /** By name, whether images of oneoff.yaml exist. */
  readonly images?: Readonly<Record<string, boolean>>;
  readonly manifest?: string;
}

async function listing({ containers = [], services, released = [], images = {}, manifest, releasedApp }: There) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  lists(engine, 1, containers);
  if (services) engine.on("GET /services", 200, services);
  engine.on(
    "GET /images/json",
    200,
    released.map((RepoTags) => ({
      ...{ Id: "sha256:r", RepoTags, Created: 1_500_000_000 },
      Labels: releasedApp === undefined ? null : { "dev.oneoff.app": releasedApp, "dev.oneoff.release": "7" },
    })),
  );
  for (const [name, isThere] of Object.entries(images)) {
    if (isThere) engine.on(`GET /images/${name}/json`, 200, image());
    else engine.on(`GET /images/${name}/json`, 404, { message: `No such image: ${name}` });
  }
  const found = manifest && {
    file: "/oneoff.yaml",
    manifest: parseManifest(Buffer.from(manifest), "/oneoff.yaml", {}),
  };
  const apps = await listApps(transport, found || undefined);
  return { apps, requests: engine.requests };
}

/** The names of the listed apps. */
const names = async (...containers: ContainerSummary[]) => (await listing({ containers })).apps.map(({ name }) => name);

test("lists nothing of an empty engine, with three requests", async () => {
  const { apps, requests } = await listing({});
  expect(apps).toEqual([]);
  // One request lists the containers of all apps.
  expect(requests.map(({ path, query }) => [path, JSON.parse(query.filters ?? "")]).sort()).toEqual([
    ["/containers/json", {}],
    ["/images/json", { reference: ["oneoff/*"] }],
    ["/services", {}],
  ]);
  expect(requests.filter((one) => one.path === "/containers/json").map(filtersOf)).toEqual([{}]);
});

describe("an app of oneoff.yaml", () => {
  const yaml = (app: string) => `apps: {my-app: {${app}}}`;

  test.each([
    [
      "is replaced by the live release",
      "my-app",
      [["oneoff/my-app:latest", "oneoff/my-app:v7"]],
      "oneoff/my-app:latest",
    ],
    ["is not replaced by an image that was only tagged like a release", undefined, [["oneoff/my-app:latest"]], "app:1"],
    [
      "is not replaced by an image that was made from a release",
      "my-app",
      [["oneoff/my-app:latest"], ["oneoff/my-app:v7"]],
      "app:1",
    ],
    ["is not replaced by a release of another app", "shop", [["oneoff/my-app:latest", "oneoff/shop:v7"]], "app:1"],
  ])("lists an image of oneoff.yaml, which %s", async (_what, releasedApp, released, image) => {
    const { apps } = await listing({
      ...{ released, manifest: yaml('image: "app:1"'), images: { "app:1": true } },
      ...(releasedApp && { releasedApp }),
    });
    expect(apps).toMatchObject([{ name: "my-app", from: "oneoff.yaml", image, state: "ready" }]);
    if (image !== "app:1") expect(apps[0]?.created).toBe(1_500_000_000);
  });

  test("lists an app of oneoff.yaml as ready if its image exists, with the creation time", async () =>
    expect((await listing({ manifest: yaml("image: app:v1"), images: { "app:v1": true } })).apps).toEqual([
      {
        name: "my-app",
        from: "oneoff.yaml",
        image: "app:v1",
        state: "ready",
        created: 1_363_189_088,
        processes: [],
        degraded: [],
      },
    ]));

  test("lists an app with an image without a creation time", async () => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    lists(engine, 1, []);
    engine.on("GET /images/json", 200, []);
    engine.on("GET /images/app:v1/json", 200, { Id: "sha256:image" });
    const manifest = parseManifest(Buffer.from(yaml("image: app:v1")), "/oneoff.yaml", {});
    expect(await listApps(transport, { file: "/oneoff.yaml", manifest })).toEqual([
      {
        name: "my-app",
        from: "oneoff.yaml",
        image: "app:v1",
        state: "ready",
        created: undefined,
        processes: [],
        degraded: [],
      },
    ]);
  });

  test("lists an app as missing if its image does not exist", async () =>
    expect((await listing({ manifest: yaml("image: app:v1"), images: { "app:v1": false } })).apps).toEqual([
      {
        name: "my-app",
        from: "oneoff.yaml",
        image: "app:v1",
        state: "missing",
        created: undefined,
        processes: [],
        degraded: [],
      },
    ]));

  test("lists an app with only `build` with the image of its release", async () =>
    expect(
      (await listing({ manifest: yaml("build: ."), images: { "oneoff/my-app:latest": true } })).apps,
    ).toMatchObject([{ name: "my-app", from: "oneoff.yaml", image: "oneoff/my-app:latest", state: "ready" }]));

  const containers = [ofCompose("shop", "web", 1, { Image: "shop:7", State: "exited" }), ofCompose("blog", "web")];

  test("lists an app with `from` with the state of its container, without a request for the image", async () =>
    expect((await listing({ manifest: yaml("from: compose:shop/web"), containers })).apps).toContainEqual({
      ...{
        name: "my-app",
        from: "oneoff.yaml",
        image: "shop:7",
        state: "stopped",
        created: 1_700_000_000,
        processes: [{ processType: "web", running: 0, total: 1 }],
        degraded: [],
      },
    }));

  test("lists an app with `from` and `image` with that image", async () =>
    expect(
      (await listing({ manifest: yaml("from: compose:shop/web, image: app:v2"), containers })).apps,
    ).toContainEqual(expect.objectContaining({ name: "my-app", image: "app:v2", state: "stopped" })));

  test.each([
    ["that does not exist", "from: compose:shop/db"],
    ["of another deployer", "from: dokku:web"],
    ["with an ambiguous name", "from: compose:web"],
  ])("lists an app as missing if it copies a container %s", async (_what, app) => {
    const expected = {
      name: "my-app",
      from: "oneoff.yaml",
      image: "",
      state: "missing",
      created: undefined,
      processes: [],
      degraded: [],
    };
    expect((await listing({ manifest: yaml(app), containers })).apps).toContainEqual(expected);
  });

  test("lists an app that copies a Kamal service whose name begins another's destination", async () => {
    const at = (destination: string, Image: string) =>
      listed(`blog-web-${destination}`, { service: "blog", role: "web", destination }, { Image });
    const both = [at("", "blog:1"), at("staging", "blog:2")];
    expect((await listing({ manifest: yaml("from: kamal:blog"), containers: both })).apps).toContainEqual(
      expect.objectContaining({ name: "my-app", image: "blog:1", state: "running" }),
    );
  });

  test("prefers oneoff.yaml to releases and containers of a name, which get qualified names", async () =>
    expect(
      (
        await listing({
          manifest: yaml("image: app:v1"),
          images: { "app:v1": true },
          released: [["oneoff/my-app:latest"]],
          containers: [ofDokku("my-app", "web"), listed("my-app"), ofOneoff("my-app", "web")],
        })
      ).apps.map(({ name, from }) => [name, from]),
    ).toEqual([
      ["container:my-app", "container"],
      ["dokku:my-app", "dokku"],
      ["my-app", "oneoff.yaml"],
    ]));

  test("fails if the engine cannot inspect the image of an app", async () => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    lists(engine, 1, []);
    engine.on("GET /images/json", 200, []);
    engine.on("GET /images/app:v1/json", 500, { message: "no space left on device" });
    const manifest = parseManifest(Buffer.from(yaml("image: app:v1")), "/oneoff.yaml", {});
    await expect(listApps(transport, { file: "/oneoff.yaml", manifest })).rejects.toMatchObject({
      message: "no space left on device",
    });
  });
});

describe("a release", () => {
  test("lists the live image as the release, regardless of other tags", async () =>
    expect(
      (
        await listing({
          released: [["oneoff/shop:v7", "oneoff/shop:latest"], ["oneoff/blog:v1"], null, ["x:latest"]],
          releasedApp: "shop",
        })
      ).apps,
    ).toEqual([
      {
        name: "shop",
        from: "release",
        image: "oneoff/shop:latest",
        state: "ready",
        created: 1_500_000_000,
        processes: [],
        degraded: [],
      },
    ]));

  test.each([
    ["has no labels", undefined, [["oneoff/shop:latest"]]],
    ["was made from one", "shop", [["oneoff/shop:latest"], ["oneoff/shop:v7"]]],
    ["is one of another app", "blog", [["oneoff/shop:latest", "oneoff/blog:v7"]]],
  ])(
    "does not list as a release an image that %s, although it is tagged as one",
    async (_what, releasedApp, released) =>
      expect((await listing({ released, ...(releasedApp && { releasedApp }) })).apps).toMatchObject([
        { name: "shop", from: "image", image: "oneoff/shop:latest" },
      ]),
  );

  test("includes only a release's own processes in its app", async () =>
    expect(
      (
        await listing({
          released: [["oneoff/shop:latest"]],
          releasedApp: "shop",
          containers: [ofOneoff("shop", "web"), ofOneoff("shop", "worker"), ofCompose("shop", "web")],
        })
      ).apps.map(({ name, from }) => [name, from]),
    ).toEqual([
      ["shop", "release"],
      ["shop/web", "compose"],
    ]));
});

describe("an app with containers", () => {
  test("lists an app with containers once by its shortest name", async () =>
    expect(
      await names(
        ...[ofDokku("my-app", "web"), ofDokku("my-app", "web", 2), ofDokku("my-app", "worker")],
        ...[ofCompose("shop", "web"), ofCompose("shop", "web", 2), ofCompose("shop", "db")],
        ...[ofKamal("blog", "web"), ofKamal("blog", "job"), ofSwarm("api"), ofSwarm("api", 2)],
        ...[ofOneoff("mine", "web"), ofOneoff("mine", "worker"), listed("plain")],
      ),
    ).toEqual(["api", "blog", "mine", "my-app", "plain", "shop/db", "shop/web"]));

  test("lists the state of the container that would be copied", async () => {
    const containers = [
      ofDokku("my-app", "worker", 1, { Image: "worker", Created: 3 }),
      ofDokku("my-app", "web", 1, { Image: "old", Created: 1 }),
      ofDokku("my-app", "web", 2, { Image: "new", Created: 2 }),
      ofDokku("my-app", "web", 3, { Image: "stopped", Created: 4, State: "exited" }),
    ];
    expect((await listing({ containers })).apps).toEqual([
      {
        name: "my-app",
        from: "dokku",
        image: "new",
        state: "running",
        created: 2,
        processes: [
          { processType: "web", running: 2, total: 3 },
          { processType: "worker", running: 1, total: 1 },
        ],
        degraded: [],
      },
    ]);
  });

  test.each(["exited", "created", "paused", "restarting", "dead"])(
    "lists an app as stopped if its container is %s",
    async (State) =>
      expect((await listing({ containers: [listed("plain", {}, { State })] })).apps).toMatchObject([
        { state: "stopped" },
      ]),
  );

  test("lists no apps for one-offs and locks", async () =>
    expect(
      await names(
        oneoffOf("my-app"),
        listed("x", { "dev.oneoff.kind": "lock" }),
        listed("y", { "dev.oneoff.kind": "procfile" }),
      ),
    ).toEqual([]));

  // As plain containers they have names.
  test("lists a leftover one-off of another deployer as a plain container", async () => {
    const left = ofCompose("shop", "web", 1, { Names: ["/shop-web-run-4f3e"] });
    expect(await names({ ...left, Labels: { ...left.Labels, "com.docker.compose.oneoff": "True" } })).toEqual([
      "shop-web-run-4f3e",
    ]);
  });

  test("names an app by its labels while its container is being removed", async () => {
    expect(await names(listed("x", {}, { Names: [] }))).toEqual([]);
    expect(await names(ofDokku("my-app", "web", 1, { Names: [] }))).toEqual(["my-app"]);
  });
});

describe("apps with ambiguous names", () => {
  const blog = (destination: string) =>
    listed(`blog-web-${destination || "x"}`, { service: "blog", role: "web", destination });
  test.each<[what: string, containers: ContainerSummary[], expected: string[]]>([
    ["two deployers' app of one name", [ofDokku("web", "web"), ofSwarm("web")], ["dokku:web", "swarm:web"]],
    [
      // `web` is ambiguous, `shop/web` is not.
      "an app and a service of Compose",
      [ofDokku("web", "web"), ofCompose("shop", "web")],
      ["dokku:web", "shop/web"],
    ],
    ["a container and a service of Compose", [listed("web"), ofCompose("shop", "web")], ["container:web", "shop/web"]],
    [
      "a role of Kamal's and a service of Compose",
      [ofKamal("shop", "web"), ofCompose("shop", "web")],
      ["compose:shop/web", "shop"],
    ],
    ["a service of Kamal's and its destination", [blog(""), blog("staging")], ["blog@staging", "kamal:blog"]],
    ["two destinations", [blog("production"), blog("staging")], ["blog@production", "blog@staging"]],
  ])("lists qualified names for %s", async (_what, containers, expected) => {
    expect(await names(...containers)).toEqual(expected);
    // Each listed name matches exactly one app.
    const picks = expected.map((name) => chooseContainer(name, matchCandidates(name, containers))?.qualifiedName);
    expect(new Set(picks).size).toBe(expected.length);
    for (const [index, name] of expected.entries()) expect(picks[index]?.endsWith(name)).toBe(true);
  });
});

test("sorts apps by name", async () =>
  expect(
    (
      await listing({
        manifest: "apps: {b: {image: b}, d: {image: d}}",
        images: { b: true, d: false },
        released: [["oneoff/c:latest"], ["oneoff/a:latest"]],
        containers: [listed("e"), listed("C")],
      })
    ).apps.map(({ name }) => name),
  ).toEqual(["C", "a", "b", "c", "d", "e"]));

describe("on a manager of a Swarm", () => {
  const running = (service: Service, RunningTasks: number, DesiredTasks: number): Service => ({
    ...service,
    ServiceStatus: { RunningTasks, DesiredTasks },
  });
  const created = Date.parse("2026-11-30T06:20:06.445020706Z") / 1000;

  test("lists services with their tasks on all nodes, and no containers of tasks", async () => {
    const services = [
      running(ofStack("shop", "web", { Image: "shop:v1@sha256:0a" }), 3, 2),
      running(ofService("api"), 0, 1),
    ];
    const { apps, requests } = await listing({ services, containers: [ofSwarm("shop_web"), ofSwarm("removed")] });
    expect(apps).toEqual([
      {
        ...{ name: "api", from: "swarm", image: "shop:v1", state: "stopped", created, degraded: [] },
        processes: [{ processType: "api", running: 0, total: 1 }],
      },
      {
        ...{ name: "shop_web", from: "swarm", image: "shop:v1", state: "running", created, degraded: [] },
        processes: [{ processType: "shop_web", running: 2, total: 2 }],
      },
    ]);
    expect(requests.find(({ path }) => path === "/services")?.query.status).toBe("true");
  });

  test("lists an app that oneoff deployed once, with its process types", async () => {
    const services = [
      running(ofOwnService("my-app", "worker"), 1, 1),
      running(ofOwnService("my-app", "web"), 2, 3),
      ofOwnService("my-app", "run-1", "run"),
    ];
    const processes = [
      { processType: "web", running: 2, total: 3 },
      { processType: "worker", running: 1, total: 1 },
    ];
    expect((await listing({ services })).apps).toMatchObject([{ name: "my-app", from: "swarm", processes }]);
    const described = await listing({
      services,
      manifest: "apps: {my-app: {image: app:v1}}",
      images: { "app:v1": true },
    });
    expect(described.apps).toMatchObject([{ name: "my-app", from: "oneoff.yaml", processes }]);
  });

  test.each(["swarm:web", "swarm:shop_web"])(
    "lists an app of oneoff.yaml with the service %s of `from`",
    async (from) => {
      const services = [running(ofStack("shop", "web"), 1, 1)];
      const { apps } = await listing({ services, manifest: `apps: {console: {from: "${from}"}}` });
      expect(apps[0]).toMatchObject({
        ...{ name: "console", from: "oneoff.yaml", image: "shop:v1", state: "running" },
        processes: [{ processType: "shop_web", running: 1, total: 1 }],
      });
    },
  );

  test("qualifies names that several apps have", async () => {
    const services = [ofStack("shop", "web"), ofService("web"), ofService("db")];
    const { apps } = await listing({ services, containers: [ofDokku("db", "web"), ofCompose("site", "web")] });
    expect(apps.map(({ name }) => name)).toEqual(["dokku:db", "shop_web", "site/web", "swarm:db", "swarm:web"]);
  });
});
