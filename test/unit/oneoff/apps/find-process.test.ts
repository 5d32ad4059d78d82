import { expect, test } from "vitest";
import { cli } from "../../../../src/cli/program.ts";
import { openTransport, type Transport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { listApps } from "../../../../src/oneoff/apps/app-list.ts";
import { matchProcess } from "../../../../src/oneoff/apps/find-process.ts";
import { listProcesses } from "../../../../src/oneoff/apps/processes.ts";
import { findLogScope } from "../../../../src/oneoff/logs/log-scope.ts";
import { findAttachable } from "../../../../src/oneoff/lookup/find-attachable.ts";
import { findRunning } from "../../../../src/oneoff/lookup/find-running.ts";
import {
  alwaysLists,
  listed,
  ofCompose,
  ofDokku,
  ofKamal,
  ofOneoff,
  ofSwarm,
  oneoffOf,
} from "../../../support/deployed.ts";
import { fakeContext } from "../../../support/fake-context.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeJournal } from "../../../support/fake-journal.ts";

const STOPPED = { State: "exited", Status: "Exited (0) 3 minutes ago" };

const KINDS: readonly (readonly [string, readonly ContainerSummary[]])[] = [
  ["oneoff", [ofOneoff("my-app", "web", 1), ofOneoff("my-app", "web", 2), ofOneoff("my-app", "worker", 1)]],
  ["dokku", [ofDokku("blog", "web", 1), ofDokku("blog", "web", 2)]],
  ["Compose", [ofCompose("shop", "web", 1), ofCompose("shop", "web", 2), ofCompose("shop", "db", 1)]],
  ["Kamal", [ofKamal("api", "web", "v1", { Created: 1 }), ofKamal("api", "web", "v2", { Created: 2 })]],
  ["Swarm", [ofSwarm("stack_api", 1), ofSwarm("stack_api", 2)]],
  ["docker run", [listed("backup-2024")]],
];

async function asking<T>(containers: readonly ContainerSummary[], ask: (engine: Transport) => Promise<T>): Promise<T> {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.always("GET /images/json", 200, []);
  alwaysLists(engine, [...containers, oneoffOf("my-app")]);
  return await ask(transport);
}

/** What `apps` and then `ps` print, and the container of each. */
const printed = (containers: readonly ContainerSummary[]) =>
  asking(containers, async (engine) => {
    const apps = (await listApps(engine, undefined)).map(({ name }) => name);
    const perApp = apps.map(async (app) => {
      const { processes } = await listProcesses(engine, app);
      return processes.flatMap(({ id, name }) => [
        { word: name, id },
        { word: `${app}.${name}`, id },
      ]);
    });
    return { apps, processes: (await Promise.all(perApp)).flat() };
  });

test.each(KINDS)("exec, attach, logs and stop take the names that ps prints for %s", async (_kind, containers) => {
  const { processes } = await printed(containers);
  expect(processes).toHaveLength(containers.length * 2);
  const logged = (word: string) =>
    findLogScope(
      { word, app: undefined },
      { journal: fakeJournal(), containers, oneoffs: [], processAppOf: (app) => app, isDescribed: () => false },
    ).scope?.processes.map((process) => process.id);
  for (const { word, id } of processes) {
    const ids = await asking(containers, async (engine) => [
      (await findRunning(engine, word, fakeContext())).id,
      (await findAttachable(engine, word, undefined)).id,
      logged(word),
    ]);
    expect([word, ...ids]).toEqual([word, id, id, [id]]);
    const engine = await fakeEngine();
    const journal = fakeJournal();
    const context = fakeContext({ engine, journal });
    alwaysLists(engine, [...containers, oneoffOf("my-app")]);
    engine.on(`POST /containers/${id}/stop`, 204);
    expect([word, await cli(["stop", word], context), journal.entries]).toEqual([word, 0, []]);
  }
});

test.each(KINDS)("exec takes the names that apps prints for %s", async (_kind, containers) => {
  const { apps } = await printed(containers);
  for (const app of apps) {
    const { id } = await asking(containers, (engine) => findRunning(engine, app, fakeContext()));
    expect(containers.map(({ Id }) => Id)).toContain(id);
  }
});

const find = (word: string, containers: readonly ContainerSummary[], app?: string) =>
  matchProcess(word, containers, { app, byContainer: false })?.id;

test("refuses a name of processes of several apps, with the qualified names", () => {
  const containers = [ofCompose("shop", "web"), ofCompose("blog", "web"), ofOneoff("my-app", "web")];
  expect(() => find("web.1", containers)).toThrow(
    expect.objectContaining({
      code: "ambiguous-process",
      message:
        'Several processes have the name "web.1": compose:blog/web.web.1, compose:shop/web.web.1, oneoff:my-app.web.1',
    }),
  );
  expect(find("compose:shop/web.web.1", containers)).toBe("id-of-shop-web-1");
  expect(find("web.1", containers, "my-app")).toBe("id-of-my-app.web.1");
});

test("prefers a running process, also of another app, and one with its final name", () => {
  expect(find("web.1", [ofCompose("shop", "web", 1, STOPPED), ofCompose("blog", "web")])).toBe("id-of-blog-web-1");
  const coming = { ...ofOneoff("my-app", "web"), Id: "new", Names: ["/my-app.web.1.new"], Created: 1_800_000_000 };
  expect(find("web.1", [coming, ofOneoff("my-app", "web")])).toBe("id-of-my-app.web.1");
  const old = ofSwarm("api", 1, { ...STOPPED, Id: "old", Created: 1_800_000_000 });
  expect(find("api.1", [old, ofSwarm("api", 1)])).toBe("id-of-api.1.x1y2z3");
});

test("finds nothing for an unused number, a one-off, or a plain container name", () => {
  const containers = [ofCompose("shop", "web"), oneoffOf("my-app")];
  expect(["web.2", "run.7364", "my-app.run.7364", "shop-web-1"].map((word) => find(word, containers))).toEqual([
    ...[undefined, undefined, undefined, undefined],
  ]);
  expect(matchProcess("shop-web-1", containers, { byContainer: true })?.id).toBe("id-of-shop-web-1");
});

test("warns that Swarm replaces the process that was stopped", async () => {
  const engine = await fakeEngine();
  const context = fakeContext({ engine });
  alwaysLists(engine, [ofSwarm("stack_api", 2)]);
  engine.on("POST /containers/id-of-stack_api.2.x1y2z3/stop", 204);
  expect(await cli(["stop", "stack_api.2"], context)).toBe(0);
  expect(context.terminal.err).toContain("docker service scale stack_api=N");
});
