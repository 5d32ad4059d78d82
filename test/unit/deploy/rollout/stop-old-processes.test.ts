import { expect, test } from "vitest";
import { stopOldProcesses } from "../../../../src/deploy/rollout/stop-old-processes.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

/** @returns how long after the removal of its aliases the old process was stopped, in milliseconds. */
async function stoppedAfter(drain: number): Promise<number> {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const Networks = { net: { Aliases: ["shop"], IPAddress: "10.0.0.2" } };
  engine.always("GET /containers/c/json", 200, {
    ...{ Id: "c", Name: "/shop.web.1.old", Image: "i", Created: "2013-03-13T15:38:09Z" },
    ...{ Config: {}, HostConfig: { LogConfig: { Type: "local" } }, State: { Running: true } },
    NetworkSettings: { Networks },
  });
  engine.on("POST /networks/net/disconnect", 200);
  const withdrawn = engine.on("POST /networks/net/connect", 200).then(() => performance.now());
  const stopped = engine.on("POST /containers/c/stop", 204).then(() => performance.now());
  engine.on("DELETE /containers/c", 204);
  const former = { id: "c", app: "shop", type: "web", name: "web.1" };
  await stopOldProcesses({ engine: transport, report: () => {}, drain }, [former]);
  return (await stopped) - (await withdrawn);
}

test("stops an old process once it has drained", async () => expect(await stoppedAfter(0.5)).toBeGreaterThan(490));

test("stops an old process at once where it need not drain", async () =>
  expect(await stoppedAfter(0)).toBeLessThan(2000));
