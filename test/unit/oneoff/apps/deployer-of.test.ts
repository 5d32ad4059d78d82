import { expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import { findDeployer, requireOwnApp } from "../../../../src/oneoff/apps/deployer-of.ts";
import { listed, ofCompose, ofDokku, ofKamal, ofOneoff, ofSwarm, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

/** An engine that returns these images and containers for each request. */
async function asking<T>(
  { tags = [], containers = [] }: { tags?: string[]; containers?: ReturnType<typeof listed>[] },
  ask: (transport: ReturnType<typeof openTransport>) => Promise<T>,
): Promise<T> {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
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
  ["a container of that name", { containers: [listed("blog")] }, "container"],
])("finds by %s which deployer an app has", async (_what, there, deployer) => {
  expect(await asking(there, (engine) => findDeployer(engine, "blog", undefined, "ps"))).toBe(deployer);
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
