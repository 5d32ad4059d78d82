import { expect, test } from "vitest";
import { findFailedPhase } from "../../../../src/deploy/phases/failed-phase.ts";
import type { Phase } from "../../../../src/deploy/step-names.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { Event } from "../../../../src/output/events.ts";
import { details, listed } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const kept = (name: string, State = "exited") =>
  listed(`a.${name}`, { "dev.oneoff.kind": "phase", "dev.oneoff.app": "a", "dev.oneoff.name": name }, { State });

/** @param inspected the name of the container that is inspected. */
async function find(phase: Phase, containers: readonly ReturnType<typeof kept>[], inspected?: string) {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, containers);
  const container = details({ Cmd: ["sh", "-c", "exit 3"], Env: ["A=1"], User: "app" }, {}, { Image: "sha256:built" });
  for (let n = 0; inspected && n < 2; n += 1) engine.on(`GET /containers/id-of-a.${inspected}/json`, 200, container);
  const events: Event[] = [];
  const found = await findFailedPhase({ engine: transport, report: (event) => events.push(event) }, "a", phase);
  expect(engine.requests[0]?.query.filters).toBe('{"label":["dev.oneoff.app=a","dev.oneoff.kind=phase"]}');
  return { found, events };
}

test("reads image, arguments and variables from the container of a failed phase", async () => {
  const containers = [kept("first-postdeploy.2222"), kept("postdeploy.1111")];
  const { found, events } = await find("postdeploy", containers, "postdeploy.1111");
  expect(found).toMatchObject({
    args: ["sh", "-c", "exit 3"],
    app: { name: "a", image: "sha256:built", env: new Map([["A", "1"]]) },
    copy: { user: "app" },
  });
  expect(events).toEqual([{ type: "retrying", app: "a", name: "postdeploy.1111" }]);
});

test.each([
  ["no container was kept", []],
  ["another phase failed", [kept("predeploy.1111")]],
  ["the phase is still running", [kept("release.1111", "running")]],
])("finds no failed phase if %s", async (_what, containers) =>
  expect(await find("release", containers)).toEqual({ found: undefined, events: [] }),
);
