import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import type { Files } from "../../../../src/oneoff/apps/manifest-file.ts";
import { resolveApp } from "../../../../src/oneoff/apps/resolve.ts";
import type { AppRequest } from "../../../../src/oneoff/apps/resolved-app.ts";
import type { Event } from "../../../../src/output/events.ts";
import { details, image, listed, lists, ofCompose, ofDokku, ofOneoff, ofSwarm } from "../../../support/deployed.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { ofService } from "../../../support/swarm-services.ts";

/** Files in memory. */
const files = (content: Record<string, string>, env: Files["env"] = {}): Files => ({
  cwd: "/home/me/project/sub",
  env,
  exists: (path) => path in content,
  readFile(path) {
    const text = content[path];
    if (text === undefined) throw Object.assign(new Error(`open '${path}'`), { code: "ENOENT" });
    return Buffer.from(text);
  },
  fileTrust: () => undefined,
  envStore: { read: (app) => new Map(app === "stored" ? [["FROM_APP_JSON", "1"]] : []) },
});
const none = files({});
const MANIFEST = "apps: {my-app: {image: app:v1, env: {A: 1}, procfile: {web: puma -C x}}, other: {build: .}}";
const manifest = (text: string) => files({ "/home/me/project/oneoff.yaml": text });

/** Resolves an app with an engine that is scripted by `script`. */
async function resolving(request: Partial<AppRequest>, there = none, script: (engine: FakeEngine) => void = () => {}) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  script(engine);
  const events: Event[] = [];
  const context = { engine: transport, files: there, report: (event: Event) => events.push(event) };
  const outcome = await resolveApp(context, { name: "my-app", ...request }).then(
    ({ app, copy, file, swarm, omitted }) => ({ app, copy, file, swarm, omitted, error: undefined }),
    (error: OneoffError) => ({
      ...{ app: undefined, copy: undefined, file: undefined, swarm: undefined, omitted: undefined, error },
    }),
  );
  // Sorted, because some are sent in parallel.
  return { ...outcome, events, routes: engine.requests.map(({ method, path }) => `${method} ${path}`).sort() };
}

const LISTS = "GET /containers/json";
const IMAGES = "GET /images/json";
const SERVICES = "GET /services";
const named = { name: "my-app", env: new Map(), procfile: new Map(), settings: {} };

const IMAGE = "GET /images/sha256:image/json";

/** Responds to one inspect of the container of `listed(name)`. */
const described = (engine: FakeEngine, name: string, container = details()) =>
  engine.on(`GET /containers/id-of-${name}/json`, 200, { ...container, Id: `id-of-${name}` });

/** The app of oneoff.yaml has no release. */
const undeployed = (engine: FakeEngine, app = "my-app") =>
  void engine.on(`GET /images/oneoff/${app}:latest/json`, 404, { message: "No such image" });

describe("the lookup of an app", () => {
  test("uses the nearest oneoff.yaml first, and requests only the release", async () =>
    expect(
      await resolving(
        {},
        files({ "/home/me/project/oneoff.yaml": MANIFEST, "/oneoff.yaml": "apps: {my-app: {image: root}}" }),
        undeployed,
      ),
    ).toMatchObject({
      app: {
        name: "my-app",
        from: "oneoff.yaml",
        image: "app:v1",
        env: new Map([["A", "1"]]),
        procfile: new Map([["web", "puma -C x"]]),
      },
      copy: undefined,
      file: "/home/me/project/oneoff.yaml",
      routes: ["GET /images/oneoff/my-app:latest/json"],
      events: [],
    }));

  test("searches for oneoff.yaml up to the root", async () =>
    expect((await resolving({}, files({ "/oneoff.yaml": MANIFEST }), undeployed)).app?.image).toBe("app:v1"));

  test("reads the file of --config, relative to the working directory", async () => {
    const there = files({ "/home/me/project/oneoff.yaml": MANIFEST, "/home/me/x.yaml": "apps: {my-app: {image: x}}" });
    expect((await resolving({ config: "../../x.yaml" }, there, undeployed)).app?.image).toBe("x");
    expect((await resolving({ config: "/home/me/x.yaml" }, there, undeployed)).app?.image).toBe("x");
  });

  test("prefers an image of the app's name to containers, with two requests", async () =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, [{ Id: "sha256:1", RepoTags: ["oneoff/my-app:latest"] }]);
        lists(engine, 1, [ofDokku("my-app", "web")]);
      }),
    ).toMatchObject({
      app: { ...named, from: "image", image: "oneoff/my-app:latest" },
      copy: undefined,
      file: undefined,
      routes: [LISTS, IMAGES],
    }));

  test("ignores a farther oneoff.yaml if the nearest does not have the app", async () =>
    expect(
      await resolving(
        {},
        files({ "/home/me/oneoff.yaml": "apps: {a: {image: i}}", "/oneoff.yaml": MANIFEST }),
        (engine) => {
          engine.on(IMAGES, 200, [{ Id: "sha256:1", RepoTags: ["oneoff/my-app:latest"] }]);
          lists(engine, 1, [ofDokku("my-app", "web")]);
        },
      ),
    ).toMatchObject({ app: { from: "image" } }));

  test("uses a container if there is no image: three requests in two rounds", async () => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    const resolution = resolveApp({ engine: transport, files: none, report: () => {} }, { name: "my-app" });
    const [images, containers] = await Promise.all([engine.on(IMAGES), engine.on(LISTS)]);
    expect(JSON.parse(images.query.filters as string)).toEqual({ reference: ["oneoff/my-app"] });
    images.reply(200, []);
    containers.reply(200, [ofDokku("my-app", "web")]);
    const inspected = await engine.on("GET /containers/id-of-my-app.web.1/json");
    inspected.reply(200, details({ Env: ["PATH=/bin", "A=b=c"] }, {}, { Id: "id-of-my-app.web.1" }));
    expect(await resolution).toEqual({
      app: {
        ...named,
        from: "dokku",
        image: "sha256:image",
        env: new Map([
          ["PATH", "/bin"],
          ["A", "b=c"],
        ]),
      },
      copy: expect.objectContaining({ source: "id-of-my-app.web.1", env: ["PATH=/bin", "A=b=c"] }),
    });
    expect(engine.requests).toHaveLength(3);
  });
});

describe("--image", () => {
  const asked = { image: "busybox" };

  test("overrides with --image the image of oneoff.yaml and no other field", async () =>
    expect(await resolving(asked, manifest(MANIFEST))).toMatchObject({
      app: {
        name: "my-app",
        from: "oneoff.yaml",
        image: "busybox",
        env: new Map([["A", "1"]]),
        procfile: new Map([["web", "puma -C x"]]),
        settings: { image: "busybox" },
      },
      copy: undefined,
      routes: [],
    }));

  test("overrides with --image the build of oneoff.yaml", async () =>
    expect(await resolving({ ...asked, name: "other" }, manifest(MANIFEST))).toMatchObject({
      app: { from: "oneoff.yaml", image: "busybox", settings: { build: { context: "/home/me/project" } } },
      routes: [],
    }));

  const surrounded = (ofImage: unknown) => (engine: FakeEngine) => {
    lists(engine, 1, [ofDokku("my-app", "web")]);
    const container = details({
      ...{ Env: ["PATH=/custom", "LANG=C", "A=1"], User: "1000", WorkingDir: "/srv", Entrypoint: ["/entry"] },
    });
    described(engine, "my-app.web.1", container);
    if (ofImage) engine.on(IMAGE, 200, ofImage);
    else engine.on(IMAGE, 404, { message: "No such image: sha256:image" });
  };
  const routes = ["GET /containers/id-of-my-app.web.1/json", LISTS, IMAGE];

  test("drops settings of the container's image with --image, without a request for a release", async () =>
    expect(
      await resolving(
        asked,
        none,
        surrounded(
          image({ Env: ["PATH=/custom", "LANG=C"], User: "1000", WorkingDir: "/srv", Entrypoint: ["/entry"] }),
        ),
      ),
    ).toMatchObject({
      app: { ...named, from: "dokku", image: "busybox", env: new Map([["A", "1"]]) },
      copy: { image: "sha256:image", env: ["A=1"], user: "", workingDir: "", entrypoint: null },
      routes,
    }));

  test("keeps settings in which the container differs from its image with --image", async () =>
    expect(
      await resolving(
        asked,
        none,
        surrounded(image({ Env: ["PATH=/bin"], User: "app", WorkingDir: "/", Entrypoint: [] })),
      ),
    ).toMatchObject({
      app: { image: "busybox" },
      copy: {
        ...{ env: ["PATH=/custom", "LANG=C", "A=1"], user: "1000", workingDir: "/srv", entrypoint: ["/entry"] },
      },
      routes,
    }));

  test("keeps all settings with --image if the container's image was removed", async () =>
    expect(await resolving(asked, none, surrounded(undefined))).toMatchObject({
      app: { image: "busybox" },
      copy: { env: ["PATH=/custom", "LANG=C", "A=1"], workingDir: "/srv" },
      routes,
    }));

  test("fails with --image if the engine cannot inspect the container's image", async () =>
    expect(
      (
        await resolving(asked, none, (engine) => {
          lists(engine, 1, [listed("my-app")]);
          described(engine, "my-app");
          engine.on(IMAGE, 500, { message: "no space left on device" });
        })
      ).error,
    ).toMatchObject({ code: "engine-refused", message: "no space left on device" }));

  test("resolves an app that is found nowhere with --image", async () =>
    expect(await resolving(asked, none, (engine) => lists(engine, 1, []))).toMatchObject({
      app: { ...named, from: "--image", image: "busybox" },
      copy: undefined,
      file: undefined,
      routes: [LISTS, SERVICES],
    }));

  test("refuses an ambiguous name, even with --image", async () =>
    expect(
      await resolving({ ...asked, name: "web" }, none, (engine) =>
        lists(engine, 1, [ofCompose("shop", "web"), ofCompose("blog", "web")]),
      ),
    ).toMatchObject({ error: { code: "ambiguous-app" }, routes: [LISTS] }));

  test("refuses an invalid oneoff.yaml, even with --image", async () =>
    expect(await resolving(asked, manifest("no"))).toMatchObject({ error: { code: "bad-manifest" }, routes: [] }));
});

describe("a copied container", () => {
  const only =
    (container: ReturnType<typeof listed>, inspected = details()) =>
    async (name: string) =>
      resolving({ name }, none, (engine) => {
        engine.on(IMAGES, 200, []);
        lists(engine, 1, [container]);
        described(engine, (container.Names[0] as string).slice(1), inspected);
      });

  test("runs a copied container by its image's ID, even if the tag has moved", async () =>
    expect(await only(listed("plain", {}, { Image: "app:latest" }))("plain")).toMatchObject({
      app: { name: "plain", from: "container", image: "sha256:image" },
    }));

  test("copies the settings of the container's image, without a request for the image", async () =>
    expect(await only(listed("plain"), details({ Env: ["PATH=/bin", "A=1"], User: "app" }))("plain")).toMatchObject({
      app: { env: new Map([["PATH", "/bin"], ["A", "1"]]) }, // biome-ignore format: one line a layer
      copy: { user: "app", entrypoint: [""] },
      routes: ["GET /containers/id-of-plain/json", LISTS, IMAGES],
    }));

  test("ignores an environment variable without a value", async () =>
    // Compose sends `environment: [FOO]` like this where FOO is not set: it unsets FOO.
    expect((await only(listed("plain"), details({ Env: ["FOO", "A=1"] }))("plain")).app?.env).toEqual(
      new Map([["A", "1"]]),
    ));

  test("names an app without the deployer's prefix, without a request for a release", async () =>
    expect(
      await resolving({ name: "compose:shop/web" }, none, (engine) => {
        lists(engine, 1, [ofCompose("shop", "web"), ofCompose("blog", "web")]);
        described(engine, "shop-web-1");
      }),
    ).toMatchObject({
      app: { name: "shop/web", from: "compose" },
      routes: ["GET /containers/id-of-shop-web-1/json", LISTS],
    }));

  test("finds an app by `project/service` of Compose or Kamal with one list and one inspect", async () =>
    expect(
      await resolving({ name: "shop/web" }, none, (engine) => {
        lists(engine, 1, [ofCompose("shop", "web"), ofCompose("blog", "web")]);
        described(engine, "shop-web-1");
      }),
    ).toMatchObject({
      app: { name: "shop/web", from: "compose" },
      routes: ["GET /containers/id-of-shop-web-1/json", LISTS],
    }));

  test("fails if the container was removed after the list", async () =>
    expect(
      (
        await resolving({}, none, (engine) => {
          engine.on(IMAGES, 200, []);
          lists(engine, 1, [listed("my-app")]);
          engine.on("GET /containers/id-of-my-app/json", 404, { message: "No such container: id-of-my-app" });
        })
      ).error,
    ).toMatchObject({ code: "engine-refused", message: "No such container: id-of-my-app" }));

  test("refuses a name of two apps, with the qualified names", async () =>
    expect(
      await resolving({ name: "web" }, none, (engine) => {
        engine.on(IMAGES, 200, []);
        lists(engine, 1, [ofCompose("shop", "web"), ofCompose("blog", "web")]);
      }),
    ).toMatchObject({
      error: {
        code: "ambiguous-app",
        kind: "failed",
        message: 'Several apps have the name "web": compose:blog/web, compose:shop/web',
        next: "oneoff run compose:blog/web …",
      },
      routes: [LISTS, IMAGES],
    }));
});

describe("a warning about a container", () => {
  const warned = async (container: ReturnType<typeof details>) => {
    const { app, events } = await resolving({}, none, (engine) => {
      engine.on(IMAGES, 200, []);
      lists(engine, 1, [ofDokku("my-app", "web")]);
      described(engine, "my-app.web.1", container);
    });
    expect(app?.name).toBe("my-app");
    return events.map((event) => (event.type === "warning" ? event.message : event.type));
  };

  test("warns if the container is paused", async () =>
    expect(await warned(details({}, {}, { Name: "/web", State: { Status: "paused", Running: true } }))).toEqual([
      "The container web of the app is paused; one-offs of the app run nevertheless (docker unpause web)",
    ]));
});

describe("a Swarm service", () => {
  const service = ofService("shop_web", {
    ...{ Image: "shop:v1@sha256:1", Env: ["A=1", "SLOT={{.Task.Slot}}"], User: "app" },
  });
  const task = ofSwarm("shop_web");
  const PINNED = "GET /images/shop:v1@sha256:1/json";
  const noImage = [404, { message: "No such image" }] as const;
  const ofLabels = { "com.docker.swarm.service.id": service.ID, "com.docker.swarm.service.name": "shop_web" };

  const resolved = (request: Partial<AppRequest>, script: (engine: FakeEngine) => void = () => {}) =>
    resolving({ name: "shop_web", ...request }, none, (engine) => {
      if (!request.image) engine.on(IMAGES, 200, []);
      lists(engine, 1, [{ ...task, Labels: ofLabels, Image: "shop:v1@sha256:1", ImageID: "sha256:loaded" }]);
      engine.on(SERVICES, 200, [service]);
      script(engine);
    });

  test("copies the spec of the service, not its task, and names what depends on the task", async () =>
    expect(
      await resolved({}, (engine) => {
        engine.on(PINNED, 200, image());
      }),
    ).toMatchObject({
      app: {
        name: "shop_web",
        from: "swarm",
        image: "shop:v1@sha256:1",
        env: new Map([["A", "1"]]),
        launcher: undefined,
      },
      copy: { image: "shop:v1@sha256:1", env: ["A=1"], user: "app", networks: [] },
      omitted: ["variable SLOT"],
      routes: [LISTS, IMAGES, PINNED, SERVICES],
    }));

  test("runs the image of a local task by its ID if the image was loaded and has no digest", async () =>
    expect(
      await resolved({}, (engine) => {
        engine.on(PINNED, ...noImage);
      }),
    ).toMatchObject({ app: { image: "sha256:loaded" } }));

  test("copies the service of `from` in oneoff.yaml, whose variables take precedence", async () =>
    expect(
      await resolving({}, manifest("apps: {my-app: {from: swarm:shop_web, env: {A: mine}}}"), (engine) => {
        lists(engine, 1, []);
        engine.on(SERVICES, 200, [service]);
        engine.on(PINNED, ...noImage);
      }),
    ).toMatchObject({
      app: { name: "my-app", from: "oneoff.yaml", image: "shop:v1@sha256:1", env: new Map([["A", "mine"]]) },
      copy: { user: "app" },
      swarm: { service: { ID: service.ID } },
    }));

  test("replaces the image with --image", async () =>
    expect(
      await resolved({ image: "other" }, (engine) => {
        engine.on("GET /images/other/json", ...noImage);
      }),
    ).toMatchObject({ app: { image: "other", env: new Map([["A", "1"]]) } }));

  test("refuses a task on a worker, and names the managers", async () =>
    expect(
      await resolving({ name: "shop_web" }, none, (engine) => {
        engine.on(IMAGES, 200, []);
        lists(engine, 1, [task]);
        engine.on(SERVICES, 503, { message: "This node is not a swarm manager. Worker nodes can't be used to view …" });
        engine.on("GET /info", 200, { Swarm: { RemoteManagers: [{ NodeID: "m", Addr: "10.0.0.1:2377" }] } });
      }),
    ).toMatchObject({
      error: {
        code: "not-a-manager",
        message:
          'Cannot copy the Swarm service "shop_web": this engine is not a manager, so its secrets and configs are unknown\nmanagers: 10.0.0.1:2377',
        next: "oneoff run --host ssh://MANAGER shop_web …, or without secrets: oneoff run container:shop_web.1.x1y2z3 …",
      },
    }));

  test("copies a task's container on a worker if its own name is given, with a warning", async () =>
    expect(
      await resolving({ name: "container:shop_web.1.x1y2z3" }, none, (engine) => {
        lists(engine, 1, [task]);
        engine.on(SERVICES, 503, { message: "This node is not a swarm manager. Worker nodes can't be used to view …" });
        described(engine, "shop_web.1.x1y2z3", details({ Labels: task.Labels }, {}, { Name: "/shop_web.1.x1y2z3" }));
      }),
    ).toMatchObject({
      app: { from: "container" },
      events: [
        {
          message:
            "One-offs do not get the secrets and configs of shop_web.1.x1y2z3, which is a task of a Swarm service",
        },
      ],
    }));
});

describe("a release", () => {
  const tagged = (labels: Record<string, string> = {}) => [
    {
      ...{ Id: "sha256:image", RepoTags: ["oneoff/my-app:v3", "oneoff/my-app:latest"] },
      Labels: { "dev.oneoff.app": "my-app", "dev.oneoff.release": "3", ...labels },
    },
  ];
  const procfile = { "dev.oneoff.release.procfile": '[["web","puma"],["1","one"]]' };

  test("uses the Procfile of the deploy for a release", async () =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, tagged(procfile));
        lists(engine, 2, []);
      }),
    ).toMatchObject({
      app: {
        from: "release",
        image: "oneoff/my-app:latest",
        procfile: new Map([
          ["web", "puma"],
          ["1", "one"],
        ]),
      },
      copy: undefined,
    }));

  test.each<[what: string, images: object[], from: string, procfile: Map<string, string>]>([
    [
      "built FROM a release: no Procfile",
      [
        { ...tagged(procfile)[0], RepoTags: ["oneoff/my-app:latest"] },
        { ...tagged(procfile)[0], Id: "sha256:v3", RepoTags: ["oneoff/my-app:v3"] },
      ],
      "image",
      new Map(),
    ],
    [
      "of another app's release: no Procfile",
      [{ ...tagged({ ...procfile, "dev.oneoff.app": "other" })[0], RepoTags: ["oneoff/my-app:latest"] }],
      "image",
      new Map(),
    ],
    [
      "without the tag of its number, as after docker load: its Procfile",
      [{ ...tagged({ "dev.oneoff.release.procfile": '[["web","puma"]]' })[0], RepoTags: ["oneoff/my-app:latest"] }],
      "release",
      new Map([["web", "puma"]]),
    ],
  ])("takes of an image that was tagged by hand %s", async (_what, images, from, procfile) =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, images);
        lists(engine, 2, []);
      }),
    ).toMatchObject({ app: { from, image: "oneoff/my-app:latest", procfile } }),
  );

  test.each(["", "{", "{}", '[["web"]]', '[["a b","x"],["web",1]]', "null"])(
    "ignores %j as the Procfile label of a release",
    async (label) =>
      expect(
        await resolving({}, none, (engine) => {
          engine.on(IMAGES, 200, tagged({ "dev.oneoff.release.procfile": label }));
          lists(engine, 2, []);
        }),
      ).toMatchObject({ app: { from: "release", procfile: new Map() } }),
  );

  test("copies the settings of a process for a release", async () =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, tagged(procfile));
        lists(engine, 1, [ofOneoff("my-app", "web")]);
        engine.on("GET /containers/id-of-my-app.web.1/json", 200, {
          ...details({ Env: ["PATH=/bin", "A=1"], User: "app" }),
          Id: "id-of-my-app.web.1",
        });
      }),
    ).toMatchObject({
      app: { from: "release", image: "oneoff/my-app:latest", env: new Map([["PATH", "/bin"], ["A", "1"]]) },
      copy: { source: "id-of-my-app.web.1", user: "app" },
    })); // biome-ignore format: one line a layer

  test("keeps the PATH of a release that is newer than its processes", async () =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, [{ ...tagged()[0], Id: "sha256:newer" }]);
        lists(engine, 1, [ofOneoff("my-app", "web")]);
        described(engine, "my-app.web.1", details({ Env: ["PATH=/bin", "A=1"] }));
        engine.on("GET /images/sha256:image/json", 200, image());
      }),
    ).toMatchObject({ app: { from: "release", env: new Map([["A", "1"]]) } }));

  test("uses variables of app.json for releases without processes and apps of oneoff.yaml, which overrides them", async () => {
    const released = await resolving({ name: "stored" }, none, (engine) => {
      engine.on(IMAGES, 200, [{ Id: "sha256:1", RepoTags: ["oneoff/stored:latest"] }]);
      lists(engine, 2, []);
    });
    expect(released.app?.env).toEqual(new Map([["FROM_APP_JSON", "1"]]));
    const text = "apps: {stored: {image: i, env: {A: 1}}}";
    const unreleased = (engine: FakeEngine) => undeployed(engine, "stored");
    expect((await resolving({ name: "stored" }, manifest(text), unreleased)).app?.env).toEqual(
      new Map([
        ["FROM_APP_JSON", "1"],
        ["A", "1"],
      ]),
    );
    const over = "apps: {stored: {image: i, env: {FROM_APP_JSON: 2}}}";
    expect((await resolving({ name: "stored" }, manifest(over), unreleased)).app?.env).toEqual(
      new Map([["FROM_APP_JSON", "2"]]),
    );
  });
});

describe("a deployed image of oneoff.yaml", () => {
  const there = manifest(MANIFEST);
  const LIVE = "GET /images/oneoff/my-app:latest/json";
  const live = (engine: FakeEngine, labels: Record<string, string> = {}) =>
    void engine.on(LIVE, 200, {
      Id: "sha256:r7",
      RepoTags: ["docker.io/oneoff/my-app:v7", "oneoff/my-app:v7"],
      Config: {
        Labels: {
          "dev.oneoff.app": "my-app",
          "dev.oneoff.release": "7",
          "dev.oneoff.release.base": "sha256:i",
          ...labels,
        },
      },
    });

  test("runs the release of a deployed image of oneoff.yaml", async () =>
    expect(
      await resolving({}, there, (engine) => {
        live(engine);
        engine.on("GET /images/app:v1/json", 200, image({}, "sha256:i"));
      }),
    ).toMatchObject({
      app: { from: "oneoff.yaml", image: "oneoff/my-app:latest", env: new Map([["A", "1"]]) },
      routes: ["GET /images/app:v1/json", LIVE],
      events: [],
    }));

  test("runs the release if the image of oneoff.yaml does not exist", async () =>
    expect(
      await resolving({}, there, (engine) => {
        live(engine);
        engine.on("GET /images/app:v1/json", 404, { message: "No such image" });
      }),
    ).toMatchObject({ app: { image: "oneoff/my-app:latest" }, events: [] }));

  test("runs the release and warns if oneoff.yaml has another image since", async () =>
    expect(
      await resolving({}, there, (engine) => {
        live(engine);
        engine.on("GET /images/app:v1/json", 200, image({}, "sha256:j"));
      }),
    ).toMatchObject({
      app: { image: "oneoff/my-app:latest" },
      events: [
        {
          type: "warning",
          message:
            'Using the live release v7 of my-app; the image "app:v1" of oneoff.yaml is not deployed (oneoff deploy my-app, or for one run: oneoff run --image app:v1 my-app …)',
        },
      ],
    }));

  test("ignores a release tag on an image of another app or without an app", async () => {
    for (const labels of [{ "dev.oneoff.app": "other" }, { "dev.oneoff.app": "" }]) {
      expect(await resolving({}, there, (engine) => live(engine, labels))).toMatchObject({ app: { image: "app:v1" } });
    }
  });

  test("ignores the release with --image and without an engine", async () => {
    expect(await resolving({ image: "app:v1" }, there)).toMatchObject({ app: { image: "app:v1" }, routes: [] });
    await using nowhere = openTransport(() => ({ socketPath: "/nowhere/socket", from: "--host" }));
    const { app } = await resolveApp({ engine: nowhere, files: there, report: () => {} }, { name: "my-app" });
    expect(app.image).toBe("app:v1");
  });

  test("fails if the engine cannot inspect the release", async () =>
    expect(
      await resolving({}, there, (engine) => void engine.on(LIVE, 500, { message: "disk on fire" })),
    ).toMatchObject({ error: { message: "disk on fire" } }));
});

describe("`from` in oneoff.yaml", () => {
  const script = (engine: FakeEngine) => {
    lists(engine, 1, [ofCompose("shop", "web")]);
    described(engine, "shop-web-1", details({ Env: ["PATH=/bin", "A=container", "B=container"], User: "1000" }));
  };
  const routes = ["GET /containers/id-of-shop-web-1/json", LISTS];

  test("copies the container of `from` with two requests; env of oneoff.yaml overrides its variables", async () =>
    expect(
      await resolving(
        {},
        manifest("apps: {my-app: {from: compose:shop/web, env: {B: mine, C: mine}, user: me}}"),
        script,
      ),
    ).toMatchObject({
      app: {
        name: "my-app",
        from: "oneoff.yaml",
        image: "sha256:image",
        env: new Map([
          ["PATH", "/bin"],
          ["A", "container"],
          ["B", "mine"],
          ["C", "mine"],
        ]),
        settings: { user: "me" },
      },
      copy: { source: "id-of-shop-web-1", user: "1000" },
      routes,
    }));

  test("runs `image` with the settings of the container of `from`, without variables of the old image", async () =>
    expect(
      await resolving({}, manifest("apps: {my-app: {from: compose:shop/web, image: app:v2}}"), (engine) => {
        script(engine);
        engine.on(IMAGE, 200, image());
      }),
    ).toMatchObject({
      app: {
        from: "oneoff.yaml",
        image: "app:v2",
        env: new Map([
          ["A", "container"],
          ["B", "container"],
        ]),
      },
      copy: { source: "id-of-shop-web-1", image: "sha256:image" },
      file: "/home/me/project/oneoff.yaml",
      routes: [...routes, IMAGE],
    }));

  test("runs --image with the settings of the container of `from`, with or without `image`", async () => {
    for (const besides of ["", ", image: app:v2"])
      expect(
        await resolving(
          { image: "app:v3" },
          manifest(`apps: {my-app: {from: compose:shop/web${besides}, env: {A: mine}}}`),
          (engine) => {
            script(engine);
            engine.on(IMAGE, 200, image());
          },
        ),
      ).toMatchObject({
        app: { image: "app:v3", env: new Map([["A", "mine"], ["B", "container"]]) }, // biome-ignore format: one line
        copy: { user: "1000" },
        routes: [...routes, IMAGE],
      });
  });

  test("fails if the container of `from` does not exist", async () =>
    expect(
      await resolving({}, manifest("apps: {my-app: {from: compose:shop/web}}"), (engine) => lists(engine, 1, [])),
    ).toMatchObject({
      error: {
        code: "no-such-container",
        message: '"my-app" copies a container that does not exist: "compose:shop/web"',
      },
      routes: [LISTS],
    }));

  test("fails if `from` is ambiguous", async () =>
    expect(
      await resolving({}, manifest("apps: {my-app: {from: compose:web}}"), (engine) =>
        lists(engine, 1, [ofCompose("shop", "web"), ofCompose("blog", "web")]),
      ),
    ).toMatchObject({ error: { code: "ambiguous-app" }, routes: [LISTS] }));
});

describe("an app of oneoff.yaml", () => {
  test("runs the last release of an app with only `build`, without a request", async () =>
    expect(await resolving({ name: "other" }, manifest(MANIFEST))).toMatchObject({
      app: { from: "oneoff.yaml", image: "oneoff/other:latest", settings: { build: { context: "/home/me/project" } } },
      routes: [],
    }));

  test("warns once about each unset variable of the app, and of no other app", async () =>
    expect(
      await resolving(
        {},
        manifest("apps:\n  my-app: {image: i, env: {A: $NOT, B: $NOT}}\n  b: {image: i, env: {A: $NEITHER}}\n"),
        undeployed,
      ),
    ).toMatchObject({
      events: [
        {
          type: "warning",
          message: '/home/me/project/oneoff.yaml:2:31: the variable "NOT" is not set; an empty value is used',
        },
      ],
    }));

  test("reads a Procfile relative to oneoff.yaml, and names the Procfile in its errors", async () => {
    const text = "apps: {my-app: {image: i, procfile: ../Procfile.prod}}";
    const at = (procfile?: string) =>
      resolving(
        {},
        files({ "/home/me/oneoff.yaml": text, ...(procfile && { "/home/Procfile.prod": procfile }) }),
        undeployed,
      );
    expect((await at("web: puma\n")).app?.procfile).toEqual(new Map([["web", "puma"]]));
    expect((await at("web\n")).error?.message).toBe('/home/Procfile.prod:1: expected "name: command", found "web"');
    expect((await at()).error).toMatchObject({
      code: "unreadable",
      kind: "usage",
      message: 'procfile "/home/Procfile.prod": no such file',
    });
  });

  test("fails if the file of --config does not exist, without a further search", async () =>
    expect(await resolving({ config: "none.yaml" }, files({ "/oneoff.yaml": MANIFEST }))).toMatchObject({
      error: { code: "unreadable", message: '--config "/home/me/project/sub/none.yaml": no such file' },
      routes: [],
    }));
});

describe("an unknown app", () => {
  const RELEASED = [["oneoff/shop:latest", "oneoff/shop:v7"], ["oneoff/my-app:latest"], null, ["x/y:latest"]];
  const deployed = [ofCompose("shop", "db"), ofDokku("blog", "web"), ofDokku("blog", "worker"), listed("redis")];
  /** @param images the images that oneoff.yaml names. */
  const nowhere = (name: string, there: Files, tags: (string[] | null)[], images: string[] = []) =>
    resolving({ name }, there, (engine) => {
      engine.on(IMAGES, 200, []);
      // The last request lists all containers, for the known apps.
      lists(engine, 3, deployed);
      engine.on(
        IMAGES,
        200,
        tags.map((RepoTags) => ({ Id: "sha256:1", RepoTags, Created: 1 })),
      );
      for (const one of images) engine.on(`GET /images/${one}/json`, 404, { message: "No such image" });
    });

  test("fails with the searched places, the known apps and a suggestion", async () => {
    const images = ["app:v1", "oneoff/other:latest"];
    expect((await nowhere("myapp", files({ "/oneoff.yaml": MANIFEST }), RELEASED, images)).error).toMatchObject({
      code: "unknown-app",
      kind: "failed",
      message: `No such app "myapp"
not in /oneoff.yaml
no image oneoff/myapp:latest
no container of dokku, Compose, Kamal or Swarm, and none of this name
known apps: blog, my-app, other, redis, shop, shop/db
Did you mean my-app?`,
      next: "oneoff run my-app …",
    });
  });

  test("suggests an app that is a container", async () =>
    expect((await nowhere("blogg", none, [])).error).toMatchObject({
      message: `No such app "blogg"
no oneoff.yaml in this folder or its parents
no image oneoff/blogg:latest
no container of dokku, Compose, Kamal or Swarm, and none of this name
known apps: blog, redis, shop/db
Did you mean blog?`,
      next: "oneoff run blog …",
    }));

  test("suggests --image if there are no apps", async () =>
    expect(
      (
        await resolving({}, none, (engine) => {
          for (const _ of [1, 2]) engine.on(IMAGES, 200, []);
          lists(engine, 3, []);
        })
      ).error,
    ).toMatchObject({
      message:
        'No such app "my-app"\nno oneoff.yaml in this folder or its parents\nno image oneoff/my-app:latest\nno container of dokku, Compose, Kamal or Swarm, and none of this name',
      next: "oneoff run --image IMAGE my-app …",
    }));

  test("sends eight requests for an unknown app", async () =>
    expect((await nowhere("my-app", none, [])).routes).toEqual([
      ...Array.from({ length: 3 }, () => LISTS),
      IMAGES,
      IMAGES,
      SERVICES,
      SERVICES,
      SERVICES,
    ]));

  test("escapes control characters of labels in the known apps", async () => {
    const { error } = await resolving({}, none, (engine) => {
      for (const _ of [1, 2]) engine.on(IMAGES, 200, []);
      lists(engine, 3, [ofCompose("shop", "\x1b[2J\u202e")]);
    });
    expect(error?.message).toContain("known apps: shop/\\u001b[2J\\u202e");
  });
});

describe("an app name", () => {
  test.each([
    ["My-App", 1],
    ["", 0],
    ["-a", 1],
    ["a-", 1],
    ["a/b", 1],
    ["a b", 0],
    ["é", 0],
    ["a".repeat(64), 1],
    ["compose:a/b", 0],
  ])("refuses the name %j for an app with only --image", async (name, services) =>
    expect(await resolving({ name, image: "i" }, none, (engine) => lists(engine, 1, []))).toMatchObject({
      error: { code: "bad-app-name", kind: "usage", message: expect.stringContaining("Invalid app name") },
      routes: [LISTS, ...(services ? [SERVICES] : [])],
    }),
  );

  test.each(["a", "0", "my-app", "a.b_c--d", "a".repeat(63)])(
    "accepts the name %j for an app with only --image",
    async (name) =>
      expect((await resolving({ name, image: "i" }, none, (engine) => lists(engine, 1, []))).app?.name).toBe(name),
  );

  // Container names may contain characters that app names cannot: no release is requested for them.
  test.each(["My_App", "a_-b-", "A"])("finds a container with the name %j", async (name) =>
    expect(
      await resolving({ name }, none, (engine) => {
        lists(engine, 1, [listed(name)]);
        described(engine, name);
      }),
    ).toMatchObject({ app: { name, from: "container" } }),
  );

  test.each([
    ["", 2],
    ["-a", 2],
    ["a b", 2],
    ["a(", 2],
    ["é", 2],
    ["*", 2],
    ["a".repeat(300), 2],
    ["../../etc", 1],
  ])("fails with an unknown app for the name %j", async (name, requests) => {
    const { error } = await resolving({ name }, none, (engine) => {
      lists(engine, requests + 1, []);
      engine.on(IMAGES, 200, []);
    });
    expect(error).toMatchObject({ code: "unknown-app" });
  });
});
