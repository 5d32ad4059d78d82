import { expect, inject, onTestFinished, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { DEPLOY_TIMEOUT_MS, deployPlace } from "../support/deploy-place.ts";
import { api } from "../support/docker-api.ts";
import { BINARY, ended, see } from "../support/oneoff-suite.ts";
import { openPty } from "../support/pty.ts";

const host = inject("engineHost");
const engine = api(host);

const SECRET = "s3cr3t<of>mine";

/** Answers the first requests with an error. For each failed check BusyBox sends a second one, for its body. */
const CGI = `#!/bin/sh
echo "$(date)" >>/tmp/asked
if [ "$(wc -l </tmp/asked)" -le $((2 * FAILURES)) ]; then
  printf 'Status: 503 No\\r\\nContent-Type: text/html\\r\\n\\r\\n<html><style>h1 {}</style><h1>db is down\\033[2J</h1>\\n'
  echo "token $API_TOKEN</html>"
else
  printf 'Content-Type: text/plain\\r\\n\\r\\nfine\\n'
fi
`;

/** An app whose web process fails its first health checks. */
async function place(failures: number, more: { network?: string; attempts?: number } = {}) {
  const { network, attempts = 4 } = more;
  const here = await deployPlace(host, {
    files: {
      health: CGI,
      Procfile: "web: httpd -f -p 5000 -h /www\nworker: sleep 600\n",
      "app.json": JSON.stringify({
        formation: { web: { quantity: 1 }, worker: { quantity: 1 } },
        healthchecks: { web: [{ type: "startup", path: "/cgi-bin/health", attempts, wait: 1 }] },
      }),
    },
  });
  await here.write(
    "Dockerfile",
    `FROM busybox:local\nCOPY --chmod=755 health /www/cgi-bin/health\nLABEL of=${here.app}\n`,
  );
  await here.write(
    "oneoff.yaml",
    `app: ${here.app}
build: .
${network === undefined ? "" : `networks: [${network}]\n`}env: {API_TOKEN: "${SECRET}", FAILURES: "${failures}"}
processes: {health-wait: 2s, stop-grace: 1s, drain: 0s, publish: ["5000"]}
`,
  );
  return here;
}

test("deploy prints on one line of a terminal what it waits for", { timeout: DEPLOY_TIMEOUT_MS }, async () => {
  await using here = await place(2);
  await using pty = await openPty([BINARY, "deploy"], { ...here.settings, cols: 100 });
  await see(pty, "Waiting for web.1: GET /cgi-bin/health");
  await see(pty, "Waiting for web.1: GET /cgi-bin/health → status 503 (2/4)");
  await see(pty, "\r\x1b[Jweb.1 is healthy");
  await see(pty, "worker.1 must stay up for 2 s");
  await see(pty, "\r\x1b[Jworker.1 is healthy");
  expect(await ended(pty)).toMatchObject({ code: 0 });
  expect(pty.output).not.toContain("health check failed");
  expect(pty.output).not.toContain("(1/4)");
});

test("deploy removes the line for ^C", { timeout: DEPLOY_TIMEOUT_MS }, async () => {
  await using here = await place(99, { attempts: 60 });
  await using pty = await openPty([BINARY, "deploy"], { ...here.settings, cols: 100 });
  await see(pty, "→ status 503 (2/60)");
  pty.write("\x03");
  await see(pty, /\r\x1b\[J[^\r]*schedule failed after/);
  expect((await ended(pty)).code).toBe(130);
  expect(pty.output.split("schedule failed")[1]).not.toContain("Waiting");
});

test("deploy prints no failed check without a terminal if the next one succeeds", {
  timeout: DEPLOY_TIMEOUT_MS,
}, async () => {
  await using here = await place(1);
  const stderr = await here.deployed();
  expect(stderr).toContain("Starting web.1\nWaiting for web.1: GET /cgi-bin/health\nweb.1 is healthy\n");
  expect(stderr).not.toMatch(/failed|503/);
});

test("deploy prints the response of a failed check, without secrets", { timeout: DEPLOY_TIMEOUT_MS }, async () => {
  await using here = await place(99, { attempts: 2 });
  const { code, stderr } = await here.deploy();
  expect(code).toBe(1);
  expect(stderr).toContain("web.1: health check failed (2/2): http://");
  expect(stderr).toMatch(
    /^oneoff: web\.1 of \S+ is unhealthy: path \/cgi-bin\/health: \S+ returned status 503; response:\n {2}db is down\\u001b\[2J\n {2}token \*\*\*\n/m,
  );
  expect(stderr).not.toContain("s3cr3t");
});

test("deploy ends with the addresses of web, which answer there", {
  timeout: DEPLOY_TIMEOUT_MS,
  ...needs("ports at the gateway"),
}, async () => {
  const network = `net-${crypto.randomUUID().slice(0, 8)}`;
  await engine.post("/networks/create", { Name: network });
  onTestFinished(async () => void (await engine.delete(`/networks/${network}`)));
  await using here = await place(0, { network });
  const stderr = await here.deployed();
  const [, url = ""] = /^web is reachable at (http:\S+) on network net-\w+$/m.exec(stderr) ?? [];
  expect(url).toBe(`http://${here.app}:5000`);
  const inside = await here.oneoff("run", here.app, "wget", "-q", "-O", "-", `${url}/cgi-bin/health`);
  expect(inside).toMatchObject({ code: 0, stdout: "fine\n" });
  const [, port] = /^web is published at 0\.0\.0\.0:(\d+)$/m.exec(stderr) ?? [];
  const onHost = ["--network", "host", here.app, "wget", "-q", "-O", "-", `http://127.0.0.1:${port}/cgi-bin/health`];
  expect(await here.oneoff("run", ...onHost)).toMatchObject({ code: 0, stdout: "fine\n" });
  // The JSON event has the same addresses.
  const { stdout } = await here.deploy("--force", "--json");
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.find(({ type }) => type === "reachable")).toMatchObject({
    ...{ app: here.app, processType: "web", addresses: [{ network, host: here.app, port: 5000 }] },
    published: [{ address: "0.0.0.0", port: 5000, protocol: "tcp" }],
  });
  expect(events.filter(({ type, state }) => type === "process" && state === "waiting")).toMatchObject([
    { name: "web.1", check: "GET /cgi-bin/health", seconds: null },
    { name: "worker.1", check: "uptime", seconds: 2 },
  ]);
});
