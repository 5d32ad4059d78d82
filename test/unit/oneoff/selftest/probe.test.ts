import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { buildProbe } from "../../../../src/oneoff/selftest/probe.ts";
import { folder } from "../../../support/folder.ts";

const architecture = { x64: "amd64", arm64: "arm64" }[process.arch as string] ?? "";

test.runIf(process.platform === "linux")(
  "runs on this kernel: writes to both outputs, reads stdin to EOF, exits with 7",
  async () => {
    await using dir = await folder();
    writeFileSync(`${dir.path}/probe`, buildProbe(architecture) as Buffer, { mode: 0o755 });
    const input = "what comes in\n".repeat(1000);
    const { status, stdout, stderr } = spawnSync(`${dir.path}/probe`, { input, encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: `out\n${input}`, stderr: "err\n" });
  },
);

test.each([
  ["amd64", 0x3e],
  ["arm64", 0xb7],
])("is an ELF file for %s with one segment", (arch, machine) => {
  const elf = buildProbe(arch) as Buffer;
  expect(elf.readUInt16LE(18)).toBe(machine);
  expect(Number(elf.readBigUInt64LE(96))).toBe(elf.length);
  expect(elf.subarray(-8).toString()).toBe("out\nerr\n");
});

test("does not exist for other architectures", () => {
  expect(buildProbe("riscv64")).toBe(undefined);
});
