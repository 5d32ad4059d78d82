import { spawnSync } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { debianRoot } from "../support/debian-root.ts";
import { ENGINES, type EngineKind, engineKind } from "../support/engine-kind.ts";
import { ENGINELESS, QUICK } from "./groups.ts";
import { refusal } from "./refusal.ts";
import type { Outcomes } from "./reporter.ts";
import { failures, passed, type Row, reasons, type Told, table, updated } from "./table.ts";

/**
 * `npm run test:matrix`: the engine suite and the acceptance list of the binary on every engine, one after the
 * other, each in a Debian of its own. Exits with 1 when a test has failed.
 */
const { values } = parseArgs({
  options: {
    engine: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    "write-docs": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const HELP = `npm run test:matrix -- [--engine NAME]… [--only FILE…] [--quick] [--write-docs]
  --engine NAME    one of ${ENGINES.map(({ name }) => name).join(", ")} (all)
  --only FILE      run this test file only, e.g. exec or test/e2e/exec.test.ts; others keep their stored outcome
  --quick          run the few files that prove most in the least time
  --write-docs     writes the table to docs/engines.md, with the stored outcomes of the engines that were not run`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = `${root}node_modules/.cache/matrix`;
const file = (kind: EngineKind, ending: string) => `${cache}/${kind.name}.${ending}`;

/** The results of the tests on one engine. */
async function toldOf(kind: EngineKind): Promise<Told> {
  if (kind.suite) await debianRoot(kind.suite);
  const notRun = await refusal(kind);
  if (notRun) return { notRun };
  const before = read(kind);
  rmSync(file(kind, "json"), { force: true });
  const log = openSync(file(kind, "log"), "w");
  const files = values.only ?? (values.quick ? QUICK : []);
  const projects = ["run", "--config", "test/vitest.config.ts", "--project", "engine", "--project", "e2e"];
  const reporters = ["--reporter", "default", "--reporter", "./test/matrix/reporter.ts"];
  const excluded = ENGINELESS.flatMap((one) => ["--exclude", one]);
  spawnSync("vitest", [...projects, ...reporters, ...excluded, ...files], {
    cwd: root,
    stdio: ["ignore", log, log],
    env: { ...process.env, ONEOFF_TEST_ENGINE: kind.name, ONEOFF_TEST_OUTCOMES: file(kind, "json") },
  });
  const now = read(kind);
  if (!now) return { broken: `no outcome: see ${file(kind, "log")}` };
  const told = files.length > 0 ? updated(before, now) : now;
  writeFileSync(file(kind, "json"), JSON.stringify(told));
  return told;
}

function read(kind: EngineKind): Outcomes | undefined {
  try {
    return JSON.parse(readFileSync(file(kind, "json"), "utf8")) as Outcomes;
  } catch {
    return undefined;
  }
}

const BEGIN = "<!-- npm run test:matrix -- --write-docs -->\n";
const END = "<!-- end -->";

function writeDocs(rows: readonly Row[]): void {
  const path = `${root}docs/engines.md`;
  const text = readFileSync(path, "utf8");
  const begin = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END, begin);
  if (begin < BEGIN.length || end < 0) throw new Error(`docs/engines.md has no ${BEGIN}…${END}`);
  const told = `\n${table(rows)}\n\n${reasons(rows)}\n\n`;
  writeFileSync(path, text.slice(0, begin) + told + text.slice(end));
}

if (values.help) say(HELP);
else {
  mkdirSync(cache, { recursive: true });
  const rows: Row[] = [];
  for (const kind of values.engine?.map(engineKind) ?? ENGINES) {
    say(`${kind.name} …`);
    rows.push({ name: kind.name, told: await toldOf(kind) });
    say(table(rows));
  }
  say(`\n${failures(rows)}\n\nSkipped:\n${reasons(rows)}`);
  const all = ENGINES.flatMap((kind) => rows.find(({ name }) => name === kind.name) ?? stored(kind));
  if (values["write-docs"]) writeDocs(all);
  process.exitCode = passed(rows) ? 0 : 1;
}

function stored(kind: EngineKind): Row[] {
  const told = read(kind);
  return told ? [{ name: kind.name, told }] : [];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
