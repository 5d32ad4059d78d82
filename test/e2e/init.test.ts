import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { ofCompose } from "../support/deployed.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const project = `init${randomUUID().slice(0, 8)}`;
const SOURCE = `test.oneoff.source=${project}`;
const [network, volume] = [`${project}_default`, `${project}_data`];

const COMPOSE = `name: ${project}
services:
  web:
    image: no-such-image
    environment: {FROM: the file}
  job:
    image: busybox:local
    environment:
      PLAIN: "a 'b' \\"c\\": # d"
      PRICE: 5$$
      LINES: "one\\n  two\\n"
      GIVEN:
    env_file: live.env
    user: "1000"
    working_dir: /data
    entrypoint: [sh, -c, 'echo "entry $$1"; exec "$$@"', --]
    volumes: ["data:/data", "./config:/config:ro", {type: tmpfs, target: /scratch}]
    ports: ["80:80"]
volumes: {data: }
`;

async function made(path: string, body: unknown): Promise<string> {
  const { status, body: answer } = await engine.post(path, body);
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(answer)}`);
  return answer.Id;
}

beforeAll(async () => {
  await made("/networks/create", { Name: network });
  await made("/volumes/create", { Name: volume });
  const [key, value] = SOURCE.split("=") as [string, string];
  const id = await made(`/containers/create?name=${project}-web-1`, {
    Image: "busybox:local",
    Cmd: ["sleep", "1000"],
    Env: ["FROM=the container"],
    Labels: { ...ofCompose(project, "web").Labels, [key]: value },
    HostConfig: { NetworkMode: network },
  });
  await made(`/containers/${id}/start`, undefined);
});
afterAll(async () => {
  await removeByLabel(host, SOURCE);
  for (const path of [`/networks/${network}`, `/volumes/${volume}`])
    expect((await engine.delete(path)).status).toBe(204);
});

const init = async (cwd: string, ...words: string[]) =>
  said(await start([BINARY, "init", ...words], { cwd, env: { DOCKER_HOST: host }, timeout: 30_000 }));

test("runs the generated oneoff.yaml of a Compose file: a copy of a container, and a service without one", async () => {
  await using here = await folder({ "compose.yaml": COMPOSE, "live.env": "IN_FILE=yes\n", "config/a": "config\n" });
  const cwd = here.path;
  expect(await init(cwd)).toEqual({
    code: 0,
    stdout: "",
    stderr: "Wrote oneoff.yaml: 2 apps (web, job)\n  oneoff run web …\n",
  });

  expect(await suite.runApp(["web", "sh", "-c", "echo $FROM"], { cwd })).toEqual({
    code: 0,
    stdout: "the container\n",
    stderr: "",
  });

  const script = `printf '%s|' "$PLAIN" "$PRICE" "$LINES" "$GIVEN" "$IN_FILE" "$(id -u)" "$(pwd)" "$(cat /config/a)"
    grep -c ' /scratch tmpfs' /proc/mounts`;
  const job = suite.apart();
  expect(await job.runApp(["job", "sh", "-c", script], { cwd, env: { GIVEN: "given" } })).toEqual({
    code: 0,
    stdout: `entry sh\na 'b' "c": # d|5$|one\n  two\n|given|yes|1000|/data|config|1\n`,
    stderr: "",
  });
  const sleeping = job.runApp(["job", "sleep", "100"], { cwd, env: { GIVEN: "" } });
  const { Id, NetworkSettings, Mounts } = await job.running();
  await engine.post(`/containers/${Id}/kill`);
  expect(Object.keys(NetworkSettings.Networks)).toEqual([network]);
  expect(Mounts.map(({ Name }: { Name?: string }) => Name)).toContain(volume);
  expect(await sleeping).toMatchObject({ code: 137 });

  const written = await readFile(join(cwd, "oneoff.yaml"), "utf8");
  expect(await init(cwd)).toEqual({
    code: 2,
    stdout: "",
    stderr: `oneoff: ${cwd}/oneoff.yaml already exists; oneoff init never overwrites it\n  oneoff init --print\n`,
  });
  expect(await readFile(join(cwd, "oneoff.yaml"), "utf8")).toBe(written);
});

test("generates oneoff.yaml from the engine's apps when there is no file", async () => {
  await using here = await folder();
  const cwd = here.path;
  const { code, stdout } = await init(cwd, "--print");
  expect(code).toBe(0);
  expect(stdout).toContain(`\n  ${project}-web:\n    from: compose:${project}/web\n`);
  expect((await init(cwd, "--quiet")).stderr).toBe("");
  expect(await suite.runApp([`${project}-web`, "sh", "-c", "echo $FROM"], { cwd })).toMatchObject({
    stdout: "the container\n",
  });
});
