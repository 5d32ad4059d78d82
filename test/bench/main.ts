import { existsSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { baseImage } from "../support/base-image.ts";
import { removeByLabel } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { which } from "../support/packages.ts";
import { run as finish } from "../support/process.ts";
import { BINARY, type Case, openBench } from "./bench.ts";
import { context } from "./context.ts";
import { ps, resolve } from "./crowd.ts";
import { deploy } from "./deploy.ts";
import { echo } from "./echo.ts";
import { judge, type Result } from "./measure.ts";
import { memory } from "./memory.ts";
import { overhead } from "./overhead.ts";
import { run } from "./run.ts";
import { startUp } from "./start-up.ts";
import { swarm } from "./swarm.ts";
import { table } from "./table.ts";
import { stdin, stdout } from "./throughput.ts";
import { transfer } from "./transfer.ts";

/**
 * `npm run bench`: whole processes of the binary, in turns with the docker client, on one engine. A timing is not a
 * test: it exits with 0 when a target is missed, and with 1 only when something could not be measured.
 */
const CASES: ReadonlyMap<string, Case> = new Map([
  ["start-up", startUp],
  ["overhead", overhead],
  ["run", run],
  ["echo", echo],
  ["stdout", stdout],
  ["stdin", stdin],
  ["memory", memory],
  ["transfer", transfer],
  ["deploy", deploy],
  ["context", context],
  ["resolve", resolve],
  ["ps", ps],
  ["swarm", swarm],
]);

const USAGE = `usage: node test/bench/main.ts [--only CASE[,CASE]] [--pairs N] [--quick] [--json]
cases: ${[...CASES.keys()].join(", ")}`;

const { only, pairs, quick, json } = readArguments();

const client = which("docker");
if (!client) refuse("There is no docker client to compare with: apt-get install docker.io, or put one on PATH.", 1);
if (!existsSync(BINARY)) refuse("There is no dist/oneoff yet: npm run build.", 1);

await using engine = await startEngine();
await baseImage(engine.host);
await using empty = await folder();
const bench = openBench({ host: engine.host, cwd: empty.path, quick, docker: client, pairs });

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
  for (const name of only) {
    tell(`measuring ${name} …`);
    results.push(...((await CASES.get(name)?.(bench)) ?? []).map(judge));
  }
} finally {
  await removeByLabel(engine.host, bench.label);
}

if (json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
else {
  const { oneoff, docker, cores, load } = machine;
  process.stdout.write(`${oneoff}\n${docker}; engine ${machine.engine}; ${cores} cores, load ${load.toFixed(1)}\n\n`);
  process.stdout.write(table(results));
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
