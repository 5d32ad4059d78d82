import { type ResponseEvents, ResponseParser } from "./response-parser.ts";

/** The imports of undici's parser module: functions of a parser and facts. */
interface Imports {
  readonly env: Readonly<Record<`wasm_on_${string}`, (parser: ResponseParser, ...facts: number[]) => number>>;
}

/** Where the bytes being parsed are: undici reads a description of an error at 0. */
const BYTES = 8;

export class Module {}

/** Stands in for undici's WebAssembly, which would be compiled in each process. */
export class Instance {
  readonly exports;
  constructor(_module: Module, { env }: Imports) {
    const memory = { buffer: new ArrayBuffer(0) };
    this.exports = {
      memory,
      malloc(size: number): number {
        memory.buffer = new ArrayBuffer(BYTES + size);
        return BYTES;
      },
      free() {},
      llhttp_alloc: () => openParser(env),
      llhttp_free() {},
      llhttp_execute: (parser: ResponseParser, at: number, length: number) =>
        parser.execute(Buffer.from(memory.buffer, at, length)),
      llhttp_resume: (parser: ResponseParser) => parser.resume(),
      llhttp_finish: (parser: ResponseParser) => parser.finish(),
      llhttp_get_error_pos: (parser: ResponseParser) => BYTES + parser.stoppedAt,
      llhttp_get_error_reason: () => 0,
    };
  }
}

function openParser(env: Imports["env"]): ResponseParser {
  const call = (name: string, ...facts: number[]) => env[`wasm_on_${name}`]?.(parser, ...facts) ?? 0;
  const span = (name: string) => (from: number, to: number) => call(name, BYTES + from, to - from);
  const events: ResponseEvents = {
    messageBegin: () => call("message_begin"),
    status: span("status"),
    headerField: span("header_field"),
    headerValue: span("header_value"),
    headersComplete: (status, isUpgrade, keepsAlive) =>
      call("headers_complete", status, Number(isUpgrade), Number(keepsAlive)),
    body: span("body"),
    messageComplete: () => call("message_complete"),
  };
  const parser = new ResponseParser(events);
  return parser;
}
