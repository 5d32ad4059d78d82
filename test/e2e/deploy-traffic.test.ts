import { expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { ask } from "../support/docker-api.ts";
import { faultApp } from "../support/fault-app.ts";
import { heldEngine } from "../support/held-engine.ts";
import { eventually, said } from "../support/oneoff-suite.ts";

const host = inject("engineHost");
/** Sends requests continuously to both names, resolves each again, and records failures. */
const hammer = (app: string) => `
until [ -e /tmp/${app}.enough ]; do
  for name in ${app} ${app}-web; do
    wget -q -O - http://$name:5000/ >>/tmp/${app}.answers 2>>/tmp/${app}.failed || echo "$name: $?" >>/tmp/${app}.failed
  done
done`;

const whileDeployed = async (count: number) => {
  await using app = await faultApp(host, { drain: "2s" });
  await app.deployed();
  const hammering = ask(host, app.client, hammer(app.app));
  for (let deploys = 0; deploys < count; deploys += 1) {
    await app.upgrade();
    await app.deployed();
  }
  await ask(host, app.client, `touch /tmp/${app.app}.enough`);
  await hammering;
  expect(await ask(host, app.client, `cat /tmp/${app.app}.failed`)).toBe("");
  const versions = await ask(host, app.client, `uniq /tmp/${app.app}.answers`);
  expect(new Set(versions.split("\n")).size).toBe(count + 1);
};
const fails = "no request of a client fails during";
test.concurrent(`${fails} a deploy`, needs("steady names"), () => whileDeployed(1));
const full = { ...needs("steady names"), tags: ["full"] };
test(`${fails} ten deploys`, full, () => whileDeployed(10));

const handed = "moves a published port from the old process to the new, and back when the new one is unhealthy";
test.concurrent(handed, needs("ports at the gateway"), async () => {
  await using app = await faultApp(host, { processes: ', publish: ["5927:5000"]' });
  const gateway = await ask(host, app.client, "ip route | sed -n 's/^default via \\([^ ]*\\).*/\\1/p'");
  const serves = () => app.request(`${gateway}:5927`);
  await app.deployed();
  expect(await serves()).toBe("1");
  await app.upgrade();
  await app.deployed();
  expect(await serves()).toBe("2");

  const before = await app.inspect();
  await app.upgrade();
  await app.make("schedule", "exit 3");
  expect((await said(await app.deploy())).code).toBe(1);
  const { web, latest, containers } = await app.inspect();
  expect([web.id, latest, containers]).toEqual([before.web.id, before.latest, ["web.1 running"]]);
  expect(await eventually(serves)).toBe("2");

  // Only the next deploy can start the old process again.
  await app.make("schedule", app.held);
  const live = await app.deploy();
  await app.reached();
  live.child.kill("SIGKILL");
  await live.done;
  await app.restore();
  await app.deployed();
  expect(await serves()).toBe("3");
  expect((await app.inspect()).containers).toEqual(["web.1 running"]);
});

test.concurrent("shows a lock that is held, and removes it only with --force while its deploy runs", async () => {
  await using app = await faultApp(host, { phases: ["predeploy", "release"] });
  await app.make("release", app.held);
  const live = await app.deploy();
  await app.reached();
  const key = `deploy/${app.app}`;
  expect((await app.oneoff("locks", app.app)).stdout).toContain(key);
  const refused = await app.oneoff("unlock", key);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("deploy")]);
  expect((await app.oneoff("unlock", "--force", key)).code).toBe(0);
  // The second client removes the phase of the first one, which must not remove the image that predeploy commits.
  live.child.kill("SIGSTOP");
  await app.upgrade();
  await app.make("predeploy", "echo made > /app/made");
  await app.make("release", "true");
  await using engine = await heldEngine(host);
  const create = engine.hold("request", /^POST .*\/containers\/create\?name=[^ ]*\.release\./);
  const second = await app.deploy("--host", engine.host);
  await create.reached;
  live.child.kill("SIGCONT");
  const { code, stderr } = await said(live);
  expect([code, stderr]).toEqual([1, expect.stringContaining("release")]);
  create.release();
  expect(await said(second)).toMatchObject({ code: 0 });
  expect(await app.request()).toBe("2");
});
