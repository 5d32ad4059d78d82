import { describe, expect, test } from "vitest";
import { type BuildChoice, baseImages } from "../../../../src/deploy/image/base-images.ts";
import { parseDockerfile } from "../../../../src/deploy/image/dockerfile.ts";

const choice: BuildChoice = { builder: "buildkit", args: new Map(), platform: { os: "linux", arch: "arm64" } };

/** Images as `line image`. */
const needed = (text: string, more: Partial<BuildChoice> = {}) =>
  baseImages(parseDockerfile(text), { ...choice, ...more }).map(({ image, line }) => `${line} ${image}`);

describe("FROM", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["an image", "FROM busybox:local", ["1 busybox:local"]],
    ["a digest in a registry", "FROM host:5000/a/b@sha256:01", ["1 host:5000/a/b@sha256:01"]],
    ["scratch", "FROM scratch\nCOPY a /", []],
    ["an image with a platform", "FROM --platform=linux/amd64 a AS b", ["1 a"]],
    ["an image that is used twice", "FROM a AS x\nFROM a\nCOPY --from=x / /", ["1 a"]],
    ["an earlier stage, case-insensitively", "FROM a AS Base\nFROM base", ["1 a"]],
    ["an image with the name of a later stage", "FROM b AS a\nFROM a\nFROM later\nFROM x AS later", ["4 x"]],
    ["an image with a number as name", "FROM a\nFROM 0", ["2 0"]],
    ["an image with the name of its own stage", "FROM a AS a", ["1 a"]],
    ["an invalid name", "FROM ../x?y", []],
    ["FROM without a name", "FROM", []],
    ["a file without FROM", "RUN a", []],
  ])("lists images of FROM: %s", (_what, text, expected) => expect(needed(text)).toEqual(expected));
});

describe("--from", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["COPY --from", "FROM a\nCOPY --from=tools:1 /x /", ["1 a", "2 tools:1"]],
    ["COPY --from after other flags", "FROM a\nCOPY --link --chown=1 --from=tools:1 /x /", ["1 a", "2 tools:1"]],
    ["RUN --mount from", "FROM a\nRUN --mount=type=bind,from=tools:1,target=/x ls", ["1 a", "2 tools:1"]],
    ["RUN --mount with from first", "FROM a\nRUN --mount=from=tools:1,target=/x ls", ["1 a", "2 tools:1"]],
    ["a stage name", "FROM a AS x\nFROM b\nCOPY --from=X / /", ["1 a", "2 b"]],
    ["a stage number", "FROM a\nFROM b\nCOPY --from=0 / /", ["1 a", "2 b"]],
    ["an argument of a command", "FROM a\nRUN echo --from=b", ["1 a"]],
    ["a variable", "FROM a\nCOPY --from=$X / /", ["1 a"]],
  ])("lists images of other stages: %s", (_what, text, expected) => expect(needed(text)).toEqual(expected));
});

describe("variables in a FROM", () => {
  const withTag = { args: new Map([["TAG", "given"]]) };
  test.each<[text: string, plain: string[], withArgs: string[]]>([
    ["ARG TAG\nFROM a:$TAG", [], ["2 a:given"]],
    ["ARG TAG=1\nFROM a:$TAG", ["2 a:1"], ["2 a:given"]],
    [`ARG TAG="1"\nFROM "a:\${TAG}"`, ["2 a:1"], ["2 a:given"]],
    ["ARG X=9 TAG=$X\nFROM a:$TAG", ["2 a:9"], ["2 a:given"]],
    ["FROM a:$TAG", [], []],
    [`FROM a:\${TAG:-2}`, ["1 a:2"], ["1 a:2"]],
    [`ARG TAG=\nFROM a:\${TAG:-2}`, ["2 a:2"], ["2 a:given"]],
    [`ARG TAG=\nFROM a:\${TAG-2}x`, ["2 a:x"], ["2 a:givenx"]],
    [`ARG TAG\nFROM a\${TAG:+:3}`, ["2 a"], ["2 a:3"]],
    [`ARG TAG=1\nFROM a:\${TAG#1}`, [], []],
    [`FROM b AS s\nARG TAG=1\nFROM a:\${TAG:-4}`, ["3 a:4"], ["3 a:4"]],
    [`FROM a-$TARGETARCH-\${BUILDPLATFORM}`, ["1 a-arm64-linux/arm64"], ["1 a-arm64-linux/arm64"]],
  ])("expands variables of %j", (text, plain, withArgs) => {
    expect(needed(text)).toEqual(plain);
    expect(needed(text, withTag)).toEqual(withArgs);
  });
});

describe("unused stages", () => {
  const text = "FROM a AS one\nFROM b AS two\nFROM c AS three\nCOPY --from=one / /\nFROM d AS four\nFROM three";
  test.each<[target: string | undefined, buildkit: string[], classic: string[]]>([
    [undefined, ["1 a", "3 c"], ["1 a", "2 b", "3 c", "5 d"]],
    ["three", ["1 a", "3 c"], ["1 a", "2 b", "3 c"]],
    ["TWO", ["2 b"], ["1 a", "2 b"]],
    ["1", ["2 b"], ["1 a", "2 b"]],
    ["nonesuch", [], []],
  ])("skips stages that target %s does not need, for BuildKit", (target, buildkit, classic) => {
    expect(needed(text, { target })).toEqual(buildkit);
    expect(needed(text, { target, builder: "classic" })).toEqual(classic);
  });
});

describe("# syntax=", () => {
  const text = "# syntax=docker/dockerfile:1 more\nFROM a";
  test("lists the frontend image for BuildKit", () => expect(needed(text)).toEqual(["1 docker/dockerfile:1", "2 a"]));
  test("prefers BUILDKIT_SYNTAX to the frontend in the Dockerfile", () =>
    expect(needed(text, { args: new Map([["BUILDKIT_SYNTAX", "mine:1"]]) })).toEqual(["1 mine:1", "2 a"]));
  test("lists no frontend image for the classic builder", () =>
    expect(needed(text, { builder: "classic" })).toEqual(["2 a"]));
});
