import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { signMachO } from "../../../build/mach-o-signature.ts";

const TEXT_SIZE = 0x4000;
const CODE = 20_000;

/** An executable of two segments, the last one up to its end, with room for another load command. */
function executable(): Buffer {
  const file = Buffer.alloc(CODE, "code");
  file.fill(0, 0, 512);
  for (const [n, word] of [0xfeedfacf, 0x0100000c, 0, 2, 2, 144].entries()) file.writeUInt32LE(word, n * 4);
  for (const [n, [name, at, size]] of (
    [
      ["__TEXT", 0, TEXT_SIZE],
      ["__LINKEDIT", TEXT_SIZE, CODE - TEXT_SIZE],
    ] as const
  ).entries()) {
    const command = 32 + n * 72;
    file.writeUInt32LE(0x19, command);
    file.writeUInt32LE(72, command + 4);
    file.write(name, command + 8, "latin1");
    file.writeBigUInt64LE(BigInt(at), command + 40);
    file.writeBigUInt64LE(BigInt(size), command + 48);
  }
  return file;
}

test("writes a signature into the last segment, with the hash of each page", () => {
  const signed = signMachO(executable(), "oneoff");
  expect([signed.readUInt32LE(16), signed.readUInt32LE(20)]).toEqual([3, 160]);
  const [command, size, at, length] = [0, 4, 8, 12].map((offset) => signed.readUInt32LE(32 + 144 + offset));
  expect([command, size, at, length]).toEqual([0x1d, 16, CODE, signed.length - CODE]);
  expect(Number(signed.readBigUInt64LE(32 + 72 + 48))).toBe(signed.length - TEXT_SIZE);

  const signature = signed.subarray(CODE);
  expect(signature.readUInt32BE(0)).toBe(0xfade0cc0);
  const directory = signature.subarray(signature.readUInt32BE(16));
  const [magic, , version, flags, hashes = 0, name = 0, special, pages = 0, limit] = Array.from({ length: 9 }, (_, n) =>
    directory.readUInt32BE(n * 4),
  );
  expect([magic, version, flags, special, limit]).toEqual([0xfade0c02, 0x20400, 0x20002, 0, CODE]);
  expect(directory.toString("latin1", name, name + 7)).toBe("oneoff\0");
  expect(Array.from(directory.subarray(36, 40))).toEqual([32, 2, 0, 12]);
  expect([directory.readBigUInt64BE(72), directory.readBigUInt64BE(80)]).toEqual([BigInt(TEXT_SIZE), 1n]);
  expect(pages).toBe(5);
  for (let page = 0; page < pages; page++) {
    const content = signed.subarray(page * 4096, Math.min((page + 1) * 4096, CODE));
    const hash = createHash("sha256").update(content).digest("hex");
    expect(directory.toString("hex", hashes + page * 32, hashes + (page + 1) * 32)).toBe(hash);
  }
});

test("re-signs a signed executable to the same bytes", () => {
  const signed = signMachO(executable(), "oneoff");
  expect(signMachO(signed, "oneoff").equals(signed)).toBe(true);
});

test("rejects a file without room for a signature, or of another format", () => {
  const full = executable();
  full.writeUInt8(1, 32 + 144);
  expect(() => signMachO(full, "oneoff")).toThrow("no room");
  expect(() => signMachO(Buffer.alloc(64), "oneoff")).toThrow("no 64-bit Mach-O");
});
