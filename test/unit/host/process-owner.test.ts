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

/** The start time of a process in ticks since boot, parsed independently: the field after 21 others. */
const startOf = (pid: number | undefined) =>
  readFileSync(`/proc/${pid}/stat`, "latin1")
    .replace(/^.*\) /s, "0 0 ")
    .split(" ")[21];

/** A process that sleeps until it is ended, named after the last part of this path. */
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

test("identifies this process by boot, PID namespace, PID and start time", () => {
  expect(where).toBe(
    `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}/${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`,
  );
  expect([pid, start]).toEqual([String(process.pid), startOf(process.pid)]);
  // It is a label's value, and must not reveal the host name.
  expect(owner.self).not.toContain(hostname());
  expect(owner.self).toMatch(/^[0-9a-f-]{36}\/\d+:\d+:\d+$/);
});

test("returns the same identity on every call", () => expect(processOwner().self).toBe(owner.self));

describe("knows whether a process is alive", () => {
  test("reports this process as alive", () => expect(owner.isAlive(owner.self)).toBe(true));

  test("reports another process as alive until it exits", async () => {
    await using other = await sleeper();
    expect(owner.isAlive(other.self)).toBe(true);
    await other.end();
    expect(owner.isAlive(other.self)).toBe(false);
  });

  // E.g. in a container without an init that reaps orphans.
  test("reports a zombie as dead", async () => {
    // It ends after its parent has exec'd a program that never waits; a shell might.
    const parent = spawn("sh", ["-c", "sleep 1 & echo $!; exec sleep 100"], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line);
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "latin1")).toMatch(/\) Z /);
    expect(owner.isAlive(`${where}:${pid}:${startOf(pid)}`)).toBe(false);
    parent.kill("SIGKILL");
    await once(parent, "exit");
  });

  test("handles any program name", async () => {
    await using place = await folder();
    const path = `${place.path}/a) R 1 (2 3`;
    symlinkSync(execFileSync("which", ["sleep"], { encoding: "utf8" }).trim(), path);
    await using other = await sleeper(path);
    expect(owner.isAlive(other.self)).toBe(true);
    expect(owner.isAlive(other.self.replace(/\d+$/, "3"))).toBe(false);
  });

  test("reports a process as dead if another one has reused its PID", () => {
    expect(owner.isAlive(`${where}:${process.pid}:${Number(start) - 1}`)).toBe(false);
    expect(owner.isAlive(`${where}:${process.pid}:${Number(start) + 1}`)).toBe(false);
  });

  test("reports an unused PID as dead", () => {
    // The kernel's highest is 2^22.
    expect(owner.isAlive(`${where}:4194305:1`)).toBe(false);
    expect(owner.isAlive(`${where}:0:1`)).toBe(false);
    expect(owner.isAlive(`${where}:${"9".repeat(30)}:1`)).toBe(false);
  });
});

describe("does not know whether some processes are alive", () => {
  const [boot = "", space = ""] = where.split("/");
  test.each([
    ["on another machine, or before a reboot", `${boot.replace(/^./, (c) => (c === "0" ? "1" : "0"))}/${space}:1:1`],
    ["in another PID namespace", `${boot}/${Number(space) + 1}:1:1`],
    ["without a start time", `${where}:${process.pid}:`],
    ["on a machine without /proc", "host.example:1:"],
    ["on a machine without /proc with a name like a process", `host:1:${process.pid}:`],
  ])("returns undefined for a process %s", (_what, self) => expect(owner.isAlive(self)).toBeUndefined());

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
  ])("returns undefined for an invalid owner: %j", (self) => expect(owner.isAlive(self)).toBeUndefined());
});
