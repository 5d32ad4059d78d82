import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { resolveEndpoint } from "../../src/engine/endpoint/endpoint-chain.ts";
import { baseImage } from "../support/base-image.ts";
import { api } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import { run } from "../support/process.ts";

/**
 * `npm run demo`: a sample app on an existing engine, or on a private one, and the main tasks done on it.
 * It exits with 0 only when every command did what it shows. It leaves nothing behind.
 */
const binary = fileURLToPath(new URL("../../dist/oneoff", import.meta.url));

const MANIFEST = `apps:
  my-app:
    image: busybox:local
    env:
      GREETING: hello from production
    procfile:
      migrate: sh -c 'echo "migrating with DYNO=$DYNO"; echo done' # as in a Procfile
`;

/** A command as a user types it, and its expected exit code. */
const LINES: readonly [line: string, code: number][] = [
  ["oneoff run my-app 'echo $GREETING'", 0],
  ["oneoff run -e GREETING=hi my-app 'echo $GREETING'", 0],
  ["oneoff run my-app migrate", 0],
  ["echo through stdin | oneoff run my-app tr a-z A-Z", 0],
  ["oneoff run my-app sh -c 'echo out; echo err >&2; exit 7'", 7],
  ["oneoff run my-ap ls", 125],
];

async function reachable(host: string): Promise<boolean> {
  const answer = await api(host)
    .get("/_ping")
    .catch(() => undefined);
  return answer?.status === 200;
}

/** The engine that `oneoff` would use on this machine, if it answers. */
async function foundEngine(): Promise<string | undefined> {
  try {
    const endpoint = resolveEndpoint(
      {},
      { env: process.env, exists: () => true, readFile: (path) => readFileSync(path) },
    );
    const host = "socketPath" in endpoint ? `unix://${endpoint.socketPath}` : undefined;
    return host !== undefined && (await reachable(host)) ? host : undefined;
  } catch {
    return undefined;
  }
}

const found = await foundEngine();
await using own = found === undefined ? await startEngine() : undefined;
const host = found ?? own?.host ?? "";
say(found ? `Using the engine at ${host}` : `Started an engine at ${host}`);

const had = (await api(host).get("/images/busybox:local/json")).status === 200;
await baseImage(host);
const folder = mkdtempSync(`${tmpdir()}/oneoff-demo-`);
try {
  writeFileSync(`${folder}/oneoff.yaml`, MANIFEST);
  say(`\n$ cat oneoff.yaml\n${MANIFEST}`);
  for (const [line, expected] of LINES) {
    say(`$ ${line}`);
    const env = { ...process.env, DOCKER_HOST: host, PATH: `${binary.replace(/\/oneoff$/, "")}:${process.env.PATH}` };
    const { code, stdout, stderr } = await run(["sh", "-c", line], { cwd: folder, env });
    say(`${stdout}${stderr}${code === 0 ? "" : `(exit code ${code})\n`}`);
    if (code !== expected) throw new Error(`expected exit code ${expected}, got ${code}`);
  }
  const filters = encodeURIComponent(JSON.stringify({ label: ["dev.oneoff.app=my-app"] }));
  const { body } = await api(host).get<unknown[]>(`/containers/json?all=1&filters=${filters}`);
  say(`Containers left behind: ${body.length}`);
  if (body.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
  if (!had) await api(host).delete("/images/busybox:local");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
