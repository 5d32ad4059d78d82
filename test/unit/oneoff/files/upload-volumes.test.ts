import { describe, expect, test } from "vitest";
import {
  archiveRoot,
  findMount,
  type MountConfig,
  uploadVolumes,
} from "../../../../src/oneoff/files/upload-volumes.ts";

const UPLOADS = "/tmp/uploads";
const volume = (Target: string, Source?: string) => ({ Type: "volume", Target, ...(Source && { Source }) }) as const;

describe("the mount of a path", () => {
  const facts: MountConfig = {
    Binds: ["/srv:/data:ro", "/anonymous"],
    Mounts: [volume("/data/deep", "v"), { Type: "tmpfs", Target: "/run" }],
    Tmpfs: { "/tmp/": "size=1m" },
  };
  test.each([
    ["/etc", undefined],
    ["/data", { target: "/data", isTmpfs: false, isAnonymous: false }],
    ["/database", undefined],
    ["/data/deep/er", { target: "/data/deep", isTmpfs: false, isAnonymous: false }],
    ["/data/deeper", { target: "/data", isTmpfs: false, isAnonymous: false }],
    ["/anonymous/x", { target: "/anonymous", isTmpfs: false, isAnonymous: true }],
    ["/tmp/uploads", { target: "/tmp", isTmpfs: true, isAnonymous: true }],
    ["/data/../run/x", { target: "/run", isTmpfs: true, isAnonymous: true }],
  ])("finds the mount of %s", (path, point) => expect(findMount(facts, path)).toEqual(point));
});

describe("volumes for uploads", () => {
  test.each<[what: string, facts: MountConfig, folders: string[], added: string[]]>([
    ["none on a plain container", {}, [UPLOADS, "/app", "/"], []],
    ["one for secrets in any mount", { Binds: ["/srv:/run"] }, ["/run/secrets"], ["/run/secrets"]],
    ["none without folders", { ReadonlyRootfs: true }, [], []],
    ["one on a read-only root", { ReadonlyRootfs: true }, [UPLOADS], [UPLOADS]],
    ["one per folder", { ReadonlyRootfs: true }, ["/run/secrets", "/app"], ["/app", "/run/secrets"]],
    ["one for nested folders", { ReadonlyRootfs: true }, ["/app/a/b", "/app/a"], ["/app/a"]],
    ["one below a tmpfs", { Tmpfs: { "/tmp": "" } }, [UPLOADS, "/app"], [UPLOADS]],
    ["one below a typed tmpfs", { Mounts: [{ Type: "tmpfs", Target: "/tmp" }] }, [UPLOADS], [UPLOADS]],
    ["none in a volume below a tmpfs", { Tmpfs: { "/tmp": "" }, Mounts: [volume(UPLOADS)] }, [UPLOADS], []],
    ["none in a bind mount of a read-only root", { ReadonlyRootfs: true, Binds: ["/srv:/tmp"] }, [UPLOADS], []],
    [
      "one below a tmpfs in a volume",
      { Mounts: [volume("/data", "v")], Tmpfs: { "/data/t": "" } },
      ["/data/t/x"],
      ["/data/t/x"],
    ],
  ])("adds volumes for uploads: %s", (_what, facts, folders, added) => {
    expect(uploadVolumes(facts, folders)).toEqual(added.map((Target) => ({ Type: "volume", Target })));
  });

  test("refuses a folder that is the mount point of a tmpfs", () => {
    expect(() => uploadVolumes({ Tmpfs: { [UPLOADS]: "" } }, [UPLOADS])).toThrow(
      'Cannot upload to "/tmp/uploads" in the one-off: it is a tmpfs, which the engine cannot access',
    );
  });

  test("refuses the root of a read-only file system", () => {
    expect(() => uploadVolumes({ ReadonlyRootfs: true }, ["/"])).toThrow(
      'Cannot upload to "/" in the one-off: the root file system is read-only',
    );
  });
});

test("extracts archives at the root, or in a mount of a read-only root", () => {
  const Mounts = [volume(UPLOADS), volume("/data", "v")];
  expect(archiveRoot({ Mounts }, "/tmp/uploads/x")).toBe("/");
  expect(archiveRoot({ Mounts, ReadonlyRootfs: true }, "/tmp/uploads/x")).toBe("/tmp/uploads");
  expect(archiveRoot({ Mounts, ReadonlyRootfs: true }, "/data/a/b")).toBe("/data");
  expect(archiveRoot({ Mounts, ReadonlyRootfs: true }, "/app/x")).toBe("/");
  expect(archiveRoot({ Mounts: [volume("/run/secrets")] }, "/run/secrets/x")).toBe("/run/secrets");
});
