/** A field of a protobuf message with its number. */
export type Field = { readonly number: number; readonly value: number | Buffer };

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/**
 * Parses the fields of a message: integers, and bytes for strings and messages. Fixed-width numbers are
 * skipped. See https://protobuf.dev/programming-guides/encoding.
 * @throws RangeError for a truncated or invalid message.
 */
export function* protobufFields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case VARINT:
        yield { number, value: varint() };
        break;
      case BYTES: {
        const length = varint();
        if (length > message.length - at) throw new RangeError("a field is longer than its message");
        yield { number, value: message.subarray(at, at + length) };
        at += length;
        break;
      }
      case FIXED_64:
        at += 8;
        break;
      case FIXED_32:
        at += 4;
        break;
      default:
        throw new RangeError(`field ${number} has an unknown type`);
    }
  }
}

/** Encodes an integer; negative numbers as int64. 0 is omitted. */
export const numberField = (number: number, value: number | bigint): Buffer =>
  value === 0 || value === 0n ? EMPTY : Buffer.from([...varintOf(number * 8 + VARINT), ...varintOf(value)]);

/** Encodes bytes, a string or a message. An empty value is omitted. */
export const bytesField = (number: number, value: Buffer): Buffer =>
  value.length === 0 ? EMPTY : Buffer.concat([bytesStart(number, value.length), value]);

const EMPTY = Buffer.alloc(0);

/** What is before the bytes of a field. */
export const bytesStart = (number: number, length: number): Buffer =>
  Buffer.from([...varintOf(number * 8 + BYTES), ...varintOf(length)]);

function varintOf(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
