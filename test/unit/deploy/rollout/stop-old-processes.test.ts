import { expect, test } from "vitest";
import { stopOldProcesses } from "../../../../src/deploy/rollout/stop-old-processes.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

/** @returns the milliseconds between the removal of the aliases and the stop. */
async function measureDrain(drain: number): Promise<number> {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const Networks = { net: { Aliases: ["shop"], IPAddress: "10.0.0.2" } };
  engine.always("GET /containers/c/json", 200, {
    ...{ Id: "c", Name: "/shop.web.1.old", Image: "i", Created: "2013-03-13T15:38:09Z" },
    ...{ Config: {}, HostConfig: { LogConfig: { Type: "local" } }, State: { Running: true } },
    NetworkSettings: { Networks },
  });
  engine.on("POST /networks/net/disconnect", 200);
  const aliasesRemoved = engine.on("POST /networks/net/connect", 200).then(() => performance.now());
  const stopped = engine.on("POST /containers/c/stop", 204).then(() => performance.now());
  engine.on("DELETE /containers/c", 204);
  const old = { id: "c", app: "shop", type: "web", name: "web.1" };
  await stopOldProcesses({ engine: transport, report: () => {}, drain }, [old]);
  return (await stopped) - (await aliasesRemoved);
}

test("stops an old process after the drain time", async () => expect(await measureDrain(0.5)).toBeGreaterThan(490));

test("stops an old process immediately without a drain time", async () =>
  expect(await measureDrain(0)).toBeLessThan(2000));
