import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { openTransport } from "../../../src/engine/transport.ts";
import type { OneoffError } from "../../../src/errors.ts";
import type { Files } from "../../../src/oneoff/manifest-file.ts";
import { type AppRequest, resolveApp } from "../../../src/oneoff/resolve.ts";
import type { Event } from "../../../src/output/events.ts";
import { details, image, listed, lists, ofCompose, ofDokku } from "../../support/deployed.ts";
import { type FakeEngine, fakeEngine } from "../../support/fake-engine.ts";

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
    ({ app, copy }) => ({ app, copy, error: undefined }),
    (error: OneoffError) => ({ app: undefined, copy: undefined, error }),
  );
  // In any order: some are sent at the same time.
  return { ...outcome, events, routes: engine.requests.map(({ method, path }) => `${method} ${path}`).sort() };
}

const LISTS = "GET /containers/json";
const IMAGES = "GET /images/json";
const named = { name: "my-app", env: new Map(), procfile: new Map(), settings: {} };

/** How the engine describes the container of `listed(name)`, which is asked for once, and its image. */
function described(engine: FakeEngine, name: string, container = details(), ofImage: unknown = image()): string[] {
  const inspected = { ...container, Id: `id-of-${name}` };
  engine.on(`GET /containers/id-of-${name}/json`, 200, inspected);
  if (ofImage) engine.on("GET /images/sha256:image/json", 200, ofImage);
  else engine.on("GET /images/sha256:image/json", 404, { message: "No such image: sha256:image" });
  return [`GET /containers/id-of-${name}/json`, "GET /images/sha256:image/json"];
}

describe("an app is looked for", () => {
  test("in --image first, which asks nobody", async () =>
    expect(await resolving({ image: "busybox" }, manifest(MANIFEST))).toMatchObject({
      app: { ...named, from: "--image", image: "busybox" },
      copy: undefined,
      routes: [],
    }));

  test("then in the nearest oneoff.yaml, which asks nobody either", async () =>
    expect(
      await resolving(
        {},
        files({ "/home/me/project/oneoff.yaml": MANIFEST, "/oneoff.yaml": "apps: {my-app: {image: root}}" }),
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
      routes: [],
      events: [],
    }));

  test("up to the root", async () =>
    expect((await resolving({}, files({ "/oneoff.yaml": MANIFEST }))).app?.image).toBe("app:v1"));

  test("where --config says instead, relative to here", async () => {
    const there = files({ "/home/me/project/oneoff.yaml": MANIFEST, "/home/me/x.yaml": "apps: {my-app: {image: x}}" });
    expect((await resolving({ config: "../../x.yaml" }, there)).app?.image).toBe("x");
    expect((await resolving({ config: "/home/me/x.yaml" }, there)).app?.image).toBe("x");
  });

  test("then among the releases, before the containers, with two requests", async () =>
    expect(
      await resolving({}, none, (engine) => {
        engine.on(IMAGES, 200, [{ Id: "sha256:1", RepoTags: ["oneoff/my-app:latest"] }]);
        lists(engine, 1, [ofDokku("my-app", "web")]);
      }),
    ).toMatchObject({
      app: { ...named, from: "release", image: "oneoff/my-app:latest" },
      copy: undefined,
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
    ).toMatchObject({ app: { from: "release" } }));

  test("then among the containers: two requests at the same time, then two more", async () => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    const resolution = resolveApp({ engine: transport, files: none, report: () => {} }, { name: "my-app" });
    const [images, containers] = await Promise.all([engine.on(IMAGES), engine.on(LISTS)]);
    expect(JSON.parse(images.query.filters as string)).toEqual({ reference: ["oneoff/my-app:latest"] });
    images.reply(200, []);
    containers.reply(200, [ofDokku("my-app", "web")]);
    const [inspected, ofImage] = await Promise.all([
      engine.on("GET /containers/id-of-my-app.web.1/json"),
      engine.on("GET /images/sha256:image/json"),
    ]);
    inspected.reply(200, details({ Env: ["PATH=/bin", "A=b=c"] }, {}, { Id: "id-of-my-app.web.1" }));
    ofImage.reply(200, image());
    expect(await resolution).toMatchObject({
      app: { ...named, from: "dokku", image: "sha256:image", env: new Map([["A", "b=c"]]) },
      copy: { source: "id-of-my-app.web.1", env: ["A=b=c"] },
    });
  });

  // The issue: resolution adds at most three requests to a run from a running container.
});

describe("a container that is copied", () => {
  const only =
    (container: ReturnType<typeof listed>, inspected = details(), ofImage: unknown = image()) =>
    async (name: string) =>
      resolving({ name }, none, (engine) => {
        engine.on(IMAGES, 200, []);
        lists(engine, 1, [container]);
        described(engine, (container.Names[0] as string).slice(1), inspected, ofImage);
      });

  test("is run by its image's id, whatever its tag means now", async () =>
    expect(await only(listed("plain", {}, { Image: "app:latest" }))("plain")).toMatchObject({
      app: { name: "plain", from: "container", image: "sha256:image" },
    }));

  test("may have lost its image; all its variables are then its own", async () =>
    expect(
      await only(listed("plain"), details({ Env: ["PATH=/bin", "A=1"] }), null)("plain"),
    ).toMatchObject({ app: { env: new Map([["PATH", "/bin"], ["A", "1"]]) } })); // biome-ignore format: one line a layer

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
      routes: ["GET /containers/id-of-shop-web-1/json", LISTS, "GET /images/sha256:image/json"],
    }));

  test("may have gone since it was listed", async () =>
    expect(
      (
        await resolving({}, none, (engine) => {
          engine.on(IMAGES, 200, []);
          lists(engine, 1, [listed("my-app")]);
          engine.on("GET /containers/id-of-my-app/json", 404, { message: "No such container: id-of-my-app" });
          engine.on("GET /images/sha256:image/json", 200, image());
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
        message: '"web" is the name of different apps: compose:blog/web, compose:shop/web',
        next: "oneoff run compose:blog/web …",
      },
      routes: [LISTS, IMAGES],
    }));
});

describe("from in oneoff.yaml", () => {
  const script = (engine: FakeEngine) => {
    lists(engine, 1, [ofCompose("shop", "web")]);
    described(engine, "shop-web-1", details({ Env: ["PATH=/bin", "A=container", "B=container"], User: "1000" }));
  };
  const routes = ["GET /containers/id-of-shop-web-1/json", LISTS, "GET /images/sha256:image/json"];

  test("copies that container, with three requests; what is said besides comes after its variables", async () =>
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
      await resolving({}, manifest("apps: {my-app: {from: compose:shop/web, image: app:v2}}"), script),
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
      routes,
    }));

  test("has to be there", async () =>
    expect(
      await resolving({}, manifest("apps: {my-app: {from: compose:shop/web}}"), (engine) => lists(engine, 1, [])),
    ).toMatchObject({
      error: {
        code: "no-such-container",
        message: '"my-app" is a copy of "compose:shop/web", of which there is no container',
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
      ),
    ).toMatchObject({
      events: [
        {
          type: "warning",
          message: '/home/me/project/oneoff.yaml:2:31: the variable "NOT" is not set, and left empty',
        },
      ],
    }));

  test("a Procfile is looked for from its folder, and named in its own mistakes", async () => {
    const text = "apps: {my-app: {image: i, procfile: ../Procfile.prod}}";
    const at = (procfile?: string) =>
      resolving({}, files({ "/home/me/oneoff.yaml": text, ...(procfile && { "/home/Procfile.prod": procfile }) }));
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
  const nowhere = (name: string, there: Files, tags: (string[] | null)[], requests = 6) =>
    resolving({ name }, there, (engine) => {
      engine.on(IMAGES, 200, []);
      lists(engine, requests, []);
      engine.on(
        IMAGES,
        200,
        tags.map((RepoTags) => ({ Id: "sha256:1", RepoTags })),
      );
    });

  test("is an error that says where was looked, what there is, and what is nearest", async () =>
    expect((await nowhere("myapp", files({ "/oneoff.yaml": MANIFEST }), RELEASED)).error).toMatchObject({
      code: "unknown-app",
      kind: "failed",
      message: `There is no app "myapp": not in /oneoff.yaml, no image oneoff/myapp:latest, no container of dokku, Compose, Kamal, Swarm or that name; did you mean "my-app"?
known apps: my-app, other, shop`,
      next: "oneoff run my-app …",
    }));

  test("is one, too, where there is nothing at all", async () =>
    expect((await nowhere("my-app", none, [])).error).toMatchObject({
      message:
        'There is no app "my-app": no oneoff.yaml here, no image oneoff/my-app:latest, no container of dokku, Compose, Kamal, Swarm or that name',
      next: "oneoff run --image IMAGE my-app …",
    }));

  test("takes eight requests, and one more round", async () =>
    expect((await nowhere("my-app", none, [])).routes).toEqual([
      ...Array.from({ length: 6 }, () => LISTS),
      IMAGES,
      IMAGES,
    ]));
});

describe("a name", () => {
  test.each(["My-App", "", "-a", "a-", "a/b", "a b", "é", "a".repeat(64), "compose:a/b"])(
    "%j is none for an image of --image",
    async (name) =>
      expect(await resolving({ name, image: "i" })).toMatchObject({
        error: { code: "bad-app-name", kind: "usage", message: expect.stringContaining("found") },
        routes: [],
      }),
  );

  test.each(["a", "0", "my-app", "a.b_c--d", "a".repeat(63)])("%j is one", async (name) =>
    expect((await resolving({ name, image: "i" })).app?.name).toBe(name),
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

  test.each(["", "-a", "a b", "a(", "é", "*", "a".repeat(300), "../../etc"])(
    "%j is nobody's, and does no harm",
    async (name) => {
      const { error } = await resolving({ name }, none, (engine) => {
        lists(engine, name.includes("/") ? 5 : 6, []);
        engine.on(IMAGES, 200, []);
      });
      expect(error).toMatchObject({ code: "unknown-app" });
    },
  );
});
