import { describe, expect, test } from "vitest";
import type { ContainerCopy } from "../../../../src/oneoff/apps/copy.ts";
import {
  type ContainerMount,
  copiedMounts,
  copiedTmpfs,
  mergeMounts,
  targetOf,
  toContainerMounts,
} from "../../../../src/oneoff/spec/mounts.ts";

const volume = (Target: string, Source = "data") => ({ Type: "volume", Source, Target, ReadOnly: false }) as const;

describe("the target of a mount", () => {
  test.each<[target: string, mounted: ContainerMount]>([
    ["/data", { bind: "/srv:/data" }],
    ["/data", { bind: "/srv:/data:ro,z" }],
    ["/data", { bind: "data:/data" }],
    // A volume without a name.
    ["/data", { bind: "/data" }],
    ["/data", { mount: volume("/data") }],
    ["/run", { mount: { Type: "tmpfs", Target: "/run" } }],
    ["/s", { bind: "/srv:/s/" }],
    ["/s", { mount: volume("/s/../s/.") }],
  ])("finds the target %s of %j", (target, mounted) => expect(targetOf(mounted)).toBe(target));
});

describe("mounts of a copied container", () => {
  const copied = (hostConfig: ContainerCopy["hostConfig"]) => copiedMounts({ hostConfig } as ContainerCopy);

  test("copies mounts in both forms", () =>
    expect(copied({ Binds: ["/a:/a"], Mounts: [volume("/b")] })).toEqual([{ bind: "/a:/a" }, { mount: volume("/b") }]));

  test("copies no mounts from a container without any", () => {
    expect(copied({})).toEqual([]);
    expect(copied({ Binds: null, Mounts: [] })).toEqual([]);
    expect(copiedMounts(undefined)).toEqual([]);
  });
});

test("converts mounts, without a source if none is set", () => {
  expect(
    toContainerMounts({
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
  expect(toContainerMounts({})).toEqual([]);
});

describe("merging mounts", () => {
  test.each<[what: string, mounts: ContainerMount[], fields: ReturnType<typeof mergeMounts>]>([
    ["none", [], { Binds: [], Mounts: [] }],
    [
      "keeps mounts at other paths",
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
    // A mount below another one is mounted inside it.
    ["and nowhere else", [{ bind: "/a:/x" }, { bind: "/b:/x/y" }], { Binds: ["/a:/x", "/b:/x/y"], Mounts: [] }],
  ])("merges mounts: %s", (_what, mounts, fields) => expect(mergeMounts(mounts)).toEqual(fields));
});

test("replaces a tmpfs by a mount at its path, and a mount by a tmpfs", () => {
  const tmpfs = copiedTmpfs({ "/run/": "size=1m", "/x": "" });
  expect(mergeMounts([...tmpfs, { bind: "/a:/run" }])).toEqual({ Binds: ["/a:/run"], Mounts: [], Tmpfs: { "/x": "" } });
  expect(mergeMounts([{ mount: volume("/x") }, { bind: "/a:/b" }, { tmpfs: "/b/:size=1m" }])).toEqual({
    Binds: [],
    Mounts: [volume("/x")],
    Tmpfs: { "/b/": "size=1m" },
  });
  expect(copiedTmpfs(undefined)).toEqual([]);
});
