import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { type BuildOptions, buildSource } from "../../src/deploy/image/build-source.ts";
import { openSource } from "../../src/deploy/image/source.ts";
import { type Builder, buildImage } from "../../src/engine/build.ts";
import { openTransport } from "../../src/engine/transport.ts";
import type { Event } from "../../src/output/events.ts";
import { api, socketOf } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";

const host = inject("engineHost");
const engine = openTransport(() => ({ socketPath: socketOf(host), from: "--host" }));
afterAll(() => engine[Symbol.asyncDispose]());

const BUILDERS: readonly Builder[] = ["buildkit", "classic"];
const WAYS = ["buildkit", "a session of buildkit", "classic"] as const;
type Way = (typeof WAYS)[number];
const options: BuildOptions = { args: new Map(), noCache: true, pull: false };

/** Builds a folder in one way. @returns the image's id, and the output of its steps. */
async function build(way: Way, path: string, { file, ...more }: Partial<BuildOptions> & { file?: string } = {}) {
  const source = openSource(path, file);
  const builder = way === "classic" ? way : "buildkit";
  const output: string[] = [];
  const steps: string[] = [];
  const request = {
    ...{ ...options, ...more, dockerfile: source.dockerfile },
    context: () => source.context(builder, () => {}),
    ...(way === "a session of buildkit" && { files: source.sessionFiles(() => {}) }),
  };
  const outcome = await buildImage(engine, builder, request, (said) => {
    if (said.kind === "output") output.push(said.text);
    else steps.push(`${said.step}${said.cached ? " (cached)" : ""}`);
  }).then(
    ({ image }) => ({ image, error: undefined }),
    (error) => ({ image: "", error }),
  );
  return { ...outcome, output, steps };
}

/** Expects the build to succeed. @returns the output of its steps. */
async function outputOf(...words: Parameters<typeof build>): Promise<string[]> {
  const { error, output } = await build(...words);
  if (error) throw error;
  return output;
}

const configOf = async (image: string) => (await api(host).get(`/images/${image}/json`)).body;

describe.each(WAYS)("build with %s", (way) => {
  test("builds from an image that was never pulled", async () => {
    await using here = await folder({ Dockerfile: 'FROM busybox:local\nCMD ["true"]\n' });
    const tag = `oneoff-test/${way.replaceAll(" ", "-")}:v1`;
    const { image, error } = await build(way, here.path, {
      tag,
      labels: { "dev.oneoff.app": "test" },
    });
    expect(error).toBeUndefined();
    const found = await configOf(tag);
    expect(found.Id).toBe(image);
    expect(found.Config).toMatchObject({ Cmd: ["true"], Labels: { "dev.oneoff.app": "test" } });
  });

  test("accepts build arguments, also for the base image, and a target", async () => {
    const Dockerfile = `ARG TAG=none
FROM busybox:\${TAG} AS one
ARG WHO=nobody
RUN echo hello $WHO
FROM one AS two
RUN echo not here
`;
    await using here = await folder({ Dockerfile });
    const args = new Map([
      ["TAG", "local"],
      ["WHO", "a 'b' & \"c\""],
    ]);
    expect(await outputOf(way, here.path, { args, target: "one" })).toEqual([`hello a 'b' & "c"`]);
  });

  test("uses the build cache unless it is disabled", async () => {
    await using here = await folder({ Dockerfile: `FROM busybox:local\nCOPY x /\nRUN echo ${way}\n`, x: "x" });
    const cached = async (noCache: boolean) =>
      (await build(way, here.path, { noCache })).steps.filter((step) => step.includes("RUN"));
    await cached(false);
    await chmod(join(here.path, "x"), 0o644);
    await writeFile(join(here.path, "x"), "x");
    expect(await cached(false)).toEqual([expect.stringContaining("(cached)")]);
    expect(await cached(true)).toEqual([expect.not.stringContaining("(cached)")]);
  });

  test("reports the output and the exit code of a step that fails", async () => {
    await using here = await folder({ Dockerfile: "FROM busybox:local\nRUN echo before; exit 42\n" });
    const { output, error } = await build(way, here.path);
    expect(output).toEqual(["before"]);
    expect(error).toMatchObject({
      code: "build-failed",
      message: 'The build failed at "[2/2] RUN echo before; exit 42": exit code 42',
    });
  });

  test("reports an invalid Dockerfile", async () => {
    await using here = await folder({ Dockerfile: "FROM busybox:local\nRUNN x\n" });
    const { error } = await build(way, here.path);
    expect(error).toMatchObject({ code: "build-failed" });
    expect(error.message).toMatch(/^The build failed.*: unknown instruction: "?RUNN/is);
  });

  const arrive = async (folders: number) => {
    const look =
      "find . -type f | wc -l; for l in link out dir; do readlink $l; done; cat dir/1; echo; stat -c '%a %u' run";
    await using here = await folder({ Dockerfile: `FROM busybox:local\nCOPY . /x\nRUN cd /x; ${look}\n`, run: "#!" });
    for (let d = 0; d < folders; d++) {
      await mkdir(join(here.path, `d${d}`));
      await Promise.all(Array.from({ length: 200 }, (_, f) => writeFile(join(here.path, `d${d}/${f}`), String(f))));
    }
    await symlink("d0/1", join(here.path, "link"));
    await symlink("/etc/passwd", join(here.path, "out"));
    await symlink("d7", join(here.path, "dir"));
    await chmod(join(here.path, "run"), 0o751);
    const files = String(folders * 200 + 2);
    expect(await outputOf(way, here.path)).toEqual([files, "d0/1", "/etc/passwd", "d7", "1", "751 0"]);
  };
  const small = "small files, symlinks and modes unchanged";
  test(`sends 2000 ${small}`, () => arrive(10));
  const many = { timeout: 180_000, tags: ["full"] };
  test.runIf(way === "buildkit")(`sends 20000 ${small}`, many, () => arrive(100));

  test("leaves ignored files out of the image", async () => {
    const files = {
      "keep/a": "",
      "drop/b": "",
      "drop/keep/c": "",
      ".dockerignore": "drop\n!drop/keep\n.dockerignore\n",
    };
    await using here = await folder({
      Dockerfile: "FROM busybox:local\nCOPY . /x\nRUN cd /x && find . -type f | sort\n",
      ...files,
    });
    expect(await outputOf(way, here.path)).toEqual(["./Dockerfile", "./drop/keep/c", "./keep/a"]);
  });

  test("builds with a Dockerfile in another folder", async () => {
    await using here = await folder({
      "app/a": "",
      "docker/prod": "FROM busybox:local\nCOPY a /x/\nRUN ls /x\n",
    });
    expect(await outputOf(way, join(here.path, "app"), { file: "../docker/prod" })).toEqual(["a"]);
  });
});

/** The files that `COPY . /x` copies under `docker build` with BuildKit, recorded with docker client 28. */
const CONTEXTS: readonly [what: string, files: Record<string, string>, file: string, copied: string[]][] = [
  ["an ignored Dockerfile", { Dockerfile: "", ".dockerignore": "Dockerfile\n" }, "Dockerfile", [".dockerignore", "a"]],
  ["both ignored", { Dockerfile: "", ".dockerignore": "*\n!a\n" }, "Dockerfile", ["a"]],
  ["an ignored one of another name", { "prod.df": "", ".dockerignore": "*.df\n" }, "prod.df", [".dockerignore", "a"]],
  [
    "one with a list of its own",
    {
      Dockerfile: "",
      ".dockerignore": "x\n.dockerignore\n",
      "Dockerfile.dockerignore": "Dockerfile*\n.dockerignore\n",
    },
    "Dockerfile",
    ["a"],
  ],
];

test.for(BUILDERS.flatMap((builder) => CONTEXTS.map((context) => [builder, ...context] as const)))(
  "%s copies the same files as docker build: %s",
  async ([builder, _what, files, file, copied]) => {
    const text = "FROM busybox:local\nCOPY . /x\nRUN ls -A /x\n";
    await using here = await folder({ a: "", ...files, [file]: text });
    const source = openSource(here.path, file);
    const events: Event[] = [];
    if (builder === "buildkit") await buildSource({ engine, report: (event) => events.push(event) }, source, options);
    const output =
      builder === "buildkit"
        ? events.flatMap((event) => (event.type === "build-output" ? event.text : []))
        : await outputOf(builder, here.path, { file });
    expect(output).toEqual(copied);
  },
);

test("omits optional mounts of secrets and SSH agents that do not exist", async () => {
  const run = "RUN --mount=type=secret,id=s --mount=type=ssh ls -A /run/secrets 2>/dev/null; echo built";
  await using here = await folder({ Dockerfile: `FROM busybox:local\n${run}\n` });
  const events: Event[] = [];
  await buildSource({ engine, report: (event) => events.push(event) }, openSource(here.path), options);
  expect(events.filter(({ type }) => type === "warning")).toHaveLength(2);
  expect(events.flatMap((event) => (event.type === "build-output" ? event.text : []))).toEqual(["built"]);
});

test("the classic builder keeps an ignored Dockerfile, and a Dockerfile in another folder, out of the image", async () => {
  const Dockerfile = "FROM busybox:local\nCOPY . /x\nRUN ls -A /x\n";
  await using here = await folder({
    Dockerfile,
    "app/a": "",
    a: "",
    ".dockerignore": "app\nDockerfile\n.dockerignore\n",
  });
  expect(await outputOf("classic", here.path)).toEqual(["a"]);
  expect(await outputOf("classic", join(here.path, "app"), { file: "../Dockerfile" })).toEqual(["a"]);
});

describe("BuildKit of the engine, used by default", () => {
  test("prints the steps of a build by the engine's BuildKit", async () => {
    await using here = await folder({ Dockerfile: "FROM busybox:local\nRUN --mount=type=tmpfs,target=/t echo hi\n" });
    const events: Event[] = [];
    const context = { engine, report: (event: Event) => events.push(event) };
    expect((await buildSource(context, openSource(here.path), options)).image).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(events.filter(({ type }) => type === "build-output")).toEqual([
      {
        type: "build-output",
        step: expect.stringMatching(/^\[(stage-0 )?2\/2\] RUN --mount=type=tmpfs,target=\/t echo hi$/),
        text: "hi",
      },
    ]);
  });

  test("names a base image that does not exist, without pulling it", async () => {
    await using here = await folder({ Dockerfile: "FROM busybox:local\nCOPY --from=oneoff-nonesuch:1 / /\n" });
    await expect(buildSource({ engine, report: () => {} }, openSource(here.path), options)).rejects.toMatchObject({
      code: "missing-image",
      message: `${here.path}/Dockerfile:2: image "oneoff-nonesuch:1" not found locally\nuse --pull to pull missing images`,
    });
  });

  test("cancels a build and its running step", async () => {
    await using here = await folder({ Dockerfile: "FROM busybox:local\nRUN echo begun; sleep 600\n" });
    const stop = new AbortController();
    const report = (event: Event) => event.type === "build-output" && stop.abort(new Error("^C"));
    await expect(buildSource({ engine, report, signal: stop.signal }, openSource(here.path), options)).rejects.toThrow(
      "^C",
    );
  });
});
