import { expect, test } from "vitest";
import { findFailedPhase } from "../../../../src/deploy/phases/failed-phase.ts";
import type { Phase } from "../../../../src/deploy/phases/phase-command.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { Event } from "../../../../src/output/events.ts";
import { details, listed } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const kept = (name: string, State = "exited") =>
  listed(`a.${name}`, { "dev.oneoff.kind": "phase", "dev.oneoff.app": "a", "dev.oneoff.name": name }, { State });

/** @param looked the name of the container that is looked at. */
async function ask(phase: Phase, containers: readonly ReturnType<typeof kept>[], looked?: string) {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, containers);
  const made = details({ Cmd: ["sh", "-c", "exit 3"], Env: ["A=1"], User: "app" }, {}, { Image: "sha256:built" });
  for (let n = 0; looked && n < 2; n += 1) engine.on(`GET /containers/id-of-a.${looked}/json`, 200, made);
  const events: Event[] = [];
  const found = await findFailedPhase({ engine: transport, report: (event) => events.push(event) }, "a", phase);
  expect(engine.requests[0]?.query.filters).toBe('{"label":["dev.oneoff.app=a","dev.oneoff.kind=phase"]}');
  return { found, events };
}

test("a phase that has failed is what its container was made of", async () => {
  const containers = [kept("first-postdeploy.2222"), kept("postdeploy.1111")];
  const { found, events } = await ask("postdeploy", containers, "postdeploy.1111");
  expect(found).toMatchObject({
    words: ["sh", "-c", "exit 3"],
    app: { name: "a", image: "sha256:built", env: new Map([["A", "1"]]) },
    copy: { user: "app" },
  });
  expect(events).toEqual([{ type: "retrying", app: "a", name: "postdeploy.1111" }]);
});

test.each([
  ["none was kept", []],
  ["it was another phase", [kept("predeploy.1111")]],
  ["it has not failed yet", [kept("release.1111", "running")]],
])("there is none where %s", async (_what, containers) =>
  expect(await ask("release", containers)).toEqual({ found: undefined, events: [] }),
);
