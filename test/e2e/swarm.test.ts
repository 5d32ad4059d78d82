// @module-tag full
import { expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { initSwarm } from "../support/swarm-bed.ts";

/** In ms: a private engine and a Swarm of its own. */
const COMMAND_TIMEOUT_MS = 120_000;

test("gives a one-off the secrets and configs of its Swarm service", {
  ...needs("swarm"),
  timeout: COMMAND_TIMEOUT_MS,
}, async () => {
  await using engine = await startEngine();
  await baseImage(engine.host);
  await initSwarm(engine.host);
  const { get, post } = api(engine.host);
  const made = async (path: string, body: object) => {
    const answer = await post(path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body.ID as string;
  };
  const Data = Buffer.from("hunter22").toString("base64");
  const SecretID = await made("/secrets/create", { Name: "db", Data });
  const ConfigID = await made("/configs/create", { Name: "app", Data });
  const file = (Name: string) => ({ File: { Name, UID: "0", GID: "0", Mode: 0o444 } });
  await made("/services/create", {
    Name: "shop_web",
    TaskTemplate: {
      ContainerSpec: {
        ...{ Image: "busybox:local", Args: ["sleep", "1000"], Env: ["A=1"] },
        Secrets: [{ SecretID, SecretName: "db", ...file("db_password") }],
        Configs: [{ ConfigID, ConfigName: "app", ...file("/etc/app.conf") }],
      },
    },
  });
  await eventually(async () => {
    const { body } = await get("/containers/json");
    expect(body.map(({ State }: { State: string }) => State)).toEqual(["running"]);
  });
  await using home = await folder();
  const env = { DOCKER_HOST: engine.host, XDG_STATE_HOME: home.path };
  const script = 'ls /run/secrets/db_password /etc/app.conf 2>/dev/null; echo "$A"';
  const words = ["run", "shop_web", "sh", "-c", script];
  expect(await said(await start([BINARY, ...words], { env, timeout: COMMAND_TIMEOUT_MS }))).toEqual({
    ...{ code: 0, stdout: "/etc/app.conf\n/run/secrets/db_password\n1\n" },
    stderr: expect.stringContaining("for its network, secrets and configs"),
  });
});
