import { Buffer } from "node:buffer";

/** A frame of the engine's multiplexed stream. @param length overrides the length in the header. */
export function frame(type: number, payload: string | Uint8Array = "", length?: number): Buffer {
  const bytes = Buffer.from(payload as string);
  const header = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(length ?? bytes.length, 4);
  return Buffer.concat([header, bytes]);
}
