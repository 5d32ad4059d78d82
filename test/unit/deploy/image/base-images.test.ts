import { describe, expect, test } from "vitest";
import { type BuildChoice, baseImages } from "../../../../src/deploy/image/base-images.ts";
import { parseDockerfile } from "../../../../src/deploy/image/dockerfile.ts";

const choice: BuildChoice = { builder: "buildkit", args: new Map(), platform: { os: "linux", arch: "arm64" } };

/** Each as `line image`. */
const needed = (text: string, more: Partial<BuildChoice> = {}) =>
  baseImages(parseDockerfile(text), { ...choice, ...more }).map(({ image, line }) => `${line} ${image}`);

describe("the images that a build begins from", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["one", "FROM busybox:local", ["1 busybox:local"]],
    ["of a registry, by its digest", "FROM host:5000/a/b@sha256:01", ["1 host:5000/a/b@sha256:01"]],
    ["none", "FROM scratch\nCOPY a /", []],
    ["one with a platform", "FROM --platform=linux/amd64 a AS b", ["1 a"]],
    ["named twice, which is one", "FROM a AS x\nFROM a\nCOPY --from=x / /", ["1 a"]],
    ["a stage before, in any case of letters", "FROM a AS Base\nFROM base", ["1 a"]],
    ["a stage that is not before, which is an image", "FROM b AS a\nFROM a\nFROM later\nFROM x AS later", ["4 x"]],
    ["a number, which is an image", "FROM a\nFROM 0", ["2 0"]],
    ["the same name as the stage's own", "FROM a AS a", ["1 a"]],
    ["what is no name of an image, which the builder is to judge", "FROM ../x?y", []],
    ["no name at all", "FROM", []],
    ["no FROM", "RUN a", []],
  ])("%s", (_what, text, expected) => expect(needed(text)).toEqual(expected));
});

describe("the images that it copies from", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["by COPY", "FROM a\nCOPY --from=tools:1 /x /", ["1 a", "2 tools:1"]],
    ["by COPY with other flags", "FROM a\nCOPY --link --chown=1 --from=tools:1 /x /", ["1 a", "2 tools:1"]],
    ["by RUN", "FROM a\nRUN --mount=type=bind,from=tools:1,target=/x ls", ["1 a", "2 tools:1"]],
    ["by RUN, first", "FROM a\nRUN --mount=from=tools:1,target=/x ls", ["1 a", "2 tools:1"]],
    ["a stage by its name", "FROM a AS x\nFROM b\nCOPY --from=X / /", ["1 a", "2 b"]],
    ["a stage by its number", "FROM a\nFROM b\nCOPY --from=0 / /", ["1 a", "2 b"]],
    ["what is no flag", "FROM a\nRUN echo --from=b", ["1 a"]],
    ["a variable, which is left to the builder", "FROM a\nCOPY --from=$X / /", ["1 a"]],
  ])("%s", (_what, text, expected) => expect(needed(text)).toEqual(expected));
});

describe("variables in a FROM", () => {
  const given = { args: new Map([["TAG", "given"]]) };
  test.each<[text: string, plain: string[], given: string[]]>([
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
  ])("%j", (text, plain, withArgs) => {
    expect(needed(text)).toEqual(plain);
    expect(needed(text, given)).toEqual(withArgs);
  });
});

describe("of the stages that are not needed", () => {
  const text = "FROM a AS one\nFROM b AS two\nFROM c AS three\nCOPY --from=one / /\nFROM d AS four\nFROM three";
  test.each<[target: string | undefined, buildkit: string[], classic: string[]]>([
    [undefined, ["1 a", "3 c"], ["1 a", "2 b", "3 c", "5 d"]],
    ["three", ["1 a", "3 c"], ["1 a", "2 b", "3 c"]],
    ["TWO", ["2 b"], ["1 a", "2 b"]],
    ["1", ["2 b"], ["1 a", "2 b"]],
    ["nonesuch", [], []],
  ])("with the target %s, BuildKit takes none, the classic builder those before", (target, buildkit, classic) => {
    expect(needed(text, { target })).toEqual(buildkit);
    expect(needed(text, { target, builder: "classic" })).toEqual(classic);
  });
});

describe("the image that reads the Dockerfile", () => {
  const text = "# syntax=docker/dockerfile:1 more\nFROM a";
  test("is needed by BuildKit", () => expect(needed(text)).toEqual(["1 docker/dockerfile:1", "2 a"]));
  test("is another one where an argument says so", () =>
    expect(needed(text, { args: new Map([["BUILDKIT_SYNTAX", "mine:1"]]) })).toEqual(["1 mine:1", "2 a"]));
  test("is nothing to the classic builder", () => expect(needed(text, { builder: "classic" })).toEqual(["2 a"]));
});
