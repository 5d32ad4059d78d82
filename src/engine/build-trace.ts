import { badLine } from "../errors/io.ts";
import { type Field, protobufFields } from "./protobuf.ts";

/** The used fields of BuildKit's repeated `StatusResponse` (control.proto). */
export interface BuildTrace {
  readonly vertexes: readonly Vertex[];
  readonly logs: readonly VertexLog[];
}

/** The current state of a step. */
export interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started: boolean;
  readonly completed: boolean;
  readonly error: string;
}

/** Output of a step. */
export interface VertexLog {
  readonly vertex: string;
  /** 1 for stdout, 2 for stderr. */
  readonly stream: number;
  readonly bytes: Buffer;
}

/** @param aux the value of a `moby.buildkit.trace`, in base 64. */
export function decodeTrace(aux: string): BuildTrace {
  try {
    const trace = fieldsOf(Buffer.from(aux, "base64"));
    return { vertexes: messages(trace, 1).map(decodeVertex), logs: messages(trace, 3).map(decodeLog) };
  } catch (error) {
    throw badLine((error as Error).message);
  }
}

const decodeVertex = (fields: Fields): Vertex => ({
  digest: text(fields, 1),
  name: text(fields, 3),
  cached: number(fields, 4) === 1,
  started: fields.has(5),
  completed: fields.has(6),
  error: text(fields, 7),
});

const decodeLog = (fields: Fields): VertexLog => ({
  vertex: text(fields, 1),
  stream: number(fields, 3),
  bytes: bytes(fields, 4),
});

type Fields = ReadonlyMap<number, readonly Field["value"][]>;

function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, Field["value"][]>();
  for (const { number, value } of protobufFields(message)) fields.set(number, [...(fields.get(number) ?? []), value]);
  return fields;
}

const EMPTY = Buffer.alloc(0);

const messages = (fields: Fields, at: number) =>
  (fields.get(at) ?? []).flatMap((value) => (typeof value === "number" ? [] : [fieldsOf(value)]));

/** An absent field has the value 0 or is empty. */
const bytes = (fields: Fields, at: number): Buffer => {
  const value = fields.get(at)?.at(-1);
  return value instanceof Buffer ? value : EMPTY;
};
const text = (fields: Fields, at: number) => bytes(fields, at).toString();
const number = (fields: Fields, at: number) => Number(fields.get(at)?.at(-1) ?? 0);
