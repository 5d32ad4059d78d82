/** A program for Linux that depends on the kernel only. */
export interface Program {
  /** The number of the architecture in ELF files. */
  readonly machine: number;
  /** Lines with the bytes in hexadecimal, then the instruction. */
  readonly listing: string;
}

const HEADERS = 64 + 56;
const ADDRESS = 0x400000;

/** Builds a program as an ELF file: a header, one segment, and the code. */
export function buildProgram({ machine, listing }: Program): Buffer {
  const bytes = Array.from(listing.matchAll(/^ {6}((?:[0-9a-f]{2} )+)/gm), ([, hex = ""]) => hex).join("");
  const code = Buffer.from(bytes.replaceAll(" ", ""), "hex");
  const elf = Buffer.alloc(HEADERS);
  elf.write("\x7fELF\x02\x01\x01", "latin1");
  elf.writeUInt16LE(2, 16); // an executable
  elf.writeUInt16LE(machine, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(ADDRESS + HEADERS), 24); // where it begins
  elf.writeBigUInt64LE(64n, 32); // where the table of segments is
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64); // to be loaded
  elf.writeUInt32LE(5, 68); // to be read and executed
  elf.writeBigUInt64LE(BigInt(ADDRESS), 80);
  elf.writeBigUInt64LE(BigInt(ADDRESS), 88);
  for (const at of [96, 104]) elf.writeBigUInt64LE(BigInt(HEADERS + code.length), at);
  elf.writeBigUInt64LE(4096n, 112);
  return Buffer.concat([elf, code]);
}
