import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const src = fileURLToPath(new URL("../../src", import.meta.url));

/** Which folders each folder may import besides itself and the common ones. The top ones may import all below. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  main: ["cli", "host", "terminal", "streams", "output"],
  cli: ["host", "deploy", "oneoff", "release", "identity", "app", "engine", "terminal", "streams", "output", "version"],
  host: ["oneoff", "app", "engine", "terminal", "streams"],
  deploy: ["oneoff", "release", "identity", "app", "engine", "terminal", "streams"],
  oneoff: ["release", "identity", "app", "engine", "terminal", "streams"],
  release: ["identity", "app", "engine"],
  identity: ["app", "engine"],
  app: [],
  engine: ["streams"],
  terminal: ["streams"],
  streams: [],
  output: ["terminal"],
  version: [],
  errors: ["text"],
  text: [],
};

/** Importable by all folders. */
const OPEN = new Set([
  "errors/error.ts",
  "errors/lost-output.ts",
  "output/events.ts",
  "output/process-events.ts",
  "text/escape.ts",
  "text/quoted.ts",
]);

/** The layer that each list of errors belongs to: only that layer and the layers above import it. */
const ERRORS: Readonly<Record<string, string>> = {
  io: "streams",
  app: "app",
  compose: "app",
  manifest: "app",
  files: "app",
  engine: "engine",
  connection: "engine",
  registry: "engine",
  apps: "oneoff",
  oneoff: "oneoff",
  services: "oneoff",
  session: "oneoff",
  swarm: "oneoff",
  "swarm-run": "oneoff",
  "swarm-task": "oneoff",
  "swarm-oneoffs": "oneoff",
  "swarm-deploy": "deploy",
  deploy: "deploy",
  image: "deploy",
  processes: "deploy",
  host: "host",
  cli: "cli",
  cron: "host",
};

/** The only importer of each library. */
const LIBRARIES: Readonly<Record<string, string>> = {
  undici: "engine",
  yargs: "cli",
  yaml: "app",
  "tar-stream": "streams",
  "@balena/dockerignore": "deploy",
  "cli-progress": "output",
  croner: "app",
  cronstrue: "app",
  "fast-string-truncated-width": "output",
};

/** Names that only one file may use. */
const HOMES: readonly [pattern: RegExp, home: RegExp][] = [
  [/\bconsole\./, /^$/],
  [/\bprocess\.exit\b/, /^main\.ts$/],
  [/\bprocess\.argv\b/, /^main\.ts$/],
  [/\bprocess(\.env\b|;)/, /^cli\/context\.ts$/],
  [/\bprocess\.(stdin|stdout|stderr)\b/, /^terminal\//],
  [/\b(Date\.now|Math\.random)\b/, /^cli\/context\.ts$/],
  // Only this file checks type and size of a file before it reads it.
  [/\breadFileSync\b|\breadFile\b.*"node:fs/, /^$/],
  [/\bprocess\.(on|once|off|kill)\b/, /^terminal\//],
  // Text from elsewhere in a warning is escaped where the warning is made: later it looks like oneoff's own lines.
  [/\btype: "(warning|not-copied)", message/, /^errors\//],
  // After a restart of a manager, Swarm runs jobs twice.
  [/\b(ReplicatedJob|GlobalJob)\b/, /^$/],
  // A stream that breaks on one side of these fails silently on the other side.
  [/\.pipe\(/, /^$/],
  [/\bpipeline\(/, /^streams\/join\.ts$/],
  // Text for people goes through `printText`, which escapes it; these write scripts, files, logs and oneoff's own text.
  [
    /\bstd(out|err)\.write\(/,
    /^(main|oneoff\/session\/exec|cli\/(reporting|program|apps\/init|run\/run|oneoffs\/(logs|watch)|completion\/(complete|completion)))\.ts$/,
  ],
];

const MOST_LINES = 200;

interface Source {
  readonly file: string;
  readonly text: string;
}

const layerOf = (file: string) =>
  ERRORS[/^errors\/([\w-]+)\.ts$/.exec(file)?.[1] ?? ""] ?? file.replace(/(\/.*|\.ts)$/, "");

async function sources(): Promise<Source[]> {
  const found: Source[] = [];
  for await (const path of glob(`${src}/**/*.ts`)) {
    found.push({ file: relative(src, path), text: readFileSync(path, "utf8") });
  }
  return found;
}

const IMPORT =
  /^(?:import|export)\b[^;]*?\bfrom "(?<named>[^"]+)";|^import "(?<bare>[^"]+)";|\bimport\(\s*"(?<late>[^"]+)"/gms;

function imports({ file, text }: Source) {
  return Array.from(text.matchAll(IMPORT), ({ groups = {}, index, 0: { length } }) => {
    const from = groups.named ?? groups.bare ?? groups.late ?? "";
    return {
      from,
      at: `${file}:${text.slice(0, index + length).split("\n").length}`,
      target: from.startsWith(".") ? relative(src, join(src, dirname(file), from)) : undefined,
    };
  });
}

test("finds sources and imports", async () => {
  const all = await sources();
  const main = all.find(({ file }) => file === "main.ts") as Source;
  const program = main.text.split("\n").findIndex((line) => line.includes('"./cli/program.ts"')) + 1;
  expect(imports(main)).toContainEqual({
    from: "./cli/program.ts",
    at: `main.ts:${program}`,
    target: "cli/program.ts",
  });
  expect(all.length).toBeGreaterThan(40);
});

test("detects every way to import", () => {
  const text = `import a from "./a.ts";
import {
  b,
  c,
} from "../b.ts";
import "./c.ts";
export { d } from "node:d";
export const e = "no import";
const f = await import("f");
`;
  expect(imports({ file: "x/y.ts", text }).map(({ at, from, target }) => [at, from, target])).toEqual([
    ["x/y.ts:1", "./a.ts", "x/a.ts"],
    ["x/y.ts:5", "../b.ts", "b.ts"],
    ["x/y.ts:6", "./c.ts", "x/c.ts"],
    ["x/y.ts:7", "node:d", undefined],
    ["x/y.ts:9", "f", undefined],
  ]);
});

test("imports only lower layers in each folder", async () => {
  const broken = (await sources()).flatMap((source) =>
    imports(source)
      .filter(({ target }) => target !== undefined && !OPEN.has(target))
      .filter(({ target = "" }) => layerOf(target) !== layerOf(source.file))
      .filter(({ target = "" }) => !LAYERS[layerOf(source.file)]?.includes(layerOf(target)))
      .map(({ at, target }) => `${at} imports ${target}`),
  );
  expect(broken).toEqual([]);
});

test("has one importer per library, and the node: prefix for Node's modules", async () => {
  const broken = (await sources()).flatMap((source) =>
    imports(source)
      .filter(({ target, from }) => target === undefined && !from.startsWith("node:"))
      .filter(({ from }) => LIBRARIES[from] !== layerOf(source.file))
      .map(({ at, from }) => `${at} imports ${from}`),
  );
  expect(broken).toEqual([]);
});

test("names the file in relative imports", async () => {
  const broken = (await sources()).flatMap((source) =>
    imports(source)
      .filter(({ target }) => target !== undefined && !target.endsWith(".ts"))
      .map(({ at, from }) => `${at} imports ${from}`),
  );
  expect(broken).toEqual([]);
});

test("has no import cycles", async () => {
  const graph = new Map(
    (await sources()).map((source) => [source.file, imports(source).flatMap((i) => i.target ?? [])]),
  );
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (graph.get(from) ?? []).some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))));
  expect([...graph.keys()].filter((file) => reaches(file, file))).toEqual([]);
});

test("accesses each external interface in one file", async () => {
  const broken = (await sources()).flatMap(({ file, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        HOMES.filter(([pattern, home]) => pattern.test(line) && !home.test(file)).map(
          ([pattern]) => `${file}:${index + 1} has ${pattern.source}`,
        ),
      ),
  );
  expect(broken).toEqual([]);
});

test("keeps files small, and has no file for odds and ends", async () => {
  const all = await sources();
  const long = all.filter(({ text }) => text.trimEnd().split("\n").length > MOST_LINES);
  expect(long.map(({ file }) => file)).toEqual([]);
  expect(
    all.map(({ file }) => file).filter((file) => /(utils?|helpers?|common|index|manager)\.ts$/.test(file)),
  ).toEqual([]);
});
