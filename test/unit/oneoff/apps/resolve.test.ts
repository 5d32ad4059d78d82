import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import type { Files } from "../../../../src/oneoff/apps/manifest-file.ts";
import { type AppRequest, resolveApp } from "../../../../src/oneoff/apps/resolve.ts";
import type { Event } from "../../../../src/output/events.ts";
import { details, image, listed, lists, ofCompose, ofDokku, ofOneoff } from "../../../support/deployed.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";

/** A folder that is nowhere but here. */
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

/** What becomes of a request, of an engine that answers as `script` says. */
async function resolving(request: Partial<AppRequest>, there = none, script: (engine: FakeEngine) => void = () => {}) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  script(engine);
  const events: Event[] = [];
  const context = { engine: transport, files: there, report: (event: Event) => events.push(event) };
  const outcome = await resolveApp(context, { name: "my-app", ...request }).then(
    ({ app, copy, file }) => ({ app, copy, file, error: undefined }),
    (error: OneoffError) => ({ app: undefined, copy: undefined, file: undefined, error }),
  );
  // In any order: some are sent at the same time.
  return { ...outcome, events, routes: engine.requests.map(({ method, path }) => `${method} ${path}`).sort() };
}

const LISTS = "GET /containers/json";
const IMAGES = "GET /images/json";
const named = { name: "my-app", env: new Map(), procfile: new Map(), settings: {} };

const IMAGE = "GET /images/sha256:image/json";

/** How the engine describes the container of `listed(name)`, which is asked for once. */
const described = (engine: FakeEngine, name: string, container = details()) =>
  engine.on(`GET /containers/id-of-${name}/json`, 200, { ...container, Id: `id-of-${name}` });

/** What oneoff.yaml has an image for has not been deployed by oneoff. */
const undeployed = (engine: FakeEngine, app = "my-app") =>
  void engine.on(`GET /images/oneoff/${app}:latest/json`, 404, { message: "No such image" });

describe("an app is looked for", () => {
  test("in the nearest oneoff.yaml first, which asks only whether it is deployed", async () =>
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

  test("up to the root", async () =>
    expect((await resolving({}, files({ "/oneoff.yaml": MANIFEST }), undeployed)).app?.image).toBe("app:v1"));

  test("where --config says instead, relative to here", async () => {
    const there = files({ "/home/me/project/oneoff.yaml": MANIFEST, "/home/me/x.yaml": "apps: {my-app: {image: x}}" });
    expect((await resolving({ config: "../../x.yaml" }, there, undeployed)).app?.image).toBe("x");
    expect((await resolving({ config: "/home/me/x.yaml" }, there, undeployed)).app?.image).toBe("x");
  });

  test("then among the images of its name, before the containers, with two requests", async () =>
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

  test("in no farther oneoff.yaml, though the nearest does not have it", async () =>
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

  test("then among the containers: three requests in two rounds", async () => {
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

  test("takes the place of what oneoff.yaml says, and of nothing else there", async () =>
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

  test("also of what is to be built", async () =>
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

  test("takes the place of a container's image, with nothing of what that set; no release is asked for", async () =>
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

  test("keeps what the container had otherwise than its image", async () =>
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

  test("keeps all, where the container's image has gone and cannot be asked", async () =>
    expect(await resolving(asked, none, surrounded(undefined))).toMatchObject({
      app: { image: "busybox" },
      copy: { env: ["PATH=/custom", "LANG=C", "A=1"], workingDir: "/srv" },
      routes,
    }));

  test("and a failure to ask is one", async () =>
    expect(
      (
        await resolving(asked, none, (engine) => {
          lists(engine, 1, [listed("my-app")]);
          described(engine, "my-app");
          engine.on(IMAGE, 500, { message: "no space left on device" });
        })
      ).error,
    ).toMatchObject({ code: "engine-refused", message: "no space left on device" }));

  test("is all there is to an app that is nowhere", async () =>
    expect(await resolving(asked, none, (engine) => lists(engine, 6, []))).toMatchObject({
      app: { ...named, from: "--image", image: "busybox" },
      copy: undefined,
      file: undefined,
      routes: Array.from({ length: 6 }, () => LISTS),
    }));

  test("is no way around two apps of one name", async () =>
    expect(
      await resolving({ ...asked, name: "web" }, none, (engine) =>
        lists(engine, 1, [ofCompose("shop", "web"), ofCompose("blog", "web")]),
      ),
    ).toMatchObject({ error: { code: "ambiguous-app" }, routes: [LISTS] }));

  test("is no way around a oneoff.yaml that cannot be read", async () =>
    expect(await resolving(asked, manifest("no"))).toMatchObject({ error: { code: "bad-manifest" }, routes: [] }));
});

describe("a container that is copied", () => {
  const only =
    (container: ReturnType<typeof listed>, inspected = details()) =>
    async (name: string) =>
      resolving({ name }, none, (engine) => {
        engine.on(IMAGES, 200, []);
        lists(engine, 1, [container]);
        described(engine, (container.Names[0] as string).slice(1), inspected);
      });

  test("is run by its image's id, whatever its tag means now", async () =>
    expect(await only(listed("plain", {}, { Image: "app:latest" }))("plain")).toMatchObject({
      app: { name: "plain", from: "container", image: "sha256:image" },
    }));

  test("keeps all that its image has set, which need not be asked for", async () =>
    expect(await only(listed("plain"), details({ Env: ["PATH=/bin", "A=1"], User: "app" }))("plain")).toMatchObject({
      app: { env: new Map([["PATH", "/bin"], ["A", "1"]]) }, // biome-ignore format: one line a layer
      copy: { user: "app", entrypoint: [""] },
      routes: ["GET /containers/id-of-plain/json", LISTS, IMAGES],
    }));

  test("may have a variable without a value, which is none", async () =>
    // As Compose sends `environment: [FOO]` where FOO is not set: it takes FOO away, and is not FO.
    expect((await only(listed("plain"), details({ Env: ["FOO", "A=1"] }))("plain")).app?.env).toEqual(
      new Map([["A", "1"]]),
    ));

  test("picked by a prefix is known without it, and no release is asked for", async () =>
    expect(
      await resolving({ name: "compose:shop/web" }, none, (engine) => {
        lists(engine, 1, [ofCompose("shop", "web"), ofCompose("blog", "web")]);
        described(engine, "shop-web-1");
      }),
    ).toMatchObject({
      app: { name: "shop/web", from: "compose" },
      routes: ["GET /containers/id-of-shop-web-1/json", LISTS],
    }));

  test("found by `project/service` is one of Compose or of Kamal: two lists, one inspect", async () =>
    expect(
      await resolving({ name: "shop/web" }, none, (engine) => {
        lists(engine, 2, [ofCompose("shop", "web"), ofCompose("blog", "web")]);
        described(engine, "shop-web-1");
      }),
    ).toMatchObject({
      app: { name: "shop/web", from: "compose" },
      routes: ["GET /containers/id-of-shop-web-1/json", LISTS, LISTS],
    }));

  test("may have gone since it was listed", async () =>
    expect(
      (
        await resolving({}, none, (engine) => {
          engine.on(IMAGES, 200, []);
          lists(engine, 1, [listed("my-app")]);
          engine.on("GET /containers/id-of-my-app/json", 404, { message: "No such container: id-of-my-app" });
        })
      ).error,
    ).toMatchObject({ code: "engine-refused", message: "No such container: id-of-my-app" }));

  test("of two apps is refused with what picks each", async () =>
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

describe("a warning is printed of a container", () => {
  const warned = async (container: ReturnType<typeof details>, service?: [status: number, body: object]) => {
    const { app, events } = await resolving({}, none, (engine) => {
      engine.on(IMAGES, 200, []);
      lists(engine, 1, [ofDokku("my-app", "web")]);
      described(engine, "my-app.web.1", container);
      if (service) engine.on("GET /services/service", ...service);
    });
    expect(app?.name).toBe("my-app");
    return events.map((event) => (event.type === "warning" ? event.message : event.type));
  };
  const task = details({ Labels: { "com.docker.swarm.service.id": "service" } });
  const spec = (ContainerSpec: object): [number, object] => [200, { Spec: { TaskTemplate: { ContainerSpec } } }];

  test("that is paused", async () =>
    expect(await warned(details({}, {}, { Name: "/web", State: { Status: "paused", Running: true } }))).toEqual([
      "The container web of the app is paused; one-offs of the app run nevertheless (docker unpause web)",
    ]));

  test("whose Swarm service has secrets and configs", async () => {
    const Secrets = [
      { SecretName: "a", File: { Name: "db" } },
      { SecretName: "b", File: { Name: "/etc/b" } },
      { SecretName: "c" },
    ];
    const Configs = [{ ConfigName: "d", File: { Name: "app.cfg" } }];
    expect(await warned(task, spec({ Secrets, Configs }))).toEqual([
      "One-offs do not get the secrets and configs of the Swarm service: /run/secrets/db, /etc/b, /run/secrets/c, /app.cfg",
    ]);
  });

  test("of a Swarm service only where it has some", async () => expect(await warned(task, spec({}))).toEqual([]));

  test("of a Swarm service that this node cannot describe", async () =>
    expect(await warned(task, [503, { message: "This node is not a swarm manager" }])).toEqual([
      "One-offs do not get the secrets and configs of the Swarm service; only a manager node can list them",
    ]));
});

describe("a release", () => {
  const tagged = (labels: Record<string, string> = {}) => [
    {
      ...{ Id: "sha256:image", RepoTags: ["oneoff/my-app:v3", "oneoff/my-app:latest"] },
      Labels: { "dev.oneoff.app": "my-app", "dev.oneoff.release": "3", ...labels },
    },
  ];
  const procfile = { "dev.oneoff.release.procfile": '[["web","puma"],["1","one"]]' };

  test("has the Procfile that it was deployed with", async () =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, tagged(procfile));
        lists(engine, 6, []);
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
      "FROM one, has only its labels",
      [
        { ...tagged(procfile)[0], RepoTags: ["oneoff/my-app:latest"] },
        { ...tagged(procfile)[0], Id: "sha256:v3", RepoTags: ["oneoff/my-app:v3"] },
      ],
      "image",
      new Map(),
    ],
    [
      "from another app's, has only its labels",
      [{ ...tagged({ ...procfile, "dev.oneoff.app": "other" })[0], RepoTags: ["oneoff/my-app:latest"] }],
      "image",
      new Map(),
    ],
    [
      "without the tag of its number, as after docker load, is one",
      [{ ...tagged({ "dev.oneoff.release.procfile": '[["web","puma"]]' })[0], RepoTags: ["oneoff/my-app:latest"] }],
      "release",
      new Map([["web", "puma"]]),
    ],
  ])("that was tagged by hand %s", async (_what, images, from, procfile) =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, images);
        lists(engine, 6, []);
      }),
    ).toMatchObject({ app: { from, image: "oneoff/my-app:latest", procfile } }),
  );

  test.each(["", "{", "{}", '[["web"]]', '[["a b","x"],["web",1]]', "null"])(
    "whose label is %j has none",
    async (label) =>
      expect(
        await resolving({}, none, (engine) => {
          engine.on(IMAGES, 200, tagged({ "dev.oneoff.release.procfile": label }));
          lists(engine, 6, []);
        }),
      ).toMatchObject({ app: { from: "release", procfile: new Map() } }),
  );

  test("has what surrounds its processes", async () =>
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

  test("that is newer than what runs keeps its own PATH", async () =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, [{ ...tagged()[0], Id: "sha256:newer" }]);
        lists(engine, 1, [ofOneoff("my-app", "web")]);
        described(engine, "my-app.web.1", details({ Env: ["PATH=/bin", "A=1"] }));
        engine.on("GET /images/sha256:image/json", 200, image());
      }),
    ).toMatchObject({ app: { from: "release", env: new Map([["A", "1"]]) } }));

  test("without processes has what app.json has set, as an app of oneoff.yaml has, where that says nothing else", async () => {
    const released = await resolving({ name: "stored" }, none, (engine) => {
      engine.on(IMAGES, 200, [{ Id: "sha256:1", RepoTags: ["oneoff/stored:latest"] }]);
      lists(engine, 6, []);
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

describe("an image of oneoff.yaml that oneoff has deployed", () => {
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

  test("is run as it was deployed", async () =>
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

  test("also when the engine has nothing else of it", async () =>
    expect(
      await resolving({}, there, (engine) => {
        live(engine);
        engine.on("GET /images/app:v1/json", 404, { message: "No such image" });
      }),
    ).toMatchObject({ app: { image: "oneoff/my-app:latest" }, events: [] }));

  test("also when oneoff.yaml has another one since, which is said", async () =>
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

  test("is no other app's, and none that was only tagged so", async () => {
    for (const labels of [{ "dev.oneoff.app": "other" }, { "dev.oneoff.app": "" }]) {
      expect(await resolving({}, there, (engine) => live(engine, labels))).toMatchObject({ app: { image: "app:v1" } });
    }
  });

  test("is not asked for where --image is, and where there is no engine", async () => {
    expect(await resolving({ image: "app:v1" }, there)).toMatchObject({ app: { image: "app:v1" }, routes: [] });
    await using nowhere = openTransport(() => ({ socketPath: "/nowhere/socket", from: "--host" }));
    const { app } = await resolveApp({ engine: nowhere, files: there, report: () => {} }, { name: "my-app" });
    expect(app.image).toBe("app:v1");
  });

  test("what the engine refuses is told", async () =>
    expect(
      await resolving({}, there, (engine) => void engine.on(LIVE, 500, { message: "disk on fire" })),
    ).toMatchObject({ error: { message: "disk on fire" } }));
});

describe("from in oneoff.yaml", () => {
  const script = (engine: FakeEngine) => {
    lists(engine, 1, [ofCompose("shop", "web")]);
    described(engine, "shop-web-1", details({ Env: ["PATH=/bin", "A=container", "B=container"], User: "1000" }));
  };
  const routes = ["GET /containers/id-of-shop-web-1/json", LISTS];

  test("copies that container, with two requests; what is said besides comes after its variables", async () =>
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

  test("with image runs that image in its surroundings, without the variables of its old image", async () =>
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

  test("with --image runs that one in its surroundings, whatever image is said besides", async () => {
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

  test("has to be there", async () =>
    expect(
      await resolving({}, manifest("apps: {my-app: {from: compose:shop/web}}"), (engine) => lists(engine, 1, [])),
    ).toMatchObject({
      error: {
        code: "no-such-container",
        message: '"my-app" copies a container that does not exist: "compose:shop/web"',
      },
      routes: [LISTS],
    }));

  test("has to mean one app", async () =>
    expect(
      await resolving({}, manifest("apps: {my-app: {from: compose:web}}"), (engine) =>
        lists(engine, 1, [ofCompose("shop", "web"), ofCompose("blog", "web")]),
      ),
    ).toMatchObject({ error: { code: "ambiguous-app" }, routes: [LISTS] }));
});

describe("in oneoff.yaml", () => {
  test("what is only built is run as it was last released, without asking for it", async () =>
    expect(await resolving({ name: "other" }, manifest(MANIFEST))).toMatchObject({
      app: { from: "oneoff.yaml", image: "oneoff/other:latest", settings: { build: { context: "/home/me/project" } } },
      routes: [],
    }));

  test("variables that are not set are warned of, once each, for the app that is run and no other", async () =>
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

  test("a Procfile is looked for from its folder, and named in its own mistakes", async () => {
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

  test("a --config that is not there is an error, and no reason to look elsewhere", async () =>
    expect(await resolving({ config: "none.yaml" }, files({ "/oneoff.yaml": MANIFEST }))).toMatchObject({
      error: { code: "unreadable", message: '--config "/home/me/project/sub/none.yaml": no such file' },
      routes: [],
    }));
});

describe("an app that is nowhere", () => {
  const RELEASED = [["oneoff/shop:latest", "oneoff/shop:v7"], ["oneoff/my-app:latest"], null, ["x/y:latest"]];
  const deployed = [ofCompose("shop", "db"), ofDokku("blog", "web"), ofDokku("blog", "worker"), listed("redis")];
  /** @param images those that oneoff.yaml names. */
  const nowhere = (name: string, there: Files, tags: (string[] | null)[], images: string[] = []) =>
    resolving({ name }, there, (engine) => {
      engine.on(IMAGES, 200, []);
      // What is found by neither name nor label is on the list of all.
      lists(engine, 7, deployed);
      engine.on(
        IMAGES,
        200,
        tags.map((RepoTags) => ({ Id: "sha256:1", RepoTags, Created: 1 })),
      );
      for (const one of images) engine.on(`GET /images/${one}/json`, 404, { message: "No such image" });
    });

  test("is an error that says where was looked, what there is, and what is nearest", async () => {
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

  test("may be like one that is a container", async () =>
    expect((await nowhere("blogg", none, [])).error).toMatchObject({
      message: `No such app "blogg"
no oneoff.yaml in this folder or its parents
no image oneoff/blogg:latest
no container of dokku, Compose, Kamal or Swarm, and none of this name
known apps: blog, redis, shop/db
Did you mean blog?`,
      next: "oneoff run blog …",
    }));

  test("is one, too, where there is nothing at all", async () =>
    expect(
      (
        await resolving({}, none, (engine) => {
          for (const _ of [1, 2]) engine.on(IMAGES, 200, []);
          lists(engine, 7, []);
        })
      ).error,
    ).toMatchObject({
      message:
        'No such app "my-app"\nno oneoff.yaml in this folder or its parents\nno image oneoff/my-app:latest\nno container of dokku, Compose, Kamal or Swarm, and none of this name',
      next: "oneoff run --image IMAGE my-app …",
    }));

  test("takes nine requests, and one more round", async () =>
    expect((await nowhere("my-app", none, [])).routes).toEqual([
      ...Array.from({ length: 7 }, () => LISTS),
      IMAGES,
      IMAGES,
    ]));

  test("shows no control character that somebody's label has", async () => {
    const { error } = await resolving({}, none, (engine) => {
      for (const _ of [1, 2]) engine.on(IMAGES, 200, []);
      lists(engine, 7, [ofCompose("shop", "\x1b[2J\u202e")]);
    });
    expect(error?.message).toContain("known apps: shop/\\u001b[2J\\u202e");
  });
});

describe("a name", () => {
  test.each([
    ["My-App", 6],
    ["", 3],
    ["-a", 6],
    ["a-", 6],
    ["a/b", 2],
    ["a b", 3],
    ["é", 3],
    ["a".repeat(64), 6],
    ["compose:a/b", 1],
  ])("%j is none for an image of --image", async (name, requests) =>
    expect(await resolving({ name, image: "i" }, none, (engine) => lists(engine, requests, []))).toMatchObject({
      error: { code: "bad-app-name", kind: "usage", message: expect.stringContaining("Invalid app name") },
      routes: Array.from({ length: requests }, () => LISTS),
    }),
  );

  test.each(["a", "0", "my-app", "a.b_c--d", "a".repeat(63)])("%j is one", async (name) =>
    expect((await resolving({ name, image: "i" }, none, (engine) => lists(engine, 6, []))).app?.name).toBe(name),
  );

  // Names of containers may have signs that apps' names cannot have: for no release is then asked.
  test.each(["My_App", "a_-b-", "A"])("%j may be a container's", async (name) =>
    expect(
      await resolving({ name }, none, (engine) => {
        lists(engine, 1, [listed(name)]);
        described(engine, name);
      }),
    ).toMatchObject({ app: { name, from: "container" } }),
  );

  test.each([
    ["", 3],
    ["-a", 6],
    ["a b", 3],
    ["a(", 3],
    ["é", 3],
    ["*", 3],
    ["a".repeat(300), 6],
    ["../../etc", 2],
  ])("%j is nobody's, and does no harm", async (name, requests) => {
    const { error } = await resolving({ name }, none, (engine) => {
      lists(engine, requests + 1, []);
      engine.on(IMAGES, 200, []);
    });
    expect(error).toMatchObject({ code: "unknown-app" });
  });
});
