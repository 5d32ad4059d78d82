import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { DEPLOY_TIMEOUT_MS } from "../support/deploy-place.ts";
import { api } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { eventually } from "../support/oneoff-suite.ts";
import { initSwarm } from "../support/swarm-bed.ts";
import { swarmPlace, WEB } from "../support/swarm-place.ts";

let engine: TestEngine;

beforeAll(async () => {
  engine = await startEngine();
  await baseImage(engine.host);
  await initSwarm(engine.host);
}, DEPLOY_TIMEOUT_MS);

afterAll(() => engine[Symbol.asyncDispose]());

const settings = { ...needs("swarm"), timeout: DEPLOY_TIMEOUT_MS };

test("deploys a service for each process type and stops without changes", settings, async () => {
  await using here = await swarmPlace(engine.host, {
    files: { Procfile: `${WEB}worker: sleep 600\n` },
    yaml: 'formation: {worker: {quantity: 2}}\nenv: {BRACES: "{{.Node.ID}} {{"}\n',
  });
  const { code, stdout, stderr } = await here.deploy();
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(await here.state()).toEqual(["v1", "web v1", "worker v1"]);
  expect(await here.running("web")).toHaveLength(1);
  expect(await here.running("worker")).toHaveLength(2);
  const { body: containers } = await api(engine.host).get(
    `/containers/json?filters=${encodeURIComponent(JSON.stringify({ label: [`com.docker.swarm.service.name=${here.app}-worker`] }))}`,
  );
  const { body: details } = await api(engine.host).get(`/containers/${containers[0].Id}/json`);
  expect(details.Config.Env).toContain("BRACES={{.Node.ID}} {{");
  expect(details.Config.Env.join("\n")).toMatch(/^DYNO=worker\.[12]$/m);
  expect((await here.deploy()).stderr).toContain(`No changes: ${here.app} v1 is already live`);
});

test("runs the release phase once and one-offs, with secrets and networks of the app", {
  ...settings,
  tags: ["full"],
}, async () => {
  const { post } = api(engine.host);
  await post("/networks/create", { Name: "closed", Driver: "overlay" });
  await post("/secrets/create", { Name: "key", Data: Buffer.from("s3cret").toString("base64") });
  await using here = await swarmPlace(engine.host, {
    files: { Procfile: `${WEB}release: wc -c < /run/secrets/key; nslookup other 127.0.0.11\n` },
    yaml: "networks: [closed]\nsecrets: [key]\nformation: {web: {quantity: 2}}\n",
  });
  await post("/services/create", {
    Name: "other",
    TaskTemplate: {
      ContainerSpec: { Image: "busybox:local", Args: ["sleep", "600"] },
      Networks: [{ Target: "closed" }],
    },
    EndpointSpec: { Mode: "dnsrr" },
  });
  const { code, stderr } = await here.deploy();
  expect(code, stderr).toBe(0);
  expect(stderr.match(/^release: 6$/gm)).toHaveLength(1);
  expect(stderr).toMatch(/^release: Name:\s+other$/m);
  expect(await here.running("web")).toHaveLength(2);
  const { stdout } = await here.oneoff("run", here.app, "sh", "-c", "cat /run/secrets/key; nslookup other 127.0.0.11");
  expect(stdout).toMatch(/^s3cretServer:[\s\S]*^Name:\s+other$/m);
  await api(engine.host).delete("/services/other");
});

describe("a deploy that fails", { tags: ["full"] }, () => {
  test.each([
    [
      "exits",
      "",
      'web: sh -c "echo bad web; exit 7"',
      "web.1 of APP on NODE exited with code 7; v1 keeps running; last output:\n  bad web\n",
    ],
    [
      "is unhealthy",
      '{"healthchecks": {"web": [{"command": ["test", "-e", "/nonesuch"], "wait": 1, "attempts": 2}]}}',
      'web: sh -c "echo sick web; exec sleep 600"',
      "web.1 of APP on NODE is unhealthy; v1 keeps running; last output:\n  sick web\n",
    ],
  ])("keeps the old release if the new one %s", settings, async (_case, appJson, web, problem) => {
    await using here = await swarmPlace(engine.host);
    expect((await here.deploy()).code).toBe(0);
    const before = await here.running("web");
    await here.write("Procfile", `${web}\n`);
    if (appJson) await here.write("app.json", appJson);
    const { code, stderr } = await here.deploy();
    expect(code).toBe(1);
    const { body: info } = await api(engine.host).get("/info");
    expect(stderr).toContain(problem.replace("APP", here.app).replace("NODE", info.Name));
    expect(await here.state()).toEqual(["v1", "web v1"]);
    // Without a health check Swarm has replaced the task before the new one failed.
    if (appJson) expect(await here.running("web")).toEqual(before);
    else await eventually(async () => expect(await here.running("web")).toHaveLength(1));
  });

  test("leaves nothing of a first release", settings, async () => {
    await using here = await swarmPlace(engine.host, { files: { Procfile: "web: false\n" } });
    const { code, stderr } = await here.deploy();
    expect(code).toBe(1);
    expect(stderr).toContain("exited with code 1; the service was removed; no output");
    expect(await here.state()).toEqual([]);
  });

  test("restores services that were updated before the failure", settings, async () => {
    await using here = await swarmPlace(engine.host, {
      files: { Procfile: `${WEB}worker: sleep 600\n` },
      yaml: "formation: {worker: {quantity: 1}}\n",
    });
    expect((await here.deploy()).code).toBe(0);
    await here.write("Procfile", "web: false\nworker: sleep 700\n");
    expect((await here.deploy()).code).toBe(1);
    expect(await here.state()).toEqual(["v1", "web v1", "worker v1"]);
    await eventually(async () => expect(await here.running("worker")).toHaveLength(1));
  });
});

test("tells a second deployer who deploys", { ...settings, tags: ["full"] }, async () => {
  await using here = await swarmPlace(engine.host, { files: { Procfile: "web: sleep 600\nrelease: sleep 600\n" } });
  await using first = await here.begin("deploy");
  await eventually(async () => expect(await here.containers()).toHaveLength(1));
  const { code, stderr } = await here.deploy();
  expect(code).toBe(1);
  expect(stderr).toMatch(/is already in progress since \S+, by \S+@\S+\n/);
  first.child.kill("SIGTERM");
  await first.done;
  await here.write("Procfile", WEB);
  expect((await here.deploy()).code).toBe(0);
});

test("serves every request by name during ten updates", { ...settings, timeout: 300_000, tags: ["full"] }, async () => {
  const { get, post } = api(engine.host);
  await post("/networks/create", { Name: "front", Driver: "overlay", Attachable: true });
  await using here = await swarmPlace(engine.host, {
    files: {
      Procfile: 'web: sh -c "mkdir /www; echo \\$N > /www/index.html; exec httpd -f -p 5000 -h /www"\n',
      "app.json": '{"healthchecks": {"web": [{"path": "/", "wait": 1}]}}',
    },
    yaml: "networks: [front]\nenv: {N: n0}\n",
  });
  expect((await here.deploy()).code).toBe(0);
  const script = `while [ ! -e /stop ]; do wget -q -O - http://${here.app}:5000/ || echo failed; done`;
  const { body: client } = await post("/containers/create", {
    ...{ Image: "busybox:local", Cmd: ["sh", "-c", script], Labels: { "dev.oneoff.app": here.app } },
    HostConfig: { NetworkMode: "front" },
  });
  await post(`/containers/${client.Id}/start`);
  for (let n = 1; n <= 10; n += 1) {
    await here.manifest(`networks: [front]\nenv: {N: n${n}}\n`);
    const { code, stderr } = await here.deploy();
    expect(code, stderr).toBe(0);
  }
  const { body: touch } = await post(`/containers/${client.Id}/exec`, { Cmd: ["touch", "/stop"] });
  await post(`/exec/${touch.Id}/start`, { Detach: true });
  await post(`/containers/${client.Id}/wait`);
  const { bytes } = await get(`/containers/${client.Id}/logs?stdout=1&stderr=1`);
  const answers = bytes.toString().match(/n\d+|failed|wget/g) ?? [];
  expect([...new Set(answers)]).toEqual(Array.from({ length: 11 }, (_, n) => `n${n}`));
  expect(answers.length).toBeGreaterThan(1000);
});
