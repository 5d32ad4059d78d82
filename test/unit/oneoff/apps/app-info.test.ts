import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";
import type { ImageDetails } from "../../../../src/engine/image-types.ts";
import { describeApp, type Values } from "../../../../src/oneoff/apps/app-info.ts";
import type { ContainerCopy } from "../../../../src/oneoff/apps/copy.ts";
import { toServiceApp } from "../../../../src/oneoff/swarm/services/service-app.ts";
import { image } from "../../../support/deployed.ts";
import { ofService } from "../../../support/swarm-services.ts";

const released: App = {
  ...{ name: "my-app", from: "release", image: "oneoff/my-app:latest" },
  ...{ env: new Map(), procfile: new Map(), settings: {} },
};
const bare = image({ Env: null });

const NO_TYPES = { procfile: new Map(), from: "image" } as const;

/** An app found by its container, which has inherited all settings of its image. */
const copy: ContainerCopy = {
  ...{ source: "id", sourceName: "shop-web-1", image: "sha256:image", env: ["PATH=/bin", "A=1"] },
  ...{ user: "", workingDir: "/app", entrypoint: [""], networks: ["front", "back"] },
  hostConfig: { ShmSize: 67_108_864, Binds: ["data:/data"], Mounts: [] },
};
const found: App = {
  ...released,
  ...{ name: "shop/web", from: "compose", image: "sha256:image" },
  env: new Map([
    ["PATH", "/bin"],
    ["A", "1"],
  ]),
};

/** An app in oneoff.yaml. */
function described(text: string, over: Partial<App> = {}): App {
  const settings = parseManifest(Buffer.from(`apps: {my-app: {${text}}}`), "/srv/oneoff.yaml", {}).apps.get("my-app");
  if (!settings) throw new Error(text);
  const { env = new Map(), image = "oneoff/my-app:latest" } = settings;
  return { ...released, from: "oneoff.yaml", image, env, settings, ...over };
}

const values = (pairs: Values) => Object.entries(pairs).map(([name, { value, from }]) => [name, value, from]);
const settings = (app: App, from?: ContainerCopy, ofImage: ImageDetails | undefined = bare) =>
  values(describeApp({ app, ...(from && { copy: from }) }, ofImage, NO_TYPES).settings);

describe("a release", () => {
  test("shows image and process types of a release, also if its processes run", () => {
    const types = { procfile: new Map([["web", "puma"]]), from: "release" } as const;
    const { settings, procfile } = describeApp({ app: released, copy }, bare, types);
    expect(settings).toMatchObject({ image: { value: "oneoff/my-app:latest", from: "release" } });
    expect(procfile).toEqual({ web: { value: "puma", from: "release" } });
  });

  test("shows variables of app.json for a release", () => {
    const env = new Map([["A", "1"]]);
    expect(values(describeApp({ app: { ...released, env } }, bare, NO_TYPES, env).env)).toEqual([
      ["A", "1", "app.json"],
    ]);
  });

  test("shows the settings of the image of a release", () =>
    expect(
      describeApp(
        { app: released },
        image({ Env: ["PATH=/bin", "A=b=c", "UNSET"], User: "app", WorkingDir: "/srv", Entrypoint: ["/entry"] }),
        { procfile: new Map([["web", "puma"]]), from: "image" },
      ),
    ).toEqual({
      ...{ name: "my-app", from: "release", file: undefined, container: undefined },
      settings: {
        image: { value: "oneoff/my-app:latest", from: "release" },
        user: { value: "app", from: "image" },
        workdir: { value: "/srv", from: "image" },
        entrypoint: { value: ["/entry"], from: "image" },
        init: { value: true, from: "default" },
        networks: { value: ["bridge"], from: "default" },
      },
      mounts: {},
      env: { PATH: { value: "/bin", from: "image" }, A: { value: "b=c", from: "image" } },
      procfile: { web: { value: "puma", from: "image" } },
    }));

  test.each([
    ["has no config", { Id: "sha256:1", Created: "" }],
    ["has an empty config", image({ Env: [], User: "", WorkingDir: "", Entrypoint: [] })],
    ["is missing", undefined],
  ])("shows defaults for a release whose image %s", (_what, ofImage) =>
    expect(describeApp({ app: released }, ofImage, NO_TYPES)).toMatchObject({
      settings: {
        image: { value: "oneoff/my-app:latest", from: "release" },
        init: { value: true, from: "default" },
        networks: { value: ["bridge"], from: "default" },
      },
      ...{ env: {}, mounts: {}, procfile: {} },
    }),
  );
});

describe("a container", () => {
  test("shows settings of a container by the names of the engine's API", () => {
    const info = describeApp({ app: found, copy }, image(), NO_TYPES);
    expect(info).toEqual({
      ...{ name: "shop/web", from: "compose", file: undefined, container: "shop-web-1" },
      settings: {
        image: { value: "sha256:image", from: "container" },
        workdir: { value: "/app", from: "image" },
        init: { value: true, from: "default" },
        networks: { value: ["front", "back"], from: "container" },
        ShmSize: { value: 67_108_864, from: "container" },
      },
      mounts: { "/data": { value: "data:/data", from: "container" } },
      env: { PATH: { value: "/bin", from: "image" }, A: { value: "1", from: "container" } },
      procfile: {},
    });
  });

  test("lets a container override its image", () => {
    const own = { ...copy, env: ["PATH=/mine"], user: "me", workingDir: "/mine", entrypoint: ["mine"] };
    const app = { ...found, env: new Map([["PATH", "/mine"]]) };
    const info = describeApp(
      { app, copy: own },
      image({ Env: ["PATH=/bin"], User: "app", Entrypoint: ["/entry"] }),
      NO_TYPES,
    );
    expect(info.settings).toMatchObject({
      user: { value: "me", from: "container" },
      workdir: { value: "/mine", from: "container" },
      entrypoint: { value: ["mine"], from: "container" },
    });
    expect(info.env).toEqual({ PATH: { value: "/mine", from: "container" } });
  });

  test("omits variables that the container unsets", () =>
    expect(
      values(
        describeApp({ app: found, copy: { ...copy, env: [...copy.env, "LANG"] } }, image({ Env: ["LANG=C"] }), NO_TYPES)
          .env,
      ),
    ).toEqual([
      ["PATH", "/bin", "container"],
      ["A", "1", "container"],
    ]));

  test("shows no entrypoint if the container clears the entrypoint of its image", () =>
    expect(settings(found, copy, image({ Entrypoint: ["/entry"] }))).toContainEqual(["entrypoint", [""], "container"]));

  test("shows all settings of a container whose image was removed", () => {
    const info = describeApp({ app: found, copy: { ...copy, entrypoint: ["e"] } }, undefined, NO_TYPES);
    expect(values(info.env)).toEqual([
      ["PATH", "/bin", "container"],
      ["A", "1", "container"],
    ]);
    expect(values(info.settings)).toContainEqual(["workdir", "/app", "container"]);
    expect(values(info.settings)).toContainEqual(["entrypoint", ["e"], "container"]);
  });
});

test("shows links of a container, unless oneoff.yaml replaces its networks", () => {
  const links = { links: ["db:db"], networkLinks: { front: ["shop-db-1:database"] } };
  const linked: ContainerCopy = { ...copy, ...links };
  expect(settings(found, linked)).toContainEqual(["links", ["db:db", "shop-db-1:database"], "container"]);
  const names = settings(described("from: container:x, networks: [other]"), linked).map(([name]) => name);
  expect(names).not.toContain("links");
});

describe("limits and stop settings", () => {
  const limited: ContainerCopy = {
    ...{ ...copy, stopSignal: "SIGINT", stopTimeout: 60 },
    hostConfig: { Memory: 2 ** 26, MemorySwap: 2 ** 27, NanoCpus: 5e8, PidsLimit: 99, CpuShares: 512 },
  };
  const facts = (app: App) => settings(app, limited, image({ Entrypoint: null })).slice(4);

  test("shows limits and stop settings of the container", () =>
    expect(facts(found)).toEqual([
      ["stop-signal", "SIGINT", "container"],
      ["stop-timeout", 60, "container"],
      ["memory", 2 ** 26, "container"],
      ["cpus", 0.5, "container"],
      ["pids-limit", 99, "container"],
      ["CpuShares", 512, "container"],
      ["MemorySwap", 2 ** 27, "container"],
    ]));

  test("lets limits of oneoff.yaml override the container's, and drops conflicting ones", () =>
    expect(facts(described("from: container:x, run: {memory: 1g, cpus: 2}")).slice(2)).toEqual([
      ["memory", 2 ** 30, "oneoff.yaml"],
      ["cpus", 2, "oneoff.yaml"],
      ["pids-limit", 99, "container"],
      ["CpuShares", 512, "container"],
    ]));
});

describe("oneoff.yaml", () => {
  test("lets oneoff.yaml override the image", () => {
    const app = described(
      "image: i:1, user: me, workdir: /w, entrypoint: [e], shell: bash, init: false, networks: [n]",
    );
    expect(settings(app, undefined, image({ User: "app", WorkingDir: "/app", Entrypoint: ["/entry"] }))).toEqual([
      ["image", "i:1", "oneoff.yaml"],
      ["user", "me", "oneoff.yaml"],
      ["workdir", "/w", "oneoff.yaml"],
      ["entrypoint", ["e"], "oneoff.yaml"],
      ["shell", "bash", "oneoff.yaml"],
      ["init", false, "oneoff.yaml"],
      ["networks", ["n"], "oneoff.yaml"],
    ]);
  });

  test("does not list an image tagged by hand as a release", () =>
    expect(settings({ ...released, from: "image" })).toContainEqual(["image", "oneoff/my-app:latest", "image"]));

  test("shows limits in bytes, CPUs and seconds", () =>
    expect(settings(described("image: i, run: {memory: 1g, cpus: 1.5, pids-limit: 9, timeout: 1h}")).slice(4)).toEqual([
      ["memory", 2 ** 30, "oneoff.yaml"],
      ["cpus", 1.5, "oneoff.yaml"],
      ["pids-limit", 9, "oneoff.yaml"],
      ["timeout", 3600, "oneoff.yaml"],
    ]));

  test("shows the log driver without its options, which may contain a token", () => {
    const app = described("image: i, run: {log: {driver: splunk, options: {splunk-token: hunter2}}}");
    expect(settings(app)).toContainEqual(["log", "splunk", "oneoff.yaml"]);
    expect(JSON.stringify(settings(app))).not.toContain("hunter2");
  });

  test("shows the latest release for an app with only `build`", () =>
    expect(settings(described("build: ."))).toContainEqual(["image", "oneoff/my-app:latest", "release"]));

  test("lets env of oneoff.yaml override variables of the image in their order", () =>
    expect(
      values(
        describeApp({ app: described("image: i, env: {B: yaml, C: yaml}") }, image({ Env: ["A=i", "B=i"] }), NO_TYPES)
          .env,
      ),
    ).toEqual([
      ["A", "i", "image"],
      ["B", "yaml", "oneoff.yaml"],
      ["C", "yaml", "oneoff.yaml"],
    ]));

  test("shows the release and variables of app.json for a deployed app of oneoff.yaml", () => {
    const app = described("image: 'oneoff/my-app:latest', env: {B: yaml}", {
      env: new Map([
        ["A", "stored"],
        ["B", "yaml"],
      ]),
    });
    const stored = new Map([
      ["A", "stored"],
      ["B", "other"],
    ]);
    const { settings, env } = describeApp({ app }, bare, NO_TYPES, stored);
    expect(settings).toMatchObject({ image: { value: "oneoff/my-app:latest", from: "release" } });
    expect(values(env)).toEqual([
      ["A", "stored", "app.json"],
      ["B", "yaml", "oneoff.yaml"],
    ]);
  });

  test("shows mounts by path, in the long or short form", () =>
    expect(
      describeApp({ app: described("image: i, mounts: ['data:/a', {type: tmpfs, target: /b}]"), copy }, bare, NO_TYPES)
        .mounts,
    ).toEqual({
      "/data": { value: "data:/data", from: "container" },
      "/a": { value: "data:/a", from: "oneoff.yaml" },
      "/b": { value: { Type: "tmpfs", Target: "/b", ReadOnly: false }, from: "oneoff.yaml" },
    }));

  test("lets oneoff.yaml replace mounts of a container", () =>
    expect(
      describeApp({ app: described("from: container:x, mounts: ['mine:/data']"), copy }, bare, NO_TYPES).mounts,
    ).toEqual({ "/data": { value: "mine:/data", from: "oneoff.yaml" } }));

  test("lets oneoff.yaml with `from` override the container, which overrides the image", () => {
    const app = described("from: container:x, user: me, env: {B: yaml, C: yaml}", {
      image: "sha256:image",
      env: new Map([
        ["PATH", "/bin"],
        ["A", "1"],
        ["B", "yaml"],
        ["C", "yaml"],
      ]),
    });
    const info = describeApp(
      { app, file: "/srv/oneoff.yaml", copy: { ...copy, user: "app", env: [...copy.env, "B=container"] } },
      image(),
      NO_TYPES,
    );
    expect(info).toMatchObject({ from: "oneoff.yaml", file: "/srv/oneoff.yaml", container: "shop-web-1" });
    expect(info.settings).toMatchObject({
      image: { value: "sha256:image", from: "container" },
      user: { value: "me", from: "oneoff.yaml" },
      workdir: { value: "/app", from: "image" },
      networks: { value: ["front", "back"], from: "container" },
    });
    expect(values(info.env)).toEqual([
      ["PATH", "/bin", "image"],
      ["A", "1", "container"],
      ["B", "yaml", "oneoff.yaml"],
      ["C", "yaml", "oneoff.yaml"],
    ]);
  });
});

test("accepts variables named like members of Object", () =>
  expect(
    values(
      describeApp(
        { app: { ...released, env: new Map([["__proto__", "a"], ["constructor", "b"]]) } }, // biome-ignore format: one line
        image({ Env: ["toString=c"] }),
        NO_TYPES,
      ).env,
    ),
  ).toEqual([
    ["toString", "c", "image"],
    ["__proto__", "a", "oneoff.yaml"],
    ["constructor", "b", "oneoff.yaml"],
  ]));

test("shows the settings of a Swarm service, also those that only a service has", () => {
  const service = ofService("shop_web", {
    Secrets: [{ SecretID: "1", SecretName: "db" }],
    Configs: [{ ConfigID: "2", ConfigName: "app" }],
  });
  const Placement = { Constraints: ["node.role==worker"] };
  const swarm = toServiceApp({
    ...service,
    Spec: { ...service.Spec, TaskTemplate: { ...service.Spec.TaskTemplate, Placement } },
  });
  const { source: _source, sourceName: _name, ...ofSpec } = copy;
  const info = describeApp({ app: { ...found, from: "swarm" }, copy: ofSpec, swarm }, bare, NO_TYPES);
  expect(info).toMatchObject({ container: undefined, service: "shop_web" });
  expect(values(info.settings)).toEqual(
    expect.arrayContaining([
      ["networks", ["front", "back"], "service"],
      ["secrets", ["db"], "service"],
      ["configs", ["app"], "service"],
      ["constraints", ["node.role==worker"], "service"],
    ]),
  );
  expect(info.env.A).toEqual({ value: "1", from: "service" });
});
