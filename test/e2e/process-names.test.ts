import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { api, removeByLabel } from "../support/docker-api.ts";
import { BINARY, eventually, oneoffSuite } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const { oneoff } = oneoffSuite(host);
const OTHERS = `test.oneoff.others=${randomUUID()}`;
afterAll(() => removeByLabel(host, OTHERS));

/** The name and the labels of an app's second process for each deployer, and its name in `ps`. */
const DEPLOYED = {
  compose: (app: string) => ({
    name: `${app}-api-2`,
    labels: { "com.docker.compose.project": app, "com.docker.compose.service": `api${app}` },
    app: `${app}/api${app}`,
    printed: `api${app}.2`,
  }),
  dokku: (app: string) => ({
    name: `${app}.web.2`,
    labels: { "com.dokku.app-name": app, "com.dokku.container-type": "deploy", "com.dokku.process-type": `web${app}` },
    app,
    printed: `web${app}.2`,
  }),
  kamal: (app: string) => ({
    name: `${app}-job-3f2a`,
    labels: { service: app, role: `job${app}` },
    app,
    printed: `job${app}.1`,
  }),
  swarm: (app: string) => ({
    name: `${app}.2.x1y2z3`,
    labels: { "com.docker.swarm.service.name": app },
    app,
    printed: `${app}.2`,
  }),
};

async function deploy(deployer: keyof typeof DEPLOYED) {
  const { name, labels, app, printed } = DEPLOYED[deployer](`pn${randomUUID().slice(0, 6)}`);
  const [key, value] = OTHERS.split("=") as [string, string];
  // The trap ends it at once.
  const Cmd = ["sh", "-c", `trap "exit 0" TERM; while :; do echo "I am ${name}"; sleep 0.1; done`];
  const body = { Image: "busybox:local", Cmd, Labels: { ...labels, [key]: value } };
  const { body: made } = await api(host).post(`/containers/create?name=${name}`, body);
  expect((await api(host).post(`/containers/${made.Id}/start`)).status).toBe(204);
  return { name, app, printed, id: made.Id as string };
}

/** The suggested completions, however slow a busy engine is. */
const completed = (command: string, word: string) =>
  oneoff(["__complete", "zsh", command, word], { env: { ONEOFF_COMPLETION_TIMEOUT: "30s" } });

const said = (stdout: string) => ({ code: 0, stdout, stderr: "" });

for (const [scope, rows] of quickAndFull(Object.keys(DEPLOYED) as (keyof typeof DEPLOYED)[], 1))
  test.concurrent.each(rows)(
    "%s: exec, logs, attach and stop accept the names that ps prints",
    scope,
    async (deployer) => {
      const { name, app, printed, id } = await deploy(deployer);
      expect((await oneoff(["ps", app])).stdout).toContain(`\n${printed}: up`);
      const words = [printed, `${app}.${printed}`, `${deployer}:${app}.${printed}`];
      for (const word of words) {
        expect(await oneoff(["exec", word, "hostname"])).toEqual(said(`${id.slice(0, 12)}\n`));
        await eventually(async () => expect((await oneoff(["logs", word])).stdout).toContain(`I am ${name}`));
      }
      expect(await oneoff(["exec", name, "hostname"])).toEqual(said(`${id.slice(0, 12)}\n`));
      for (const command of ["exec", "attach", "logs", "stop"]) {
        const { stdout } = await completed(command, printed.slice(0, -2));
        expect(stdout).toContain(`\n${printed}\t${app}\n`);
      }
      await using attached = await start([BINARY, "attach", words[1] ?? ""], { env: { DOCKER_HOST: host } });
      await eventually(() => expect(attached.stdout.toString()).toContain(`I am ${name}\n`));
      expect(attached.stderr.toString()).toBe(
        `Attached to ${words[1]}: new output only; ^C detaches and leaves it running\n`,
      );
      expect(await oneoff(["stop", words[0] ?? ""])).toMatchObject({ code: 0 });
      expect(await attached.done).toMatchObject({ code: 0 });
      expect((await api(host).get(`/containers/${id}/json`)).body.State).toMatchObject({ Running: false, ExitCode: 0 });
    },
  );

test("distinguishes processes of two apps with the same name by their apps", async () => {
  const [one, other] = [await deploy("dokku"), await deploy("dokku")];
  const shared = `web${one.app}`;
  const [key, value] = OTHERS.split("=") as [string, string];
  const labels = {
    "com.dokku.app-name": other.app,
    "com.dokku.container-type": "deploy",
    "com.dokku.process-type": shared,
  };
  const body = { Image: "busybox:local", Cmd: ["sleep", "600"], Labels: { ...labels, [key]: value } };
  const { body: made } = await api(host).post(`/containers/create?name=${other.app}.${shared}.2`, body);
  await api(host).post(`/containers/${made.Id}/start`);
  for (const command of ["exec", "attach", "logs", "stop"]) {
    expect(await oneoff([command, `${shared}.2`, ...(command === "exec" ? ["true"] : [])])).toMatchObject({
      code: expect.toSatisfy((code) => code !== 0),
      stderr: expect.stringMatching(
        new RegExp(
          `dokku:${one.app}\\.${shared}\\.2[\\s\\S]*dokku:${other.app}\\.${shared}\\.2|dokku:${other.app}\\.${shared}\\.2[\\s\\S]*dokku:${one.app}\\.${shared}\\.2`,
        ),
      ),
    });
  }
  const { stdout } = await completed("exec", one.app);
  expect(stdout).toContain(`\n${one.app}.${shared}.2\t${one.app}\n`);
  expect(await oneoff(["exec", `${other.app}.${shared}.2`, "hostname"])).toEqual(said(`${made.Id.slice(0, 12)}\n`));
});
