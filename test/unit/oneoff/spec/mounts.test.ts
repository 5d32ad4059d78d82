import { describe, expect, test } from "vitest";
import type { ContainerCopy } from "../../../../src/oneoff/apps/copy.ts";
import {
  copiedMounts,
  givenMounts,
  type Mounted,
  mountFields,
  remainingTmpfs,
  targetOf,
} from "../../../../src/oneoff/spec/mounts.ts";

const volume = (Target: string, Source = "data") => ({ Type: "volume", Source, Target, ReadOnly: false }) as const;

describe("a mount is at", () => {
  test.each<[target: string, mounted: Mounted]>([
    ["/data", { bind: "/srv:/data" }],
    ["/data", { bind: "/srv:/data:ro,z" }],
    ["/data", { bind: "data:/data" }],
    // A volume without a name.
    ["/data", { bind: "/data" }],
    ["/data", { mount: volume("/data") }],
    ["/run", { mount: { Type: "tmpfs", Target: "/run" } }],
    ["/s", { bind: "/srv:/s/" }],
    ["/s", { mount: volume("/s/../s/.") }],
  ])("%s: %j", (target, mounted) => expect(targetOf(mounted)).toBe(target));
});

describe("of a container that is copied", () => {
  const copied = (hostConfig: ContainerCopy["hostConfig"]) => copiedMounts({ hostConfig } as ContainerCopy);

  test("all are there, in both forms", () =>
    expect(copied({ Binds: ["/a:/a"], Mounts: [volume("/b")] })).toEqual([{ bind: "/a:/a" }, { mount: volume("/b") }]));

  test("there may be none", () => {
    expect(copied({})).toEqual([]);
    expect(copied({ Binds: null, Mounts: [] })).toEqual([]);
    expect(copiedMounts(undefined)).toEqual([]);
  });
});

test("what is given is in the engine's words, without a source where there is none", () => {
  expect(
    givenMounts({
      binds: ["/a:/a:ro"],
      mounts: [
        { type: "bind", source: "/b", target: "/b", readOnly: true },
        { type: "tmpfs", target: "/c", readOnly: false },
      ],
    }),
  ).toEqual([
    { bind: "/a:/a:ro" },
    { mount: { Type: "bind", Source: "/b", Target: "/b", ReadOnly: true } },
    { mount: { Type: "tmpfs", Target: "/c", ReadOnly: false } },
  ]);
  expect(givenMounts({})).toEqual([]);
});

describe("a later mount stands in place of what is at the same path", () => {
  test.each<[what: string, mounts: Mounted[], fields: ReturnType<typeof mountFields>]>([
    ["none", [], { Binds: [], Mounts: [] }],
    [
      "others stay as they are",
      [{ bind: "/a:/a" }, { mount: volume("/b") }, { bind: "/c" }],
      { Binds: ["/a:/a", "/c"], Mounts: [volume("/b")] },
    ],
    ["a bind in a bind's", [{ bind: "/a:/x" }, { bind: "/b:/x:ro" }], { Binds: ["/b:/x:ro"], Mounts: [] }],
    ["a mount in a bind's", [{ bind: "/a:/x" }, { mount: volume("/x") }], { Binds: [], Mounts: [volume("/x")] }],
    ["a bind in another spelling", [{ bind: "/a:/x/" }, { bind: "/b:/y/../x" }], { Binds: ["/b:/y/../x"], Mounts: [] }],
    ["a bind in a mount's", [{ mount: volume("/x") }, { bind: "/a:/x" }], { Binds: ["/a:/x"], Mounts: [] }],
    [
      "a mount in a mount's",
      [{ mount: volume("/x", "old") }, { mount: volume("/x", "new") }],
      { Binds: [], Mounts: [volume("/x", "new")] },
    ],
    // What is below another is mounted in it.
    ["and nowhere else", [{ bind: "/a:/x" }, { bind: "/b:/x/y" }], { Binds: ["/a:/x", "/b:/x/y"], Mounts: [] }],
  ])("%s", (_what, mounts, fields) => expect(mountFields(mounts)).toEqual(fields));
});

test("a mount takes the place of a tmpfs at its path", () => {
  const tmpfs = { "/run/": "size=1m", "/x": "" };
  expect(remainingTmpfs(tmpfs, [{ bind: "/a:/run" }])).toEqual({ "/x": "" });
  expect(remainingTmpfs({ "/x": "" }, [{ mount: volume("/x") }])).toBeUndefined();
  expect(remainingTmpfs(undefined, [])).toBeUndefined();
});
