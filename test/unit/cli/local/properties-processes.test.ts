import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { appJsonPath, withProperty } from "../../../../src/app/properties.ts";
import { processOwner } from "../../../../src/host/process-owner.ts";
import { propertiesFile } from "../../../../src/host/properties-file.ts";
import { folder } from "../../../support/folder.ts";
import { type StartedProcess, start } from "../../../support/process.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const ofHome = (path: string) => propertiesFile({ XDG_CONFIG_HOME: path }, processOwner());
const computed = (path: string, app: string) => appJsonPath(ofHome(path).read(), app).computed;

const child = { XDG_CONFIG_HOME: undefined, NODE_OPTIONS: undefined };
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

test("keeps the properties of killed processes, and blocks no other process", { timeout: 120_000 }, async () => {
  await using place = await folder();
  const script = join(root, "test/support/set-properties.ts");
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < 4; round += 1) {
    await using killed = new AsyncDisposableStack();
    const writers = new Map<string, StartedProcess>();
    for (const app of [`a-${round}`, `b-${round}`, `c-${round}`]) {
      const writer = await start([process.execPath, script, place.path, app], { env: child });
      writers.set(app, killed.use(writer));
    }
    for (const writer of writers.values()) while (writer.stdout.length < 20) await sleep(5);
    for (const [index, writer] of [...writers.values()].entries()) {
      await sleep((round * 7 + index * 5) % 20);
      writer.child.kill("SIGKILL");
    }
    for (const [app, writer] of writers) {
      const { signal, stdout, stderr } = await writer.done;
      expect([signal, stderr.toString()]).toEqual(["SIGKILL", ""]);
      acknowledged.set(app, Number(stdout.toString().trim().split("\n").at(-1)));
    }
    await ofHome(place.path).change((now) => withProperty(now, `after-${round}`, "appjson-path", "done.json"));
  }
  for (const [app, n] of acknowledged) {
    // The last value may be set without its acknowledgement.
    expect([`${n}.json`, `${n + 1}.json`]).toContain(computed(place.path, app));
  }
  expect(ofHome(place.path).read().apps.size).toBe(16);
  // A process that is killed while it takes over a lock leaves a harmless file; one that takes over that file, another.
  const left = readdirSync(join(place.path, "oneoff")).filter((name) => !/\.lock(\.stale)+$/.test(name));
  expect(left).toEqual(["properties.json"]);
});
