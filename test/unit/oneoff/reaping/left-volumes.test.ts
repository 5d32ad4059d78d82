import { expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import { findLeftVolumes, labelledVolumes, removeLeftVolumes } from "../../../../src/oneoff/reaping/left-volumes.ts";
import { filtersOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const [made] = labelledVolumes([{ Type: "volume", Target: "/run/secrets" }], "shop", "run.1234", "shop.run.1234");
const Labels = made?.VolumeOptions?.Labels;
const id = (digit: string) => digit.repeat(64);
const left = (digit: string) => ({ id: id(digit), app: "shop", name: "run.1234", containerName: "shop.run.1234" });

async function scene() {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  return { engine, transport, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
}

test("finds volumes without a container by their labels", async () => {
  await using s = await scene();
  s.engine.on("GET /volumes", 200, { Volumes: [{ Name: id("a"), Labels }] });
  expect(await findLeftVolumes(s.transport)).toEqual([left("a")]);
  expect(s.engine.requests.map(filtersOf)).toEqual([{ label: ["dev.oneoff.kind=volume"], dangling: ["true"] }]);
});

test("ignores volumes with a name, with other labels and without labels", async () => {
  await using s = await scene();
  const others = [
    { Name: "data", Labels },
    { Name: id("b"), Labels: { ...Labels, "dev.oneoff.kind": "run" } },
    { Name: id("c"), Labels: null },
    { Name: id("d") },
  ];
  s.engine.on("GET /volumes", 200, { Volumes: others });
  expect(await findLeftVolumes(s.transport)).toEqual([]);
  s.engine.on("GET /volumes", 200, { Volumes: null });
  expect(await findLeftVolumes(s.transport)).toEqual([]);
});

test("does not report volumes that another process has removed or uses", async () => {
  await using s = await scene();
  s.engine.on(`DELETE /volumes/${id("a")}`, 204);
  s.engine.on(`DELETE /volumes/${id("b")}`, 404, { message: "no such volume" });
  s.engine.on(`DELETE /volumes/${id("c")}`, 409, { message: "volume is in use" });
  expect(await removeLeftVolumes(s.transport, ["a", "b", "c"].map(left))).toEqual([left("a")]);
});
