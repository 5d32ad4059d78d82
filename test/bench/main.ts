import { existsSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { baseImage } from "../support/base-image.ts";
import { debianProgram } from "../support/debian-program.ts";
import { removeByLabel } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { which } from "../support/packages.ts";
import { run as finish } from "../support/process.ts";
import { archive } from "./archive.ts";
import { BINARY, type Case, openBench } from "./bench.ts";
import { completion } from "./completion.ts";
import { compose } from "./compose.ts";
import { context, files } from "./context.ts";
import { ps, resolve } from "./crowd.ts";
import { deploy } from "./deploy.ts";
import { echo } from "./echo.ts";
import { exec } from "./exec.ts";
import { judge, notMeasured, type Result, type Row } from "./measure.ts";
import { memory } from "./memory.ts";
import { overhead } from "./overhead.ts";
import { podman } from "./podman.ts";
import { run } from "./run.ts";
import { startUp } from "./start-up.ts";
import { swarm } from "./swarm.ts";
import { table } from "./table.ts";
import { stdin, stdout } from "./throughput.ts";
import { transfer } from "./transfer.ts";
import { unchanged } from "./unchanged.ts";

/**
 * `npm run bench`: whole processes of the binary, in turns with its peers, on the same engine. A timing is not
 * a test: it exits with 0 when a target is missed or a peer cannot be had, and with 1 only when a case fails.
 */
const CASES: ReadonlyMap<string, Case> = new Map([
  ["overhead", overhead],
  ["start-up", startUp],
  ["run", run],
  ["exec", exec],
  ["compose", compose],
  ["podman", podman],
  ["unchanged", unchanged],
  ["completion", completion],
  ["archive", archive],
  ["echo", echo],
  ["stdout", stdout],
  ["stdin", stdin],
  ["memory", memory],
  ["transfer", transfer],
  ["deploy", deploy],
  ["context", context],
  ["files", files],
  ["resolve", resolve],
  ["ps", ps],
  ["swarm", swarm],
]);

const USAGE = `usage: node test/bench/main.ts [--only CASE[,CASE]] [--pairs N] [--quick] [--json]
cases: ${[...CASES.keys()].join(", ")}`;

const { only, pairs, quick, json } = readArguments();

if (!existsSync(BINARY)) refuse("There is no dist/oneoff yet: npm run build.", 1);

const client = await dockerClient();
await using engine = await startEngine();
await baseImage(engine.host);
await using empty = await folder();
const [release = ""] = /^\d+\.\d+/.exec(engine.version) ?? [];
const facts = { host: engine.host, engine: `docker-${release}`, client, cwd: empty.path, quick, pairs };
const bench = openBench(facts);

const machine = {
  oneoff: await firstLine(BINARY, "--version"),
  docker: await firstLine(client, "--version"),
  engine: engine.version,
  cores: cpus().length,
  // Other load on the machine affects every figure.
  load: loadavg()[0] ?? 0,
};
const results: Result[] = [];
try {
  for (const [index, name] of only.entries()) {
    tell(`${elapsed()} measuring ${name} (${index + 1}/${only.length})`);
    results.push(...(await measured(name)).map(judge));
  }
  tell(`${elapsed()} done`);
} finally {
  await removeByLabel(engine.host, bench.label);
}

if (json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
else {
  const { oneoff, docker, cores, load } = machine;
  process.stdout.write(`${oneoff}\n${docker}; engine ${machine.engine}; ${cores} cores, load ${load.toFixed(1)}\n\n`);
  process.stdout.write(table(results));
}

async function measured(name: string): Promise<readonly Row[]> {
  try {
    return (await CASES.get(name)?.(bench)) ?? [];
  } catch (error) {
    process.exitCode = 1;
    tell(`${name}: ${error}`);
    return notMeasured([name], error);
  }
}

/** The one on PATH, or a newer one: most people have a client of 2025 or later. */
async function dockerClient(): Promise<string> {
  const own = which("docker");
  const [major = 0] = own ? ((await firstLine(own, "--version")).match(/\d+/) ?? []).map(Number) : [];
  if (own && major >= 28) return own;
  try {
    return await debianProgram("docker-cli", "usr/bin/docker");
  } catch (error) {
    if (!own) refuse(`There is no docker client to compare with: ${(error as Error).message}`, 1);
    tell(`There is no docker client of version 28 or later: ${(error as Error).message}`);
    return own;
  }
}

/** Minutes and seconds. */
function elapsed(): string {
  const seconds = Math.round(performance.now() / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string" },
        pairs: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const only = values.only?.split(",") ?? [...CASES.keys()];
    const unknown = only.find((name) => !CASES.has(name));
    if (unknown !== undefined) throw new Error(`There is no case "${unknown}".`);
    const pairs = values.pairs === undefined ? undefined : Number(values.pairs);
    if (pairs !== undefined && !(Number.isInteger(pairs) && pairs > 0))
      throw new Error("--pairs takes a whole number.");
    return { only, pairs, quick: values.quick, json: values.json };
  } catch (error) {
    return refuse(`${(error as Error).message}\n${USAGE}`, 2);
  }
}

async function firstLine(...argv: string[]): Promise<string> {
  return (await finish(argv)).stdout.toString().split("\n")[0] ?? "";
}

/** Progress and errors go to stderr: stdout is for the figures. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function refuse(why: string, code: number): never {
  tell(why);
  process.exit(code);
}
