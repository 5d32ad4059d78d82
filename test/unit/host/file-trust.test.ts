import { chmodSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileTrust } from "../../../src/host/file-trust.ts";
import { folder } from "../../support/folder.ts";

const uid = process.geteuid?.() ?? 0;

async function place() {
  const { path, [Symbol.asyncDispose]: dispose } = await folder();
  mkdirSync(join(path, "in"), { mode: 0o755 });
  const file = join(path, "in", "oneoff.yaml");
  writeFileSync(file, "", { mode: 0o644 });
  return { path, file, [Symbol.asyncDispose]: dispose };
}

test("reports the owner, and the caller of sudo", async () => {
  await using there = await place();
  const trust = { owners: [uid, uid], isWritable: false, writableFolder: undefined, uid, sudoUid: undefined };
  expect(fileTrust(there.file, {})).toEqual(trust);
  expect(fileTrust(there.file, { SUDO_UID: "1000" })).toEqual({ ...trust, sudoUid: 1000 });
  expect(fileTrust(there.file, { SUDO_UID: "" })).toEqual(trust);
  expect(fileTrust(join(there.path, "none"), {})).toBeUndefined();
});

test("reports a file and a folder that are world-writable, unless the folder is sticky", async () => {
  await using there = await place();
  const inside = join(there.path, "in");
  chmodSync(there.file, 0o646);
  expect(fileTrust(there.file, {})?.isWritable).toBe(true);
  chmodSync(inside, 0o777);
  expect(fileTrust(there.file, {})?.writableFolder).toBe(inside);
  chmodSync(inside, 0o1777);
  expect(fileTrust(there.file, {})?.writableFolder).toBeUndefined();
  chmodSync(inside, 0o775);
  expect(fileTrust(there.file, {})?.writableFolder).toBeUndefined();
});

test("checks the folder that a symlink leads to as well", async () => {
  await using there = await place();
  const link = join(there.path, "oneoff.yaml");
  symlinkSync(there.file, link);
  chmodSync(join(there.path, "in"), 0o777);
  expect(fileTrust(link, {})?.writableFolder).toBe(join(there.path, "in"));
});

// Only root can give files away.
test.runIf(uid === 0)("reports the owner of a symlink beside the owner of its target", async () => {
  await using there = await place();
  const link = join(there.path, "oneoff.yaml");
  symlinkSync(there.file, link);
  lchownSync(link, 1234, 1234);
  expect(fileTrust(link, {})?.owners).toEqual([1234, 0]);
});

test("reports the owner of a file in a folder whose name is not UTF-8", async () => {
  await using there = await place();
  const folder = Buffer.concat([Buffer.from(`${there.path}/caf`), Buffer.from([0xe9])]);
  mkdirSync(folder);
  writeFileSync(Buffer.concat([folder, Buffer.from("/oneoff.yaml")]), "", { mode: 0o646 });
  expect(fileTrust(`${there.path}/caf\udce9/oneoff.yaml`, {})).toMatchObject({ owners: [uid, uid] });
});
