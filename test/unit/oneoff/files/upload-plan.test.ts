import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { LocalFile } from "../../../../src/oneoff/files/local-tree.ts";
import {
  buildUploadPlan,
  planArchives,
  type UploadTree,
  uploadMounts,
} from "../../../../src/oneoff/files/upload-plan.ts";
import type { MountConfig } from "../../../../src/oneoff/files/upload-volumes.ts";

const owner = { uid: 1000, gid: 100 };
const file = (name: string, more: Partial<LocalFile> = {}): LocalFile => {
  return { path: `/here/${name}`, name, kind: "file", size: 10, mode: 0o640, mtime: 50, ...more };
};
const one = (target: string, more: Partial<LocalFile> = {}): UploadTree => {
  return { upload: { source: "./given", target }, tree: { files: [file("", more)] } };
};
const tree = (target: string): UploadTree => ({
  upload: { source: "tree/", target },
  tree: {
    files: [
      file("", { kind: "directory", size: 0, mode: 0o750, mtime: 70 }),
      file("a", { size: 5 }),
      file("l", { kind: "symlink", size: 0, linkTarget: "a" }),
    ],
  },
});
const secret = { name: "TOKEN", value: Buffer.from("hunter2") };

/** Formats archives as `root: name mode uid:gid`. */
const shown = (plan: ReturnType<typeof buildUploadPlan>, facts: MountConfig = {}, withoutTmp = false) =>
  planArchives(plan, facts, owner, withoutTmp).flatMap(({ root, entries }) =>
    entries.map(({ header: { name, type, mode, uid, gid } }) => {
      return `${root}: ${name}${type === "directory" ? "/" : ""} ${mode.toString(8)} ${uid}:${gid}`;
    }),
  );

describe("a plan", () => {
  test("plans paths, sizes and targets", () => {
    const plan = buildUploadPlan([one("/tmp/uploads/a"), tree("/app/conf")], [secret]);
    expect(plan.sources).toEqual([
      { path: "./given", target: "/tmp/uploads/a", bytes: 10 },
      { path: "tree/", target: "/app/conf", bytes: 5 },
    ]);
    expect(plan.bytes).toBe(22);
    expect(plan.folders).toEqual(["/tmp/uploads", "/app/conf", "/run/secrets"]);
  });

  test("plans the parent folder of a file, and a folder itself", () => {
    const folders = (...trees: UploadTree[]) => buildUploadPlan(trees, []).folders;
    expect(folders(one("/tmp/uploads/a"), one("/tmp/uploads/b/c"), tree("/tmp/uploads/d"))).toEqual(["/tmp/uploads"]);
    expect(folders(one("/app/a"), one("/x"), tree("/srv"))).toEqual(["/app", "/", "/srv"]);
    expect(folders(one("/tmp/uploads-2"))).toEqual(["/tmp"]);
  });

  test("refuses two files with one target", () => {
    expect(() => buildUploadPlan([one("/tmp/uploads/a"), tree("/tmp/uploads/a")], [])).toThrow(
      'Two files have the same target in the one-off: "/tmp/uploads/a"',
    );
    expect(() => buildUploadPlan([], [secret, secret])).toThrow(
      'Two files have the same target in the one-off: "/run/secrets/TOKEN"',
    );
    expect(() => buildUploadPlan([one("/run/secrets/TOKEN")], [secret])).toThrow(
      'Two files have the same target in the one-off: "/run/secrets/TOKEN"',
    );
  });
});

describe("the archives", () => {
  test("writes one archive, with only the folders that oneoff creates", () => {
    expect(shown(buildUploadPlan([one("/tmp/uploads/x/a"), tree("/app/conf"), one("/etc/b")], [secret]))).toEqual([
      "/: run/secrets/ 755 1000:100",
      "/: tmp/uploads/ 755 1000:100",
      "/: tmp/uploads/x/ 755 1000:100",
      "/: tmp/uploads/x/a 640 1000:100",
      "/: app/conf/ 750 1000:100",
      "/: app/conf/a 640 1000:100",
      "/: app/conf/l 640 1000:100",
      "/: etc/b 640 1000:100",
      "/: run/secrets/TOKEN 400 1000:100",
    ]);
  });

  test("includes /tmp in the archive only if it is missing", () => {
    expect(shown(buildUploadPlan([one("/tmp/uploads/a")], []), {}, true)).toEqual([
      "/: tmp/ 1777 0:0",
      "/: tmp/uploads/ 755 1000:100",
      "/: tmp/uploads/a 640 1000:100",
    ]);
  });

  test("writes one archive per mount if the root is read-only", () => {
    const plan = buildUploadPlan([one("/tmp/uploads/a"), one("/tmp/uploads/b/c"), tree("/app/conf")], [secret]);
    const facts = { ReadonlyRootfs: true };
    const Mounts = uploadMounts(plan, facts);
    expect(Mounts.map(({ Target }) => Target)).toEqual(["/app/conf", "/tmp/uploads", "/run/secrets"]);
    expect(shown(plan, { ...facts, Mounts })).toEqual([
      "/run/secrets: TOKEN 400 1000:100",
      "/tmp/uploads: b/ 755 1000:100",
      "/tmp/uploads: a 640 1000:100",
      "/tmp/uploads: b/c 640 1000:100",
      "/app/conf: a 640 1000:100",
      "/app/conf: l 640 1000:100",
    ]);
  });

  test("omits folders in mounts of the app from archives", () => {
    const plan = buildUploadPlan([one("/tmp/uploads/a")], []);
    expect(shown(plan, { Binds: ["/srv/uploads:/tmp/uploads"] })).toEqual(["/: tmp/uploads/a 640 1000:100"]);
    expect(shown(plan, { Mounts: [{ Type: "volume", Source: "v", Target: "/tmp" }] })).toEqual([
      "/: tmp/uploads/a 640 1000:100",
    ]);
  });

  test("keeps targets of symlinks and mtimes of files in archives", () => {
    const [archive] = planArchives(buildUploadPlan([tree("/tmp/uploads/d")], []), {}, owner, false);
    expect(archive?.entries.map(({ header: { name, mtime, linkname } }) => [name, mtime, linkname])).toEqual([
      ["tmp/uploads", 70, undefined],
      ["tmp/uploads/d", 70, undefined],
      ["tmp/uploads/d/a", 50, undefined],
      ["tmp/uploads/d/l", 50, "a"],
    ]);
  });

  test("writes only the bytes of a secret to the archive", () => {
    const plan = buildUploadPlan([], [secret]);
    const [archive] = planArchives(plan, {}, owner, false);
    expect(archive?.entries.at(-1)?.content).toEqual({ bytes: Buffer.from("hunter2") });
    expect(plan.sources).toEqual([]);
  });
});

describe("mounts for uploads", () => {
  const plan = buildUploadPlan([one("/tmp/uploads/a")], [secret]);

  const secrets = { Type: "volume", Target: "/run/secrets" };

  test("adds no volumes to a plain container, except for secrets", () => {
    expect(uploadMounts(buildUploadPlan([one("/tmp/uploads/a")], []), {})).toEqual([]);
    expect(uploadMounts(plan, {})).toEqual([secrets]);
  });

  test.each<[what: string, facts: MountConfig, added: unknown[]]>([
    ["a volume of the app's above them", { Binds: ["/srv/run:/run"] }, [secrets]],
    ["the app's own secrets beside them", { Binds: ["/srv/token:/run/secrets/OTHER:ro"] }, [secrets]],
    ["an anonymous volume for them already", { Mounts: [{ Type: "volume", Target: "/run/secrets" }] }, []],
  ])("keeps secrets out of the app's volumes with %s", (_what, facts, added) =>
    expect(uploadMounts(plan, facts)).toEqual(added),
  );

  test.each<MountConfig>([
    { Binds: ["/srv/secrets:/run/secrets"] },
    { Mounts: [{ Type: "volume", Source: "kept", Target: "/run/secrets/" }] },
  ])("refuses a secret that a volume of the app would keep: %j", (facts) =>
    expect(() => uploadMounts(plan, facts)).toThrow(
      "--secret TOKEN: the app mounts a folder or volume at /run/secrets, and the value would remain there",
    ),
  );

  test("adds anonymous volumes if files could not be written otherwise", () => {
    expect(uploadMounts(plan, { Tmpfs: { "/run": "", "/tmp": "" } })).toEqual([
      { Type: "volume", Target: "/tmp/uploads" },
      { Type: "volume", Target: "/run/secrets" },
    ]);
  });

  test("refuses a mount of the app that would hide the secret", () => {
    expect(() => uploadMounts(plan, { Binds: ["/srv/token:/run/secrets/TOKEN:ro"] })).toThrow(
      "--secret TOKEN: a mount at /run/secrets/TOKEN already exists",
    );
  });
});
