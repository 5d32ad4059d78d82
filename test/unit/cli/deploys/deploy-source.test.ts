import { describe, expect, test } from "vitest";
import { chooseSource } from "../../../../src/cli/deploys/deploy-source.ts";
import { fakeContext } from "../../../support/fake-context.ts";
import { folder } from "../../../support/folder.ts";

type Args = Parameters<typeof chooseSource>[0];
type Described = Parameters<typeof chooseSource>[2];

const choose = (args: Args, place: string | undefined, described?: Described, cwd = "/cwd") =>
  chooseSource(args, place, described, fakeContext({ cwd }));
const described = (given: object) => ({ warnings: [], ...given }) as unknown as Described;

describe("the requested source of a deploy", () => {
  test.each<[Args, string | undefined, object]>([
    [{ image: "app:1" }, undefined, { kind: "image", reference: "app:1" }],
    [{ archive: "app.tar" }, undefined, { kind: "archive", file: "app.tar" }],
    // --image selects one of several images in the archive.
    [{ archive: "-", image: "app:1" }, undefined, { kind: "archive", file: "-" }],
    [{}, "web", { kind: "build", folder: "/cwd/web" }],
    [{}, "../web", { kind: "build", folder: "/web" }],
    [{}, "/srv/web/", { kind: "build", folder: "/srv/web" }],
  ])("deploys the requested source, whatever oneoff.yaml has: %j %s", (args, place, source) => {
    const all = described({ build: { context: "/else" }, image: "else:1" });
    expect(choose(args, place, all)).toEqual(source);
    expect(choose(args, place)).toEqual(source);
  });

  test.each<[Args, string | undefined, string]>([
    [{ image: "app:1" }, "web", "--image and web"],
    [{ archive: "app.tar" }, "web", "--archive and web"],
    [{ archive: "app.tar", "dry-run": true }, undefined, "--archive and --dry-run"],
  ])("refuses contradicting sources: %j %s", (args, place, both) =>
    expect(() => choose(args, place)).toThrow(new RegExp(both.replace(" and ", ".* "))),
  );
});

describe("the default source of a deploy", () => {
  test("prefers the build of oneoff.yaml to its image", () => {
    expect(choose({}, undefined, described({ build: { context: "/srv" }, image: "app:1" }))).toEqual({
      ...{ kind: "build", folder: "/srv" },
    });
    expect(choose({}, undefined, described({ image: "app:1" }))).toEqual({ kind: "image", reference: "app:1" });
  });

  test("builds the working directory if it has a Dockerfile", async () => {
    await using here = await folder({ Dockerfile: "FROM scratch" });
    expect(choose({}, undefined, undefined, here.path)).toEqual({ kind: "build", folder: here.path });
  });

  test("fails without a Dockerfile and an image", async () => {
    await using here = await folder({ "deep/Dockerfile": "FROM scratch" });
    expect(() => choose({}, undefined, undefined, here.path)).toThrow(
      `No image to deploy: no Dockerfile in ${here.path}, and no image in oneoff.yaml`,
    );
  });
});
