import { describe, expect, test } from "vitest";
import type { Service } from "../../../../src/engine/swarm/service-types.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { findDeployer, requireOwnApp } from "../../../../src/oneoff/apps/deployer-of.ts";
import { listed, ofCompose, ofDokku, ofKamal, ofOneoff, ofSwarm, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { ofOwnService, ofService, ofStack } from "../../../support/swarm-services.ts";

/** An engine that returns these images and containers for each request. */
async function asking<T>(
  there: { tags?: string[]; containers?: ReturnType<typeof listed>[]; services?: Service[] },
  ask: (transport: ReturnType<typeof openTransport>) => Promise<T>,
): Promise<T> {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const { tags = [], containers = [], services } = there;
  if (services) engine.always("GET /services", 200, services);
  engine.always("GET /images/json", 200, [{ Id: "i", RepoTags: tags, Created: 0 }]);
  engine.always("GET /containers/json", 200, containers);
  return await ask(transport);
}

const lockOf = (app: string) => listed("lock", { "dev.oneoff.app": app, "dev.oneoff.kind": "lock" });

test.each([
  ["a release", { tags: ["oneoff/blog:v3"] }, "oneoff"],
  ["what scale has set before its first deploy", { tags: ["oneoff/blog:scale"] }, "oneoff"],
  ["a process", { containers: [ofOneoff("blog", "web")] }, "oneoff"],
  ["a one-off", { containers: [oneoffOf("blog")] }, "oneoff"],
  ["dokku's container", { containers: [ofDokku("blog", "web")] }, "dokku"],
  ["Compose's container", { containers: [ofCompose("shop", "blog")] }, "compose"],
  ["Kamal's container", { containers: [ofKamal("blog", "web")] }, "kamal"],
  ["a Swarm's container", { containers: [ofSwarm("blog")] }, "swarm"],
  ["dokku's container beside a one-off", { containers: [oneoffOf("blog"), ofDokku("blog", "web")] }, "dokku"],
  ["a container of that name", { containers: [listed("blog")] }, "container"],
])("finds by %s which deployer an app has", async (_what, there, deployer) => {
  expect(await asking(there, (engine) => findDeployer(engine, "blog", undefined, "ps"))).toEqual({
    ...{ deployer, name: "blog" },
  });
});

test.each([
  ["nothing", {}],
  ["only a lock of the caller", { containers: [lockOf("blgo")] }],
])("reports an unknown app where there is %s, with the command to try", async (_what, there) => {
  const { containers = [] } = there as { containers?: ReturnType<typeof listed>[] };
  const ask = asking({ containers: [...containers, ofOneoff("blog", "web")] }, (engine) =>
    findDeployer(engine, "blgo", undefined, "releases"),
  );
  await expect(ask).rejects.toMatchObject({
    ...{ code: "unknown-app", kind: "failed", next: "oneoff releases blog" },
    message: expect.stringMatching(/^No such app "blgo"\n[\s\S]*\nknown apps: blog\nDid you mean blog\?$/),
  });
});

test.each([
  ["scale", "dokku ps:scale blog web=2"],
  ["ps:stop", "dokku ps:stop blog"],
  ["destroy", "dokku apps:destroy blog"],
  ["start", "dokku ps:start blog"],
  ["restart", "dokku ps:restart blog"],
  ["rollback", undefined],
] as const)("refuses %s for an app of dokku, with dokku's command", async (command, next) => {
  const ask = asking({ containers: [ofDokku("blog", "web")] }, (engine) =>
    requireOwnApp(engine, "blog", undefined, command),
  );
  await expect(ask).rejects.toMatchObject({
    ...{ code: "not-deployed-here", next, message: '"blog" was deployed by dokku, not by oneoff' },
  });
});

describe("a service of a Swarm", () => {
  const services = [ofStack("shop", "blog"), ofService("api"), ofOwnService("mine", "web")];
  const require = (app: string, command: Parameters<typeof requireOwnApp>[3], more: Service[] = []) =>
    asking({ services: [...services, ...more], containers: [] }, (engine) =>
      requireOwnApp(engine, app, undefined, command),
    );

  test.each([
    ["scale", "docker service scale shop_blog=2"],
    ["ps:stop", "docker service scale shop_blog=0"],
    ["start", "docker service scale shop_blog=1"],
    ["restart", "docker service update --force shop_blog"],
    ["rollback", "docker service rollback shop_blog"],
    ["destroy", "docker service rm shop_blog"],
  ] as const)("refuses %s with docker's command, without a task on the node", async (command, next) => {
    for (const name of ["blog", "shop_blog"]) {
      await expect(require(name, command)).rejects.toMatchObject({
        ...{ code: "not-deployed-here", next, message: `"${name}" is a Swarm service that oneoff did not deploy` },
      });
    }
  });

  test("refuses a name of two stacks", async () =>
    await expect(require("blog", "restart", [ofStack("site", "blog")])).rejects.toMatchObject({
      ...{ code: "ambiguous-app", next: "oneoff restart swarm:shop_blog …" },
    }));

  test("accepts a service that oneoff deployed", async () => await require("mine", "scale"));
});
