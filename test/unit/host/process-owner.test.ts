import type { Buffer } from "node:buffer";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { processOwner } from "../../../src/host/process-owner.ts";
import { folder } from "../../support/folder.ts";

const owner = processOwner();
const [, where = "", pid = "", start = ""] = /^(.*):(\d+):(\d*)$/.exec(owner.self) ?? [];

/** When a process was started, in ticks since the boot, told by another way: the field after 21 others. */
const startOf = (pid: number | undefined) =>
  readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /s, "0 0 ")
    .split(" ")[21];

/** A process that waits until it is ended, and is called by the last part of this path. */
async function sleeper(path = "sleep") {
  const child = spawn(path, ["100"], { stdio: "ignore" });
  await once(child, "spawn");
  return {
    self: `${where}:${child.pid}:${startOf(child.pid)}`,
    async end() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    async [Symbol.asyncDispose]() {
      if (child.signalCode === null) await this.end();
    },
  };
}

test("this process says where it is, which it is, and when it was started", () => {
  expect(where).toBe(
    `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}/${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`,
  );
  expect([pid, start]).toEqual([String(process.pid), startOf(process.pid)]);
  // It is a label's value, and tells nothing of the machine's name.
  expect(owner.self).not.toContain(hostname());
  expect(owner.self).toMatch(/^[0-9a-f-]{36}\/\d+:\d+:\d+$/);
});

test("it says so again whenever it is asked", () => expect(processOwner().self).toBe(owner.self));

describe("whether an owner is there is known", () => {
  test("of this process", () => expect(owner.isAlive(owner.self)).toBe(true));

  test("of another one, until it has gone", async () => {
    await using other = await sleeper();
    expect(owner.isAlive(other.self)).toBe(true);
    await other.end();
    expect(owner.isAlive(other.self)).toBe(false);
  });

  // As in a container without an init, where nobody takes note of the ends of orphans.
  test("of one that has ended, of which nobody has taken note", async () => {
    // It ends after its parent has become a program that never asks; a shell might.
    const parent = spawn("sh", ["-c", "sleep 1 & echo $!; exec sleep 100"], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line);
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "latin1")).toMatch(/\) Z /);
    expect(owner.isAlive(`${where}:${pid}:${startOf(pid)}`)).toBe(false);
    parent.kill("SIGKILL");
    await once(parent, "exit");
  });

  test("whatever its program is called", async () => {
    await using place = await folder();
    const path = `${place.path}/a) R 1 (2 3`;
    symlinkSync(execFileSync("which", ["sleep"], { encoding: "utf8" }).trim(), path);
    await using other = await sleeper(path);
    expect(owner.isAlive(other.self)).toBe(true);
    expect(owner.isAlive(other.self.replace(/\d+$/, "3"))).toBe(false);
  });

  test("of one that got the id of another since: it is not that one", () => {
    expect(owner.isAlive(`${where}:${process.pid}:${Number(start) - 1}`)).toBe(false);
    expect(owner.isAlive(`${where}:${process.pid}:${Number(start) + 1}`)).toBe(false);
  });

  test("of an id that nobody has", () => {
    // The kernel's highest is 2^22.
    expect(owner.isAlive(`${where}:4194305:1`)).toBe(false);
    expect(owner.isAlive(`${where}:0:1`)).toBe(false);
    expect(owner.isAlive(`${where}:${"9".repeat(30)}:1`)).toBe(false);
  });
});

describe("it is not known", () => {
  const [boot = "", space = ""] = where.split("/");
  test.each([
    ["of another machine, or before a reboot", `${boot.replace(/^./, (c) => (c === "0" ? "1" : "0"))}/${space}:1:1`],
    ["in another space of process ids", `${boot}/${Number(space) + 1}:1:1`],
    ["of one that could not say when it was started", `${where}:${process.pid}:`],
    ["of a machine without /proc", "host.example:1:"],
    ["of a machine without /proc that is called like a process", `host:1:${process.pid}:`],
  ])("%s", (_what, self) => expect(owner.isAlive(self)).toBeUndefined());

  test.each([
    "",
    ":",
    "::",
    where,
    `${where}:`,
    `${where}::`,
    `${where}:-1:1`,
    `${where}:1:x`,
    `${where}:../1:1`,
    "x\n:1:1",
  ])("of what is no owner: %j", (self) => expect(owner.isAlive(self)).toBeUndefined());
});
