import { createHash } from "node:crypto";

/** In bytes: what is hashed at a time, and what the memory of an arm64 Mac comes in. */
const HASHED = 4096;
const PAGE = 16384;
const SHA256 = 32;

const HEADER = 32;
const SEGMENT = 0x19;
const CODE_SIGNATURE = 0x1d;

/**
 * Signs a 64-bit Mach-O executable ad hoc: without a key, as a linker does. Macs with Apple silicon start no unsigned
 * executable, and the injected blob has made Node's signature invalid. `cs_blobs.h` and `mach-o/loader.h` define the layout.
 * @param identifier the name in the signature.
 * @throws if the header has no room for the signature.
 */
export function signMachO(file: Buffer, identifier: string): Buffer {
  const commands = loadCommands(file);
  const segment = (name: string) =>
    find(name, ({ type, at }) => type === SEGMENT && file.toString("latin1", at + 8, at + 24).startsWith(`${name}\0`));
  const [text, linkedit] = [segment("__TEXT"), segment("__LINKEDIT")];
  const old = commands.find(({ type }) => type === CODE_SIGNATURE);

  const end = old ? file.readUInt32LE(old.at + 8) : file.length;
  const codeLimit = align(end, 16);
  const textSize = file.readBigUInt64LE(text.at + 48);
  const name = Buffer.alloc(align(DIRECTORY_AT + DIRECTORY + identifier.length + 1, 16) - DIRECTORY_AT - DIRECTORY);
  name.write(identifier);
  const length = align(DIRECTORY_AT + DIRECTORY + name.length + Math.ceil(codeLimit / HASHED) * SHA256, 16);

  const signed = Buffer.alloc(codeLimit + length);
  file.copy(signed, 0, 0, end);
  const at = old?.at ?? append(signed, commands);
  writeWords(signed, at, [CODE_SIGNATURE, 16, codeLimit, length], "LE");
  // The last segment is the one that holds it.
  const size = signed.length - Number(file.readBigUInt64LE(linkedit.at + 40));
  signed.writeBigUInt64LE(BigInt(align(size, PAGE)), linkedit.at + 32);
  signed.writeBigUInt64LE(BigInt(size), linkedit.at + 48);

  const signature = Buffer.concat([
    superBlob(length),
    directory(name, codeLimit, textSize, length),
    name,
    hashes(signed, codeLimit),
  ]);
  signature.copy(signed, codeLimit);
  return signed;

  function find(what: string, is: (command: LoadCommand) => boolean): LoadCommand {
    const found = commands.find(is);
    if (!found) throw new Error(`There is no ${what} in what is to be signed`);
    return found;
  }
}

interface LoadCommand {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

function loadCommands(file: Buffer): LoadCommand[] {
  if (file.readUInt32LE(0) !== 0xfeedfacf) throw new Error("What is to be signed is no 64-bit Mach-O file");
  const commands: LoadCommand[] = [];
  for (let at = HEADER; commands.length < file.readUInt32LE(16); at += commands.at(-1)?.size ?? 0) {
    commands.push({ type: file.readUInt32LE(at), at, size: file.readUInt32LE(at + 4) });
  }
  return commands;
}

/** Makes room for one more load command. @returns where. */
function append(file: Buffer, commands: readonly LoadCommand[]): number {
  const at = HEADER + file.readUInt32LE(20);
  if (file.subarray(at, at + 16).some((byte) => byte !== 0))
    throw new Error("There is no room for a signature's command");
  file.writeUInt32LE(commands.length + 1, 16);
  file.writeUInt32LE(at - HEADER + 16, 20);
  return at;
}

/** In bytes: where in the signature its only part begins. */
const DIRECTORY_AT = 24;
const superBlob = (length: number) => words([0xfade0cc0, length, 1, 0, DIRECTORY_AT, 0]);

/** In bytes: a code directory of version 2.4, before its name and hashes. */
const DIRECTORY = 88;
const AD_HOC_BY_LINKER = 0x20002;
const MAIN_BINARY = 1n;

function directory(name: Buffer, codeLimit: number, textSize: bigint, length: number): Buffer {
  const slots = Math.ceil(codeLimit / HASHED);
  const hashesAt = DIRECTORY + name.length;
  const fields = [length - DIRECTORY_AT, 0x20400, AD_HOC_BY_LINKER, hashesAt, DIRECTORY, 0, slots, codeLimit];
  const kinds = Buffer.from([SHA256, 2, 0, Math.log2(HASHED)]);
  const executable = Buffer.alloc(32);
  executable.writeBigUInt64BE(textSize, 16);
  executable.writeBigUInt64BE(MAIN_BINARY, 24);
  return Buffer.concat([words([0xfade0c02, ...fields]), kinds, words([0, 0, 0, 0]), executable]);
}

const hashes = (file: Buffer, codeLimit: number) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(codeLimit / HASHED) }, (_, page) =>
      createHash("sha256")
        .update(file.subarray(page * HASHED, Math.min((page + 1) * HASHED, codeLimit)))
        .digest(),
    ),
  );

function words(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  writeWords(buffer, 0, values, "BE");
  return buffer;
}

function writeWords(buffer: Buffer, at: number, values: readonly number[], order: "LE" | "BE") {
  for (const [n, value] of values.entries()) buffer[`writeUInt32${order}`](value, at + n * 4);
}

const align = (value: number, to: number) => Math.ceil(value / to) * to;
