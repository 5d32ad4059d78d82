import { describe, expect, test } from "vitest";
import {
  type Builder,
  type BuildRequest,
  buildImage,
  enginePlatform,
  isNoBuildKit,
} from "../../../src/engine/build.ts";
import { type BuildProgress, LineBuffer } from "../../../src/engine/build-progress.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { OneoffError } from "../../../src/errors/error.ts";
import { type Exchange, fakeEngine } from "../../support/fake-engine.ts";
import { recordedBuild } from "../../support/recorded-build.ts";

const request: BuildRequest = {
  context: async function* () {
    yield Buffer.from("the context");
  },
  ...{ dockerfile: "Dockerfile", args: new Map(), noCache: false },
};

/** One build, answered by `answer`. Lines are `step`, `step (cached)`, and `step: line`. */
async function build(builder: Builder, more: Partial<BuildRequest>, answer: (exchange: Exchange) => void) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("POST /build").then(answer);
  const said: BuildProgress[] = [];
  const outcome = await buildImage(transport, builder, { ...request, ...more }, (one) => said.push(one)).then(
    ({ image }) => ({ image, error: undefined }),
    (error) => ({ image: undefined, error }),
  );
  const lines = said.map((one) =>
    one.kind === "step" ? `${one.step}${one.cached ? " (cached)" : ""}` : `${one.step}: ${one.text}`,
  );
  return { ...outcome, lines, received: engine.requests[0] };
}

const answering = (text: string) => (exchange: Exchange) => void exchange.acknowledge().end(text);
const lines = (...values: object[]) => values.map((value) => `${JSON.stringify(value)}\r\n`).join("");
const DONE = lines({ aux: { ID: "sha256:made" } });

describe("sends a build request", () => {
  test("sends the context as an archive, and neither pulls nor keeps containers", async () => {
    const { received } = await build("buildkit", {}, answering(DONE));
    expect(received?.query).toEqual({ version: "2", dockerfile: "Dockerfile", rm: "1", forcerm: "1" });
    expect(received?.body.toString()).toBe("the context");
  });

  test("sends all other options if they are set", async () => {
    const { received } = await build(
      "classic",
      {
        dockerfile: "docker/app.Dockerfile",
        args: new Map([["URL", "http://a/?b=c&d"]]),
        ...{
          target: "prod",
          noCache: true,
          tag: "oneoff/my-app:v7",
          labels: { "dev.oneoff.app": "my-app" },
        },
      },
      answering(DONE),
    );
    expect(received?.query).toEqual({
      ...{ version: "1", dockerfile: "docker/app.Dockerfile", buildargs: '{"URL":"http://a/?b=c&d"}', target: "prod" },
      ...{
        nocache: "1",
        t: "oneoff/my-app:v7",
        labels: '{"dev.oneoff.app":"my-app"}',
        rm: "1",
        forcerm: "1",
      },
    });
  });
});

describe("converts BuildKit's progress to steps and lines", () => {
  test("omits BuildKit's internal steps, and ends an unfinished line before the next step", async () =>
    expect(await build("buildkit", {}, answering(recordedBuild("buildkit")))).toMatchObject({
      image: "sha256:1330579a76240efe1523145b50beb610648ec5b6aca5b2123b60c326bd3870ef",
      lines: [
        "[tools 1/2] FROM docker.io/library/busybox:local (cached)",
        '[tools 2/2] RUN printf "one\\n\\ntwo" >&2; echo',
        '[tools 2/2] RUN printf "one\\n\\ntwo" >&2; echo: one',
        '[tools 2/2] RUN printf "one\\n\\ntwo" >&2; echo: ',
        '[tools 2/2] RUN printf "one\\n\\ntwo" >&2; echo: ',
        '[tools 2/2] RUN printf "one\\n\\ntwo" >&2; echo: two',
        "[stage-1 2/3] COPY --from=tools /bin/busybox /b",
        '[stage-1 3/3] RUN printf "caf\\303\\251"',
        '[stage-1 3/3] RUN printf "caf\\303\\251": café',
        "exporting to image",
      ],
    }));

  test("reports cached BuildKit steps", async () =>
    expect((await build("buildkit", {}, answering(recordedBuild("buildkit-cached")))).lines).toEqual([
      "[tools 1/2] FROM docker.io/library/busybox:local",
      '[tools 2/2] RUN printf "one\\n\\ntwo" >&2; echo (cached)',
      "[stage-1 2/3] COPY --from=tools /bin/busybox /b (cached)",
      '[stage-1 3/3] RUN printf "caf\\303\\251" (cached)',
      "exporting to image",
    ]));

  test("reports a failed BuildKit step with its exit code", async () =>
    expect(await build("buildkit", {}, answering(recordedBuild("buildkit-failing")))).toMatchObject({
      lines: [
        "[1/2] FROM docker.io/library/busybox:local (cached)",
        "[2/2] RUN echo out; echo err >&2; exit 3",
        "[2/2] RUN echo out; echo err >&2; exit 3: err",
        "[2/2] RUN echo out; echo err >&2; exit 3: out",
      ],
      error: {
        code: "build-failed",
        message: 'The build failed at "[2/2] RUN echo out; echo err >&2; exit 3": exit code 3',
      },
    }));

  test("reports corrupt BuildKit progress as the engine's fault", async () => {
    const { error } = await build("buildkit", {}, answering(lines({ id: "moby.buildkit.trace", aux: "Cg==" })));
    expect(error).toMatchObject({ code: "bad-answer" });
  });
});

test("converts the progress of Podman's builder to steps and lines", async () => {
  const id = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
  const stream = (...texts: string[]) => lines(...texts.map((stream) => ({ stream })));
  const built =
    stream(
      "STEP 1/3: FROM busybox:local\n",
      "STEP 2/3: RUN echo hi; echo $SUM\n",
      "hi\n",
      `${id}\n`,
      "--> 156374d4ee0d\n",
    ) +
    stream("STEP 3/3: USER app\n", `--> Using cache ${id}\n`, "COMMIT oneoff/my-app:built\n", "--> 5f70bf18a086\n") +
    stream("Successfully tagged docker.io/oneoff/my-app:built\n", `${id}\n`) +
    lines({ aux: { ID: `sha256:${id}` } }) +
    stream("Successfully built 5f70bf18a086\n");
  expect(await build("classic", {}, answering(built))).toMatchObject({
    image: `sha256:${id}`,
    lines: [
      "[1/3] FROM busybox:local",
      "[2/3] RUN echo hi; echo $SUM",
      "[2/3] RUN echo hi; echo $SUM: hi",
      `[2/3] RUN echo hi; echo $SUM: ${id}`,
      "[3/3] USER app (cached)",
    ],
  });
});

test.each([
  ["made", 'image "moby-dangling@sha256:89": already exists'],
  ["removed", "failed to get digest sha256:15: open /data/image/overlay2/15: no such file or directory"],
])("retries an image that another build has %s at the same moment", async (_what, error) => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("POST /build").then(answering(lines({ error, errorDetail: { message: error } })));
  engine.on("POST /build").then(answering(DONE));
  expect(await buildImage(transport, "buildkit", request, () => {})).toMatchObject({ image: "sha256:made" });
});

describe("converts the classic builder's output to steps and lines", () => {
  test("omits the classic builder's own messages", async () =>
    expect(await build("classic", {}, answering(recordedBuild("classic")))).toMatchObject({
      lines: [
        "[1/5] FROM busybox:local AS tools",
        '[2/5] RUN printf "one\\n\\ntwo" >&2; echo',
        '[2/5] RUN printf "one\\n\\ntwo" >&2; echo: one',
        '[2/5] RUN printf "one\\n\\ntwo" >&2; echo: ',
        '[2/5] RUN printf "one\\n\\ntwo" >&2; echo: two',
        "[3/5] FROM busybox:local",
        "[4/5] COPY --from=tools /bin/busybox /b",
        '[5/5] RUN printf "caf\\303\\251"',
        '[5/5] RUN printf "caf\\303\\251": café',
      ],
    }));

  test("reports cached steps of the classic builder", async () =>
    expect((await build("classic", {}, answering(recordedBuild("classic-cached")))).lines).toEqual([
      "[1/5] FROM busybox:local AS tools",
      '[2/5] RUN printf "one\\n\\ntwo" >&2; echo (cached)',
      "[3/5] FROM busybox:local",
      "[4/5] COPY --from=tools /bin/busybox /b (cached)",
      '[5/5] RUN printf "caf\\303\\251" (cached)',
    ]));

  test("reports a failed step of the classic builder with its exit code", async () =>
    expect(await build("classic", {}, answering(recordedBuild("classic-failing")))).toMatchObject({
      lines: [
        "[1/2] FROM busybox:local",
        "[2/2] RUN echo out; echo err >&2; exit 3",
        expect.stringMatching(/: (out|err)$/),
        expect.stringMatching(/: (out|err)$/),
      ],
      error: {
        code: "build-failed",
        message: 'The build failed at "[2/2] RUN echo out; echo err >&2; exit 3": exit code 3',
      },
    }));

  test("returns the last image, not an image of an earlier stage", async () => {
    const stages = lines({ aux: { ID: "sha256:stage" } }, { aux: { ID: "sha256:last" } });
    expect((await build("classic", {}, answering(stages))).image).toBe("sha256:last");
  });
});

test("joins characters and lines that are split between chunks", () => {
  const brought: string[] = [];
  const lines = new LineBuffer((line) => brought.push(line));
  const bytes = Buffer.from("a\r\nbé\n\nc");
  for (const byte of bytes) lines.push(Buffer.of(byte));
  expect(brought).toEqual(["a", "bé", ""]);
  lines.end();
  lines.end();
  expect(brought).toEqual(["a", "bé", "", "c"]);
});

test("splits a long line without a line feed", () => {
  const brought: string[] = [];
  const lines = new LineBuffer((line) => brought.push(line));
  for (let n = 0; n < 100; n += 1) lines.push(Buffer.alloc(10_000, "x"));
  lines.end();
  expect(brought.join("")).toBe("x".repeat(1_000_000));
  expect(Math.max(...brought.map(({ length }) => length))).toBeLessThan(80_000);
});

describe("fails a build", () => {
  test.each<[what: string, reason: string, expected: string]>([
    [
      "before any step with the engine's message, without BuildKit's prefixes",
      "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: RUNN",
      "The build failed: dockerfile parse error line 2: unknown instruction: RUNN",
    ],
    [
      "with an exit code in the message without treating it as the command's",
      "exit code: 3 is not it",
      "The build failed: exit code: 3 is not it",
    ],
  ])("fails a build %s", async (_what, error, message) =>
    expect(
      (await build("buildkit", {}, answering(lines({ error, errorDetail: { message: error } })))).error,
    ).toMatchObject({ code: "build-failed", message }),
  );

  test("reports the classic builder's message on an immediate refusal", async () =>
    expect(
      (await build("classic", {}, (exchange) => exchange.reply(400, { message: "unknown instruction: RUNN" }))).error,
    ).toMatchObject({ code: "build-failed", message: "The build failed: unknown instruction: RUNN" }));

  test("fails if the build ends without an image", async () =>
    expect((await build("classic", {}, answering(lines({ stream: "Step 1/1 : FROM a\n" })))).error).toMatchObject({
      code: "build-failed",
      message: "The build failed: the engine did not report the ID of the image",
    }));

  test("fails if the engine closes the connection during the build", async () =>
    expect(
      (
        await build("buildkit", {}, (exchange) => {
          const answer = exchange.acknowledge();
          answer.write(lines({ stream: "Step 1/1 : FROM a\n" }), () => answer.destroy());
        })
      ).error,
    ).toMatchObject({ code: "engine-unreachable" }));

  test("fails with a file's error if it cannot be read", async () => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    const unreadable = new OneoffError("unreadable", "no such luck", { next: undefined });
    // biome-ignore lint/correctness/useYield: it fails before the first
    const context = async function* () {
      throw unreadable;
    };
    await expect(buildImage(transport, "buildkit", { ...request, context }, () => {})).rejects.toBe(unreadable);
  });

  test("fails with the reason of the abort", async () => {
    const stop = new AbortController();
    const { error } = await build("buildkit", { signal: stop.signal }, (exchange) => {
      exchange.acknowledge();
      stop.abort(new Error("^C"));
    });
    expect(error).toEqual(new Error("^C"));
  });
});

describe("falls back on an engine without BuildKit", () => {
  test.each([
    [400, "buildkit is not supported by daemon"],
    [400, 'invalid version "2"'],
    [501, "BuildKit is not available on this platform"],
  ])("detects an engine without BuildKit by its refusal: %i %s", async (status, message) => {
    const { error } = await build("buildkit", {}, (exchange) => exchange.reply(status, { message }));
    expect(isNoBuildKit(error)).toBe(true);
  });

  test("does not mistake a refused build for an engine without BuildKit", async () => {
    const { error } = await build("buildkit", {}, (exchange) =>
      exchange.reply(400, { message: "unknown flag: mount" }),
    );
    expect(isNoBuildKit(error)).toBe(false);
  });

  test("reads classic output if the engine builds with another builder", async () =>
    expect(await build("buildkit", {}, answering(recordedBuild("classic-cached")))).toMatchObject({
      image: expect.stringMatching(/^sha256:/),
      lines: expect.arrayContaining(["[4/5] COPY --from=tools /bin/busybox /b (cached)"]),
    }));
});

test("returns the platform of the engine", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /version", 200, { Os: "linux", Arch: "arm64", Version: "28.5.2" });
  expect(await enginePlatform(transport)).toEqual({ os: "linux", arch: "arm64" });
});
