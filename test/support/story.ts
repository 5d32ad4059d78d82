import { Buffer } from "node:buffer";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { splitWords } from "../../src/app/shell-words.ts";
import type { Context } from "../../src/cli/context.ts";
import type { JournalEntry } from "../../src/oneoff/journal/journal.ts";
import { fakeContext, NOW } from "./fake-context.ts";
import { type FakeEngine, fakeEngine } from "./fake-engine.ts";
import { fakeJournal } from "./fake-journal.ts";
import { fakeTerminal } from "./fake-terminal.ts";
import { folder } from "./folder.ts";

type Run = (argv: readonly string[], context: Context) => Promise<number>;

/** What one command is run with, as the lines before it say. */
interface Setting {
  env: Record<string, string>;
  cwd: string;
  terminal: Parameters<typeof fakeTerminal>[0] & object;
  answers: [route: string, status: number, body: unknown][];
  journal: JournalEntry[];
}

const setting = (): Setting => ({ env: {}, cwd: ".", terminal: {}, answers: [], journal: [] });

/**
 * Plays a story: does what its lines say, runs its commands, and returns it with what these now write in place of what
 * they wrote when it was recorded. Its format is explained in `transcripts.test.ts`.
 */
export async function play(story: string, run: Run): Promise<string> {
  await using place = await folder();
  const lines = story.split("\n");
  const told: string[] = [];
  let next = setting();
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const file = /^-- (.+?)(?: \(([^)]*)\))? --$/.exec(line);
    if (/^([12]>|exit \d)/.test(line)) continue;
    told.push(line);
    if (file) {
      const from = at + 1;
      while (at + 1 < lines.length && !/^(\$ |@ |-- )/.test(lines[at + 1] ?? "")) at += 1;
      const content = lines.slice(from, at + 1);
      told.push(...content);
      await put(join(place.path, file[1] ?? ""), file[2] ?? "", content);
    } else if (line.startsWith("@ ")) note(next, line.slice(2));
    else if (line.startsWith("$ ")) {
      let command = line.slice(2);
      while (lines[at + 1]?.startsWith("> ")) {
        at += 1;
        told.push(lines[at] ?? "");
        command += `\n${lines[at]?.slice(2)}`;
      }
      told.push(...(await record(command, next, place.path, run)));
      next = setting();
    }
  }
  return told.join("\n");
}

async function put(path: string, how: string, lines: readonly string[]): Promise<void> {
  const text = `${lines.join("\n").trimEnd()}\n`;
  await mkdir(dirname(path), { recursive: true });
  if (how === "absent") await rm(path, { recursive: true, force: true });
  else if (how === "a folder") await mkdir(path, { recursive: true });
  else if (how === "escaped") await writeFile(path, unescaped(text.trimEnd()));
  else if (/^\d+ times$/.test(how)) await writeFile(path, text.repeat(Number.parseInt(how, 10)));
  else if (/^\d+ times on one line$/.test(how)) await writeFile(path, text.trimEnd().repeat(Number.parseInt(how, 10)));
  else if (how === "") await writeFile(path, text.trim() === "" ? "" : text);
  else throw new Error(`What is a file that is ${how}?`);
}

/** `\n`, `\r`, `\t`, `\\` and bytes as `\xff`; line breaks that are not written so do not count. */
const unescaped = (text: string) =>
  Buffer.from(
    Buffer.from(text.replaceAll("\n", ""))
      .toString("latin1")
      .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, byte: string | undefined, letter: string) => {
        if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
        const meant = { n: "\n", r: "\r", t: "\t", "\\": "\\" }[letter];
        if (meant === undefined) throw new Error(`What is \\${letter}?`);
        return meant;
      }),
    "latin1",
  );

function note(next: Setting, text: string): void {
  const [, times = "1", what = "", rest = ""] = /^(?:(\d+) times )?(\S+) (.*)$/.exec(text) ?? [];
  const [name = "", ...value] = rest.split("=");
  const [columns, rows] = rest.split("x").map(Number);
  const [, path, status, body] = /^(\S+) (\d+) (.*)$/.exec(rest) ?? [];
  if (what === "journal") next.journal.push(JSON.parse(rest));
  else if (what === "env") next.env[name] = value.join("=");
  else if (what === "cd") next.cwd = rest;
  else if (what === "stdin") next.terminal = { ...next.terminal, input: rest as "terminal" };
  else if (what === "stdout" && rest === "terminal") next.terminal = { ...next.terminal, outputIsTerminal: true };
  else if (what === "terminal" && columns && rows) {
    next.terminal = { input: "terminal", outputIsTerminal: true, size: { columns, rows } };
  } else if (/^(GET|HEAD|POST|DELETE)$/.test(what) && path) {
    const answer: Setting["answers"][number] = [`${what} ${path}`, Number(status), JSON.parse(body ?? "")];
    for (let n = 0; n < Number(times); n += 1) next.answers.push(answer);
  } else throw new Error(`What is "@ ${text}"?`);
}

async function record(command: string, { env, cwd, terminal, answers, journal }: Setting, root: string, run: Run) {
  const [oneoff, ...argv] = splitWords(command) ?? [];
  if (oneoff !== "oneoff") throw new Error(`Quote what a shell would make something of: ${command}`);
  let engine: FakeEngine | undefined;
  if (answers.length > 0) engine = await fakeEngine({ time: NOW / 1000 });
  for (const answer of answers) void engine?.on(...answer);
  const world = { env, engine, terminal: fakeTerminal(terminal), journal: fakeJournal(journal) };
  const context = fakeContext({ root, cwd: join(root, cwd), ...world });
  const code = await run(argv, context);
  await engine?.disconnected();
  engine?.verify();
  const shown = (text: string, mark: string) => {
    if (text === "") return [];
    const lines = text
      .replaceAll(root, "/cwd")
      .replaceAll(/(?!\n)[\x00-\x1f\x7f]/g, "\ufffd")
      .split("\n");
    if (lines.at(-1) === "") lines.pop();
    else lines.push("(no line feed at the end)");
    return lines.map((line) => (line === "" ? mark : `${mark} ${line}`));
  };
  return [...shown(context.terminal.out, "1>"), ...shown(context.terminal.err, "2>"), `exit ${code}`];
}
