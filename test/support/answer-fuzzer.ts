import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { splitWords } from "../../src/app/shell-words.ts";
import { cli } from "../../src/cli/program.ts";
import { fakeContext } from "./fake-context.ts";
import type { FakeEngine } from "./fake-engine.ts";
import { fakeJournal } from "./fake-journal.ts";
import { fakeTerminal } from "./fake-terminal.ts";
import { folder } from "./folder.ts";
import { randomOf } from "./random.ts";

/** An answer as it was recorded. */
export interface Answer {
  readonly route: string;
  readonly status: number;
  /** The body's bytes, in Latin-1. */
  readonly raw: string;
  /** Header lines that say more than the body. */
  readonly headers?: string;
}

/** A command, and what an engine answered to it. */
export interface Recording {
  readonly argv: readonly string[];
  readonly answers: readonly Answer[];
  /** How it ended then. */
  readonly code: number;
}

const latin1 = (text: string) => Buffer.from(text).toString("latin1");

/** Of the stories in test/cli, every command that asked an engine for something. */
export function recordings(): Recording[] {
  const stories = new URL("../cli/", import.meta.url);
  const found: Recording[] = [];
  for (const file of readdirSync(stories).filter((name) => name.endsWith(".txt"))) {
    let answers: Answer[] = [];
    let argv: string[] = [];
    for (const line of readFileSync(new URL(file, stories), "utf8").split("\n")) {
      const [, route, status, body] = /^@ (?:\d+ times )?((?:GET|HEAD|POST|DELETE) \S+) (\d+) (.*)$/.exec(line) ?? [];
      if (route) answers.push({ route, status: Number(status), raw: latin1(body ?? "") });
      if (line.startsWith("$ ")) [, ...argv] = splitWords(line.slice(2)) ?? [];
      const [, code] = /^exit (\d+)$/.exec(line) ?? [];
      if (code === undefined) continue;
      if (answers.length > 0) found.push({ argv, answers, code: Number(code) });
      answers = [];
    }
  }
  return found;
}

const ODD: readonly unknown[] = [
  null,
  {},
  [],
  [null],
  "",
  "x",
  "\x1b[2J\nforged",
  -1,
  1e308,
  2 ** 53,
  true,
  [[]],
  { a: null },
];

/** The same JSON with a value of another kind somewhere in it, or without one of its keys. */
function mutated(value: unknown, random: () => number): unknown {
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T;
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0 || random() < 0.2)
    return pick(ODD);
  const key = pick(Object.keys(value));
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  if (!Array.isArray(value) && random() < 0.2) delete copy[key];
  else copy[key] = mutated(copy[key], random);
  return copy;
}

/** The same bytes with one, or all behind one, changed. */
function scrambled(raw: string, random: () => number): string {
  const at = Math.floor(random() * raw.length);
  const byte = String.fromCharCode(Math.floor(random() * 256));
  return random() < 0.5 ? `${raw.slice(0, at)}${byte}${raw.slice(at + 1)}` : `${raw.slice(0, at)}${byte.repeat(64)}`;
}

function oddBody(raw: string, random: () => number): string {
  try {
    return latin1(JSON.stringify(mutated(JSON.parse(Buffer.from(raw, "latin1").toString()), random)));
  } catch {
    return scrambled(raw, random);
  }
}

const HEAD = "Api-Version: 1.44\r\nServer: Docker/28.5.2 (linux)\r\nConnection: close\r\n";

const headOf = ({ status, headers = "" }: Answer) => `HTTP/1.1 ${status} X\r\n${HEAD}${headers}`;

const bytesOf = (answer: Answer): string => {
  const { route, raw } = answer;
  return `${headOf(answer)}Content-Length: ${raw.length}\r\n\r\n${route.startsWith("HEAD ") ? "" : raw}`;
};

/** An answer as bytes, cut or garbled in some way of HTTP. @returns also whether it is still an answer. */
function garbled(answer: Answer, random: () => number): { bytes: string; isWhole: boolean } {
  const { raw } = answer;
  const whole = bytesOf(answer);
  const head = headOf(answer);
  const cut = Math.floor(random() * whole.length);
  const chunks = Array.from(raw, (one) => `1\r\n${one}\r\n`).join("");
  const ways: (() => [bytes: string, isWhole: boolean])[] = [
    () => [whole.slice(0, cut), false],
    () => [`${whole.slice(0, cut)}\x00${whole.slice(cut + 1)}`, true],
    () => [`HTTP/1.1 ${Math.floor(random() * 1000)} X\r\n${HEAD}Content-Length: ${raw.length}\r\n\r\n${raw}`, true],
    () => [`${head}Content-Length: ${raw.length}\r\nContent-Length: ${raw.length + 1}\r\n\r\n${raw}`, false],
    () => [`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n${raw}\r\n0\r\n\r\n`, answer.route.startsWith("HEAD ")],
    () => [`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`, true],
    () => [`${head}Content-Length: ${cut}\r\n\r\n${raw.slice(0, cut)}`, true],
    () => ["garbage\r\n\r\n", false],
  ];
  const [bytes, isWhole] = (ways[Math.floor(random() * ways.length)] as (typeof ways)[number])();
  // What was to be done is done once the status says so.
  const isDone = !answer.route.startsWith("GET ") && bytes.startsWith(head) && bytes.includes("\r\n\r\n");
  return { bytes, isWhole: isWhole || isDone };
}

export interface Outcome {
  /** What was asked, and what was answered oddly. */
  readonly what: string;
  /** Undefined where the command did not end in time. */
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
  /** Whether it reports a success that a refusal in place of the odd answer would have been no success. */
  readonly isUndone: boolean;
}

/** Longer than any of the commands waits for something by itself, on a busy machine. */
const HANGS_AFTER_MS = 60_000;

/** Runs one of the recorded commands against an engine that answers one of its requests oddly. */
async function fuzzRound(all: readonly Recording[], seed: number): Promise<Outcome> {
  const random = randomOf(seed);
  const recording = all[Math.floor(random() * all.length)] as Recording;
  const odd = recording.answers[Math.floor(random() * recording.answers.length)] as Answer;
  const { bytes, isWhole } =
    random() < 0.7
      ? { bytes: bytesOf({ ...odd, raw: oddBody(odd.raw, random) }), isWhole: true }
      : garbled(odd, random);
  const what = `oneoff ${recording.argv.join(" ")}: ${odd.route}: ${bytes}`;
  const { isRepeated, ...outcome } = await replay(recording, odd, bytes);
  // A request that is retried after a broken answer is not undone.
  if (isWhole || isRepeated || outcome.code !== 0) return { what, ...outcome, isUndone: false };
  // What is asked for in passing may fail.
  const refused = bytesOf({ ...odd, status: 500, raw: '{"message":"no"}' });
  return { what, ...outcome, isUndone: (await replay(recording, odd, refused)).code !== 0 };
}

/** @param odd is answered with these bytes. */
async function replay({ argv, answers }: Recording, odd: Answer, bytes: string) {
  const rest = [...answers];
  let isGiven = false;
  let isRepeated = false;
  await using place = await folder();
  const none = { route: "", status: 404, raw: '{"message":"No such thing"}' };
  const server = createServer((socket) => {
    socket
      .on("error", () => {})
      .once("data", (request) => {
        const [, method, path] = /^(\w+) (?:\/v[\d.]+)?([^? ]*)/.exec(request.toString("latin1")) ?? [];
        if (path === "/_ping") return void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK");
        const at = rest.findIndex(({ route }) => route === `${method} ${path}`);
        const [answer = none] = at < 0 ? [] : rest.splice(at, 1);
        if (isGiven && answer === none && odd.route === `${method} ${path}`) isRepeated = true;
        isGiven ||= answer === odd;
        socket.end(answer === odd ? bytes : bytesOf(answer), "latin1");
      });
  });
  await new Promise<void>((resolve) => server.listen(`${place.path}/s`, resolve));
  const terminal = fakeTerminal();
  const engine = { socketPath: `${place.path}/s` } as FakeEngine;
  const context = fakeContext({ cwd: place.path, root: place.path, engine, terminal, journal: fakeJournal([]) });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), HANGS_AFTER_MS);
  });
  const code = await Promise.race([cli(argv, context), late]);
  clearTimeout(timer);
  server.close();
  return { code, out: terminal.out, err: terminal.err, isRepeated };
}

/** In bytes: what a process may have more of memory after all rounds. */
const MAX_GROWTH = 512 * 1024 * 1024;

/** @returns what went wrong in these rounds: the same for the same seed. */
export async function fuzz(all: readonly Recording[], rounds: number, seed: number): Promise<string[]> {
  const before = process.memoryUsage().rss;
  const faults: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const outcome = await fuzzRound(all, seed + round);
    const why = faultOf(outcome);
    const { what, code, out, err } = outcome;
    if (why !== undefined) faults.push(`seed ${seed + round}, exit code ${code}: ${why}: ${what}\n${out}${err}`);
  }
  if (process.memoryUsage().rss - before > MAX_GROWTH) faults.push("it takes more and more memory");
  return faults;
}

function faultOf({ code, out, err, isUndone }: Outcome): string | undefined {
  const shown = out + err;
  if (code === undefined) return "it hangs";
  if (isUndone) return "success that did not happen";
  if (/Bug in oneoff|^ +at |TypeError/m.test(shown)) return "a bug";
  if (/[\x00-\x08\x0b-\x1f\x7f]|^forged/m.test(err)) return "control characters";
  const errors = err.match(/^oneoff: (?!warning: )/gm)?.length ?? 0;
  return errors > 1 ? `${errors} errors` : undefined;
}
