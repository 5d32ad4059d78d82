import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { Instance, Module } from "../../../build/undici/web-assembly.ts";
import { randomOf } from "../../support/random.ts";

/** The functions of undici's parser, of which there are two. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  llhttp_alloc(type: number): unknown;
  llhttp_execute(parser: unknown, at: number, length: number): number;
  llhttp_resume(parser: unknown): void;
  llhttp_finish(parser: unknown): number;
  llhttp_get_error_pos(parser: unknown): number;
}

type Env = Record<`wasm_on_${string}`, (parser: unknown, ...facts: number[]) => number>;

const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: new (code: Uint8Array) => object;
    Instance: new (module: object, imports: { env: Env }) => { exports: unknown };
  };
};
const original = new WebAssembly.Module(createRequire(import.meta.url)("undici/lib/llhttp/llhttp-wasm.js"));
const llhttp = (env: Env) => new WebAssembly.Instance(original, { env }).exports as unknown as Exports;
const substitute = (env: Env) => new Instance(new Module(), { env } as never).exports as unknown as Exports;

const [PAUSED, UPGRADE] = [21, 22];

/** What undici is told about these reads of a connection. @param pauses whether undici pauses the parser where it can. */
function parse(open: (env: Env) => Exports, reads: readonly Buffer[], pauses: boolean): string[] {
  const log: string[] = [];
  let [fields, values]: [string[], string[]] = [[], []];
  let body = "";
  let bytes: Buffer = Buffer.alloc(0);
  const textAt = (at: number, length: number) => bytes.toString("latin1", at - base, at - base + length);
  const headers = () => {
    const pairs = fields.map((name, index) => `${name}=${values[index]}`).join("&");
    [fields, values] = [[], []];
    return pairs;
  };
  const env: Env = {
    wasm_on_url: () => 0,
    wasm_on_status: () => 0,
    wasm_on_message_begin: () => log.push("begin") && 0,
    wasm_on_header_field(_parser, at = 0, length = 0) {
      if (fields.length === values.length) fields.push("");
      fields.push((fields.pop() ?? "") + textAt(at, length));
      return 0;
    },
    wasm_on_header_value(_parser, at = 0, length = 0) {
      if (values.length < fields.length) values.push("");
      values.push((values.pop() ?? "") + textAt(at, length));
      return 0;
    },
    wasm_on_headers_complete(_parser, status = 0, isUpgrade, keepsAlive) {
      log.push(`${status} upgrade ${isUpgrade} keep ${keepsAlive} ${headers()}`);
      if (status < 200 && status !== 101) return 1;
      return pauses ? PAUSED : 0;
    },
    wasm_on_body(_parser, at = 0, length = 0) {
      body += textAt(at, length);
      return pauses && length > 0 ? PAUSED : 0;
    },
    wasm_on_message_complete() {
      log.push(`complete ${body} ${headers()}`);
      body = "";
      return 0;
    },
  };
  const parser = open(env);
  const base = parser.malloc(4096);
  const one = parser.llhttp_alloc(2);
  for (const read of reads) {
    let rest = read;
    for (let again = true; again; ) {
      bytes = rest;
      new Uint8Array(parser.memory.buffer, base, 4096).set(rest);
      const stop = parser.llhttp_execute(one, base, rest.length);
      again = stop === PAUSED;
      if (again) {
        rest = rest.subarray(parser.llhttp_get_error_pos(one) - base);
        parser.llhttp_resume(one);
      } else if (stop !== 0) {
        const at = parser.llhttp_get_error_pos(one) - base;
        return [...log, `body ${body}`, stop === UPGRADE ? `upgrade ${rest.subarray(at)}` : "invalid"];
      }
    }
  }
  const isComplete = parser.llhttp_finish(one) === 0;
  return [...log, `body ${body}`, isComplete ? "end" : "incomplete"];
}

const lines = (...text: readonly string[]) => text.join("\r\n");
const head = (...fields: readonly string[]) => lines("HTTP/1.1 200 OK", ...fields, "", "");
const CHUNKED = "Transfer-Encoding: chunked";

const ANSWERS: readonly string[] = [
  `${head("Api-Version: 1.44", "Content-Type: application/json", "Content-Length: 2", "Server: Docker/28 (linux)")}[]`,
  `${head("Content-Length: 3")}abc${head("Content-Length: 1", "Connection: close")}d`,
  `${head("Connection: close")}everything until the end`,
  lines("HTTP/1.0 200 OK", "Connection: Keep-Alive", "Content-Length: 1", "", "aHTTP/1.1 204 No Content", "", ""),
  head(CHUNKED) + lines("3", "abc", '00A;name=value;flag;quoted="a;\\"b"', "0123456789", "0", "", ""),
  head("transfer-encoding: gzip, Chunked ", "X: \xe9\t ") +
    lines("1", "a", "0", "", "HTTP/1.1 304 Not Modified", "", ""),
  `${head("Transfer-Encoding: gzip")}until the end`,
  `${head("Transfer-Encoding: chunked, gzip")}until the end`,
  lines("HTTP/1.1 103 Early Hints", "Link: a", "", "HTTP/1.1 200 OK", "Content-Length: 1", "", "a"),
  lines(
    "HTTP/1.1 100 Continue",
    "",
    "HTTP/1.1 204 No Content",
    "Content-Length: 5",
    "",
    "HTTP/1.1 304 X",
    CHUNKED,
    "",
    "",
  ),
  lines("HTTP/1.1 101 UPGRADED", "Connection: Upgrade", "Upgrade: tcp", "", "raw bytes"),
  lines("HTTP/1.1 101 UPGRADED", "Content-Length: 3", "", "raw bytes"),
  lines("HTTP/1.1 200 OK", "Connection: upgrade", "Upgrade: h2c", "Content-Length: 1", "", "a"),
  `\r\n\n${head("Empty:", "Spaces:  \t a  b \t", "Content-Length:\t0  ")}`,
  `${head("Content-Length: 5")}abc`,
  lines("HTTP/1.1 200 OK", "Content-Length: 1"),
  "",
];

const INVALID: readonly string[] = [
  "SSH-2.0-OpenSSH_9.2\r\n",
  "HTTP/1.2 200 OK\r\n\r\n",
  "HTTP/1.1  200 OK\r\n\r\n",
  "HTTP/1.1 20 OK\r\n\r\n",
  "HTTP/1.1 2000\r\n\r\n",
  "HTTP/1.1 200 OK\n\n",
  "HTTP/1.1 200 OK\r\r\n\r\n",
  `${head("Content-Length: 1", "Content-Length: 1")}a`,
  `${head("Content-Length: 1", "Content-Length: 2")}ab`,
  head("Content-Length: 1", CHUNKED) + lines("1", "a", "0", "", ""),
  head(CHUNKED, "Content-Length: 1") + lines("1", "a", "0", "", ""),
  ...["+1", "-1", "1,1", "0x1", "1e1", "1 1", "", "99999999999999999999"].map((n) => head(`Content-Length: ${n}`)),
  ...[
    " Folded: a",
    "A: b\r\n folded",
    "A : b",
    ": b",
    "A",
    "A\0: b",
    "A: b\0",
    "A: b\x7f",
    "A: b\rc",
    "A: b\nC: d",
  ].map((field) => `${head(field)}`),
  ...["", "g", " 1", "1 ", "-1", "0x1", "1; a=b", '1;a="b', "1;a b", "11111111111111111", "1\n"].map(
    (size) => head(CHUNKED) + lines(size, "a", "0", "", ""),
  ),
  head(CHUNKED) + lines("1", "ab", "0", "", ""),
  head(CHUNKED) + lines("1", "a", "0", "Content-Length: 1", "", ""),
  `${head("Connection: keep-alive, close", "Content-Length: 1")}ab`,
  lines("HTTP/1.0 200", "Content-Length: 1", "", "ab"),
  head(CHUNKED) + lines("1", "a", "0", "Trailer: one", "Connection: close", "", "HTTP/1.1 200 OK", "", ""),
  `${head("Connection: close", "Content-Length: 1")}a${head()}`,
];

const readsOf = (text: string, ...ends: readonly number[]) =>
  [0, ...ends].map((from, index) => Buffer.from(text.slice(from, ends[index] ?? text.length), "latin1"));

function expectSame(text: string): void {
  const everyByte = readsOf(text, ...Array.from({ length: Math.max(text.length - 1, 0) }, (_, at) => at + 1));
  const inTwo = Array.from({ length: text.length }, (_, at) => readsOf(text, at));
  for (const reads of [readsOf(text), everyByte, ...inTwo]) {
    for (const pauses of [false, true]) {
      const message = `${JSON.stringify(text)} in ${reads.map(({ length }) => length)}${pauses ? ", pausing" : ""}`;
      expect(parse(substitute, reads, pauses), message).toEqual(parse(llhttp, reads, pauses));
    }
  }
}

describe("parses a response like llhttp, wherever its reads are split", () => {
  test.each(ANSWERS)("%j", (answer) => {
    expectSame(answer);
    expect(parse(substitute, readsOf(answer), false).at(-1)).not.toBe("invalid");
  });
});

describe("refuses an invalid response like llhttp", () => {
  test.each(INVALID)("%j", (answer) => {
    expectSame(answer);
    expect(parse(substitute, readsOf(answer), false).at(-1)).toBe("invalid");
  });
});

/** What llhttp accepts, and the substitute refuses or, for a body that is chunked twice, decodes once. */
const STRICTER = /\r\r|HTTP\/(0|2)|chunked *,[\t ]*chunked/i;

test("parses altered responses like llhttp", () => {
  const random = randomOf(7);
  const pick = <T>(list: ArrayLike<T>) => list[Math.floor(random() * list.length)] as T;
  for (let round = 0; round < 3000; round++) {
    let text = pick([...ANSWERS, ...INVALID]);
    for (let change = 0; change < 1 + random() * 3; change++) {
      const at = Math.floor(random() * (text.length + 1));
      const from = pick([...ANSWERS, ...INVALID]);
      const start = Math.floor(random() * from.length);
      const piece = pick([
        "",
        "\r",
        "\n",
        "\r\n",
        " ",
        "\t",
        ":",
        ",",
        ";",
        "0",
        "9",
        "\0",
        "\xff",
        from.slice(start, start + random() * 30),
      ]);
      text = text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 3));
    }
    if (STRICTER.test(text)) continue;
    const reads = readsOf(text, Math.floor(random() * text.length));
    const pauses = random() < 0.3;
    // An invalid line that lacks its end is also an incomplete response.
    const [ours, theirs] = [substitute, llhttp].map((open) =>
      parse(open, reads, pauses).map((line) => line.replace(/^(incomplete|invalid)$/, "failed")),
    );
    expect(ours, JSON.stringify(text)).toEqual(theirs);
  }
});
