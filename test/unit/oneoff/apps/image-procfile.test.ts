import { Buffer } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { type Header, pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import type { ImageDetails } from "../../../../src/engine/image-types.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { NO_LABELS } from "../../../../src/identity/ownership.ts";
import { readImageProcfile } from "../../../../src/oneoff/apps/image-procfile.ts";
import type { Event } from "../../../../src/output/events.ts";
import { image } from "../../../support/deployed.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";

const released: App = {
  ...{ name: "my-app", from: "release", image: "oneoff/my-app:latest" },
  ...{ env: new Map(), procfile: new Map(), settings: {} },
};
const found: App = { ...released, from: "compose", image: "sha256:image" };
const copy = { source: "source", image: "sha256:image", workingDir: "/srv" };
const IMAGE = "GET /images/oneoff/my-app:latest/json";
const CREATE = "POST /containers/create";
const REMOVE = "DELETE /containers/made";
const PROCFILE = new Map([["console", "irb -r ./app"]]);

/** An archive; `content` is the text of a file, or the header of another kind. */
async function archive(content: string | Buffer | Partial<Header>): Promise<Buffer> {
  const tar = pack();
  if (typeof content === "string" || Buffer.isBuffer(content)) tar.entry({ name: "Procfile" }, content);
  else tar.entry({ name: "Procfile", ...content });
  tar.finalize();
  return buffer(tar);
}

/** Responds to one request for an archive of a container. */
async function holds(engine: FakeEngine, id: string, content: Parameters<typeof archive>[0] | undefined) {
  const route = `GET /containers/${id}/archive`;
  if (content === undefined) {
    engine.on(route, 404, { message: "Could not find the file /srv/Procfile in container source" });
    return;
  }
  const tar = await archive(content);
  engine.on(route).then((exchange) => exchange.acknowledge().end(tar));
}

const memory = (entries: [string, string][] = []) => {
  const texts = new Map(entries);
  return {
    texts,
    get: (key: string) => texts.get(key),
    set: (key: string, text: string) => void texts.set(key, text),
  };
};

/** Reads the Procfile with an engine that is scripted by `script`. */
async function reading(
  asked: {
    app?: App;
    word?: string | undefined;
    copy?: typeof copy | undefined;
    cache?: ReturnType<typeof memory>;
    details?: ImageDetails;
  },
  script: (engine: FakeEngine) => void | Promise<void> = () => {},
) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  await script(engine);
  const events: Event[] = [];
  const { app = found, cache = memory() } = asked;
  const word = "word" in asked ? asked.word : "console";
  const context = { engine: transport, cache, report: (event: Event) => events.push(event), owner: "here:1" };
  const outcome = await readImageProcfile(context, app, word, asked.copy, asked.details).then(
    (procfile) => ({ procfile, error: undefined }),
    (error: Error) => ({ procfile: undefined, error }),
  );
  return { ...outcome, events, lines: [...engine.lines], bodies: engine.requests.map(({ body }) => body) };
}

/** A release of `oneoff deploy`. */
const releaseOf = (name: string, RepoTags: string[]) => ({
  ...image({
    ...{ Labels: { "dev.oneoff.app": name, "dev.oneoff.release": "3", "dev.oneoff.release.procfile": LABEL } },
    WorkingDir: "/srv",
  }),
  RepoTags,
});
const LABEL = '[["console","irb -r ./app"]]';
const OWN_TAGS = ["oneoff/my-app:v3", "oneoff/my-app:latest"];

test("reads the Procfile of a release from its label", async () => {
  const { procfile, lines } = await reading({ app: { ...released, from: "oneoff.yaml" } }, (engine) => {
    engine.on(IMAGE, 200, releaseOf("my-app", OWN_TAGS));
  });
  expect([procfile, lines]).toEqual([PROCFILE, [IMAGE]]);
});

test("reads the Procfile of a release that --image names", async () => {
  const { procfile } = await reading({ app: { ...released, from: "--image" } }, (engine) => {
    engine.on(IMAGE, 200, releaseOf("my-app", OWN_TAGS));
  });
  expect(procfile).toEqual(PROCFILE);
});

test.each<[what: string, details: object, asksForTag: boolean]>([
  ["FROM a release", releaseOf("my-app", ["oneoff/my-app:latest"]), true],
  ["from another app's release", releaseOf("other", ["oneoff/my-app:latest"]), false],
])("reads no label of an image that was made %s and tagged by hand", async (_what, details, asksForTag) => {
  const { procfile } = await reading({ app: { ...released, from: "oneoff.yaml" } }, (engine) => {
    engine.on(IMAGE, 200, details);
    if (asksForTag) engine.on("GET /images/oneoff/my-app:v3/json", 200, releaseOf("my-app", ["oneoff/my-app:v3"]));
    engine.on(CREATE, 201, { Id: "made" });
    holds(engine, "made", undefined);
    engine.on(REMOVE, 204);
  });
  expect(procfile).toEqual(new Map());
});

describe("words and images without a request", () => {
  test.each([undefined, "ls -l", "./run", "rake db:migrate", "/bin/sh", "a.b", "é", "", "a".repeat(64)])(
    "sends no request for a first word that cannot be a process type: %j",
    async (word) => expect(await reading({ word, copy })).toMatchObject({ procfile: new Map(), lines: [] }),
  );

  const named: App = { ...released, from: "--image", image: "busybox" };
  test("sends no request for an image of --image that was not inspected", async () =>
    expect(await reading({ app: named })).toMatchObject({ procfile: new Map(), lines: [] }));

  test.each(["", "/", "//"])("sends no request for an image of --image with the WORKDIR %j", async (WorkingDir) =>
    expect(await reading({ app: named, details: image({ WorkingDir }) })).toMatchObject({
      ...{ procfile: new Map(), lines: [] },
    }),
  );

  test("reads the Procfile of an image of --image that was inspected, once", async () => {
    const cache = memory();
    const details = image({ WorkingDir: "/srv" });
    const script = (engine: FakeEngine) => {
      engine.on(CREATE, 201, { Id: "made" });
      engine.on(REMOVE, 204);
      return holds(engine, "made", "console: irb -r ./app\n");
    };
    expect(await reading({ app: named, details, cache }, script)).toMatchObject({
      procfile: PROCFILE,
      lines: [
        expect.stringMatching(`^${CREATE}`),
        "GET /containers/made/archive?path=%2Fsrv%2FProcfile",
        expect.anything(),
      ],
    });
    expect(await reading({ app: named, details, cache })).toMatchObject({ procfile: PROCFILE, lines: [] });
  });

  test("does not inspect an image of oneoff.yaml again", async () =>
    expect(
      await reading({ app: { ...released, from: "oneoff.yaml" }, details: releaseOf("my-app", OWN_TAGS) }),
    ).toMatchObject({ procfile: PROCFILE, lines: [] }));
});

describe("with an existing container", () => {
  test("reads the Procfile of a container with one request", async () => {
    const cache = memory();
    expect(await reading({ copy, cache }, (engine) => holds(engine, "source", "console: irb -r ./app\n"))).toEqual({
      procfile: PROCFILE,
      error: undefined,
      events: [],
      lines: ["GET /containers/source/archive?path=%2Fsrv%2FProcfile"],
      bodies: [undefined],
    });
    // The second run sends no request.
    expect(await reading({ copy, cache })).toMatchObject({ procfile: PROCFILE, lines: [] });
  });

  test("reads the Procfile at the root without a working directory", async () =>
    expect(
      (await reading({ copy: { ...copy, workingDir: "" } }, (engine) => holds(engine, "source", "a: b"))).lines,
    ).toEqual(["GET /containers/source/archive?path=%2FProcfile"]));

  test("caches a Procfile by working directory", async () => {
    const cache = memory();
    await reading({ copy, cache }, (engine) => holds(engine, "source", "console: one"));
    expect(
      (
        await reading({ copy: { ...copy, workingDir: "/other" }, cache }, (engine) =>
          holds(engine, "source", "console: two"),
        )
      ).procfile,
    ).toEqual(new Map([["console", "two"]]));
  });

  test("reads the Procfile of an image that replaces the container's", async () =>
    expect(
      (
        await reading(
          { app: { ...found, from: "oneoff.yaml", image: "oneoff/my-app:latest" }, copy },
          async (engine) => {
            engine.on(IMAGE, 200, image({ WorkingDir: "/app" }, "sha256:new"));
            engine.on(CREATE, 201, { Id: "made" });
            await holds(engine, "made", "console: new");
            engine.on(REMOVE, 204);
          },
        )
      ).procfile,
    ).toEqual(new Map([["console", "new"]])));
});

describe("without a container", () => {
  const made = (content: Parameters<typeof archive>[0] | undefined) => async (engine: FakeEngine) => {
    engine.on(IMAGE, 200, image({ WorkingDir: "/app/" }, "sha256:4f3e"));
    engine.on(CREATE, 201, { Id: "made" });
    await holds(engine, "made", content);
    engine.on(REMOVE, 204);
  };

  test("creates a container, does not start it, and removes it with its volumes", async () => {
    const cache = memory();
    const first = await reading({ app: released, cache }, made("console: irb -r ./app"));
    expect(first).toMatchObject({ procfile: PROCFILE, events: [] });
    expect(first.lines).toEqual([
      "GET /images/oneoff/my-app:latest/json",
      expect.stringMatching(/^POST \/containers\/create\?name=my-app\.procfile\.[0-9a-f]{12}$/),
      "GET /containers/made/archive?path=%2Fapp%2FProcfile",
      "DELETE /containers/made?force=1&v=1",
    ]);
    expect(first.bodies[1]).toMatchObject({ Image: "sha256:4f3e" });
    // The second run only inspects the image.
    const second = await reading({ app: released, cache }, (engine) => {
      engine.on(IMAGE, 200, image({ WorkingDir: "/app/" }, "sha256:4f3e"));
    });
    expect(second).toMatchObject({ procfile: PROCFILE, lines: ["GET /images/oneoff/my-app:latest/json"] });
    // The cache uses the image ID, because a tag may move.
    expect(
      (
        await reading({ app: released, cache }, async (engine) => {
          engine.on(IMAGE, 200, image({ WorkingDir: "/app" }, "sha256:new"));
          engine.on(CREATE, 201, { Id: "made" });
          await holds(engine, "made", "console: new");
          engine.on(REMOVE, 204);
        })
      ).procfile,
    ).toEqual(new Map([["console", "new"]]));
  });

  test("labels the container with owner and kind, so that it can be reaped", async () =>
    expect((await reading({ app: released }, made("a: b"))).bodies[1]?.Labels).toEqual({
      ...NO_LABELS,
      "dev.oneoff.container": expect.stringMatching(/^my-app\.procfile\./),
      "dev.oneoff.app": "my-app",
      "dev.oneoff.kind": "procfile",
      "dev.oneoff.owner": "here:1",
    }));

  test("removes the container if it has no Procfile", async () =>
    expect(await reading({ app: released }, made(undefined))).toMatchObject({ procfile: new Map(), events: [] }));

  test("removes the container if the read fails", async () =>
    expect(
      (
        await reading({ app: released }, (engine) => {
          engine.on(IMAGE, 200, image({}, "sha256:4f3e"));
          engine.on(CREATE, 201, { Id: "made" });
          engine.on("GET /containers/made/archive", 500, { message: "no space left on device" });
          engine.on(REMOVE, 204);
        })
      ).error,
    ).toMatchObject({ code: "engine-refused", message: "no space left on device" }));

  test("ignores a missing image, which fails at create", async () =>
    expect(
      await reading({ app: released }, (engine) => {
        engine.on(IMAGE, 404, { message: "No such image" });
      }),
    ).toMatchObject({ procfile: new Map(), error: undefined, events: [] }));
});

describe("an image without a Procfile", () => {
  test.each<[what: string, content: Parameters<typeof archive>[0] | undefined]>([
    ["nothing", undefined],
    ["an empty file", ""],
    ["a folder", { type: "directory" }],
    ["a link", { type: "symlink", linkname: "elsewhere" }],
    ["a file of more than a mebibyte", Buffer.alloc(1024 * 1024 + 1, "a: b\n")],
  ])("caches that an image has no Procfile for %s", async (_what, content) => {
    const cache = memory();
    expect(await reading({ copy, cache }, (engine) => holds(engine, "source", content))).toMatchObject({
      procfile: new Map(),
      error: undefined,
      events: [],
    });
    expect(await reading({ copy, cache })).toMatchObject({ procfile: new Map(), lines: [] });
  });

  test("reads a Procfile of 1 MiB", async () => {
    const text = `console: irb -r ./app\n${`#${"x".repeat(62)}\n`.repeat(16_384)}`.slice(0, 1024 * 1024);
    expect((await reading({ copy }, (engine) => holds(engine, "source", text))).procfile).toEqual(PROCFILE);
  });
});

describe("an invalid Procfile", () => {
  const broken = "web\n";
  test("warns about an invalid Procfile each time, but reads it once", async () => {
    const cache = memory();
    const warned = {
      procfile: new Map(),
      error: undefined,
      events: [{ type: "warning", message: '/srv/Procfile of the image:1: expected "name: command", found "web"' }],
    };
    expect(await reading({ copy, cache }, (engine) => holds(engine, "source", broken))).toMatchObject(warned);
    expect(await reading({ copy, cache })).toMatchObject({ ...warned, lines: [] });
  });

  test.each<[what: string, content: Buffer]>([
    ["bytes that are not UTF-8", Buffer.from("web: caf\xe9\n", "latin1")],
    ["a NUL byte", Buffer.from("web: a\0b\n")],
  ])("warns about a Procfile with %s", async (_what, content) =>
    expect(await reading({ copy }, (engine) => holds(engine, "source", content))).toMatchObject({
      procfile: new Map(),
      error: undefined,
      events: [{ type: "warning", message: expect.stringContaining("/srv/Procfile") }],
    }),
  );
});
