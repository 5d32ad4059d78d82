import { expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { toOneoff } from "../../../../src/oneoff/lookup/oneoff.ts";
import { stopOneoffs } from "../../../../src/oneoff/session/stop.ts";
import type { Event } from "../../../../src/output/events.ts";
import { oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeJournal } from "../../../support/fake-journal.ts";

const oneoff = (number: number, fields: Partial<ContainerSummary> = {}) =>
  toOneoff({ ...oneoffOf("my-app", number), Id: String(number), ...fields });
const stopped = (number: number) => ({ type: "stopped", name: `run.${number}`, app: "my-app" });
const ended = (number: number) => ({ ...stopped(number), type: "already-exited" });

async function scene() {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const events: Event[] = [];
  const journal = fakeJournal();
  return {
    engine,
    events,
    journal,
    stop: (...oneoffs: Parameters<typeof stopOneoffs>[1]) =>
      stopOneoffs({ engine: transport, journal, report: (event) => events.push(event) }, oneoffs, 7),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test("stops all one-offs in parallel and reports each when it has exited", async () => {
  await using s = await scene();
  const first = s.engine.on("POST /containers/1111/stop");
  const second = s.engine.on("POST /containers/2222/stop");
  const stopping = s.stop(oneoff(1111), oneoff(2222));
  const slow = await first;
  (await second).reply(204);
  await expect.poll(() => s.events).toEqual([stopped(2222)]);
  slow.reply(204);
  await stopping;
  expect(s.events).toEqual([stopped(2222), stopped(1111)]);
  expect(s.journal.entries).toMatchObject([
    { name: "run.1111", event: "stopping", signal: "SIGTERM" },
    { name: "run.2222", event: "stopping", signal: "SIGTERM" },
  ]);
  expect(s.engine.lines).toEqual(["POST /containers/1111/stop?t=7", "POST /containers/2222/stop?t=7"]);
});

test("stops, then removes a one-off that never started", async () => {
  await using s = await scene();
  s.engine.on("POST /containers/1111/stop", 304);
  s.engine.on("DELETE /containers/1111", 204);
  await s.stop(oneoff(1111, { State: "created", Status: "Created" }));
  expect(s.events).toEqual([stopped(1111)]);
  expect(s.engine.lines[0]).toBe("POST /containers/1111/stop?t=7");
});

test("reports an exited one-off and does not stop it", async () => {
  await using s = await scene();
  s.engine.on("POST /containers/2222/stop", 404, { message: "No such container: 2222" });
  await s.stop(oneoff(1111, { State: "exited", Status: "Exited (0) 1 second ago" }), oneoff(2222));
  expect(s.events).toEqual([ended(1111), ended(2222)]);
});

test("stops the other one-offs when one cannot be stopped, then fails", async () => {
  await using s = await scene();
  s.engine.on("POST /containers/1111/stop", 500, { message: "disk on fire" });
  const second = s.engine.on("POST /containers/2222/stop");
  const stopping = s.stop(oneoff(1111), oneoff(2222));
  stopping.catch(() => {});
  (await second).reply(204);
  await expect(stopping).rejects.toMatchObject({ status: 500, message: "disk on fire" });
  expect(s.events).toEqual([stopped(2222)]);
});

test("reports each one-off that cannot be stopped, and a lost engine once", async () => {
  await using s = await scene();
  for (const [id, message] of [
    [1111, "disk on fire"],
    [2222, "cannot kill"],
    [3333, "cannot kill"],
  ]) {
    s.engine.on(`POST /containers/${id}/stop`, 500, { message });
  }
  await expect(s.stop(oneoff(1111), oneoff(2222), oneoff(3333))).rejects.toMatchObject({ message: "cannot kill" });
  expect(s.events).toEqual([{ type: "warning", message: "disk on fire" }]);
});
